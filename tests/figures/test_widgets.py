"""Interactive figures in a notebook: a mount point with a still version, live with anywidget."""

import json

import numpy as np
import pytest
from bs4 import BeautifulSoup

from course_utils.figures.widgets import STATIC, mount, unroll

H = np.tanh(np.arange(-6.0, 6.0).reshape(4, 3) / 4)


def parsed(figure):
    return BeautifulSoup(figure.html(), "html.parser")


def test_the_mount_point_holds_the_module_its_data_and_a_still_table():
    soup = parsed(unroll("so<b", H, units=["a", "b", "c"]))
    place = soup.select_one("[data-course-widget]")
    assert (STATIC / f"{place['data-course-widget']}.js").is_file()
    data = json.loads(place.script.string)
    assert data["word"] == "so<b"
    assert data["units"] == ["a", "b", "c"]
    np.testing.assert_allclose(data["h"], [[0, 0, 0], *H], atol=5e-4)
    rows = [[cell.get_text() for cell in row] for row in place.select("tbody tr")]
    assert rows[0] == ["a", "0.00", "−0.91", "−0.64", "0.00", "0.64"]
    assert place.thead.get_text() == "h0h1 “s”h2 “o”h3 “<”h4 “b”"


def test_the_same_states_give_the_same_bytes():
    assert unroll("word", H).html() == unroll("word", H[:, None]).html()


def test_data_cannot_close_its_script():
    soup = parsed(unroll("</s>", H))
    assert json.loads(soup.script.string)["word"] == "</s>"


def test_a_kernel_with_anywidget_shows_the_module_itself():
    bundle = unroll("word", H)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"] == unroll("word", H).html()
    assert bundle["text/plain"] == "Hidden state of 3 units after each character of “word”."


def test_without_anywidget_the_still_version_is_left(monkeypatch):
    def absent(module):
        raise ImportError("No module named 'anywidget'")

    monkeypatch.setattr(mount, "_widget_class", absent)
    assert set(unroll("word", H)._repr_mimebundle_()) == {"text/html", "text/plain"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"word": "words", "h": H}, r"h has shape \(4, 3\); expected \(5, H\)"),
        ({"word": "", "h": np.zeros((0, 3))}, r"h has shape \(0, 3\)"),
        ({"word": "word", "h": H, "h_0": [0, 0]}, "h_0 has 2 entries; h has 3 units"),
        ({"word": "word", "h": H, "units": ["a"]}, "units has 1 entries; h has 3 units"),
        ({"word": "word", "h": H * np.nan}, "values that are not finite"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        unroll(**arguments)
