"""Chapter 04's plots show the numbers they are given."""

import numpy as np
from gallery import CURVE, ERRORS, FOUND, drawn

from course_utils.figures import credit


def test_training_losses_are_means_over_ten_updates():
    fig = drawn(credit.training_losses)
    x, y = fig.axes[0].lines[0].get_data()
    assert x[0] == 10
    np.testing.assert_allclose(y[0], CURVE[:10].mean())


def test_a_check_that_passes_is_called_so_and_a_failure_shows_its_error():
    fig = drawn(credit.what_a_check_sees)
    assert [text.get_text() for text in fig.axes[0].texts] == ["passes", "0.5", "passes", "3.0"]


def test_every_start_has_its_losses_at_every_window():
    fig = drawn(credit.loss_by_window)
    starts = [line for line in fig.axes[0].lines if str(line.get_label()).startswith("start")]
    np.testing.assert_allclose([line.get_ydata() for line in starts], ERRORS.T)


def test_the_formulas_are_drawn_as_they_were_found():
    left, right = drawn(credit.formulas_against_truth).axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), FOUND.cosine_twice)
    np.testing.assert_allclose(right.lines[0].get_ydata(), FOUND.ratio_total)
