"""Read MyST text with the outputs that its made notebook stores. Nothing is ever executed.

MyST-NB calls :func:`read` for every page (``nb_custom_formats`` in ``_config.yml``). Code that
differs from its made notebook is a warning with file and line: run ``course make`` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode
from sphinx.util import logging

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.sphinx import svg
from course_utils.authoring.sphinx.pages import Made, made_from, missing
from course_utils.authoring.tags import PLAIN
from course_utils.authoring.text import Cell, Text, parse

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

# MyST-NB counts a cell's first line from 1 twice over; this puts its warnings where they belong.
OFFSET = -2
LEXER = {"name": "python", "pygments_lexer": "ipython3"}
CHECKS = {"code_prompt_show": "Show the visible checks", "code_prompt_hide": "Hide the checks"}


class _Reading:
    """The page that Sphinx is reading; MyST-NB hands a reader nothing but the text."""

    docname = ""
    root = Path()


def setup(app: Sphinx) -> None:
    """Watch which page is read, and make it depend on its made notebooks."""
    app.connect("source-read", _note_page)


def _note_page(app: Sphinx, docname: str, source: list[str]) -> None:
    _Reading.docname, _Reading.root = docname, Path(app.srcdir)
    if made := made_from(docname):
        for path in {made.executed, made.offered}:
            app.env.note_dependency(path)


def read(source: str) -> NotebookNode:
    """Return the page as a notebook: prose as it stands, text notebooks with stored outputs."""
    docname, root = _Reading.docname, _Reading.root
    made = made_from(docname)
    if made is None:
        return _prose(source, docname)
    try:
        text = parse(source, f"{docname}.md")
    except AuthoringError as error:
        _warn(error.message, error.line)
        return _notebook([_markdown("# This page could not be read")], [0], {})
    return _with_outputs(text, made, root)


def _warn(message: str, line: int | None) -> None:
    logger.warning("%s", message, location=(_Reading.docname, line), type="course")


def _prose(source: str, docname: str) -> NotebookNode:
    from myst_nb.core.read import read_myst_markdown_notebook

    if not source.strip():
        _warn("the page is empty", 1)
        source = "# This page is empty"
    notebook = read_myst_markdown_notebook(source, add_source_map=True)
    lines = source.splitlines()
    starts = notebook.metadata["source_map"]
    for number, (cell, start) in enumerate(zip(notebook.cells, starts, strict=True)):
        if cell.cell_type == "code":
            _warn("a code cell belongs in book/chapters or book/problem_sets", start)
        starts[number] = _skip_blank(lines, start) + 1 + OFFSET
    return notebook


def _skip_blank(lines: list[str], start: int) -> int:
    while start < len(lines) - 1 and not lines[start].strip():
        start += 1
    return start


def _with_outputs(text: Text, made: Made, root: Path) -> NotebookNode:
    if path := missing(root, made):
        _warn(f"{path} does not exist; run 'course make {text.stem}'", 1)
        cells = [_plain(cell) for cell in text.cells if not made.for_students]
    else:
        executed, offered = (
            nbformat.read(root / path, as_version=4) for path in (made.executed, made.offered)
        )
        _compare(text, executed, made.executed)
        cells = list(_shown(text.cells, offered, made))
    starts = [cell.line + OFFSET for cell in text.cells]
    return _notebook(cells, starts, text.front)


def _notebook(cells: list[NotebookNode], starts: list[int], front: dict) -> NotebookNode:
    metadata = {**front, "language_info": LEXER, "source_map": starts}
    return nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(metadata))


def _code(cells: Iterable[Cell | NotebookNode]) -> Iterator[Cell | NotebookNode]:
    for cell in cells:
        if getattr(cell, "kind", None) == "code" or getattr(cell, "cell_type", None) == "code":
            yield cell


def _compare(text: Text, notebook: NotebookNode, path: str) -> None:
    """Warn where the text's code is not the code whose outputs are stored."""
    advice = f"run 'course make {text.stem}'"
    written, stored = list(_code(text.cells)), list(_code(notebook.cells))
    for cell, other in zip(written, stored, strict=False):
        if cell.source.strip() != other.source.strip():
            line = cell.line + _first_difference(cell.source, other.source)
            _warn(f"this code differs from {path}; {advice}", line)
            return
    if len(written) != len(stored):
        line = written[len(stored)].line if len(written) > len(stored) else text.cells[-1].line
        _warn(f"{path} has {len(stored)} code cells, the text has {len(written)}; {advice}", line)


def _first_difference(a: str, b: str) -> int:
    ours, theirs = a.split("\n"), b.split("\n")
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next(
        (number for number, (one, other) in pairs if one != other), min(len(ours), len(theirs)) - 1
    )


def _shown(cells: Iterable[Cell], offered: NotebookNode, made: Made) -> Iterator[NotebookNode]:
    """Yield each cell as the page shows it: a problem set as students get it, with outputs."""
    stored = list(_code(offered.cells))
    figures = 0
    for cell in cells:
        if cell.kind == "markdown":
            answer = made.for_students and {"manual", "solution"} & set(cell.tags)
            yield _markdown(_answer_of(cell, offered)) if answer else _plain(cell)
            continue
        other = stored.pop(0) if stored else nbformat.v4.new_code_cell()
        shown = _plain(cell)
        shown.source = other.source if made.for_students else cell.source
        shown.outputs = other.outputs
        for output in shown.outputs:
            figures += _inline_figure(output, f"figure-{figures + 1}-")
        yield shown


def _answer_of(cell: Cell, offered: NotebookNode) -> str:
    """Return what students find where they write this answer."""
    tasks = [tag.removeprefix("task:") for tag in cell.tags if tag.startswith("task:")]
    for other in offered.cells:
        if other.metadata.get("nbgrader", {}).get("grade_id") in tasks:
            return other.source
    _warn("the student notebook has no cell for this answer; run 'course make'", cell.line)
    return "*Your answer.*"


def _inline_figure(output: NotebookNode, prefix: str) -> bool:
    picture = output.get("data", {}).pop("image/svg+xml", None)
    if picture is None:
        return False
    output.data["text/html"] = svg.inline(picture, prefix)
    return True


def _plain(cell: Cell) -> NotebookNode:
    metadata = {**cell.metadata, "tags": [tag for tag in cell.tags if tag in PLAIN]}
    if cell.kind == "markdown":
        return _markdown(cell.source, metadata)
    if "checks" in cell.tags:
        metadata["tags"].append("hide-input")
        metadata["mystnb"] = CHECKS
    return nbformat.v4.new_code_cell(cell.source, metadata=nbformat.from_dict(metadata))


def _markdown(source: str, metadata: dict | None = None) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata=nbformat.from_dict(metadata or {}))
