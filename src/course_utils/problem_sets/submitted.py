"""Reads a submitted notebook, of which nothing is to be believed.

`course check` and the grader read with this; what one of them takes, the other does.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from course_utils.problem_sets import text
from course_utils.problem_sets.limits import MAX_CELLS, too_large

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONFLICT = re.compile(rb"^<{7} .*$|^>{7} .*$", re.MULTILINE)
_KINDS = ("code", "markdown", "raw")


class UnreadableError(Exception):
    """The bytes are no notebook: one sentence for the student."""


@dataclass(frozen=True)
class Cell:
    """A submitted cell: its kind (code, markdown or raw), source, and the names it goes by.

    ``images`` are those stored with it: a caption and base64, neither looked at.
    """

    kind: str
    source: str
    ids: tuple[str, ...]
    images: tuple[tuple[str, str], ...] = ()

    @cached_property
    def text(self) -> str:
        """The source, to be compared with others."""
        return text.same(self.source)


@dataclass(frozen=True)
class Notebook:
    """The cells, and the text of the course that the notebook says it was made from."""

    cells: list[Cell]
    made_from: str | None = None


def parse(raw: bytes) -> list[Cell]:
    """The cells of a notebook. Raises `UnreadableError`."""
    return read(raw).cells


def read(raw: bytes) -> Notebook:
    """The notebook in a file's bytes. Raises `UnreadableError`."""
    refused = too_large(len(raw))
    if refused:
        raise UnreadableError(refused)
    try:
        data = json.loads(_decoded(raw))
    except (ValueError, RecursionError) as bad:
        raise UnreadableError(_why_no_json(raw, bad)) from bad
    if not isinstance(data, dict) or not isinstance(data.get("cells", _older(data)), list):
        raise UnreadableError("The file is JSON but no Jupyter notebook: it has no list of cells.")
    cells = data["cells"] if "cells" in data else _older(data)
    if len(cells) > MAX_CELLS:
        raise UnreadableError(f"The notebook has more than {MAX_CELLS} cells.")
    return Notebook([cell for cell in map(_cell, cells) if cell is not None], _made_from(data))


def _decoded(raw: bytes) -> str:
    try:
        if raw.startswith(_UTF16):
            return raw.decode("utf-16")
        return raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as bad:
        raise UnreadableError(
            f"The file is not UTF-8 text (byte {bad.start}); save the notebook again in Jupyter."
        ) from bad


def _why_no_json(raw: bytes, bad: Exception) -> str:
    if not raw.strip():
        return "The file is empty. Hand in the .ipynb file that Jupyter saves."
    conflict = _CONFLICT.search(raw)
    if conflict:
        line = raw.count(b"\n", 0, conflict.start()) + 1
        return (
            f"The file holds two versions at once: line {line} is the mark of a merge conflict. "
            "Settle the conflict, save the notebook in Jupyter and hand it in again."
        )
    where = f" (line {bad.lineno})" if isinstance(bad, json.JSONDecodeError) else ""
    return (
        f"The file is no complete notebook: its JSON cannot be read{where}. "
        "Hand in the .ipynb file that Jupyter saves."
    )


def _older(data: dict[str, Any]) -> list[Any] | None:
    """Cells of notebook format 3, which kept them in worksheets."""
    sheets = data.get("worksheets")
    if not isinstance(sheets, list) or not all(isinstance(sheet, dict) for sheet in sheets):
        return None
    parts = [sheet.get("cells") for sheet in sheets]
    return [cell for part in parts if isinstance(part, list) for cell in part]


def _made_from(data: dict[str, Any]) -> str | None:
    metadata = data.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    found = course.get("text") if isinstance(course, dict) else None
    return found if isinstance(found, str) else None


def _cell(data: Any) -> Cell | None:
    if not isinstance(data, dict) or data.get("cell_type") not in _KINDS:
        return None
    source = data.get("source", data.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    metadata = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
    grader = metadata.get("nbgrader")
    named = grader.get("grade_id") if isinstance(grader, dict) else None
    # Colab keeps a cell's id in its metadata.
    ids = tuple(one for one in (named, data.get("id"), metadata.get("id")) if isinstance(one, str))
    return Cell(data["cell_type"], text.lines(source), ids, tuple(_images(data)))


def _images(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Attachments of a Markdown cell, or images among the stored outputs of a code cell."""
    attached, outputs = data.get("attachments"), data.get("outputs")
    for name, bundle in attached.items() if isinstance(attached, dict) else ():
        for image in _stored(bundle):
            yield f"{name}, attached to your answer", image
    for output in outputs if isinstance(outputs, list) else ():
        for image in _stored(output.get("data") if isinstance(output, dict) else None):
            yield "As stored in the notebook that you handed in", image


def _stored(bundle: Any) -> Iterator[str]:
    for kind, image in bundle.items() if isinstance(bundle, dict) else ():
        if isinstance(image, list):
            image = "".join(part for part in image if isinstance(part, str))
        if kind.startswith("image/") and isinstance(image, str):
            yield image
            return
