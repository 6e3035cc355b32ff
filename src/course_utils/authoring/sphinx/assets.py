"""The site's own style sheet and scripts; a page loads only what it uses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from course_utils.figures import widgets

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

STATIC = Path(__file__).parent / "static"
SCORER = Path(__file__).parent / "search_scorer.js"


def setup(app: Sphinx) -> None:
    """Serve the assets from the site itself."""
    app.connect("config-inited", _add_folders, priority=900)
    app.connect("html-page-context", _add_host)
    app.add_css_file("course.css", priority=900)
    app.add_css_file("print.css", priority=910, media="print")


def _add_folders(app: Sphinx, config: Config) -> None:
    # Jupyter Book puts every script it finds below _static on every page; added here it does not.
    config.html_static_path += [str(STATIC), str(widgets.STATIC)]
    config.html_favicon = str(STATIC / "favicon.svg")
    config.html_search_scorer = str(SCORER)


def _add_host(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    if "data-course-widget=" in context.get("body", ""):
        app.add_js_file("host.js", type="module", loading_method="none")
