"""What a person typed into ``grades.csv`` becomes marks; or it is refused, by line.

Nothing is changed before every row is understood. A row that the grader wrote itself is no mark;
one that an *earlier* run wrote is none either, because spreadsheets save what they read before.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path

from course_utils.grading import table
from course_utils.grading.grades import CONFIRMED, MARK_AGAIN, MARKED
from course_utils.grading.orchestrator.journal import Journal, Mark
from course_utils.grading.table import Line, TableError, Written, number
from course_utils.grading.verdict import AWAITING, NEEDS_LOOK, STATES
from course_utils.problem_sets.release import Release, Task

BY_HAND = (AWAITING, NEEDS_LOOK, MARKED, MARK_AGAIN, CONFIRMED)
Rows = dict[tuple[str, str], list[tuple[str, str]]]
NEVER = ""  # the hash of what no table has shown: no submission has it


class TypedError(Exception):
    """A row that would be lost, or points that cannot be: one sentence."""


def lines(out: Path, release: Release) -> list[Line]:
    """The rows of the table that a person may have marked. Raises `TypedError`."""
    path = out / table.NAME
    if not path.exists():
        return []
    try:
        found = table.read(path)
    except TableError as bad:
        raise TypedError(f"{bad}; mend it or move it away") from bad
    strange = sorted({line.set for line in found} - {release.name})
    if strange:
        raise TypedError(
            f"{out} holds the grades of {strange[0]}: give every set an output folder of its own"
        )
    written, tasks = Written.of(out), {task.name: task for task in release.tasks}
    rows = {} if written.knows(path.read_bytes()) else written.rows
    _refuse_twice(found, path)
    return [line for line in found if _is_mark(line, tasks.get(line.task), rows, path)]


def _refuse_twice(found: list[Line], path: Path) -> None:
    seen: dict[tuple[str, str], Line] = {}
    for line in found:
        first = seen.setdefault((line.student, line.task), line)
        if (first.points, first.state) != (line.points, line.state):
            raise TypedError(
                f"lines {first.number} and {line.number} of {path} are both about "
                f"{line.student!r} and {line.task}, and differ: remove one"
            )


def _is_mark(line: Line, task: Task | None, rows: Rows, path: Path) -> bool:
    """Whether a person may have given this row; ``rows`` were written. Raises `TypedError`."""
    if task is None:
        raise TypedError(
            f"line {line.number} of {path} is about the task {line.task!r}, which the set does not "
            "have: put its name back, or remove the row"
        )
    history = rows.get((line.student, line.task), [])
    by_hand = task.manual or line.state in BY_HAND
    if not by_hand and not _changed(line, history, path):
        return False
    if line.state not in (*STATES, *BY_HAND):
        raise TypedError(
            f"{path} gives {line.student} the state {line.state!r} in {line.task}; wanted "
            f"one of {', '.join(BY_HAND)}: mend it or move it away"
        )
    if by_hand and line.state not in BY_HAND:
        return False
    if not 0 <= (line.points or 0) <= task.points:
        raise TypedError(
            f"{path} gives {line.student} {number(line.points)} points in {line.task}; wanted "
            f"0 to {number(task.points)}: mend it or move it away"
        )
    return True


def _changed(line: Line, history: list[tuple[str, str]], path: Path) -> bool:
    """Whether a row of an automatic task says something that no table said."""
    now = number(line.points)
    if not history or (now, line.state) == history[-1]:
        return False  # without a memory, from an older grader, nothing can be told
    last = f"{history[-1][0] or 'no'} points and {history[-1][1]!r}"
    where = f"line {line.number} of {path}"
    if now in [points for points, _ in history[:-1]]:
        raise TypedError(
            f"{where} says what an earlier table said of {line.student} in {line.task}, and the "
            f"last one said {last}: write {MARKED!r} for the state to give these points, or move "
            "the table away to take the last one"
        )
    if line.points is None:
        raise TypedError(f"{where} has no points for {line.student} in {line.task} any more; "
                         f"the last table had {last}: type a number, or put it back")  # fmt: skip
    return now != history[-1][0] or line.state not in STATES


def enter(out: Path, release: Release, journal: Journal, present: Iterable[str] = ()) -> None:
    """Keep what was typed, as marks on what the table showed beside it.

    ``present`` are the students whose work lies there now. Points that stand as they did are no new
    mark, unless a person confirms them. Raises `TypedError`.
    """
    before, shown = journal.marks(), journal.shown()
    known = {*shown, *present}
    typed: dict[tuple[str, str], Mark | None] = {}
    for line in lines(out, release):
        if line.points is None and line.state in (AWAITING, NEEDS_LOOK):
            continue  # nothing typed; points are taken back where the row says "marked"
        student = _student(line, known, out / table.NAME)
        key = student, line.task
        mark, seen = before.get(key), shown.get(student, NEVER)
        if mark and number(mark.points) == number(line.points) and line.state != CONFIRMED:
            continue
        if mark and mark.sha256 != seen and line.state == MARKED:
            seen = mark.sha256  # a table of before: the last one said "mark again" here
        typed[key] = None if line.points is None else Mark(line.points, seen)
    journal.enter_marks(typed)


def refuse_strangers(out: Path, known: set[str]) -> None:
    """Raise `TypedError` for a row that matches nobody: a spreadsheet may have changed its name."""
    path = out / table.NAME
    if path.exists():
        for line in table.read(path):
            _student(line, known, path)


def _student(line: Line, known: set[str], path: Path) -> str:
    """The student that a row is about."""
    if line.student in known:
        return line.student
    alike = [one for one in known if table.folded(one) == table.folded(line.student)]
    if len(alike) == 1:
        return alike[0]
    near = difflib.get_close_matches(line.student, known, n=1, cutoff=0)
    hint = f" (the nearest is {near[0]!r})" if near else ""
    raise TypedError(
        f"line {line.number} of {path} is about {line.student!r}, whom no table had "
        f"before{hint}: spreadsheets change names that look like numbers or dates; put the name "
        "back, or remove the row"
    )
