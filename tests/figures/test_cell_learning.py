"""Chapter 07's pictures show what they are given, and refuse what they cannot show."""

import numpy as np
import pytest

from course_utils.experiments.ablation import Drift
from course_utils.experiments.remembering import Row
from course_utils.figures import cell_learning


def texts(fig):
    return [text.get_text() for ax in fig.axes for text in ax.texts]


def test_the_branches_carry_their_factors():
    fig = cell_learning.branches(title="Branches")
    shown = texts(fig)
    for factor in ("$f_t$", "$g_t$", "$i_t$", "$c_{t-1}$", r"$\tanh c_t$", "$o_t$"):
        assert factor in shown


def test_the_grid_counts_and_gives_intervals():
    rows = [Row("RNN", 0, 5, (), 0.0, 0.43), Row("GRU", 5, 5, (1,) * 5, 0.57, 1.0)]
    fig = cell_learning.success_grid({"T = 20": rows, "T = 50": rows}, title="Grid")
    assert texts(fig).count("0 of 5   (0%–43%)") == 2
    assert [label.get_text() for label in fig.axes[0].get_yticklabels()] == ["RNN", "GRU"]


def test_a_grid_of_different_cells_is_refused():
    one, other = Row("RNN", 0, 5, (), 0, 1), Row("GRU", 0, 5, (), 0, 1)
    for tables in ({}, {"a": [one], "b": [other]}):
        with pytest.raises(ValueError, match="the same cells"):
            cell_learning.success_grid(tables, title="Grid")


def test_reaches_are_sorted_and_the_span_is_named():
    fig = cell_learning.reach_by_unit({"chrono": np.array([9.0, 3, 5])}, title="R", mark=200)
    lines = fig.axes[0].lines
    assert lines[0].get_ydata().tolist() == [3, 5, 9]
    assert [text.strip() for text in texts(fig)] == ["$T = 200$"]


def test_every_error_is_a_dot():
    fig = cell_learning.errors_by_part(
        {"standard": [0.01, 0.02], "none": [0.1]}, title="E", xlabel="x", levels={"blind": 0.2}
    )
    dots = [line.get_xdata().tolist() for line in fig.axes[0].lines[:2]]
    assert dots == [[0.01, 0.02], [0.1]]
    assert [label.get_text() for label in fig.axes[0].get_yticklabels()] == ["standard", "none"]


def test_a_drift_shows_cell_and_errors():
    found = Drift("no forget gate", 0, 100, np.array([0.0, 0.02]), np.array([10.0, 20.0]))
    fig = cell_learning.drift([found], stretch=500, title="D")
    left, right = fig.axes
    assert left.lines[0].get_xdata().tolist() == [500, 1000]
    assert right.lines[0].get_ydata().tolist() == [0, 2]
