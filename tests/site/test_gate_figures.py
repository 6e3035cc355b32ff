"""Chapter 06's interactive figures in a browser: keys move them, and they say what they show."""

import shutil

import numpy as np
import pytest
from serving import served

from course_utils.figures.widgets import STATIC, gates, trace
from course_utils.figures.widgets.gates import PRESETS, step

TEXT = "to be"
UNITS = {
    "unit 3": {
        "i": [0.1] * 5,
        "f": [1, 1, 0, 1, 1],
        "o": [0.5] * 5,
        "c": [0.5, 1, 0, -2, 0.25],
        "h": [0] * 5,
    },
    "unit 7": {name: [0.75] * 5 for name in "ifoch"},
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Figures</title>
<style>@media (prefers-color-scheme: dark)
{{ body {{ background: #14181e; color: #e8eaed; }} }}</style>
</head><body>{figures}<script type="module" src="host.js"></script></body></html>"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page with both figures, served beside their modules."""
    folder = tmp_path_factory.mktemp("figures")
    for module in STATIC.glob("*.js"):
        shutil.copy(module, folder)
    page = PAGE.format(figures=gates().html() + trace(TEXT, UNITS).html())
    (folder / "index.html").write_text(page, encoding="utf-8")
    with served(folder) as host:
        yield f"{host}/index.html"


@pytest.fixture(scope="module")
def tab(browser):
    """A tab as wide as a telephone."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    tab = context.new_page()
    tab.wrong = []
    tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
    yield tab
    context.close()


@pytest.fixture
def page(tab, address):
    """The page, opened anew."""
    tab.goto(address, wait_until="networkidle")
    yield tab
    assert tab.wrong == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def told(figure):
    return figure.locator(".said").inner_text().replace("−", "-")


def press(page, key, times):
    for _ in range(times):
        page.keyboard.press(key)


def test_the_explorer_starts_with_a_write_and_takes_steps_by_keyboard(page):
    figure = page.locator(".gate-explorer")
    c, shown = 0.0, []
    for steps in range(3):
        *_, next_c, h = step(PRESETS["write"], c)
        assert f"After {steps} steps the cell holds {c:.2f}" in told(figure)
        assert f"= {next_c:.2f}, and h" in told(figure)
        shown.append(h)
        figure.get_by_role("button", name="1 step").focus()
        page.keyboard.press("Enter")
        c = next_c
    assert figure.locator("polyline.cell").get_attribute("points").count(",") == 4  # c_0 to c_3


def test_a_slider_moves_its_gate_and_says_so(page):
    figure = page.locator(".gate-explorer")
    sliders = figure.locator("input[type=range]")
    sliders.nth(1).focus()  # the forget gate, at -6
    press(page, "ArrowRight", 6)
    spoken = sliders.nth(1).get_attribute("aria-valuetext").replace("−", "-")
    f = step((6.0, -3.0, 0.5, -6.0), 0.0)[1]
    assert spoken == f"pre-activation -3.0, forget gate f = {f:.2f}"
    press(page, "End", 1)
    assert "8.0" in sliders.nth(1).get_attribute("aria-valuetext")


def test_hold_keeps_and_clear_empties(page):
    figure = page.locator(".gate-explorer")

    def run(setting, button):
        figure.get_by_role("button", name=setting, exact=True).click()
        figure.get_by_role("button", name=button, exact=True).click()
        words = told(figure).split("the cell holds ")[1]
        return float(words.split(". ")[0])

    written = run("write", "1 step")
    assert written == pytest.approx(0.46, abs=0.01)
    assert run("hold", "10 steps") == pytest.approx(written, abs=0.03)
    assert run("clear", "1 step") == pytest.approx(0, abs=0.01)
    figure.get_by_role("button", name="start again").click()
    assert "After 0 steps the cell holds 0.00" in told(figure)


def test_a_cell_that_writes_and_keeps_grows_and_the_axis_with_it(page):
    figure = page.locator(".gate-explorer")
    sliders = figure.locator("input[type=range]")
    for place in (1, 2):  # keep everything, and offer nearly 1
        sliders.nth(place).focus()
        press(page, "End", 1)
    figure.get_by_role("button", name="10 steps").click()
    held = float(told(figure).split("the cell holds ")[1].split(". ")[0])
    assert 9 < held < 10
    labels = figure.locator("svg text").all_text_contents()
    assert "11" in [label.replace("−", "-") for label in labels]


def test_the_trace_walks_along_the_text_by_keyboard(page):
    figure = page.locator(".gate-trace")
    slider = figure.locator("input[type=range]")
    assert "At “t”: input gate 0.10, forget gate 1.00" in told(figure)
    slider.focus()
    press(page, "ArrowRight", 2)
    assert slider.get_attribute("aria-valuetext") == "character 3 of 5, “␣”"
    assert "At “␣”: input gate 0.10, forget gate 0.00, output gate 0.50, cell c 0.00" in told(
        figure
    )
    assert figure.locator(".text b").inner_text() == "␣"
    page.keyboard.press("End")
    assert "At “e”" in told(figure)
    figure.get_by_label("unit 7").check()
    assert "input gate 0.75" in told(figure)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_take_the_colour_of_the_page(page, theme):
    page.emulate_media(color_scheme=theme)
    body = page.evaluate("getComputedStyle(document.body).color")
    fills = page.evaluate(
        "[...document.querySelectorAll('.gate-explorer text, .gate-trace text')]"
        ".map((text) => getComputedStyle(text).fill)"
    )
    assert len(fills) > 10
    assert set(fills) == {body}
    assert body == {"light": "rgb(0, 0, 0)", "dark": "rgb(232, 234, 237)"}[theme]


def test_lines_have_as_many_points_as_the_text_has_characters(page):
    points = page.locator(".gate-trace polyline.f").first.get_attribute("points")
    heights = [float(pair.split(",")[1]) for pair in points.split()]
    assert len(heights) == len(TEXT)
    assert np.argmax(heights) == 2  # the closed gate is the lowest point
