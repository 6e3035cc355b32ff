"""The Sphinx extension behind the site: everything that ``_config.yml`` only switches on.

Stored outputs through a reader of ours, mathematics set by KaTeX at build, misconception boxes,
self-checks, buttons that lead to the made notebooks. Nothing here executes a notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Register every part of the extension."""
    from course_utils.authoring.sphinx import (
        assets,
        buttons,
        citations,
        corrections,
        mathematics,
        misconceptions,
        pictures,
        reader,
        selfchecks,
    )

    texts = (reader, pictures, mathematics, citations)
    boxes = (misconceptions, corrections, selfchecks)
    for part in (*texts, *boxes, buttons, assets):
        part.setup(app)
    # Jupyter Book sets this value for an extension that the site does without.
    app.add_config_value("comments_config", {}, "env")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
