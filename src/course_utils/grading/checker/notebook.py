"""Reads a submitted notebook, of which nothing is to be believed."""

import codecs
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAX_CELLS = 2_000


class UnreadableError(Exception):
    """The bytes are no notebook: one sentence for the student."""


@dataclass(frozen=True)
class Cell:
    """A submitted cell: its kind, source, and the names it goes by.

    ``images`` are those stored with it: a caption and base64, neither looked at.
    """

    kind: str
    source: str
    ids: tuple[str, ...]
    images: tuple[tuple[str, str], ...] = ()

    @property
    def sha256(self) -> str:
        """Hash of the source, as in the manifest."""
        return hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()


def parse(raw: bytes) -> list[Cell]:
    """The code and Markdown cells of a notebook. Raises `UnreadableError`."""
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as bad:
        raise UnreadableError(
            f"The file is not UTF-8 text (byte {bad.start}); save the notebook again in Jupyter."
        ) from bad
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as bad:
        where = f" (line {bad.lineno})" if isinstance(bad, json.JSONDecodeError) else ""
        raise UnreadableError(
            f"The file is no complete notebook: its JSON cannot be read{where}. "
            "Hand in the .ipynb file that Jupyter saves."
        ) from bad
    if not isinstance(data, dict) or not isinstance(data.get("cells", _older(data)), list):
        raise UnreadableError("The file is JSON but no Jupyter notebook: it has no list of cells.")
    cells = data["cells"] if "cells" in data else _older(data)
    if len(cells) > MAX_CELLS:
        raise UnreadableError(f"The notebook has more than {MAX_CELLS} cells.")
    return [cell for cell in map(_cell, cells) if cell is not None]


def _older(data: dict[str, Any]) -> list[Any] | None:
    """Cells of notebook format 3, which kept them in worksheets."""
    sheets = data.get("worksheets")
    if not isinstance(sheets, list) or not all(isinstance(sheet, dict) for sheet in sheets):
        return None
    parts = [sheet.get("cells") for sheet in sheets]
    return [cell for part in parts if isinstance(part, list) for cell in part]


def _cell(data: Any) -> Cell | None:
    if not isinstance(data, dict) or data.get("cell_type") not in ("code", "markdown"):
        return None
    source = data.get("source", data.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    metadata = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
    grader = metadata.get("nbgrader")
    named = grader.get("grade_id") if isinstance(grader, dict) else None
    ids = tuple(one for one in (named, data.get("id")) if isinstance(one, str))
    return Cell(data["cell_type"], source, ids, tuple(_images(data)))


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
