"""What the course sets right (``book/corrections.toml``), and where it does so.

An item is placed where a misconception box names it in ``:corrects:`` or where the list itself
gives a place; everything else is still to come.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIST = "book/corrections.toml"
_BOX = re.compile(r"^:::+\s*\{misconception\}(.*?)^:::", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r"^:(label|corrects):\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Correction:
    """One item: what is said, what holds, the chapters it belongs to, and where it is used.

    ``places`` are pairs of a text below the root and a label in it.
    """

    id: str
    said: str
    true: str
    chapters: tuple[str, ...]
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Box:
    """A misconception box: the text it stands in, its label and the ids it corrects."""

    path: str
    label: str
    corrects: tuple[str, ...]


def corrections(root: Path) -> list[Correction]:
    """Return every item of the list, in its order, with all places that use it."""
    items = tomllib.loads((root / LIST).read_text(encoding="utf-8"))
    found = list(boxes(root))
    return [_correction(name, item, found) for name, item in items.items()]


def boxes(root: Path) -> Iterator[Box]:
    """Yield every misconception box of the book's texts."""
    for path in sorted((root / "book").rglob("*.md")):
        for body in _BOX.findall(path.read_text(encoding="utf-8")):
            options = dict(_OPTION.findall(body))
            ids = [part.strip() for part in options.get("corrects", "").split(",")]
            name = path.relative_to(root).as_posix()
            yield Box(name, options.get("label", ""), tuple(filter(None, ids)))


def _correction(name: str, item: dict[str, object], found: list[Box]) -> Correction:
    in_boxes = [(box.path, box.label) for box in found if name in box.corrects]
    elsewhere = [tuple(place.split("#", 1)) for place in item.get("where", ())]
    return Correction(
        name, item["said"], item["true"], tuple(item["chapters"]), (*in_boxes, *elsewhere)
    )
