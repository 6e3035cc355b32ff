"""Pictures stored as SVG files are written into the page, so that they follow its theme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

from course_utils.authoring.sphinx import svg

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Replace pictures when all pages are read; other builders keep the image."""
    app.connect("doctree-resolved", _inline)


def _inline(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    for number, image in enumerate(list(doctree.findall(nodes.image))):
        path = Path(app.srcdir) / image["uri"]
        if path.suffix != ".svg" or not path.is_file():
            continue
        picture = svg.inline(path.read_text(encoding="utf-8"), f"picture-{number}-")
        image.replace_self(nodes.raw("", picture, format="html"))
