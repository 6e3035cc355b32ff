"""Chapter 09's plots show the numbers they are given."""

import numpy as np
from gallery import ALIGNED, WEIGHTS, drawn

from course_utils.figures import beyond


def test_a_lookup_has_lines_as_wide_as_its_weights():
    _, right = drawn(beyond.handover_and_lookup).axes
    widths = np.array([line.get_linewidth() for line in right.lines])
    np.testing.assert_allclose((widths - 0.4) / 5, WEIGHTS)


def test_shares_and_the_blind_guess_are_drawn():
    lines = drawn(beyond.share_by_length).axes[0].lines
    np.testing.assert_allclose(lines[0].get_ydata(), [0.9, 0.5])
    np.testing.assert_allclose(lines[1].get_ydata(), 0.25)


def test_an_alignment_has_a_row_for_each_letter_written():
    ax = drawn(beyond.alignment).axes[0]
    np.testing.assert_allclose(ax.images[0].get_array(), ALIGNED)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["b", "a"]


def test_positions_are_compared_by_their_distance():
    _, right = drawn(beyond.positions).axes
    for line in right.lines:
        x, y = line.get_data()
        np.testing.assert_allclose(y, np.cos(x))


def test_the_numbers_of_a_scan_double_up_to_the_step():
    texts = [text.get_text() for text in drawn(beyond.scan_sweeps).axes[0].texts if text.get_text()]
    assert texts == [*"11111", *"12222", *"12344", *"12345"]


def test_odd_and_even_counts_stand_apart():
    first, _ = drawn(beyond.counting_ones).axes
    odd, even = first.lines[1], first.lines[2]
    np.testing.assert_array_equal(odd.get_xdata(), [1, 3, 5, 7, 9])
    np.testing.assert_array_equal(even.get_xdata(), [2, 4, 6, 8])
