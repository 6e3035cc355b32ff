"""Find MyST that is left in a notebook: nothing but plain Markdown and HTML may reach a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from course_utils.authoring.text import FENCES, parser

ROLE = re.compile(r"\{[a-zA-Z][\w:.+-]*\}`")
COLONS = re.compile(r"^\s*:{3,}", re.MULTILINE)
DEFINITION = re.compile(r"^:\s+\S.*", re.MULTILINE)
LOCAL_LINK = re.compile(r"^[^#:]*\.md(#.*)?$")


def leftover_markup(notebook: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is left of MyST in a notebook: pairs of cell identifier and the markup."""
    return [
        (cell.get("id", ""), found)
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown"
        for found in _in_markdown("".join(cell["source"]))
    ]


def _in_markdown(source: str) -> Iterator[str]:
    for token in parser().parse(source):
        name = token.info.strip()
        if token.type in FENCES and (name.startswith("{") or token.type == "colon_fence"):
            yield f"{token.markup}{name}"
        elif token.type in ("myst_target", "myst_line_comment", "myst_block_break"):
            yield token.content.strip() or token.markup
        elif token.type == "math_block_label":
            yield f"$$ … $$ ({name})"
        elif token.type == "html_block":
            yield from ROLE.findall(token.content)
        elif token.type.startswith("footnote"):
            yield "a footnote"
        elif token.type == "inline":
            yield from _in_inline(token)


def _in_inline(token: Any) -> Iterator[str]:
    for child in token.children or []:
        if child.type == "myst_role":
            yield f"{{{child.meta['name']}}}`{child.content}`"
        elif child.type.startswith("footnote"):
            yield "a footnote"
        elif child.type == "link_open" and LOCAL_LINK.match(str(child.attrGet("href") or "")):
            yield f"a link to {child.attrGet('href')}"
        elif child.type == "text":
            yield from ROLE.findall(child.content)
    for pattern in (COLONS, DEFINITION):
        yield from pattern.findall(token.content)
