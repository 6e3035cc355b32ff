"""The cells of a text with their roles and identifiers; identifiers are derived, never random."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.tags import Tags, read_tags
from course_utils.authoring.text import Cell, Text


@dataclass(frozen=True)
class Part:
    """One cell of a problem set: ``role`` is prose, given, solution, checks or manual."""

    cell: Cell
    id: str
    role: str
    task: str | None = None
    points: int | None = None
    minutes: int | None = None
    plain_tags: tuple[str, ...] = ()


def plain_parts(text: Text) -> tuple[Part, ...]:
    """Return the cells of a chapter with their identifiers.

    Raises:
        AuthoringError: a tag is unknown.
    """
    tags = [read_tags(cell, text.path, problem_set=False) for cell in text.cells]
    parts = [
        Part(cell, _derived(cell), "prose" if cell.kind == "markdown" else "given")
        for cell in text.cells
    ]
    parts = [replace(part, plain_tags=tag.plain) for part, tag in zip(parts, tags, strict=True)]
    return tuple(_distinct(parts))


def tagged_parts(text: Text) -> tuple[Part, ...]:
    """Return the cells of a problem set with their roles, tasks and identifiers.

    Raises:
        AuthoringError: a tag is unknown or missing, or two cells would share an identifier.
    """
    parts = []
    solutions: dict[str, int] = {}
    for cell in text.cells:
        tags = read_tags(cell, text.path, problem_set=True)
        role = tags.role or ("prose" if cell.kind == "markdown" else "given")
        _check_tags(role, tags, cell, text.path)
        task = tags.task or ""
        if role == "solution":
            solutions[task] = solutions.get(task, 0) + 1
            number = solutions[task]
            name = task if number == 1 else f"{task}_{number}"
        else:
            name = {"checks": f"{task}_checks", "manual": task}.get(role, _derived(cell))
        parts.append(Part(cell, name, role, tags.task, tags.points, tags.minutes, tags.plain))
    _check_identifiers(parts, text.path)
    return tuple(_distinct(parts))


def _check_tags(role: str, tags: Tags, cell: Cell, path: str) -> None:
    graded = role in ("checks", "manual")
    if tags.role and not tags.task:
        raise AuthoringError(f"a {role} cell needs its task: task:<id>", path, cell.line)
    if graded and tags.points is None:
        raise AuthoringError(f"a {role} cell needs points:N", path, cell.line)
    if not graded and tags.points is not None:
        raise AuthoringError("points belong on a checks or manual cell", path, cell.line)
    if role in ("solution", "checks") and cell.kind != "code":
        raise AuthoringError(f"a {role} cell must be a code cell", path, cell.line)


def _check_identifiers(parts: Sequence[Part], path: str) -> None:
    seen: dict[str, Part] = {}
    for part in parts:
        if part.role in ("solution", "checks", "manual"):
            if part.id in seen:
                first = seen[part.id].cell.line
                raise AuthoringError(
                    f"the cell {part.id!r} is already there on line {first}; a task has one "
                    "check cell or one hand-marked answer, and tasks need different names",
                    path,
                    part.cell.line,
                )
            seen[part.id] = part


def _derived(cell: Cell) -> str:
    kind = "text" if cell.kind == "markdown" else "code"
    return f"{kind}-{hashlib.sha256(cell.source.encode()).hexdigest()[:10]}"


def _distinct(parts: Sequence[Part]) -> list[Part]:
    """Number the identifiers of cells with the same source: ``…``, ``…-2``, ``…-3``."""
    seen: dict[str, int] = {}
    distinct = []
    for part in parts:
        seen[part.id] = seen.get(part.id, 0) + 1
        number = seen[part.id]
        distinct.append(part if number == 1 else replace(part, id=f"{part.id}-{number}"))
    return distinct
