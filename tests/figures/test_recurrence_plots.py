"""Chapter 02's plots show the numbers they are given."""

import numpy as np
import pytest
from gallery import FLOORS, drawn

from course_utils.figures import recurrence


def test_losses_and_floors_stand_at_their_windows():
    ax = drawn(recurrence.windows_at_their_floors).axes[0]
    dots = ax.lines[0].get_xydata()
    assert np.allclose(dots, np.column_stack([[1, 2, 3], FLOORS + 0.01]))
    assert [segment[0][1] for segment in ax.collections[0].get_segments()] == pytest.approx(FLOORS)


def test_an_unmoved_state_is_left_empty_in_the_map():
    image = drawn(recurrence.who_sees_what).axes[0].images[0].get_array()
    assert np.array_equal(np.isnan(np.ma.filled(image, np.nan)), ~np.eye(4, dtype=bool))


def test_steps_are_counted_from_one():
    ax = drawn(recurrence.loss_by_step).axes[0]
    assert ax.lines[0].get_xdata()[0] == 1
    path = drawn(recurrence.state_path).axes[0]
    assert {text.get_text() for text in path.texts} >= {"$h_0$", "$h_3$", "$x_1=1$", "$x_2=0$"}
