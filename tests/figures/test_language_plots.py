"""Chapter 03's plots draw what they are given."""

import matplotlib.pyplot as plt
import numpy as np

from course_utils.figures import language, show


def test_cost_by_order_has_a_line_for_each_text():
    fig = language.cost_by_order({"one": np.array([4, 3, 2]), "two": np.ones(3)}, title="Falls")
    (ax,) = fig.axes
    assert [line.get_ydata().tolist() for line in ax.lines] == [[4, 3, 2], [1, 1, 1]]
    assert [line.get_xdata()[0] for line in ax.lines] == [1, 1]


def test_pieces_cover_the_places_of_every_row():
    batch = np.array([[0, 10], [1, 11], [2, 12]])
    fig = language.pieces({"left": [batch], "right": [batch + 3]}, title="Goes on")
    bars = [(bar.get_x(), bar.get_width()) for bar in fig.axes[0].patches]
    assert bars == [(0, 3), (10, 3)]
    assert [bar.get_x() for bar in fig.axes[1].patches] == [3, 13]


def test_cost_by_place_counts_from_one():
    fig = language.cost_by_place({"zeros": np.array([5.0, 3.0])}, title="Dear")
    assert fig.axes[0].lines[0].get_xdata().tolist() == [1, 2]


def test_temperatures_name_the_space():
    p = np.array([0.75, 0.25])
    fig = language.temperatures(" e", {"cold": p, "hot": p[::-1]}, title="Sharper")
    assert [label.get_text() for label in fig.axes[0].get_xticklabels()] == ["␣", "e"]
    assert [bar.get_height() for bar in fig.axes[1].patches] == [0.25, 0.75]


def test_losing_the_thread_draws_the_baseline():
    fig = language.losing_the_thread({"the text": np.array([0.5, 0.4])}, 0.2, title="Lost")
    lines = [np.unique(line.get_ydata()).tolist() for line in fig.axes[0].lines]
    assert lines == [[0.4, 0.5], [0.2]]


def test_all_can_be_shown(capsys):
    show(language.cost_by_place({"a": np.ones(3)}, title="Level"), alt="A level line.")
    assert plt.get_fignums() == []
