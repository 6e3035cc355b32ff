"""Header buttons that lead to the made notebooks, and links to mend a page or report an error."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from docutils import nodes

from course_utils.authoring.sphinx.pages import made_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

Button = dict[str, Any]


def setup(app: Sphinx) -> None:
    """Replace the theme's buttons, which would hand out the text instead of the notebook."""
    app.connect("html-page-context", _replace, priority=600)
    app.connect("build-finished", _copy_notebooks)


def _replace(
    app: Sphinx, pagename: str, templatename: str, context: Button, doctree: nodes.document | None
) -> None:
    if doctree is None:
        context["header_buttons"] = []
        return
    options = app.config.html_theme_options
    repository = options["repository_url"].rstrip("/")
    branch = options["repository_branch"]
    title = app.env.titles[pagename].astext()
    page = f"{app.config.html_baseurl.rstrip('/')}/{pagename}.html"
    buttons = [_mend(repository, branch, f"{pagename}.md", title, page)]
    if made := made_from(pagename):
        local = f"{context['content_root']}{made.offered}"
        buttons.insert(0, _run(repository, branch, made.offered, local))
    context["header_buttons"] = buttons


def _run(repository: str, branch: str, notebook: str, local: str) -> Button:
    """Take the notebook away, or run it on a computer of somebody else."""
    slug = "/".join(repository.split("/")[-2:])
    colab = f"https://colab.research.google.com/github/{slug}/blob/{branch}/{notebook}"
    lab = urlencode({"urlpath": f"lab/tree/{notebook}"})
    binder = f"https://mybinder.org/v2/gh/{slug}/{branch}?{lab}"
    github = f"{repository}/blob/{branch}/{notebook}"
    links = [
        _link("Download the notebook", local, "fas fa-download", "download-notebook-button"),
        _link("Run it on Colab", colab, "fas fa-cloud", "colab-button"),
        _link("Run it on Binder", binder, "fas fa-rocket", "binder-button"),
        _link("See it on GitHub", github, "fab fa-github", "github-button"),
    ]
    return _group("Notebook of this page", "fas fa-book-open", links, "notebook-buttons")


def _mend(repository: str, branch: str, text: str, title: str, page: str) -> Button:
    """Change the page's text, or tell us what is wrong with it."""
    body = f"Page: {page}\n\nWhat it says:\n\nWhat is wrong with it:\n"
    new = urlencode({"title": f"{title}: ", "body": body}, quote_via=quote)
    edit, issue = f"{repository}/edit/{branch}/{text}", f"{repository}/issues/new?{new}"
    links = [
        _link("Edit this page", edit, "fas fa-pencil-alt", "edit-button"),
        _link("Report an error", issue, "fas fa-bug", "report-button"),
    ]
    return _group("Mend this page", "fas fa-pencil-alt", links, "mend-buttons")


def _link(text: str, url: str, icon: str, label: str) -> Button:
    return {"type": "link", "text": text, "url": url, "icon": icon, "label": label}


def _group(tooltip: str, icon: str, buttons: list[Button], label: str) -> Button:
    return {"type": "group", "tooltip": tooltip, "icon": icon, "buttons": buttons, "label": label}


def _copy_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Put the notebooks that pages hand out beside the pages."""
    if error is not None or app.builder.format != "html":
        return
    for notebook in _offered(app):
        target = Path(app.outdir) / notebook
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(app.srcdir) / notebook, target)


def _offered(app: Sphinx) -> Iterator[str]:
    for docname in sorted(app.env.found_docs):
        made = made_from(docname)
        if made and (Path(app.srcdir) / made.offered).is_file():
            yield made.offered
