"""``{corrections}``: everything the course sets right, chapter by chapter, and where it does so."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from course_utils.authoring.corrections import LIST, Correction, corrections

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("corrections", CorrectionsDirective)


class CorrectionsDirective(SphinxDirective):
    """One table a chapter: what is said, what holds, and where the course shows it."""

    def run(self) -> list[nodes.Node]:
        """Write the tables as Markdown and let the page's own parser read them."""
        root = Path(self.env.srcdir)
        for path in (root / LIST, *(root / "book").rglob("*.md")):
            self.env.note_dependency(str(path))
        lines: list[str] = []
        items = sorted(corrections(root), key=lambda item: item.chapters[0])
        for chapter, group in groupby(items, key=lambda item: item.chapters[0]):
            lines += _table(root, chapter, list(group))
        box = nodes.container(classes=["corrections"])
        self.state.nested_parse(StringList(lines, LIST), self.content_offset, box)
        return box.children


def _table(root: Path, chapter: str, items: list[Correction]) -> list[str]:
    placed = sum(bool(item.places) for item in items)
    written = any((root / "book/chapters").glob(f"{chapter}_*.md"))
    state = "" if written else ", in preparation"
    head = f"**Chapter {chapter}{state}: {placed} of {len(items)} placed**"
    rows = [f"| {item.said} | {item.true} | {_places(item)} |" for item in items]
    return [head, "", "| said | true | where |", "| --- | --- | --- |", *rows, ""]


def _places(item: Correction) -> str:
    links = [f"{{ref}}`{path.split('/')[-1][:2]} <{label}>`" for path, label in item.places]
    return " ".join([", ".join(links) or "–", f"`{item.id}`"])
