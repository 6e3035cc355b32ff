"""Chapter 08's plots draw what they are given, and refuse what they cannot draw."""

import numpy as np
import pytest

from course_utils.figures import practice


def test_curves_and_levels_are_drawn():
    curves = {"a": (np.array([1, 2]), np.array([3.0, 2.0])), "b": (np.array([1]), np.array([1.0]))}
    fig = practice.cost_by_updates(curves, title="T", levels={"counting": 2.5}, ylim=(0, 4))
    (ax,) = fig.axes
    assert [line.get_label() for line in ax.lines[:2]] == ["a", "b"]
    assert list(ax.lines[2].get_ydata()) == [2.5, 2.5]
    assert [text.get_text() for text in ax.texts] == ["counting"]
    assert ax.get_ylim() == (0, 4)
    assert ax.texts[0].get_ha() == "left"
    other = practice.cost_by_updates(curves, title="T", levels={"a": 1.0}, names_at="right")
    assert other.axes[0].texts[0].get_ha() == "right"


def test_too_many_curves_are_refused():
    curves = {str(n): (np.zeros(1), np.zeros(1)) for n in range(6)}
    with pytest.raises(ValueError, match="6 curves; wanted at most 5"):
        practice.cost_by_updates(curves, title="T")


def test_departures_leave_zeros_out():
    fig = practice.departures({"x": np.array([0.0, 0.1, 0.2])}, 31, title="T")
    (line,) = fig.axes[0].lines
    assert list(line.get_xdata()) == [31, 32, 33]
    assert np.isnan(line.get_ydata()[0])
    assert fig.axes[0].get_yscale() == "log"


def test_a_padded_batch_numbers_real_places_in_packed_order():
    fig = practice.padded_batch(["abc", "d"], title="T")
    ax = fig.axes[0]
    assert [patch.get_hatch() for patch in ax.patches] == [None, None, None, "///", None, "///"]
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["a", "0", "d", "1", "b", "2", "c", "3"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2 real", "1 real", "1 real"]
    with pytest.raises(ValueError, match="wanted the longest first"):
        practice.padded_batch(["a", "bc"], title="T")


def test_dropout_stands_on_upward_arrows_only():
    from matplotlib.text import Annotation

    fig = practice.dropout_places(3, title="T")
    arrows = [text for text in fig.axes[0].texts if isinstance(text, Annotation)]
    for arrow in arrows:
        sideways = arrow.xy[1] == arrow.xyann[1]
        assert (arrow.arrow_patch.get_linestyle() == "-") == sideways
    assert len(arrows) == 3 * 3 + 2 * 2


def test_forecasts_and_bars_show_their_values():
    years = np.arange(2000, 2004)
    fig = practice.forecasts(years, np.ones(4), {"m": np.zeros(4)}, title="T", ylabel="y")
    assert [line.get_label() for line in fig.axes[0].lines] == ["measured", "m"]
    fig = practice.bars({"one": 1.0, "two": 2.0}, title="T", xlabel="x")
    assert [patch.get_width() for patch in fig.axes[0].patches] == [1.0, 2.0]
    assert [label.get_text() for label in fig.axes[0].get_yticklabels()] == ["one", "two"]
    assert fig.axes[0].yaxis_inverted()
