"""MyST Markdown → plain Markdown and HTML that every notebook viewer renders.

The text is left as it was written except where MyST stands: those pieces are found in
markdown-it's tokens and replaced in place.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING

from course_utils.authoring.book import Book
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.roles import Place, link_address, render_role
from course_utils.authoring.spans import Edit, InlineMap, Lines, Span, apply, noting_parser, spans
from course_utils.authoring.text import FENCES, Directive, directive

if TYPE_CHECKING:
    from markdown_it.token import Token

FOOTNOTES = "footnotes do not show in notebooks; write a sentence or a parenthesis"


@dataclass(frozen=True)
class Portable:
    """Renders the Markdown of one text.

    Attributes:
        path: the text, for messages and relative links.
        book: what it may refer to.
        values: what its cells glued, as plain text by name.
        attachments: pictures that the rendered Markdown needs, by name, as a notebook stores them.
        quoted: the Markdown will stand in a quote, where display mathematics must be one line.
    """

    path: str
    book: Book
    values: Mapping[str, str]
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)
    quoted: bool = False

    def render(self, source: str, line: int) -> str:
        """Return plain Markdown for MyST Markdown that begins at ``line`` of the text.

        Raises:
            AuthoringError: something in it is unknown or cannot be shown in a notebook.
        """
        lines = Lines(source)
        edits: list[Edit] = []
        quotes = 0
        cursor: dict[int, int] = {}
        for token in noting_parser().parse(source):
            quotes += token.nesting if token.type.startswith("blockquote") else 0
            here = line + (token.map[0] if token.map else 0)
            within = replace(self, quoted=self.quoted or quotes > 0)
            if token.type == "inline":
                edits += within._inline(token, lines, here, cursor)
            elif token.type in ("myst_target", "myst_line_comment"):
                start, end = lines.block(*token.map)
                edits.append(Edit(start, min(end + 1, len(source)), ""))
            elif token.type.startswith("footnote"):
                raise self.error(FOOTNOTES, here)
            else:
                text = within._block(token, line)
                if text is not None:
                    edits.append(_in_place(lines, token, text))
        return re.sub(r"\n{3,}", "\n\n", apply(source, edits)).strip("\n")

    def error(self, message: str, line: int) -> AuthoringError:
        """Return an error at a line of the text."""
        return AuthoringError(message, self.path, line)

    def place(self, line: int) -> Place:
        """Return what roles and links need to know."""
        return Place(self.path, line, self.book, self.values)

    def _block(self, token: Token, line: int) -> str | None:
        """Return what stands in the place of a block, or None to leave it."""
        here = line + (token.map[0] if token.map else 0)
        if token.type == "math_block_label":
            return self.mathematics(token.content, self.book.targets[token.info.strip()].number)
        if token.type == "math_block":
            return self.mathematics(token.content) if self.quoted else None
        if token.type not in FENCES:
            return None
        if token.info.strip().startswith("{"):
            from course_utils.authoring.directives import render_directive

            return render_directive(directive(token, self.path, line), self)
        if token.type == "colon_fence":
            raise self.error("a colon fence must name a directive: ':::{note}'", here)
        return None

    def mathematics(self, tex: str, number: int | None = None) -> str:
        """Return a display equation, with its number if it has one."""
        tag = rf"\tag{{{number}}}" if number else ""
        body = [line.rstrip() for line in tex.strip().split("\n") if line.strip()]
        if self.quoted:
            return f"$$ {' '.join([*(each.strip() for each in body), tag]).strip()} $$"
        return "\n".join(["$$", *body, *([tag] if tag else []), "$$"])

    def _inline(self, token: Token, lines: Lines, line: int, cursor: dict[int, int]) -> list[Edit]:
        try:
            where = InlineMap(lines, token, cursor)
        except ValueError as error:
            if spans(token):
                raise self.error(
                    r"a table cell with '\|' cannot hold roles or links; move them out", line
                ) from error
            return []
        edits = []
        for span in spans(token):
            here = line + token.content[: span.start].count("\n")
            for edit in self._piece(span, token.content, here):
                edits.append(Edit(where.offset(edit.start), where.offset(edit.end), edit.text))
        return edits

    def _piece(self, span: Span, content: str, line: int) -> list[Edit]:
        token = span.token
        if token.type == "myst_role":
            text = render_role(token.meta["name"], token.content, self.place(line))
            return [Edit(span.start, span.end, text)]
        if token.type.startswith("footnote"):
            raise self.error(FOOTNOTES, line)
        if token.type == "image":
            return self._image(span, line)
        address = link_address(str(token.attrGet("href") or ""), self.place(line))
        if address is None:
            return []
        if content[span.label_end + 1 : span.label_end + 2] != "(":
            raise self.error("write the link in place: [text](address)", line)
        title = f' "{token.attrGet("title")}"' if token.attrGet("title") else ""
        edits = [Edit(span.label_end + 1, span.end, f"({address}{title})")]
        if span.label_end == span.start + 1:
            text = self._title(str(token.attrGet("href")), line)
            edits.append(Edit(span.label_end, span.label_end, text))
        return edits

    def _title(self, href: str, line: int) -> str:
        path, _, label = href.partition("#")
        label = label or path
        if label in self.book.targets and self.book.targets[label].title:
            return self.book.targets[label].title
        name = normpath(str(PurePosixPath(self.path).parent / path))
        if name in self.book.pages:
            return self.book.pages[name].title
        raise self.error(f"the link to {href} has no text", line)

    def _image(self, span: Span, line: int) -> list[Edit]:
        alternative = span.token.content.strip()
        name = self.attach(str(span.token.attrGet("src") or ""), alternative, line)
        return [Edit(span.label_end + 1, span.end, f"(attachment:{name})")]

    def attach(self, path: str, alternative: str, line: int) -> str:
        """Store a picture with the cell and return the name by which Markdown refers to it."""
        if not alternative:
            raise self.error(f"the picture {path} has no alternative text", line)
        if ":" in path:
            raise self.error("pictures must be files of this repository", line)
        name = normpath(str(PurePosixPath(self.path).parent / path))
        kind = mimetypes.guess_type(name)[0]
        try:
            data = (self.book.root / name).read_bytes()
        except OSError as error:
            raise self.error(f"the picture {name} cannot be read", line) from error
        if kind is None:
            raise self.error(f"what kind of picture is {name}? Use .svg, .png or .jpg", line)
        stored = PurePosixPath(name).name
        self.attachments[stored] = {kind: base64.b64encode(data).decode()}
        return stored

    def html(self, source: str, line: int) -> str:
        """Return one line of MyST as HTML, mathematics left between dollars."""
        from markdown_it import MarkdownIt
        from mdit_py_plugins.dollarmath import dollarmath_plugin

        markdown = MarkdownIt("commonmark").use(dollarmath_plugin)
        markdown.add_render_rule(
            "math_inline", lambda self, tokens, i, *_: f"${escape(tokens[i].content, quote=False)}$"
        )
        return markdown.renderInline(self.render(source, line))

    def quote(self, title: str, block: Directive) -> str:
        """Return a titled quote around the body of a directive."""
        body = replace(self, quoted=True).render(block.body, block.body_line)
        lines = [f"**{title}**", "", *body.split("\n")] if body else [f"**{title}**"]
        return "\n".join(f"> {each}".rstrip() for each in lines)


def _in_place(lines: Lines, token: Token, text: str) -> Edit:
    """Return the edit that puts ``text`` where the block stands, in its list or quote."""
    first = lines.lines[token.map[0]]
    opener = token.markup or "$$"
    prefix = first[: first.index(opener)]
    following = re.sub(r"[^>\s]", " ", prefix)
    start, end = lines.block(*token.map)
    indented = [f"{following}{each}".rstrip() for each in text.split("\n")]
    return Edit(start, end, prefix + "\n".join(indented)[len(following) :])
