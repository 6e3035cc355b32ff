"""Recognises a notebook of a set by what it holds: text only, bounded, nothing is run.

A notebook belongs to a set for certain where its ``course`` entry names the set, or where it holds
most of the ids of the set's cells. Whoever wrote that only decides which file is graded.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from course_utils.problem_sets.release import Release
from course_utils.problem_sets.submitted import Notebook, UnreadableError, read

MAX_PARTS = 200_000  # lists and dictionaries that are worth reading


@dataclass(frozen=True)
class Content:
    """What a notebook says it is: its set ("" if unknown), and what its cells hold."""

    set: str
    cells: tuple[tuple[Any, ...], ...]


def content(raw: bytes, release: Release) -> Content | None:
    """What lies in these bytes; None where they are no notebook that can be read."""
    if raw.count(b"{") + raw.count(b"[") > MAX_PARTS:
        return None
    try:
        notebook = read(raw)
    except UnreadableError:
        return None
    cells = tuple((cell.kind, cell.text.strip(), cell.images) for cell in notebook.cells)
    return Content(_set_of(notebook, release), cells)


def _set_of(notebook: Notebook, release: Release) -> str:
    if notebook.made_from is not None:  # the set's text, from which the notebook was made
        return PurePosixPath(notebook.made_from).stem
    known = {cell.id for cell in release.cells}
    held = {name for cell in notebook.cells for name in cell.ids}
    return release.name if 2 * len(known & held) > len(known) else ""
