"""What stands in a portable notebook where the text has a directive."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from course_utils.authoring.addresses import anchor
from course_utils.authoring.portable import Portable
from course_utils.authoring.selfcheck import VERDICTS, read_question
from course_utils.authoring.text import Directive

# What begins a block of its own and cannot follow the verdict on its line.
BLOCK = re.compile(r"\$\$|```|~~~|[|>#<]|[-*+] |\d+[.)] ")
TITLES = {
    "attention": "Attention",
    "caution": "Caution",
    "danger": "Danger",
    "error": "Error",
    "hint": "Hint",
    "important": "Important",
    "note": "Note",
    "seealso": "See also",
    "tip": "Tip",
    "warning": "Warning",
}


def render_directive(block: Directive, page: Portable) -> str:
    """Return plain Markdown for one directive.

    Raises:
        AuthoringError: the directive is not one of the course's, or lacks something.
    """
    if block.name not in DIRECTIVES:
        known = ", ".join(sorted(DIRECTIVES))
        raise page.error(f"unknown directive {{{block.name}}}; the course uses {known}", block.line)
    return DIRECTIVES[block.name](block, page)


def _admonition(block: Directive, page: Portable) -> str:
    title = block.argument
    if block.name != "admonition":
        # MyST reads words after {note} as the beginning of its body.
        body = "\n\n".join(part for part in (title, block.body) if part)
        first = block.line if title else block.body_line
        return page.quote(TITLES[block.name], replace(block, body=body, body_line=first))
    if not title:
        raise page.error("an admonition needs a title: ':::{admonition} Title'", block.line)
    return page.quote(replace(page, quoted=True).render(title, block.line), block)


def _misconception(block: Directive, page: Portable) -> str:
    if not block.argument:
        raise page.error("a misconception needs the false statement as its title", block.line)
    if "label" not in block.options:
        raise page.error("a misconception needs ':label: mis-…'", block.line)
    label = anchor(str(block.options["label"]))
    index = page.book.addresses.page("book/misconceptions.md")
    statement = page.render(block.argument, block.line)
    more = f"> [This misconception on its page]({page.book.addresses.page(page.path, label)})"
    return f"{page.quote(f'Misconception: {statement}', block)}\n>\n{more} · [all of them]({index})"


def _selfcheck(block: Directive, page: Portable) -> str:
    question = read_question(block, page.path)
    parts = [f"**{page.render(question.question, block.line)}**"]
    if question.lead:
        parts.append(page.render(question.lead, question.lead_line))
    for choice in question.choices:
        explanation = page.render(choice.explanation, choice.explanation_line)
        summary = page.html(choice.option, choice.line)
        gap = "\n\n" if BLOCK.match(explanation) else " "
        verdict = f"**{VERDICTS[choice.correct]}**{gap}{explanation}"
        parts.append(_details(summary, verdict))
    return "\n\n".join(parts)


def _details(summary: str, body: str) -> str:
    # The blank lines make viewers read the body as Markdown again.
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def _dropdown(block: Directive, page: Portable) -> str:
    summary = page.html(block.argument or "More", block.line)
    return _details(summary, page.render(block.body, block.body_line))


def _figure(block: Directive, page: Portable) -> str:
    alternative = str(block.options.get("alt", "")).strip()
    name = page.attach(block.argument, alternative, block.line)
    picture = f"![{' '.join(alternative.split())}](attachment:{name})"
    caption = page.render(block.body, block.body_line) if block.body.strip() else ""
    if not caption or block.name == "image":
        return picture
    labels = [str(block.options[key]) for key in ("name", "label") if key in block.options]
    number = page.book.targets[labels[0]].number if labels else 0
    title = f"Figure {number}. " if number else ""
    return f"{picture}\n\n{f'**{title.strip()}** ' if title else ''}{caption}"


def _math(block: Directive, page: Portable) -> str:
    labels = [str(block.options[key]) for key in ("label", "name") if key in block.options]
    number = page.book.targets[labels[0]].number if labels else None
    tex = "\n".join(part for part in (block.argument, block.body) if part)
    return page.mathematics(tex, number)


def _code_block(block: Directive, page: Portable) -> str:
    fence = "```" if "```" not in block.body else "````"
    return f"{fence}{block.argument}\n{block.body}\n{fence}"


def _table(block: Directive, page: Portable) -> str:
    title = f"**{page.render(block.argument, block.line)}**\n\n" if block.argument else ""
    return title + page.render(block.body, block.body_line)


def _list_table(block: Directive, page: Portable) -> str:
    rows = [
        [cell.strip() for cell in row.split("\n  - ")]
        for row in ("\n" + block.body.strip("\n")).replace("\n* - ", "\0").split("\0")[1:]
    ]
    if not rows or len({len(row) for row in rows}) != 1:
        raise page.error("every row of a list-table needs the same number of cells", block.line)
    cells = [[page.render(" ".join(cell.split()), block.line) for cell in row] for row in rows]
    title = f"**{page.render(block.argument, block.line)}**\n\n" if block.argument else ""
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return title + "\n".join([lines[0], "|" + " --- |" * len(cells[0]), *lines[1:]])


def _bibliography(block: Directive, page: Portable) -> str:
    address = page.book.addresses.page(page.book.bibliography_page)
    return f"The works cited here are listed in the [bibliography]({address})."


def _tabs(block: Directive, page: Portable) -> str:
    return page.render(block.body, block.body_line)


def _tab(block: Directive, page: Portable) -> str:
    body = page.render(block.body, block.body_line)
    return f"**{page.render(block.argument, block.line)}**\n\n{body}"


def _nothing(block: Directive, page: Portable) -> str:
    return ""


DIRECTIVES: dict[str, Callable[[Directive, Portable], str]] = {
    **dict.fromkeys([*TITLES, "admonition"], _admonition),
    "bibliography": _bibliography,
    "code-block": _code_block,
    "contents": _nothing,
    "dropdown": _dropdown,
    "figure": _figure,
    "image": _figure,
    "index": _nothing,
    "list-table": _list_table,
    "margin": lambda block, page: page.quote(block.argument or "Aside", block),
    "math": _math,
    "misconception": _misconception,
    "selfcheck": _selfcheck,
    "table": _table,
    "tab-item": _tab,
    "tab-set": _tabs,
}
