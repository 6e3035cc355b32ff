"""Chapter 04's plots show the numbers they are given, under the title they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.experiments.credit import Formulas
from course_utils.figures import credit as plots
from course_utils.figures.show import claim_of, to_svg

CURVE = np.linspace(0.8, 0.1, 30)
TABLE = np.array([[0.0, 0.5], [1e-15, 3.0]])
FOUND = Formulas(np.array([1, 4]), np.array([1, 0.5]), np.array([1, 0.9]), np.array([1, 2.0]))
CALLS = {
    "paths": lambda: plots.paths_of_blame(title="a claim"),
    "training": lambda: plots.training_losses({"one": CURVE}, level=0.69, title="a claim"),
    "step": lambda: plots.error_by_step(CURVE, {"one": CURVE}, title="a claim"),
    "sees": lambda: plots.what_a_check_sees({"last": TABLE}, ["m", "n"], [1, 2], title="a claim"),
    "memory": lambda: plots.memory_by_length([1, 2], {"all": np.ones(2)}, title="a claim"),
    "window": lambda: plots.loss_by_window([1, 9], TABLE, level=0.69, title="a claim"),
    "formulas": lambda: plots.formulas_against_truth(FOUND, title="a claim"),
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


def test_training_losses_are_means_over_ten_updates():
    fig = CALLS["training"]()
    x, y = fig.axes[0].lines[0].get_data()
    assert x[0] == 10
    np.testing.assert_allclose(y[0], CURVE[:10].mean())


def test_a_check_that_passes_is_called_so_and_a_failure_shows_its_error():
    fig = CALLS["sees"]()
    assert [text.get_text() for text in fig.axes[0].texts] == ["passes", "0.5", "passes", "3.0"]


def test_every_start_has_its_losses_at_every_window():
    fig = CALLS["window"]()
    starts = [line for line in fig.axes[0].lines if str(line.get_label()).startswith("start")]
    np.testing.assert_allclose([line.get_ydata() for line in starts], TABLE.T)


def test_the_formulas_are_drawn_as_they_were_found():
    left, right = CALLS["formulas"]().axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), FOUND.cosine_twice)
    np.testing.assert_allclose(right.lines[0].get_ydata(), FOUND.ratio_total)
