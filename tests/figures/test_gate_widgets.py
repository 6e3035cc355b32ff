"""The two interactive figures of chapter 06: a mount point with a still table each."""

import json

import numpy as np
import pytest
from bs4 import BeautifulSoup

from course_utils.figures.widgets import STATIC, gates, trace
from course_utils.figures.widgets.gates import PRESETS, step
from course_utils.nn import LSTMParams, lstm_step

UNIT = {name: np.linspace(k, k + 1, 5) for k, name in enumerate("ifoch")}


def place(figure):
    return BeautifulSoup(figure.html(), "html.parser").select_one("[data-course-widget]")


def test_one_step_of_the_explorer_is_the_cells():
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, c = rng.normal(size=4) * 3, rng.normal()
        params = LSTMParams(np.zeros((1, 4)), np.zeros((1, 4)), a)
        h_t, c_t = lstm_step(np.zeros((1, 1)), np.zeros((1, 1)), np.array([[c]]), params)
        *_, new, shown = step(tuple(a), c)
        assert new == pytest.approx(c_t.item(), abs=1e-14)
        assert shown == pytest.approx(h_t.item(), abs=1e-14)


def test_the_explorer_holds_its_settings_and_what_they_do():
    mount = place(gates(0.25))
    assert (STATIC / f"{mount['data-course-widget']}.js").is_file()
    data = json.loads(mount.script.string)
    assert data["c"] == 0.25
    assert {name: tuple(a) for name, a in data["presets"].items()} == PRESETS
    rows = {
        row.th.get_text(): [float(cell.get_text().replace("−", "-")) for cell in row.select("td")]
        for row in mount.select("tbody tr")
    }
    assert "holds 0.5" in mount.caption.get_text()
    assert abs(rows["write"][4] - np.tanh(0.5)) < 0.01  # the old content is gone
    assert abs(rows["hold"][4] - 0.5) < 0.01
    assert abs(rows["hold"][5]) < 0.01
    assert abs(rows["show"][5] - np.tanh(0.5)) < 0.01
    assert abs(rows["clear"][4]) < 0.01


def test_the_trace_holds_its_units_and_a_row_for_every_word():
    second = {name: -values for name, values in UNIT.items()}
    mount = place(trace("a <b ", {"unit 3": UNIT, "unit <7>": second}))
    assert (STATIC / f"{mount['data-course-widget']}.js").is_file()
    data = json.loads(mount.script.string)
    assert data["text"] == "a <b "
    for name, traces in (("unit 3", UNIT), ("unit <7>", second)):
        for key, values in traces.items():
            np.testing.assert_allclose(data["units"][name][key], values, atol=5e-4)
    heads = [cell.get_text() for cell in mount.select("thead th")]
    assert heads == ["f, unit 3", "c, unit 3", "f, unit <7>", "c, unit <7>"]
    rows = [[cell.get_text() for cell in row] for row in mount.select("tbody tr")]
    assert rows == [
        ["a", "1.00", "3.00", "−1.00", "−3.00"],
        ["<b", "1.75", "3.75", "−1.75", "−3.75"],
    ]


def test_the_same_numbers_give_the_same_bytes():
    assert gates().html() == gates().html()
    assert trace("abcde", {"u": UNIT}).html() == trace("abcde", {"u": UNIT}).html()


@pytest.mark.parametrize(
    ("text", "units", "message"),
    [
        ("", {"u": UNIT}, "wanted a text and at least one unit"),
        ("abcde", {}, "wanted a text and at least one unit"),
        ("abcd", {"u": UNIT}, r"units\['u'\]\['i'\] has shape \(5,\); expected \(4,\)"),
        ("abcde", {"u": {"i": UNIT["i"]}}, r"units\['u'\] has no 'f'; wanted i, f, o, c, h"),
        (
            "abcde",
            {"u": {**UNIT, "h": np.full(5, np.nan)}},
            r"\['h'\] holds values that are not finite",
        ),
    ],
)
def test_traces_that_do_not_fit_are_refused(text, units, message):
    with pytest.raises(ValueError, match=message):
        trace(text, units)


@pytest.mark.parametrize("c", [np.nan, np.inf])
def test_a_cell_that_is_no_number_is_refused(c):
    with pytest.raises(ValueError, match="wanted a finite number"):
        gates(c)
