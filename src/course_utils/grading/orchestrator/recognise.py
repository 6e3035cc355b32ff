"""Recognises a notebook of a set by what it holds: text only, bounded, nothing is run.

A notebook belongs to a set for certain where its ``course`` entry names the set, or where it holds
most of the ids of the set's cells. Whoever wrote that only decides which file is graded.
"""

import codecs
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from course_utils.problem_sets.release import Release

MAX_PARTS = 200_000  # lists and dictionaries that are worth reading
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Content:
    """What a notebook says it is: the set it belongs to ("" if unknown), and its cells' texts."""

    set: str
    cells: tuple[str, ...]


def as_utf8(raw: bytes) -> bytes:
    """The bytes, where they are UTF-16 with its mark and no character is lost, as UTF-8."""
    if not raw.startswith(_UTF16):
        return raw
    try:
        return raw.decode("utf-16").encode()
    except UnicodeError:
        return raw


def content(raw: bytes, release: Release) -> Content | None:
    """What lies in these bytes; None where they are no notebook that can be read."""
    if raw.count(b"{") + raw.count(b"[") > MAX_PARTS:
        return None
    try:
        data = json.loads(raw.removeprefix(codecs.BOM_UTF8).decode())
    except (ValueError, RecursionError):
        return None
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        return None
    return Content(_set_of(data, cells, release), tuple(map(_source, cells)))


def _set_of(data: dict[str, Any], cells: list[dict[str, Any]], release: Release) -> str:
    course = _entry(_entry(data, "metadata"), "course")
    if isinstance(course.get("text"), str):  # the set's text, from which the notebook was made
        return PurePosixPath(course["text"]).stem
    known = {cell.id for cell in release.cells}
    held = {name for cell in cells for name in _names(cell)}
    return release.name if 2 * len(known & held) > len(known) else ""


def _names(cell: dict[str, Any]) -> list[str]:
    named = _entry(_entry(cell, "metadata"), "nbgrader").get("grade_id")
    return [one for one in (cell.get("id"), named) if isinstance(one, str)]


def _entry(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    pictures = json.dumps(cell.get("attachments"), sort_keys=True)
    return "\n".join(line.rstrip() for line in [*text.strip().splitlines(), pictures])
