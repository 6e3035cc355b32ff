"""The grade sheets: what the journal says about each student, and the CSV of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from course_utils.grading import table
from course_utils.grading.orchestrator.journal import Entry, Journal, Mark
from course_utils.grading.table import Line
from course_utils.grading.verdict import INFRASTRUCTURE, NEEDS_LOOK, UNREADABLE
from course_utils.problem_sets.release import Release

MARKED = "marked"  # by a person, who typed the points into grades.csv
MARK_AGAIN = "mark again"  # handed in again since; the points stay until a person settles them
CONFIRMED = "confirmed"  # what that person types where they still hold


@dataclass(frozen=True)
class Row:
    """One task of one student; ``points`` None where nobody has judged it."""

    task: str
    title: str
    points: float | None
    max_points: float
    state: str
    message: str = ""
    notes: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Sheet:
    """One student's rows, notes on the notebook as a whole, and the hash of what was graded."""

    student: str
    set: str
    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()
    sha256: str | None = None
    found_as: str = ""  # where it lay, if that was not where it should

    @property
    def points(self) -> float:
        """The points given so far."""
        return sum(row.points for row in self.rows if row.points is not None)

    @property
    def max_points(self) -> float:
        """The points that a perfect notebook gets."""
        return sum(row.max_points for row in self.rows)


def sheets(release: Release, journal: Journal) -> list[Sheet]:
    """A sheet for everybody who handed in, sorted by name, with the marks that a person gave."""
    found, marks = [], journal.marks()
    for student, sha256, problem in journal.submissions():
        entries = journal.entries(sha256) if sha256 else {}
        remarks = (problem,) if problem else ()
        remarks += journal.remarks(sha256) if sha256 else ()
        rows = tuple(
            _unusable(task, problem) if sha256 is None else _row(task, entries.get(task.name))
            for task in release.tasks
        )
        rows = tuple(_marked(row, marks.get((student, row.task)), sha256) for row in rows)
        found.append(Sheet(student, release.name, rows, remarks, sha256, problem if sha256 else ""))
    return found


def _unusable(task, problem: str) -> Row:
    return Row(task.name, task.title, None, task.points, NEEDS_LOOK, problem)


def _marked(row: Row, mark: Mark | None, sha256: str | None) -> Row:
    if mark is None or mark.points > row.max_points:  # the task has fewer points than it had
        return row
    state = MARKED if mark.sha256 == sha256 else MARK_AGAIN
    return replace(row, points=mark.points, state=state)


def _row(task, entry: Entry | None) -> Row:
    if entry is None:
        text = "This task has no verdict yet; grade again."
        return Row(task.name, task.title, None, task.points, INFRASTRUCTURE, text)
    if entry.state == UNREADABLE:
        return _unusable(task, entry.message)
    return Row(
        task.name,
        task.title,
        entry.points,
        task.points,
        entry.state,
        entry.message,
        entry.notes,
        entry.answer,
    )


def write(out: Path, found: list[Sheet]) -> None:
    """Write ``out/grades.csv``: one row a task."""
    rows = [(sheet, row) for sheet in found for row in sheet.rows]
    lines = [
        Line(sheet.student, sheet.set, row.task, row.points, row.max_points, row.state)
        for sheet, row in rows
    ]
    table.write(out, lines)
