"""A self-check question: the choices it offers, and why each is right or not.

The site and the portable notebooks both show it as one closed ``<details>`` a choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.text import Directive, parser

VERDICTS = {True: "Right.", False: "Not this one."}


@dataclass(frozen=True)
class Choice:
    """One choice; ``option`` and ``explanation`` are MyST, their lines are lines of the text."""

    correct: bool
    option: str
    explanation: str
    line: int
    explanation_line: int


@dataclass(frozen=True)
class Question:
    """The question, what stands between it and the choices, and the choices in order."""

    question: str
    lead: str
    lead_line: int
    choices: tuple[Choice, ...]


def read_question(directive: Directive, path: str) -> Question:
    """Read the body of a ``selfcheck`` directive.

    Raises:
        AuthoringError: no question, no list of at least two choices, no right choice, a choice
            without ``[ ]`` or ``[x]``, or a choice without an explanation.
    """
    if not directive.argument.strip():
        raise AuthoringError(
            "a self-check needs its question: ':::{selfcheck} What …?'", path, directive.line
        )
    lines = directive.body.split("\n")
    tokens = parser(inline=False).parse(directive.body)
    lists = [token for token in tokens if token.type == "bullet_list_open" and token.level == 0]
    if not lists:
        raise AuthoringError(
            "a self-check needs a list of choices: '- [ ] wrong' or '- [x] right', each followed "
            "by an indented explanation",
            path,
            directive.line,
        )
    start = lists[-1].map[0]
    items = [
        token.map
        for token in tokens
        if token.type == "list_item_open" and token.level == 1 and token.map[0] >= start
    ]
    choices = tuple(_choice(lines[a:b], directive.body_line + a, path) for a, b in items)
    if len(choices) < 2:
        raise AuthoringError("a self-check needs at least two choices", path, directive.line)
    if not any(choice.correct for choice in choices):
        raise AuthoringError("no choice of this self-check is marked [x]", path, directive.line)
    lead = "\n".join(lines[:start]).strip("\n")
    return Question(directive.argument.strip(), lead, directive.body_line, choices)


def _choice(lines: list[str], line: int, path: str) -> Choice:
    first = re.match(r"(\s*[-*+]\s+)\[([ xX])\]\s+(.*)", lines[0])
    if not first:
        raise AuthoringError("a choice begins with '- [ ] ' or '- [x] '", path, line)
    width = len(first[1])
    rest = [each[width:] if not each[:width].strip() else each for each in lines[1:]]
    blank = next((i for i, each in enumerate(rest) if not each.strip()), len(rest))
    explanation = "\n".join(rest[blank:])
    if not explanation.strip():
        raise AuthoringError(
            "this choice has no explanation; add one below a blank line, indented", path, line
        )
    skipped = len(explanation) - len(explanation.lstrip("\n"))
    option = " ".join([first[3], *(each.strip() for each in rest[:blank])]).strip()
    return Choice(
        first[2] != " ", option, _outdented(explanation), line, line + 1 + blank + skipped
    )


def _outdented(text: str) -> str:
    """Take the indentation of the first line from every line, as far as it has it."""
    lines = text.strip("\n").split("\n")
    width = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(each[min(width, len(each) - len(each.lstrip())) :] for each in lines)
