"""Chapter 06's plots: each draws what it is given."""

import numpy as np
from gallery import MEMO, MEMO_STATES

from course_utils.figures.memory_cell import held_values, keeping_spans, memo_trace


def test_every_panel_starts_with_the_numbers_to_be_held():
    values = np.array([[0.2, 0.7], [0.1, 0.6], [0.0, 0.5]])
    fig = held_values({"$w = 1$": values, "$w = 2$": 2 * values}, title="t")
    for ax, factor in zip(fig.axes, (1, 2), strict=True):
        curves = [line.get_ydata() for line in ax.lines[:2]]
        np.testing.assert_array_equal(np.transpose(curves), factor * values)
        np.testing.assert_array_equal(ax.lines[2].get_ydata(), factor * values[0])


def test_a_trace_shows_what_is_wanted_the_states_and_the_marks():
    ax = memo_trace(MEMO, MEMO_STATES, title="t").axes[0]
    shown = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_array_equal(shown["wanted"], MEMO.kept[:, 0])
    np.testing.assert_array_equal(shown["cell"], MEMO_STATES["cell"])
    np.testing.assert_array_equal(shown["said"], MEMO_STATES["said"])
    marks = [line.get_xdata().tolist() for line in ax.lines if line.get_marker() in "^v"]
    assert marks == [[1, 6], [4, 9]]
    assert [text.get_text() for text in ax.texts] == ["write", "write", "read", "read"]
    low, _ = ax.get_ylim()
    assert low < min(line.get_ydata().min() for line in ax.lines)


def test_spans_are_sorted():
    ax = keeping_spans(np.array([3.0, 1, 20]), title="t").axes[0]
    assert ax.lines[0].get_ydata().tolist() == [1, 3, 20]
    assert ax.get_yscale() == "log"
    assert not ax.texts
