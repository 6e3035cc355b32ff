"""Chapter 09's plots show the numbers they are given, under the title they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.figures import beyond
from course_utils.figures.show import claim_of, to_svg

WEIGHTS = np.array([0.7, 0.2, 0.1])
MAP = np.array([[0.9, 0.1], [0.3, 0.7]])
WAVES = np.stack([np.sin(np.arange(12)), np.cos(np.arange(12))], axis=1)
CURVE = np.linspace(1, 0.1, 9)
CALLS = {
    "lookup": lambda: beyond.handover_and_lookup(WEIGHTS, "abc", title="a claim"),
    "share": lambda: beyond.share_by_length(
        [2, 4], {"one": [0.9, 0.5]}, chance=0.25, title="a claim"
    ),
    "alignment": lambda: beyond.alignment(MAP, "ab", "ba", title="a claim"),
    "positions": lambda: beyond.positions(WAVES, title="a claim"),
    "length": lambda: beyond.by_length([8, 16], {"one": [8, 16]}, ylabel="bytes", title="a claim"),
    "sweeps": lambda: beyond.scan_sweeps(5, title="a claim"),
    "ones": lambda: beyond.counting_ones({"a": CURVE - 0.5, "b": CURVE}, 4, title="a claim"),
    "kernels": lambda: beyond.kernels({"one": CURVE}, title="a claim"),
}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("draw", CALLS.values(), ids=CALLS)
def test_the_claim_is_the_title_and_the_svg_is_stable(draw):
    fig = draw()
    assert claim_of(fig) == "a claim"
    assert to_svg(fig, "what is seen") == to_svg(draw(), "what is seen")


def test_a_lookup_has_lines_as_wide_as_its_weights():
    _, right = CALLS["lookup"]().axes
    widths = np.array([line.get_linewidth() for line in right.lines])
    np.testing.assert_allclose((widths - 0.4) / 5, WEIGHTS)


def test_shares_and_the_blind_guess_are_drawn():
    lines = CALLS["share"]().axes[0].lines
    np.testing.assert_allclose(lines[0].get_ydata(), [0.9, 0.5])
    np.testing.assert_allclose(lines[1].get_ydata(), 0.25)


def test_an_alignment_has_a_row_for_each_letter_written():
    ax = CALLS["alignment"]().axes[0]
    np.testing.assert_allclose(ax.images[0].get_array(), MAP)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["b", "a"]


def test_positions_are_compared_by_their_distance():
    _, right = CALLS["positions"]().axes
    for line in right.lines:
        x, y = line.get_data()
        np.testing.assert_allclose(y, np.cos(x))


def test_the_numbers_of_a_scan_double_up_to_the_step():
    texts = [text.get_text() for text in CALLS["sweeps"]().axes[0].texts if text.get_text()]
    assert texts == [*"11111", *"12222", *"12344", *"12345"]


def test_odd_and_even_counts_stand_apart():
    first, _ = CALLS["ones"]().axes
    odd, even = first.lines[1], first.lines[2]
    np.testing.assert_array_equal(odd.get_xdata(), [1, 3, 5, 7, 9])
    np.testing.assert_array_equal(even.get_xdata(), [2, 4, 6, 8])
