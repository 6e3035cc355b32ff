"""A made notebook: cells with derived identifiers, little metadata, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course_utils.authoring.book import Book
from course_utils.authoring.parts import Part
from course_utils.authoring.portable import Portable
from course_utils.authoring.text import Text

if TYPE_CHECKING:
    from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# Only what viewers need: a version of Python would differ between the machines of two authors.
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}
HIDDEN = {
    "hide-input": {"source_hidden": True},
    "remove-input": {"source_hidden": True},
    "hide-output": {"outputs_hidden": True},
    "remove-output": {"outputs_hidden": True},
    "hide-cell": {"source_hidden": True, "outputs_hidden": True},
    "remove-cell": {"source_hidden": True, "outputs_hidden": True},
}
GLUED = "application/papermill.record/text/plain"
BANNER = "made-from"

Outputs = Sequence[list[dict[str, Any]]]  # the outputs of each code cell, in order


def assemble(
    text: Text, parts: Sequence[Part], book: Book, outputs: Outputs, course: Mapping[str, Any]
) -> NotebookNode:
    """Return the executed notebook of a text.

    Args:
        text: the text it is made from.
        parts: its cells with their identifiers.
        book: what its Markdown may refer to.
        outputs: what its code cells gave, in order.
        course: what is kept under ``metadata.course``.

    Raises:
        AuthoringError: something in its Markdown is unknown.
    """
    from nbformat import from_dict

    values = glued(outputs)
    cells = [_banner(text, book)]
    count = 0
    for part in parts:
        if part.cell.kind == "code":
            cells.append(_code(part, outputs[count], count + 1))
            count += 1
        else:
            page = Portable(text.path, book, values)
            source = page.render(part.cell.source, part.cell.line)
            if source:
                cells.append(_markdown(part, source, page.attachments))
    metadata = {
        "course": {"text": text.path, **course},
        "kernelspec": KERNEL,
        "language_info": LANGUAGE,
    }
    return from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def to_bytes(notebook: NotebookNode) -> bytes:
    """Return a notebook as it is stored: sorted keys, one line a line, a newline at the end."""
    from nbformat import writes

    return (writes(notebook, version=4).rstrip("\n") + "\n").encode()


def to_json(value: Any) -> bytes:
    """Return JSON as it is stored beside the notebooks."""
    return (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def glued(outputs: Outputs) -> dict[str, str]:
    """Return the values that cells glued: their plain text by name."""
    return {
        output["metadata"]["scrapbook"]["name"]: _joined(output["data"][GLUED])
        for cell in outputs
        for output in cell
        if GLUED in output.get("data", {})
    }


def stored_outputs(notebook: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the outputs of each code cell of a notebook read from a file, in order."""
    return [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _banner(text: Text, book: Book) -> dict[str, Any]:
    addresses = book.addresses
    title = book.pages[text.path].title if text.path in book.pages else text.stem
    source = (
        f"*Made from [{text.path}]({addresses.file(text.path)}) by `course make`; mistakes are "
        f"mended there. Read it as a page: [{title}]({addresses.page(text.path)}). Where "
        f"`course_utils` is missing, on Colab say, run `%pip install git+{addresses.repository}` "
        "first.*"
    )
    return {"cell_type": "markdown", "id": BANNER, "metadata": {}, "source": source}


def _markdown(part: Part, source: str, attachments: Mapping[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "id": part.id,
        "metadata": _metadata(part),
        "source": source,
    }
    if attachments:
        cell["attachments"] = dict(attachments)
    return cell


def _code(part: Part, outputs: list[dict[str, Any]], count: int) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": count,
        "id": part.id,
        "metadata": _metadata(part),
        "outputs": outputs,
        "source": part.cell.source,
    }


def _metadata(part: Part) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    jupyter: dict[str, bool] = {}
    for tag in part.plain_tags:
        jupyter |= HIDDEN.get(tag, {})
    if part.plain_tags:
        metadata["tags"] = list(part.plain_tags)
    if jupyter:
        metadata["jupyter"] = jupyter
    return metadata
