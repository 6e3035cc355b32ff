"""A problem set's cells → its tasks: what each is worth, what it defines, how it is checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.authoring.book import plain
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.parts import Part, tagged_parts
from course_utils.authoring.rules import check_cells, hold_check_cell
from course_utils.authoring.text import Text
from course_utils.problem_sets import names

HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
MINUTES = re.compile(r"(\d+)[\s ]*min(?:ute)?s?\b")
TOTAL = 100


@dataclass(frozen=True)
class Task:
    """One task: what it is worth, what the student defines, and how it is checked."""

    name: str
    title: str
    kind: str  # "auto" or "manual"
    points: int
    minutes: int
    defines: tuple[str, ...]
    solution_cells: tuple[str, ...]
    check_cell: str | None
    hints: tuple[str, ...]
    declared: tuple[str, ...]  # the names its check cell may use


@dataclass(frozen=True)
class ProblemSet:
    """A problem set, expanded and found sound."""

    text: Text
    title: str
    parts: tuple[Part, ...]
    tasks: tuple[Task, ...]


def expand(text: Text) -> ProblemSet:
    """Read the tags of a problem set and hold it to the rules of the course.

    Raises:
        AuthoringError: the first rule that is broken, with its line.
    """
    parts = tagged_parts(text)
    check_cells(parts, text.path)
    order = list(dict.fromkeys(part.task for part in parts if part.task))
    tasks = tuple(_task(name, parts, text.path) for name in order)
    total = sum(task.points for task in tasks)
    if total != TOTAL:
        worth = ", ".join(f"{task.name} {task.points}" for task in tasks)
        raise AuthoringError(f"the points add up to {total}, not {TOTAL}: {worth}", text.path, 1)
    prose = [part for part in parts if part.role == "prose"]
    title = next((title for part in prose for title in _headings(part)), text.stem)
    return ProblemSet(text, title, parts, tasks)


def _task(name: str, parts: Sequence[Part], path: str) -> Task:
    own = [part for part in parts if part.task == name]
    answer = _graded_cell(own, path)
    auto = answer.role == "checks"
    solutions = [part for part in own if part.role == "solution"]
    if auto and not solutions:
        raise AuthoringError(f"the task {name!r} has no solution cell", path, answer.cell.line)
    defines = _defines(solutions)
    hints, declared = hold_check_cell(answer, parts, defines, path) if auto else ((), ())
    return Task(
        name,
        _title(own, parts, path),
        "auto" if auto else "manual",
        answer.points or 0,
        _minutes(own, parts, path),
        defines,
        tuple(part.id for part in solutions),
        answer.id if auto else None,
        hints,
        declared,
    )


def _graded_cell(own: Sequence[Part], path: str) -> Part:
    graded = [part for part in own if part.role in ("checks", "manual")]
    if len(graded) != 1:
        raise AuthoringError(
            f"the task {own[0].task!r} needs one check cell or one hand-marked answer, it has "
            f"{len(graded)}",
            path,
            own[0].cell.line,
        )
    return graded[0]


def _defines(solutions: Sequence[Part]) -> tuple[str, ...]:
    """Return the names that solution cells bind; imports and private helpers are no answers."""
    bound = [name for part in solutions for name in names.bound(part.cell.source, imports=False)]
    return tuple(dict.fromkeys(name for name in bound if not name.startswith("_")))


def _headings(part: Part) -> list[str]:
    return [plain(heading) for heading in HEADING.findall(part.cell.source)]


def _introduction(own: Sequence[Part], parts: Sequence[Part], path: str) -> list[Part]:
    """Return the prose of a task, from the heading above its first cell that is no prose."""
    working = next((part for part in own if part.role != "prose"), own[0])
    position = [part.id for part in parts].index(working.id)
    prose: list[Part] = []
    for part in reversed(parts[:position]):
        if part.role == "prose":
            prose.insert(0, part)
            if _headings(part):
                return prose
    raise AuthoringError(
        f"the task {own[0].task!r} has no heading above it", path, own[0].cell.line
    )


def _title(own: Sequence[Part], parts: Sequence[Part], path: str) -> str:
    return _headings(_introduction(own, parts, path)[0])[-1]


def _minutes(own: Sequence[Part], parts: Sequence[Part], path: str) -> int:
    """Return how long a task takes: a ``minutes:N`` tag, or what its prose says."""
    for part in own:
        if part.minutes is not None:
            return part.minutes
    for part in _introduction(own, parts, path):
        found = MINUTES.search(part.cell.source)
        if found:
            return int(found[1])
    raise AuthoringError(
        f"the task {own[0].task!r} does not say how long it takes; tag a cell minutes:N",
        path,
        own[0].cell.line,
    )
