"""What one text may refer to in another: labels, equations, figures, terms and citations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.authoring.addresses import Addresses, read_addresses
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.text import FENCES, directive, front_matter, parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

NUMBERED = ("figure", "table", "list-table")


@dataclass(frozen=True)
class Target:
    """Something with a label: on which page, of which kind, called what, with which number."""

    page: str
    kind: str  # "section", "equation", "figure", "table", "list-table", "directive"
    title: str
    number: int = 0
    line: int = 0


@dataclass
class Page:
    """One page of the book, as others see it."""

    path: str
    title: str = ""
    targets: dict[str, Target] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        """Number the next thing of this kind on the page, from 1."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return self.counts[kind]


@dataclass(frozen=True)
class Citation:
    """A work in the bibliography: who, when, what."""

    authors: str
    year: str
    title: str


class Book:
    """Everything below ``book/`` that a text can point at, read once and only when asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def addresses(self) -> Addresses:
        """Where the book and its repository are published."""
        return read_addresses(self.root)

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Every page by its path below the root."""
        paths = sorted(
            path
            for path in (self.root / "book").rglob("*.md")
            if not any(part.startswith((".", "_")) for part in path.relative_to(self.root).parts)
        )
        return {
            name: read_page(path.read_text(encoding="utf-8"), name)
            for path, name in ((path, path.relative_to(self.root).as_posix()) for path in paths)
        }

    @cached_property
    def targets(self) -> dict[str, Target]:
        """Every label of the book.

        Raises:
            AuthoringError: two places carry the same label.
        """
        found: dict[str, Target] = {}
        for page in self.pages.values():
            for label, target in page.targets.items():
                if label in found:
                    other = found[label]
                    raise AuthoringError(
                        f"the label {label!r} is already used in {other.page}:{other.line}",
                        page.path,
                        target.line,
                    )
                found[label] = target
        return found

    @cached_property
    def terms(self) -> dict[str, tuple[str, str]]:
        """Every glossary term in lower case: the page it stands on, and how it is written."""
        return {
            lower: (page.path, term)
            for page in self.pages.values()
            for lower, term in page.terms.items()
        }

    @cached_property
    def citations(self) -> dict[str, Citation]:
        """Every work in ``book/references.bib`` by its key."""
        path = self.root / "book" / "references.bib"
        return _bibliography(path) if path.is_file() else {}

    @cached_property
    def bibliography_page(self) -> str:
        """The page that lists the works."""
        return "book/bibliography.md"


def read_page(source: str, path: str) -> Page:
    """Collect the title, labels, numbers and terms of one page."""
    page = Page(path)
    front = front_matter(source, path)
    page.title = str(front.get("title", ""))
    _collect(source, 1, page)
    return page


def _collect(source: str, first_line: int, page: Page) -> None:
    pending: list[tuple[str, int]] = []
    tokens = parser(inline=False).parse(source)
    for position, token in enumerate(tokens):
        line = first_line + (token.map[0] if token.map else 0)
        if token.type == "front_matter":
            continue
        if token.type == "myst_target":
            pending.append((token.content.strip(), line))
            continue
        if token.type == "heading_open":
            title = plain(tokens[position + 1].content)
            page.title = page.title or title
            _label(page, pending, "section", title)
        elif token.type == "math_block_label":
            target = Target(page.path, "equation", "", page.count("equation"), line)
            page.targets[token.info.strip()] = target
        elif token.type in FENCES and token.info.strip().startswith("{"):
            _collect_directive(token, first_line, page, pending)
        if token.nesting != -1 and token.type not in ("inline", "myst_line_comment"):
            _label(page, pending, "directive", "")


def _collect_directive(
    token: Token, first_line: int, page: Page, pending: list[tuple[str, int]]
) -> None:
    block = directive(token, page.path, first_line)
    if block.name in ("code-cell", "raw-cell"):
        return
    if block.name == "glossary":
        page.terms.update({term.lower(): term for term in glossary_terms(block.body)})
        return
    names = [str(block.options[key]) for key in ("name", "label") if key in block.options]
    own = [(name, block.line) for name in names]
    if block.name == "math":
        if own:
            number = page.count("equation")
            page.targets[own[0][0]] = Target(page.path, "equation", "", number, block.line)
    elif block.name in NUMBERED:
        title = plain(block.body.split("\n\n")[0]) if block.name == "figure" else block.argument
        captioned = bool(title.strip())
        number = page.count(block.name) if captioned else 0
        _label(page, [*pending, *own], block.name, plain(title), number)
        pending.clear()
    else:
        _label(page, [*pending, *own], "directive", plain(block.argument))
        pending.clear()
        _collect(block.body, block.body_line, page)


def _label(
    page: Page, labels: list[tuple[str, int]], kind: str, title: str, number: int = 0
) -> None:
    for label, line in labels:
        page.targets[label] = Target(page.path, kind, title, number, line)
    labels.clear()


def glossary_terms(body: str) -> Iterator[str]:
    """Yield the terms of a ``glossary`` directive: its lines that are not indented."""
    for line in body.split("\n"):
        if line.strip() and not line[0].isspace() and not line.startswith((".. ", "%")):
            yield re.split(r"\s+:\s+", line.strip())[0]


def plain(markdown: str) -> str:
    """Return a heading or caption without its Markdown: roles, emphasis, code and links."""
    text = re.sub(r"\{[\w:.+-]+\}`([^`<]*?)\s*(?:<[^`]*>)?`", r"\1", markdown)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|`)", "", text)
    return " ".join(re.sub(r"(?<![\w\\])[*_]([^*_]+)[*_](?!\w)", r"\1", text).split())


def _bibliography(path: Path) -> dict[str, Citation]:
    from pybtex.database import parse_file
    from pybtex.exceptions import PybtexError

    try:
        entries = parse_file(str(path), bib_format="bibtex").entries
    except PybtexError as error:
        raise AuthoringError(
            f"the bibliography cannot be read: {error}", "book/references.bib"
        ) from (error)
    return {key: _citation(entry) for key, entry in entries.items()}


def _citation(entry) -> Citation:
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [
        _unbrace(" ".join([*person.prelast_names, *person.last_names]) or str(person))
        for person in people
    ]
    if len(names) > 2:
        authors = f"{names[0]} et al."
    else:
        authors = " and ".join(names) or _unbrace(entry.fields.get("organization", entry.key))
    return Citation(
        authors, _unbrace(entry.fields.get("year", "")), _unbrace(entry.fields.get("title", ""))
    )


def _unbrace(text: str) -> str:
    from pybtex.richtext import Text

    return str(Text.from_latex(text)).strip()
