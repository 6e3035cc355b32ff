"""Chapter 01's plots show the numbers they are given, under the title they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.figures import networks
from course_utils.figures import windows as plots
from course_utils.figures.show import claim_of, to_svg

Q = np.linspace(0.1, 0.9, 9)
CALLS = {
    "price": lambda: plots.price_of_a_bet(Q, {0.5: Q**2, 0.2: Q}, title="a claim"),
    "floors": lambda: plots.training_to_floors({"one": [Q, Q / 2]}, [0.3], title="a claim"),
    "places": lambda: plots.accuracy_by_place({"net": Q}, [0, 1, 2], title="a claim"),
    "reach": lambda: plots.parameters_by_reach(np.arange(1, 10), {"net": Q}, title="a claim"),
}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", CALLS)
def test_each_states_its_claim_and_is_byte_stable(name):
    fig = CALLS[name]()
    assert claim_of(fig) == "a claim"
    assert to_svg(fig, alt="what it shows") == to_svg(CALLS[name](), alt="what it shows")


def test_the_dot_stands_on_the_curve_at_the_true_share():
    lines = CALLS["price"]().axes[0].lines
    dots = [line.get_xydata()[0].tolist() for line in lines if len(line.get_xdata()) == 1]
    assert np.allclose(dots, [[0.5, 0.25], [0.2, 0.2]])


def test_each_run_has_its_own_line_and_the_floor_is_exact():
    ax = CALLS["floors"]().axes[0]
    heights = [np.unique(line.get_ydata()).tolist() for line in ax.lines]
    assert heights[0] == [0.3]
    assert np.allclose(ax.lines[2].get_ydata(), Q / 2)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one"]


def test_places_are_counted_from_one():
    assert CALLS["places"]().axes[0].lines[0].get_xdata()[0] == 1


def test_the_window_network_has_a_block_for_each_letter():
    texts = [text.get_text() for text in networks.window_network("abcd").axes[0].texts]
    assert texts.count("$E$") == 4
    assert {f"$W^{{({place})}}$" for place in (1, 2, 3, 4)} <= set(texts)
