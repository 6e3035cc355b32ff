"""Read a text notebook (MyST Markdown) into cells that remember their lines.

One parser serves the site and authoring: MyST-NB's own reader with a source map.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.authoring.errors import AuthoringError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# The MyST extensions of the course; `_config.yml` enables the same ones.
EXTENSIONS = ("colon_fence", "dollarmath")
FENCES = ("fence", "colon_fence")


@dataclass(frozen=True)
class Cell:
    """One cell of a text: ``line`` is the line of the text (from 1) where ``source`` begins."""

    kind: str  # "markdown" or "code"
    source: str
    line: int
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Text:
    """A text notebook: its path below the root, its front matter and its cells."""

    path: str
    front: dict[str, Any]
    cells: tuple[Cell, ...]

    @property
    def course(self) -> dict[str, Any]:
        """The course's own part of the front matter: seconds, minutes, timeout."""
        return self.front.get("course") or {}

    @property
    def stem(self) -> str:
        """The name of the text, which is the name of what is made of it."""
        return Path(self.path).stem


def parser(*, inline: bool = True) -> MarkdownIt:
    """Return the Markdown parser of the course, with or without the inline rules."""
    from markdown_it.renderer import RendererHTML
    from myst_parser.parsers.mdit import create_md_parser

    return create_md_parser(_configuration(inline), RendererHTML)


def _configuration(inline: bool) -> Any:
    from myst_parser.config.main import MdParserConfig

    return MdParserConfig(
        enable_extensions=set(EXTENSIONS), disable_syntax=[] if inline else ["inline"]
    )


def read(root: Path, path: Path) -> Text:
    """Read and parse one text below ``root``.

    Raises:
        AuthoringError: it is no UTF-8, or :func:`parse` finds something broken in it.
    """
    name = path.relative_to(root).as_posix()
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise AuthoringError(f"the text is not UTF-8 ({error.reason})", name) from error
    return parse(source, name)


def parse(source: str, path: str) -> Text:
    """Parse a text notebook.

    Raises:
        AuthoringError: front matter is missing or broken, a directive is not closed, a code cell
            stands inside another directive, or a cell's options cannot be read.
    """
    front = front_matter(source, path)
    if "kernelspec" not in front:
        raise AuthoringError(
            "the front matter names no kernel; begin the text with "
            "'---', 'kernelspec: {name: python3, display_name: Python 3}', '---'",
            path,
            1,
        )
    check_fences(source, path)
    return Text(path, front, tuple(_cells(source, path)))


def front_matter(source: str, path: str) -> dict[str, Any]:
    """Return the YAML block at the top of a text, empty if it has none."""
    import yaml

    lines = source.splitlines()
    if not lines or lines[0].rstrip() != "---":
        return {}
    ends = [number for number, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")]
    if not ends:
        raise AuthoringError("the front matter is not closed; end it with a line '---'", path, 1)
    try:
        front = yaml.safe_load("\n".join(lines[1 : ends[0]])) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise AuthoringError(
            f"the front matter is not YAML: {error.problem}", path, line
        ) from error
    if not isinstance(front, dict):
        raise AuthoringError("the front matter must be a list of 'name: value'", path, 1)
    return front


def _cells(source: str, path: str) -> Iterator[Cell]:
    from myst_nb.core.read import read_myst_markdown_notebook

    notebook = read_myst_markdown_notebook(source, _configuration(True), add_source_map=True)
    lines = source.splitlines()
    for cell, start in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
        if cell.cell_type == "raw":
            raise AuthoringError("raw cells are not used in this course", path, start)
        metadata = dict(cell.metadata)
        tags = metadata.pop("tags", [])
        line = _first_line(lines, start, cell.source)
        yield Cell(cell.cell_type, cell.source, line, tuple(tags), metadata)


def _first_line(lines: list[str], start: int, source: str) -> int:
    """Find the line (from 1) at which ``source`` begins, not before index ``start``."""
    wanted = source.split("\n")[0]
    for number in range(start, len(lines)):
        if lines[number].strip() and lines[number].strip() == wanted.strip():
            return number + 1
    return min(start + 1, len(lines))


def check_fences(source: str, path: str, first_line: int = 1) -> None:
    """Complain about directives that are never closed and code cells that stand inside others."""
    lines = source.split("\n")
    level = 0
    for token in parser(inline=False).parse(source):
        level += token.nesting
        start, end = token.map or (0, 0)
        if token.type == "myst_block_break" and token.content.strip():
            _check_tags(
                _break_options(token.content, path, first_line + start), path, first_line + start
            )
        if token.type not in FENCES:
            continue
        line = first_line + start
        name = token.info.strip().split(" ")[0]
        if not _closed(lines, start, end, token.markup):
            raise AuthoringError(
                f"{name or 'the fence'} is never closed; end it with a line {token.markup}",
                path,
                line,
            )
        if not name.startswith("{"):
            continue
        if name == "{code-cell}":
            if level:
                raise AuthoringError("a code cell may not stand inside a list", path, line)
            _check_tags(directive(token, path, first_line).options, path, line)
            continue
        if re.search(r"^\s*(`{3,}|~{3,}|:{3,})\s*\{code-cell\}", token.content, re.MULTILINE):
            raise AuthoringError(f"a code cell may not stand inside {name}", path, line)
        check_fences(token.content, path, line + 1)


def _break_options(content: str, path: str, line: int) -> dict[str, Any]:
    import json

    try:
        options = json.loads(content)
    except ValueError as error:
        raise AuthoringError(f"the options after +++ are not JSON: {error}", path, line) from error
    if not isinstance(options, dict):
        raise AuthoringError('the options after +++ must look like {"tags": [...]}', path, line)
    return options


def _check_tags(options: dict[str, Any], path: str, line: int) -> None:
    tags = options.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise AuthoringError("tags must be a list of words, such as [hide-input]", path, line)


def _closed(lines: list[str], start: int, end: int, markup: str) -> bool:
    last = lines[end - 1].strip().lstrip("> ").strip() if end - 1 > start else ""
    return len(last) >= len(markup) and set(last) == {markup[0]}


@dataclass(frozen=True)
class Directive:
    """A directive in a text: ``line`` is where it stands, ``body_line`` where its body begins."""

    name: str
    argument: str
    options: dict[str, Any]
    body: str
    line: int
    body_line: int


def directive(token: Token, path: str, first_line: int = 1) -> Directive:
    """Read the name, argument, options and body of a fence whose info begins with ``{name}``.

    Args:
        token: a ``fence`` or ``colon_fence`` token.
        path: the text, for messages.
        first_line: the line of the text where the parsed source begins.

    Raises:
        AuthoringError: the first line or the options cannot be read.
    """
    from docutils.parsers.rst.states import MarkupError
    from myst_parser.parsers.directives import parse_directive_text

    line = first_line + (token.map[0] if token.map else 0)
    found = re.fullmatch(r"\{([^{}\s]+)\}\s*(.*)", token.info.strip(), re.DOTALL)
    if not found:
        raise AuthoringError(f"this directive cannot be read: {token.info.strip()}", path, line)
    try:
        result = parse_directive_text(
            _AnyDirective, found[2], token.content, validate_options=False
        )
    except MarkupError as error:
        raise AuthoringError(f"{{{found[1]}}} cannot be read: {error}", path, line) from error
    if result.warnings:
        hint = "; leave a blank line above the inner one" if token.content[:3] == ":::" else ""
        raise AuthoringError(
            f"the options of {{{found[1]}}} cannot be read: {result.warnings[0].msg}{hint}",
            path,
            line,
        )
    return Directive(
        found[1],
        " ".join(result.arguments),
        result.options,
        "\n".join(result.body),
        line,
        line + 1 + result.body_offset,
    )


class _AnyDirective:
    """What MyST's directive parser asks of a directive class: everything is allowed."""

    option_spec = {"any": True}  # noqa: RUF012 (docutils' protocol)
    required_arguments = 0
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
