"""The sample book, built as ours is: complete, quiet, self-contained, and nothing was executed."""

import re
import shutil

import nbformat
from bs4 import BeautifulSoup

from course_utils.authoring.sphinx.verify import verify
from course_utils.figures import INK


def soup(html):
    return BeautifulSoup(html, "html.parser")


def test_builds_without_a_warning(book):
    assert book.status == 0, book.said
    assert "WARNING" not in book.said


def test_nothing_is_executed(book):
    """The sample names a kernel that does not exist, and its first cell would write a file."""
    assert not list(book.source.rglob("executed.txt"))
    assert "executed" not in book.said.lower()


def test_stored_outputs_and_glued_values_are_shown(book):
    page = soup(book.page("book/chapters/01_sample"))
    assert "The loss is 0.12." in " ".join(page.get_text().split())
    titles = [svg.title.string for svg in page.select(".course-figure svg")]
    assert titles == ["It falls", "It rises"]


def test_figures_take_the_ink_of_the_theme_and_keep_their_name(book):
    page = soup(book.page("book/chapters/01_sample"))
    figures = page.select(".course-figure svg")
    assert all(INK not in str(svg) and "var(--course-ink)" in str(svg) for svg in figures)
    names = [[page.find(id=i).string for i in svg["aria-labelledby"].split()] for svg in figures]
    assert names[1] == ["It rises", "It rises, from left to right."]


def test_drawings_in_ink_follow_the_theme_too(book):
    index = soup(book.page("book/index"))
    (dot,) = index.select(".course-figure svg")
    assert dot.circle["fill"] == "var(--course-ink)"
    assert index.find(id=dot["aria-labelledby"]).string == "A dot"


def test_no_id_stands_twice_on_a_page_and_every_use_finds_its_shape(book):
    page = soup(book.page("book/chapters/01_sample"))
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    uses = {use["xlink:href"].removeprefix("#") for use in page.find_all("use")}
    assert uses
    assert uses <= set(ids)


def test_mathematics_is_html_and_mathml_with_the_notebook_numbers(book):
    page = soup(book.page("book/chapters/01_sample"))
    assert page.find("math").find("annotation").string
    assert [n.get_text()[:3] for n in page.select(".eqno")] == ["(1)", "(2)"]
    assert page.find("a", href="#equation-eq-step", string="(1)")
    assert "mathjax" not in str(page).lower()


def test_citations_read_as_in_the_notebooks(book):
    text = " ".join(soup(book.page("book/chapters/01_sample")).get_text().split())
    assert "Elman (1990) wrote" in text


def test_a_self_check_has_one_details_a_choice(book):
    box = soup(book.page("book/chapters/01_sample")).select_one("#check-depends")
    choices = [(" ".join(d["class"]), d.summary.get_text()[:5]) for d in box.find_all("details")]
    assert choices == [("wrong", "On xt"), ("right", "On ev")]
    assert "Right. Through" in box.find_all("details")[1].get_text()
    assert not box.find_all("script")


def test_the_index_lists_every_misconception_with_a_link(book):
    page = soup(book.page("book/misconceptions"))
    (link,) = page.select(".misconception-index a")
    assert link["href"] == "chapters/01_sample.html#mis-window"
    assert "is a memory of" in link.get_text()
    assert "A sample chapter" in page.get_text()
    box = soup(book.page("book/chapters/01_sample")).find(id="mis-window")
    assert "Said. A window remembers." in box.get_text()


def test_boxes_can_be_referred_to(book):
    index = soup(book.page("book/index"))
    links = {a["href"] for a in index.select("article a")}
    assert {"chapters/01_sample.html#mis-window", "chapters/01_sample.html#sec-unrolled"} <= links


def test_a_problem_set_shows_what_students_get(book):
    page = soup(book.page("book/problem_sets/ps01_sample"))
    text = page.get_text()
    assert "# YOUR CODE HERE" in text
    assert "YOUR ANSWER HERE" in text
    assert "assert double(2) == 4" in text
    assert "Show the visible checks" in page.select_one("details summary").get_text()


def test_no_solution_and_no_hidden_check_leaves_the_build(book):
    words = re.compile(
        "solved_in_secret|secret_expectation|model answer|BEGIN SOLUTION|hint: works"
    )
    files = [
        path for path in book.html.rglob("*") if path.is_file() and "_static" not in path.parts
    ]
    assert len(files) > 8
    found = [path for path in files if words.search(path.read_bytes().decode("utf-8", "replace"))]
    assert found == []
    assert not (book.html / "_sources").exists()


def test_buttons_lead_to_the_made_notebooks(book):
    page = soup(book.page("book/problem_sets/ps01_sample"))
    links = {a.get_text().strip(): a["href"] for a in page.select(".article-header-buttons a")}
    notebook = "exercises/ps01_sample/ps01_sample.ipynb"
    assert links["Download the notebook"] == f"../../{notebook}"
    assert nbformat.read(book.html / notebook, as_version=4).cells
    assert links["Run it on Colab"].endswith(f"/blob/main/{notebook}")
    assert links["Run it on Binder"].endswith(
        "?urlpath=lab%2Ftree%2F" + notebook.replace("/", "%2F")
    )
    assert links["Edit this page"].endswith("/edit/main/book/problem_sets/ps01_sample.md")
    assert "title=A%20sample%20problem%20set" in links["Report an error"]
    assert "book%2Fproblem_sets%2Fps01_sample.html" in links["Report an error"]


def test_the_widget_host_is_loaded_only_where_it_is_needed(book):
    assert "host.js" in book.page("book/chapters/01_sample")
    assert "host.js" not in book.page("book/index")
    assert "katex.css" not in book.page("book/glossary")


def test_verify_finds_no_fault(book):
    assert verify(book.html, book.source) == []


def test_verify_names_what_is_wrong(book, tmp_path):
    site = tmp_path / "site"
    shutil.copytree(book.html, site)
    page = site / "book/problem_sets/ps01_sample.html"
    bad = (
        '<a href="gone.html">x</a><a href="#gone">x</a><img src="//cdn.example.org/x.png">'
        "<p>return solved_in_secret(x)</p></body>"
    )
    page.write_text(page.read_text().replace("</body>", bad))
    (site / "_static/bad.css").write_text("@import url('https://fonts.example.org/a.css');")
    name = "book/problem_sets/ps01_sample"
    assert verify(site, book.source) == [
        f"{name}.html: the link to gone.html leads nowhere",
        f"{name}.html: the link to #gone names an anchor that is not there",
        f"{name}.html: <img> fetches //cdn.example.org/x.png from another host",
        "_static/bad.css: fetches https://fonts.example.org/a.css from another host",
        f"{name}.html: shows “return solved_in_secret(x)”, hidden in {name}.md",
    ]
