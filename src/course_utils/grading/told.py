"""What students are told about the rows of ``grades.csv``: words to the points that stand there.

The journal keeps a verdict for every key and environment that a submission was ever graded under,
and an export knows neither. It takes the verdict that has the points and the state of the row. No
verdict has them where a person typed the points since: then the newest one speaks, and the row is
a person's.
"""

import json
from dataclasses import replace

import sqlalchemy as sql
from sqlalchemy.exc import DatabaseError

from course_utils.grading.grades import CONFIRMED, MARK_AGAIN, MARKED, Row, Sheet
from course_utils.grading.orchestrator.journal import Entry, Journal, JournalError
from course_utils.grading.table import Line
from course_utils.grading.verdict import AWAITING, INFRASTRUCTURE, NEEDS_LOOK, UNREADABLE
from course_utils.problem_sets.release import Release

_HAND = {MARKED: MARKED, MARK_AGAIN: MARK_AGAIN, CONFIRMED: MARKED}
_TOLD = ("task", "state", "points", "message", "notes", "answer")
_VERDICTS = sql.table("verdicts", *map(sql.column, ("number", "problem_set", "sha256", *_TOLD)))


class ToldError(Exception):
    """The table and the journal are not about the same: one sentence."""


def sheets(release: Release, students: dict[str, list[Line]], journal: Journal) -> list[Sheet]:
    """A sheet for each student of the table. Raises `ToldError`, `JournalError`."""
    known = {student: (sha256, problem) for student, sha256, problem in journal.submissions()}
    tasks = sorted(task.name for task in release.tasks)
    found = []
    for student, own in students.items():
        if student not in known:
            raise ToldError(f"grades.csv names {student}, whom the journal does not know")
        if sorted(line.task for line in own) != tasks:
            raise ToldError(
                f"grades.csv does not have the tasks that {release.name} has now: grade again"
            )
        sha256, problem = known[student]
        entries = _entries(journal, sha256) if sha256 else []
        lines = {line.task: line for line in own}
        rows = tuple(
            _row(task.title, lines[task.name], entries, "" if sha256 else problem)
            for task in release.tasks
        )
        remarks = (problem,) if problem else ()
        remarks += journal.remarks(sha256) if sha256 else ()
        found.append(Sheet(student, release.name, rows, remarks, sha256))
    return found


def _entries(journal: Journal, sha256: str) -> list[Entry]:
    """Every verdict on a submission, the newest last."""
    own = (_VERDICTS.c.problem_set == journal.set) & (_VERDICTS.c.sha256 == sha256)
    query = sql.select(*(_VERDICTS.c[name] for name in _TOLD)).where(own)
    try:
        with journal.engine.connect() as link:
            rows = link.execute(query.order_by(_VERDICTS.c.number)).all()
    except DatabaseError as bad:
        raise JournalError(f"the verdicts of the journal cannot be read: {bad.orig}") from bad
    return [Entry(**{**row._mapping, "notes": tuple(json.loads(row.notes))}) for row in rows]


def _row(title: str, line: Line, entries: list[Entry], problem: str) -> Row:
    """A row of the table with the words of the verdict that it shows."""
    own = [_shown(entry) for entry in entries if entry.task == line.task]
    if problem:
        own = [Entry(line.task, NEEDS_LOOK, None, problem, (), "")]
    elif not own:
        text = "This task has no verdict yet; grade again."
        own = [Entry(line.task, INFRASTRUCTURE, None, text, (), "")]
    fit = max(
        enumerate(own),
        key=lambda one: (one[1].points == line.points, one[1].state == line.state, one[0]),
    )[1]
    return Row(
        line.task,
        title,
        line.points,
        line.max_points,
        _state(line, fit),
        fit.message,
        fit.notes,
        fit.answer,
    )


def _state(line: Line, fit: Entry) -> str:
    if line.points is None:  # a person has taken points away, or nobody gave any
        return fit.state if fit.points is None else AWAITING
    if line.points == fit.points and line.state not in _HAND:
        return fit.state
    return _HAND.get(line.state, MARKED)


def _shown(entry: Entry) -> Entry:
    """As the table shows it."""
    return replace(entry, state=NEEDS_LOOK) if entry.state == UNREADABLE else entry
