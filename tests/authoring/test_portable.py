"""MyST → plain Markdown: everything is shown, nothing is left, faults have their line."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from tiny_course import CHAPTER, COURSE, cells

from course_utils.authoring.book import Book, plain, read_page
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.markup import leftover_markup
from course_utils.authoring.portable import Portable
from course_utils.authoring.text import read

BASE = "https://example.org/course/book"


@pytest.fixture
def page(book):
    return Portable(CHAPTER, book, {"loss": "'0.12'", "word": "'steep'", "many": "1234567"})


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("plain *text* with `{term}` code", "plain *text* with `{term}` code"),
        ("{glue:text}`loss` and {glue:text}`word`", "0.12 and steep"),
        ("{glue:text}`many`", "1234567"),
        ("{eq}`eq-state`", "(2)"),
        ("{eq}`eq-loss`", "(3)"),
        ("{ref}`sec-why`", f"[Why it is tiny]({BASE}/index.html#sec-why)"),
        ("{ref}`the reason <sec-why>`", f"[the reason]({BASE}/index.html#sec-why)"),
        ("{doc}`../index`", f"[A tiny course]({BASE}/index.html)"),
        ("{doc}`home </book/index>`", f"[home]({BASE}/index.html)"),
        ("{numref}`fig-dot`", f"[Figure 1]({BASE}/chapters/01_awkward.html#fig-dot)"),
        ("{numref}`Dot %s <fig-dot>`", f"[Dot 1]({BASE}/chapters/01_awkward.html#fig-dot)"),
        ("{term}`Recurrence`", f"[Recurrence]({BASE}/glossary.html#term-recurrence)"),
        (
            "{term}`s <Hidden State Space>`",
            f"[s]({BASE}/glossary.html#term-Hidden-State-Space)",
        ),
        ("{cite:t}`elman1990`", f"[Elman (1990)]({BASE}/bibliography.html)"),
        (
            "{cite:p}`hochreiter1997, bengio2003`",
            f"([Hochreiter and Schmidhuber, 1997; Bengio et al., 2003]({BASE}/bibliography.html))",
        ),
        ("[why](../index.md)", f"[why]({BASE}/index.html)"),
        ("[why](../index.md#sec-why)", f"[why]({BASE}/index.html#sec-why)"),
        ("[why](#sec-why)", f"[why]({BASE}/index.html#sec-why)"),
        ("[](#sec-why)", f"[Why it is tiny]({BASE}/index.html#sec-why)"),
        ("[](../index.md)", f"[A tiny course]({BASE}/index.html)"),
        ("[out](https://example.com/a.md)", "[out](https://example.com/a.md)"),
        ("[dot](../dot.svg)", "[dot](https://example.org/repository/blob/main/book/dot.svg)"),
        ("**bold {eq}`eq-step`**", "**bold (1)**"),
        ("[see {eq}`eq-step`](#sec-why)", f"[see (1)]({BASE}/index.html#sec-why)"),
        ("- a\n  - {eq}`eq-step`\n    and on", "- a\n  - (1)\n    and on"),
        ("> {eq}`eq-step`\n> and {eq}`eq-loss`", "> (1)\n> and (3)"),
        ("| a | b |\n|---|---|\n| {eq}`eq-step` | {eq}`eq-step` |", None),
        ("{math}`x^2`, {sub}`2`, {abbr}`RNN (recurrent network)`", None),
        ("(sec-new)=\n## Heading", "## Heading"),
        ("% a comment\ntext", "text"),
        ("$$\nx\n$$ (eq-step)", "$$\nx\n\\tag{1}\n$$"),
        ("$$\nx\n$$", "$$\nx\n$$"),
        ("> $$\n> x\n> $$", "> $$ x $$"),
        ("```{math}\n:label: eq-loss\nL\n```", "$$\nL\n\\tag{3}\n$$"),
        (":::{note}\nA {eq}`eq-step`.\n\nB\n:::", "> **Note**\n>\n> A (1).\n>\n> B"),
        (":::{note} Begins here\nand goes on.\n:::", None),
        ("- a\n\n  :::{tip}\n  b\n  :::\n- c", "- a\n\n  > **Tip**\n  >\n  > b\n- c"),
        ("::::{note}\n\n:::{tip}\nx\n:::\n::::", "> **Note**\n>\n> > **Tip**\n> >\n> > x"),
        (":::{admonition} *My* title\n:class: objectives\nx\n:::", "> ***My* title**\n>\n> x"),
        ("```{code-block} python\nx = {}\n```", "```python\nx = {}\n```"),
        ("````{margin} Aside\nx\n````", "> **Aside**\n>\n> x"),
        ("::::{tab-set}\n\n:::{tab-item} A\nx\n:::\n::::", "**A**\n\nx"),
        (
            "```{list-table} T\n* - a\n  - b\n* - {eq}`eq-step`\n  - d\n```",
            "**T**\n\n| a | b |\n| --- | --- |\n| (1) | d |",
        ),
        ("```python\n{eq}`eq-step`\n:::{note}\n```", "```python\n{eq}`eq-step`\n:::{note}\n```"),
    ],
)
def test_each_piece_of_myst_becomes_plain_markdown(page, source, rendered):
    made = page.render(source, 1)
    if rendered is not None:
        assert made == rendered
    assert leftover_markup({"cells": [{"cell_type": "markdown", "source": made}]}) == []


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("a\n\n{eq}`eq-stap`", 12, "unknown label 'eq-stap'; did you mean 'eq-step'?"),
        ("a\nb\n{ref}`nothing-like-it`", 12, "unknown label"),
        ("{eq}`sec-why`", 10, "labels no equation"),
        ("{numref}`sec-why`", 10, "no figure or table"),
        ("{glue:text}`los`", 10, "unknown value 'los'; did you mean 'loss'?"),
        ("{glue:text}`loss:.2f`", 10, "its cell writes the digits: glue(loss=f"),
        ("{term}`recurrense`", 10, "unknown term 'recurrense'; did you mean 'recurrence'?"),
        ("{cite:t}`elman`", 10, "unknown citation"),
        ("{cite:p}`elman1990,nobody`", 10, "unknown citation 'nobody'"),
        ("{doc}`../nowhere`", 10, "unknown page"),
        ("{strange}`x`", 10, "unknown role 'strange'"),
        ("[x](../nowhere.md)", 10, "unknown page"),
        ("[x](../nowhere.csv)", 10, "does not exist"),
        ("[x](../../../../etc/passwd)", 10, "leads out"),
        ("[x](#nowhere)", 10, "unknown label"),
        ("[x][y]\n\n[y]: ../index.md", 10, "in place"),
        ("![](../dot.svg)", 10, "no alternative text"),
        ("![a dot](../nowhere.svg)", 10, "cannot be read"),
        ("![a dot](https://example.com/a.png)", 10, "of this repository"),
        ("a[^1]\n\n[^1]: note", 10, "footnotes"),
        ("text\n\n:::{strange}\nx\n:::", 12, "unknown directive {strange}"),
        (":::\nx\n:::", 10, "must name a directive"),
        (":::{note}\na\n\n{eq}`eq-stap`\n:::", 13, "unknown label"),
        ("- a\n\n  ```{note}\n  {eq}`eq-stap`\n  ```", 13, "unknown label"),
        ("::::{note}\n:::{tip}\nx\n:::\n::::", 10, "leave a blank line"),
        (":::{admonition}\nx\n:::", 10, "needs a title"),
        (":::{misconception} X\n**Said.**\n:::", 10, ":label:"),
        (":::{figure} ../dot.svg\n\ncaption\n:::", 10, "no alternative text"),
        ("```{list-table}\n* - a\n  - b\n* - c\n```", 10, "same number"),
        (":::{selfcheck} Q?\n- [x] a\n\n  b\n- [ ] c\n:::", 14, "no explanation"),
        (":::{selfcheck} Q?\n- [ ] a\n\n  b\n- [ ] c\n\n  d\n:::", 10, "no choice"),
        (":::{selfcheck} Q?\n- [x] a\n\n  b\n:::", 10, "two choices"),
        (":::{selfcheck} Q?\n- a\n\n  b\n- [x] c\n\n  d\n:::", 11, "begins with"),
        (":::{selfcheck}\n- [x] a\n\n  b\n- [ ] c\n\n  d\n:::", 10, "needs its question"),
        (":::{selfcheck} Q?\nNo list.\n:::", 10, "list of choices"),
        (":::{selfcheck} Q?\n- [x] a\n\n  b\n- [ ] c\n\n  {eq}`x-y`\n:::", 16, "unknown label"),
    ],
)
def test_what_is_unknown_or_incomplete_is_one_sentence_with_its_line(page, source, line, words):
    with pytest.raises(AuthoringError) as caught:
        page.render(source, 10)
    assert str(caught.value).startswith(f"{CHAPTER}:{line}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_self_check_is_one_closed_details_a_choice_with_its_verdict(page):
    made = page.render(
        ":::{selfcheck} Is $h$ *bounded*?\n- [x] Yes, by `tanh`: $|h| < 1$\n\n  Indeed.\n"
        "- [ ] No\n\n  ```python\n  h = 2\n  ```\n:::",
        1,
    )
    assert made.startswith("**Is $h$ *bounded*?**\n\n<details>\n<summary>")
    assert made.count("<details>") == made.count("</details>") == 2
    assert "<details open" not in made
    assert "<summary>Yes, by <code>tanh</code>: $|h| &lt; 1$</summary>" in made
    html = MarkdownIt("commonmark").render(made)
    assert "<strong>Right.</strong> Indeed." in html
    assert '<strong>Not this one.</strong></p>\n<pre><code class="language-python">h = 2' in html


@pytest.mark.parametrize(
    ("explanation", "follows"),
    [("$x$ is", " $x$ is"), ("`x` is", " `x` is"), ("**B**", " **B**"), ("- a", "\n\n- a")],
)
def test_an_explanation_follows_its_verdict_on_the_same_line_if_it_can(page, explanation, follows):
    source = f":::{{selfcheck}} Q?\n- [x] a\n\n  {explanation}\n- [ ] b\n\n  c\n:::"
    assert f"**Right.**{follows}\n" in page.render(source, 1)


def test_a_misconception_is_a_titled_quote_with_links(page):
    made = page.render(
        ":::{misconception} Gates *decide*\n:label: mis-gates\n:corrects: 000-1\n\n"
        "**Said.** So.\n\n**True.** Not so:\n\n$$\nx\n$$\n:::",
        1,
    )
    assert made.startswith("> **Misconception: Gates *decide***\n>\n> **Said.** So.\n>\n")
    assert "> $$ x $$" in made
    assert f"{BASE}/chapters/01_awkward.html#mis-gates" in made
    assert f"{BASE}/misconceptions.html" in made
    assert all(line.startswith(">") for line in made.split("\n"))


def test_a_picture_travels_with_its_cell(page):
    made = page.render("```{figure} ../dot.svg\n:alt: A black dot\n:name: fig-dot\n\nC\n```", 1)
    assert made == "![A black dot](attachment:dot.svg)\n\n**Figure 1.** C"
    assert list(page.attachments["dot.svg"]) == ["image/svg+xml"]


def test_every_awkward_thing_together_leaves_nothing_behind(made):
    notebook = {"cells": cells(made / "notebooks" / "01_awkward.ipynb")}
    assert leftover_markup(notebook) == []
    text = "\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] != "code")
    outside_code = re.sub(r"(`+).+?\1", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    assert not re.search(
        r":::|(?<![a-z])\{[a-z:]+\}|^\(.*\)=|\]\([^):#]*\.md", outside_code, re.MULTILINE
    )
    assert "The loss is 0.12 on steep, by (3)." in text
    assert "Literal `` {eq}`eq-step` `` stays, and so does `{term}` here." in text


@pytest.mark.parametrize(
    "source",
    [
        "a {term}`b` c",
        "> {eq}`b`",
        ":::{note}\nx\n:::",
        "- a\n\n  ```{note}\n  x\n  ```",
        "(label)=\n# T",
        "$$\nx\n$$ (eq-a)",
        "% comment",
        "a\n\n+++\n\nb",
        "<div>{eq}`b`</div>",
        "[a](b.md)",
        "text\n::: {note}\nmore",
        "Term\n: definition",
        "a[^1]\n\n[^1]: b",
    ],
)
def test_left_over_markup_is_found(source):
    notebook = {"cells": [{"cell_type": "markdown", "id": "a", "source": source}]}
    assert leftover_markup(notebook)


@pytest.mark.parametrize(
    "source",
    [
        "`` {eq}`c` `` and `{term}`",
        "```python\n:::{note}\n{eq}`a`\n```",
        "a: b",
        "$\\{x\\}$ and {x, y}",
        "**Note**: text",
        "50% of it",
        "$$\nx\n\\tag{1}\n$$",
        "<details>\n<summary>a</summary>\n\nb\n\n</details>",
    ],
)
def test_plain_markdown_is_not_taken_for_markup(source):
    notebook = {"cells": [{"cell_type": "markdown", "id": "a", "source": source}]}
    assert leftover_markup(notebook) == []


def test_equations_are_numbered_as_they_stand_even_inside_directives():
    page = read_page(
        "# T\n\n$$\na\n$$ (eq-a)\n\n$$\nno label\n$$\n\n:::{note}\n$$\nb\n$$ (eq-b)\n:::\n\n"
        "```{math}\n:label: eq-c\nc\n```\n",
        "book/a.md",
    )
    assert {label: target.number for label, target in page.targets.items()} == {
        "eq-a": 1,
        "eq-b": 2,
        "eq-c": 3,
    }


def test_a_label_used_twice_names_both_places(course):
    (course / "book" / "more.md").write_text("# More\n\n(sec-why)=\n## Again\n", encoding="utf-8")
    with pytest.raises(AuthoringError, match=r"book/more.md:3: .*'sec-why'.*book/index.md:3"):
        _ = Book(course).targets


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("The *state* of `h`", "The state of h"),
        ("A {term}`word <other>` and [link](a.md)", "A word and link"),
        ("h_prev stays, 2 * 3 too", "h_prev stays, 2 * 3 too"),
    ],
)
def test_titles_lose_their_markdown(markdown, words):
    assert plain(markdown) == words


def test_the_awkward_chapter_renders_each_cell_from_its_own_lines(book):
    text = read(COURSE, COURSE / CHAPTER)
    values = {"loss": "0.1", "word": "'a'"}
    rendered = [
        Portable(CHAPTER, book, values).render(cell.source, cell.line)
        for cell in text.cells
        if cell.kind == "markdown"
    ]
    assert len(rendered) == 4
    assert all(rendered)
