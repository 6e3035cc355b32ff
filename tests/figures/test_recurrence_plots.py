"""Chapter 02's plots show the numbers they are given, under the title they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.figures import recurrence as plots
from course_utils.figures.show import claim_of, to_svg

FLOORS = np.array([0.4, 0.2, 0.0])
H = np.linspace(-0.9, 0.9, 12).reshape(6, 2)
CALLS = {
    "windows": lambda: plots.windows_at_their_floors(FLOORS, FLOORS + 0.01, title="a claim"),
    "path": lambda: plots.state_path(H[:4], [1, 0, 1], title="a claim"),
    "word": lambda: plots.states_over_word("abcdef", H, title="a claim"),
    "latch": lambda: plots.latch_traces(H[:, 0], {"one": H[:, 0], "two": H[:, 1]}, title="a claim"),
    "memory": lambda: plots.memory_profiles({"one": H[:, 0]}, 2, title="a claim"),
    "sees": lambda: plots.who_sees_what({"a": np.eye(4), "b": np.ones((4, 4))}, title="a claim"),
    "loss": lambda: plots.loss_by_step({"one": H[:, 1]}, {"ln 2": 0.69}, title="a claim"),
    "training": lambda: plots.training_below_floors([H[:, 0]], FLOORS, title="a claim"),
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


def test_losses_and_floors_stand_at_their_windows():
    ax = CALLS["windows"]().axes[0]
    dots = ax.lines[0].get_xydata()
    assert np.allclose(dots, np.column_stack([[1, 2, 3], FLOORS + 0.01]))
    assert [segment[0][1] for segment in ax.collections[0].get_segments()] == pytest.approx(FLOORS)


def test_an_unmoved_state_is_left_empty_in_the_map():
    image = CALLS["sees"]().axes[0].images[0].get_array()
    assert np.array_equal(np.isnan(np.ma.filled(image, np.nan)), ~np.eye(4, dtype=bool))


def test_steps_are_counted_from_one():
    ax = CALLS["loss"]().axes[0]
    assert ax.lines[0].get_xdata()[0] == 1
    path = CALLS["path"]().axes[0]
    assert {text.get_text() for text in path.texts} >= {"$h_0$", "$h_3$", "$x_1=1$", "$x_2=0$"}
