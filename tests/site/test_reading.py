"""The sample book on paper, on a telephone, and in its own search."""

import pytest
from serving import served
from test_browser import CHAPTER, PAGES, contrast, luminance


@pytest.fixture(scope="module")
def address(book):
    with served(book.html) as host:
        yield host


@pytest.fixture
def page(browser, address):
    context = browser.new_context()
    page = context.new_page()
    page.visit = lambda name: page.goto(f"{address}/{name}", wait_until="networkidle")
    yield page
    context.close()


PAPER = """() => {
  const seen = [...document.querySelectorAll(".bd-article *")].filter(
    (one) => one.checkVisibility() && one.closest("svg") === null &&
      !one.closest(".text_html") && one.innerText?.trim());
  const colours = seen.map((one) => getComputedStyle(one)).map((style) =>
    [style.color, style.backgroundColor]);
  const text = ".course-figure svg g[id*=text] g, .course-figure svg use";
  const drawn = document.querySelector(text);
  return {
    paper: getComputedStyle(document.body).backgroundColor,
    ink: [...new Set(colours.map(([ink]) => ink))],
    behind: [...new Set(colours.map(([, behind]) => behind))],
    drawn: drawn && getComputedStyle(drawn).fill,
    cut: [...document.querySelectorAll("pre")].filter(
      (one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText.slice(0, 40)),
    width: document.documentElement.scrollWidth,
  };
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", [CHAPTER, "book/problem_sets/ps01_sample.html"])
def test_paper_is_white_text_is_black_and_no_code_is_cut(page, name, theme):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 700, "height": 990})  # A4 at 96 dots an inch, with margins
    page.visit(name)
    page.evaluate(
        """() => { const code = document.querySelector(".bd-article pre");
          code.textContent = "x = " + "a_rather_long_name + ".repeat(30) + "b" * 300; }"""
    )
    page.emulate_media(media="print", color_scheme=theme)
    found = page.evaluate(PAPER)
    assert (found["drawn"] is not None) == (name == CHAPTER)
    assert found["drawn"] is None or contrast(found["drawn"], found["paper"]) >= 7
    assert luminance(found["paper"]) == 1
    assert found["ink"] == ["rgb(0, 0, 0)"]
    assert found["behind"] == ["rgba(0, 0, 0, 0)"]
    assert found["cut"] == []
    assert found["width"] <= 700


def test_no_navigation_is_printed_and_answers_are(page):
    page.visit(CHAPTER)
    page.emulate_media(media="print")
    for navigation in (
        ".bd-header",
        ".bd-header-article",
        ".bd-sidebar-primary",
        ".bd-sidebar-secondary",
        ".prev-next-footer",
        ".bd-footer",
        "#jb-print-toc",
        "#pst-back-to-top",
        ".headerlink",
    ):
        for one in page.locator(navigation).all():
            assert not one.is_visible(), navigation
    assert page.locator("#jb-print-docs-body h1").is_visible()
    assert page.locator("#check-depends .selfcheck-answer").nth(1).is_visible()


@pytest.mark.parametrize("name", PAGES)
def test_no_page_moves_sideways_on_a_narrow_telephone(page, name):
    page.set_viewport_size({"width": 360, "height": 740})
    page.visit(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def hits(page, words):
    page.goto("about:blank")
    page.visit(f"search.html?q={words}")
    page.wait_for_function("document.querySelectorAll('#search-results li a').length")
    page.wait_for_function("document.querySelector('#search-results h2').innerText.includes('Res')")
    links = page.locator("#search-results li a").all()
    return [link.get_attribute("href").split(".html")[0] for link in links]


@pytest.mark.parametrize("words", ["forget gate", "Forget Gate", "BPTT", "bptt"])
def test_search_finds_the_chapter_of_a_name_and_the_teachers_page_last(page, words):
    found = hits(page, words)
    assert found[0] == "book/chapters/01_sample"
    assert found[-1] == "book/instructor/exam"


def test_search_still_finds_what_only_a_teachers_page_says(page):
    assert hits(page, "solutions") == ["book/instructor/exam"]
