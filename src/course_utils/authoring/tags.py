"""The words that may stand in a cell's ``:tags:``."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.text import Cell

# Known to JupyterLab, MyST-NB or nbval. There is none that leaves a cell
# out of the run, or its outputs out of the comparison.
PLAIN = (
    "hide-cell",
    "hide-input",
    "hide-output",
    "remove-cell",
    "remove-input",
    "remove-output",
    "raises-exception",
)
ROLES = ("solution", "checks", "manual")
VALUED = ("task", "points", "minutes")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Tags:
    """A cell's tags, read: what stays in the notebook, and what the problem set needs."""

    plain: tuple[str, ...] = ()
    role: str | None = None
    task: str | None = None
    points: int | None = None
    minutes: int | None = None


def read_tags(cell: Cell, path: str, *, problem_set: bool) -> Tags:
    """Read the tags of one cell.

    Raises:
        AuthoringError: a tag is unknown, twice there, or has a value that cannot be read.
    """
    plain: list[str] = []
    roles: list[str] = []
    values: dict[str, str] = {}
    for tag in cell.tags:
        key, colon, value = tag.partition(":")
        if tag in PLAIN:
            plain.append(tag)
        elif problem_set and tag in ROLES:
            roles.append(tag)
        elif problem_set and colon and key in VALUED and key not in values:
            values[key] = value.strip()
        else:
            raise AuthoringError(_unknown(tag, problem_set), path, cell.line)
    if len(roles) > 1:
        raise AuthoringError(f"a cell is either {' or '.join(roles)}", path, cell.line)
    task = values.get("task")
    if task is not None and not IDENTIFIER.fullmatch(task):
        raise AuthoringError(
            f"a task is named in small letters, digits and underscores, not {task!r}",
            path,
            cell.line,
        )
    return Tags(
        tuple(plain),
        roles[0] if roles else None,
        task,
        _number(values, "points", cell, path),
        _number(values, "minutes", cell, path),
    )


def _number(values: dict[str, str], key: str, cell: Cell, path: str) -> int | None:
    if key not in values:
        return None
    if not re.fullmatch(r"[1-9]\d*", values[key]):
        raise AuthoringError(f"{key}:{values[key]} must be a whole number above 0", path, cell.line)
    return int(values[key])


def _unknown(tag: str, problem_set: bool) -> str:
    known = [*PLAIN, *(ROLES if problem_set else ()), *(VALUED if problem_set else ())]
    close = difflib.get_close_matches(tag.partition(":")[0], known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"the course uses {', '.join(known)}"
    return f"unknown or repeated tag {tag!r}; {hint}"
