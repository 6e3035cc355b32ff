"""Chapter 01's plots show the numbers they are given."""

import numpy as np
from gallery import SHARES, drawn

from course_utils.figures import networks, windows


def test_the_dot_stands_on_the_curve_at_the_true_share():
    lines = drawn(windows.price_of_a_bet).axes[0].lines
    dots = [line.get_xydata()[0].tolist() for line in lines if len(line.get_xdata()) == 1]
    assert np.allclose(dots, [[0.5, 0.25], [0.2, 0.2]])


def test_each_run_has_its_own_line_and_the_floor_is_exact():
    ax = drawn(windows.training_to_floors).axes[0]
    heights = [np.unique(line.get_ydata()).tolist() for line in ax.lines]
    assert heights[0] == [0.3]
    assert np.allclose(ax.lines[2].get_ydata(), SHARES / 2)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one"]


def test_places_are_counted_from_one():
    assert drawn(windows.accuracy_by_place).axes[0].lines[0].get_xdata()[0] == 1


def test_the_window_network_has_a_block_for_each_letter():
    texts = [text.get_text() for text in drawn(networks.window_network).axes[0].texts]
    assert texts.count("$E$") == 4
    assert {f"$W^{{({place})}}$" for place in (1, 2, 3, 4)} <= set(texts)
