"""Changed outputs rebuild their page and no other; every fault is found, with file and line."""

import re

import nbformat
import pytest
from sample_book import build, code, made, sample_book, write

CHAPTER = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n\n# A chapter\n\n"
CODE = "```{code-cell} ipython3\nx = 1\ny = 2\n```\n"

# A page, its text, and what must be said with the page's name and this line.
FAULTS = {
    "reference": ("# P\n\nSee {ref}`no-such-label`.\n", 3, "no-such-label"),
    "citation": ("# P\n\nAs {cite:t}`nobody2020` said.\n", 3, "nobody2020"),
    "term": ("# P\n\nA {term}`no such term`.\n", 3, "no such term"),
    "tex": ("# P\n\nText.\n\n$$\n\\nosuchmacro{x}\n$$\n", 5, "not TeX that KaTeX reads"),
    "inline_tex": ("# P\n\nText $\\frac{1}$ here.\n", 3, "not TeX that KaTeX reads"),
    "link": ("# P\n\n[gone](no_such_page.md)\n", 3, "no_such_page.md"),
    "file": ("# P\n\n[gone](no_such_file.csv)\n", 3, "no_such_file.csv"),
    "anchor": ("# P\n\n[gone](#no-such-anchor)\n", 3, "no-such-anchor"),
    "equation": ("# P\n\nBy {eq}`no-such-equation`.\n", 3, "no-such-equation"),
    "image": ("# P\n\n![gone](no_such_image.png)\n", 3, "no_such_image.png"),
    "directive": ("# P\n\n:::{nosuchdirective}\n:::\n", 3, "nosuchdirective"),
    "choice": (
        "# P\n\n:::{selfcheck} Why?\n\n- [x] Because\n- [ ] No\n\n  Not so.\n:::\n",
        5,
        "expl",
    ),
    "in_choice": (
        "# P\n\n:::{selfcheck} Why?\n- [x] Yes\n\n  So.\n\n- [ ] No\n\n  {ref}`nope`.\n:::\n",
        10,
        "nope",
    ),
    "misconception": ("# P\n\n:::{misconception} False\nBody.\n:::\n", 3, "needs ':label: mis-"),
    "cell_in_prose": ("# P\n\n" + CODE, 3, "a code cell belongs in"),
}
CHAPTER_FAULTS = {
    "differs": (CHAPTER + CODE, 9, "this code differs from notebooks/differs.ipynb"),
    "missing": (CHAPTER + CODE, 1, "notebooks/missing.ipynb does not exist"),
    "unclosed": (CHAPTER + ":::{note}\nNever closed.\n", 7, "{note} is never closed"),
    "glued": (CHAPTER + "It is {glue:text}`nothing`.\n", 7, "nothing"),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """The sample book with one more page for every fault."""
    folder = sample_book(tmp_path_factory.mktemp("site") / "faulty")
    pages = {f"book/{name}": fault[0] for name, fault in FAULTS.items()}
    pages |= {f"book/chapters/{name}": fault[0] for name, fault in CHAPTER_FAULTS.items()}
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    differs = made(folder, "book/chapters/differs.md")
    differs.cells[-1].source = "x = 1\ny = 3"
    write(folder / "notebooks/differs.ipynb", differs)
    write(folder / "notebooks/glued.ipynb", made(folder, "book/chapters/glued.md"))
    write(folder / "notebooks/unclosed.ipynb", nbformat.v4.new_notebook())
    contents = folder / "_toc.yml"
    entries = "".join(f"  - file: {name}\n" for name in pages)
    contents.write_text(contents.read_text(encoding="utf-8") + entries, encoding="utf-8")
    return build(folder)


def test_a_fault_fails_the_build(faulty):
    assert faulty.status != 0


@pytest.mark.parametrize("name", [*FAULTS, *(f"chapters/{name}" for name in CHAPTER_FAULTS)])
def test_every_fault_is_named_with_file_and_line(faulty, name):
    _, line, words = {**FAULTS, **CHAPTER_FAULTS}[name.removeprefix("chapters/")]
    said = re.findall(rf"/book/{name}\.md:(\d+): (?:WARNING|ERROR): (.*)", faulty.said)
    assert said, faulty.said
    assert (str(line), True) in [(number, words in text) for number, text in said], said


def test_pages_without_a_fault_are_not_complained_about(faulty):
    assert not re.findall(r"/book/(?:index|glossary|chapters/01_sample)\.md.*WARNING", faulty.said)


def test_changed_outputs_rebuild_their_page_and_only_that(faulty):
    path = faulty.source / "notebooks/01_sample.ipynb"
    notebook = nbformat.read(path, as_version=4)
    code(notebook)[0].outputs[0].data["application/papermill.record/text/plain"] = "0.99"
    write(path, notebook)
    again = build(faulty.source)
    assert ">0.99</span>" in again.page("book/chapters/01_sample")
    read = re.findall(r"reading sources\.\.\. \[ *\d+%\] (\S+)", again.said)
    incomplete = {"book/chapters/missing", "book/image"}  # what they need may be there by now
    assert set(read) - incomplete == {"book/chapters/01_sample"}
