"""Where in a source the pieces of Markdown stand that have to be rewritten.

markdown-it's inline tokens carry no positions. The rules that matter here are wrapped so that
they note where they matched; everything else in a text is left exactly as its author wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from course_utils.authoring.text import parser

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

NOTED = ("myst_role", "link", "image", "footnote_ref")


@dataclass(frozen=True)
class Edit:
    """Replace ``source[start:end]`` by ``text``."""

    start: int
    end: int
    text: str


def apply(source: str, edits: list[Edit]) -> str:
    """Return the source with every edit made; edits do not overlap."""
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source


@dataclass(frozen=True)
class Span:
    """A piece of an inline source, ``start`` to ``end``; its ``]`` stands at ``label_end``."""

    token: Token
    start: int
    end: int
    label_end: int


@cache
def noting_parser() -> MarkdownIt:
    """Return the parser of the course with rules that note where they matched."""
    markdown = parser()
    rules = markdown.inline.ruler
    for name, rule in zip(rules.get_active_rules(), rules.getRules(""), strict=True):
        if name in NOTED:
            rules.at(name, _noting(rule))
    return markdown


def _noting(rule: Any) -> Any:
    def noted(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        made = [token for token in state.tokens[before:] if token.type != "text"]
        if not silent and made:
            label_end = -1
            if made[0].type in ("link_open", "image"):
                bracket = start + 1 if made[0].type == "image" else start
                label_end = state.md.helpers.parseLinkLabel(state, bracket)
            made[0].meta = {**made[0].meta, "span": (start, state.pos, label_end)}
        return True

    return noted


def spans(inline: Token) -> list[Span]:
    """Return the noted pieces of one inline token, in order."""
    return [
        Span(child, *child.meta["span"]) for child in inline.children or [] if "span" in child.meta
    ]


class Lines:
    """Turns lines and columns of a source into offsets."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = source.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def block(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets of the lines from index ``first`` up to, not including, ``last``."""
        last = min(last, len(self.lines))
        while last > first + 1 and not self.lines[last - 1].strip():
            last -= 1
        return self.starts[first], self.starts[last] - 1


class InlineMap:
    """Maps positions in an inline token's content to offsets in the source it came from."""

    def __init__(self, lines: Lines, inline: Token, cursor: dict[int, int]) -> None:
        """``cursor`` remembers, per line, how far the cells of a table row have been read.

        Raises:
            ValueError: the content does not stand in the source as it is (a table cell with an
                escaped bar).
        """
        self.offsets: list[int] = []
        self.starts: list[int] = []
        first = inline.map[0] if inline.map else 0
        position = 0
        for number, content in enumerate(inline.content.split("\n"), first):
            column = lines.lines[number].index(content, cursor.get(number, 0))
            cursor[number] = column + len(content)
            self.starts.append(position)
            self.offsets.append(lines.starts[number] + column)
            position += len(content) + 1

    def offset(self, position: int) -> int:
        """Return the offset in the source of a position in the content."""
        row = max(i for i, start in enumerate(self.starts) if start <= position)
        return self.offsets[row] + position - self.starts[row]
