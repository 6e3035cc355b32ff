"""Reading a text: cells with their lines, and faults where they stand."""

from __future__ import annotations

import pytest

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.text import directive, parse, parser

HEAD = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n"


def test_cells_know_the_line_on_which_their_source_begins():
    source = (
        HEAD + "\n\n# Title\n\ntext\n\n```{code-cell} ipython3\n:tags: [hide-input]\n\n"
        'x = """\n\n"""\n```\n\n+++ {"tags": ["a", "b"]}\n\nlast\n'
    )
    text = parse(source, "a.md")
    lines = source.split("\n")
    assert [cell.kind for cell in text.cells] == ["markdown", "code", "markdown"]
    for cell in text.cells:
        assert lines[cell.line - 1] == cell.source.split("\n")[0]
    assert [cell.tags for cell in text.cells] == [(), ("hide-input",), ("a", "b")]
    assert text.cells[1].source == 'x = """\n\n"""'


def test_two_cells_with_the_same_source_keep_their_own_lines():
    cell = "```{code-cell} ipython3\nx = 1\n```\n\n"
    text = parse(HEAD + cell + cell, "a.md")
    assert [cell.line for cell in text.cells] == [5, 9]


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("# No front matter\n", 1, "names no kernel"),
        ("---\nkernelspec: {name: python3}\n# Title\n", 1, "not closed"),
        ("---\nkernelspec: {name: python3\n---\n", 2, "not YAML"),
        ("---\n- a\n---\n", 1, "name: value"),
        (HEAD + "\n```{note}\nnever closed\n", 5, "{note} is never closed"),
        (HEAD + "\n:::{note}\nnever closed\n", 5, "{note} is never closed"),
        (HEAD + "\n```{code-cell} ipython3\nx = 1\n", 5, "{code-cell} is never closed"),
        (HEAD + "\n::::{note}\n\n:::{tip}\nx\n::::\n", 7, "{tip} is never closed"),
        (HEAD + ":::{note}\n```{code-cell}\nx\n```\n:::\n", 4, "inside {note}"),
        (HEAD + "- a\n\n  ```{code-cell}\n  x\n  ```\n", 6, "inside a list"),
        (HEAD + "```{code-cell}\n:tags: [a\n\nx\n```\n", 4, "options"),
        (HEAD + "```{code-cell}\n:tags: {a: b}\n\nx\n```\n", 4, "list of words"),
        (HEAD + "text\n\n+++ {tags: a}\n\nx\n", 6, "options"),
        (HEAD + "```{raw-cell}\nx\n```\n", 4, "raw cells"),
        (HEAD + 'text\n\n+++ {"tags": "a"}\n\nx\n', 6, "list of words"),
    ],
)
def test_a_broken_text_is_one_sentence_with_its_line(source, line, words):
    with pytest.raises(AuthoringError) as caught:
        parse(source, "book/a.md")
    assert str(caught.value).startswith(f"book/a.md:{line}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_directive_knows_where_its_body_begins():
    source = "text\n\n:::{figure} a.png\n:alt: An a\n:name: fig-a\n\nThe caption.\n:::\n"
    token = next(t for t in parser().parse(source) if t.type == "colon_fence")
    block = directive(token, "a.md", 11)
    assert (block.name, block.argument, block.body) == ("figure", "a.png", "The caption.")
    assert block.options == {"alt": "An a", "name": "fig-a"}
    assert (block.line, block.body_line) == (13, 17)
