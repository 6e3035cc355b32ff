"""The sample book in a browser: nothing from elsewhere, no errors, keys work, all of it fits."""

import pytest
from serving import served

CHAPTER = "book/chapters/01_sample.html"
PAGES = ("book/index.html", CHAPTER, "book/problem_sets/ps01_sample.html")


@pytest.fixture(scope="module")
def address(book):
    with served(book.html) as host:
        yield host


@pytest.fixture(scope="module")
def tab(browser):
    """A tab that notes what its pages ask for and what goes wrong on them, and keeps no copies."""
    context = browser.new_context()
    tab = context.new_page()
    tab.asked, tab.wrong = [], []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
    tab.on("console", lambda m: tab.wrong.append(m.text) if m.type == "error" else None)
    cache = {"cacheDisabled": True}
    context.new_cdp_session(tab).send("Network.setCacheDisabled", cache)
    yield tab
    context.close()


@pytest.fixture
def visit(tab, address):
    """Open a page anew in the tab."""

    def visited(name, theme="light", width=1280):
        tab.goto("about:blank")
        tab.emulate_media(color_scheme=theme, media="screen")
        tab.set_viewport_size({"width": width, "height": 800})
        tab.asked, tab.wrong = [], []
        tab.goto(f"{address}/{name}", wait_until="networkidle")
        return tab

    return visited


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_other_host_and_has_no_errors(visit, address, name):
    page = visit(name)
    assert len(page.asked) > 3
    assert [url for url in page.asked if not url.startswith((address, "data:"))] == []
    assert page.wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_a_telephone(visit, name):
    page = visit(name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


COLOURS = """() => {
  const colour = (selector) => getComputedStyle(document.querySelector(selector));
  const text = document.querySelector(".course-figure svg g[id*=text] g, .course-figure svg use");
  return [getComputedStyle(text).fill, getComputedStyle(document.body).backgroundColor,
          colour(".course-figure").backgroundColor, colour(".unroll").color];
}"""


def luminance(colour):
    channels = [float(c) / 255 for c in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    dark, light = sorted([luminance(a), luminance(b)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_and_widgets_are_legible_in_both_themes(visit, theme):
    text, page, behind, widget = visit(CHAPTER, theme=theme).evaluate(COLOURS)
    assert (luminance(page) < 0.05) == (theme == "dark")
    assert behind == "rgba(0, 0, 0, 0)"
    assert contrast(text, page) >= 7
    assert contrast(widget, page) >= 7


def test_the_unroll_figure_works_by_keyboard_and_by_click(visit):
    page = visit(CHAPTER)
    figure = page.locator(".unroll")
    slider, steps = figure.locator("input"), figure.locator("ol button")
    assert steps.count() == 2
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert steps.count() == 6
    assert slider.get_attribute("aria-valuetext") == "5 steps"
    assert "h5 after reading “steep”" in figure.locator(".said").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "before the first input" in figure.locator(".said").inner_text()
    steps.nth(2).click()
    assert steps.nth(2).get_attribute("aria-pressed") == "true"
    assert steps.nth(0).get_attribute("aria-pressed") == "false"
    assert "h2 after reading “st”" in figure.locator(".said").inner_text()
    values = figure.locator("dd:not(.bar)").all_inner_texts()
    assert values == ["−0.83", "−0.76", "−0.66", "−0.54"]  # tanh of −6/5 … −3/5
    slider.focus()
    page.keyboard.press("Home")
    assert steps.count() == 1
    assert "Folded" in figure.locator(".said").inner_text()
    assert page.wrong == []


def test_the_still_table_stands_in_on_paper_and_without_scripts(visit, browser, address):
    page = visit(CHAPTER)
    still, live = page.locator(".course-widget-still"), page.locator(".course-widget-live")
    assert (still.is_visible(), live.is_visible()) == (False, True)
    page.emulate_media(media="print")
    assert (still.is_visible(), live.is_visible()) == (True, False)
    without = browser.new_context(java_script_enabled=False)
    bare = without.new_page()
    bare.goto(f"{address}/{CHAPTER}")
    assert bare.locator(".course-widget-still table").is_visible()
    assert bare.locator(".course-widget-still td", has_text="−0.83").count() == 1
    without.close()


def test_a_self_check_opens_by_keyboard_without_scripts(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{CHAPTER}")
    answer = page.locator("#check-depends .selfcheck-answer").nth(1)
    assert not answer.is_visible()
    page.locator("#check-depends summary").nth(1).focus()
    page.keyboard.press("Enter")
    assert answer.is_visible()
    context.close()
