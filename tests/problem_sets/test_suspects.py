"""Suspects are worked out for wrong answers only, so a right one must not hide that they fail."""

import numpy as np
import pytest
from in_process import SETS, run

from course_utils.checks import arrays


@pytest.mark.parametrize("name", SETS)
def test_every_suspect_is_worked_out_without_an_error(name, monkeypatch):
    usual, seen = arrays._same_shape, []

    def works_out_suspects(found, right, called, axes, suspects, several):
        for cause, other in arrays._worked_out(suspects).items():
            assert np.asarray(other, dtype=float).size, cause
            seen.append(cause)
        usual(found, right, called, axes, suspects, several)

    monkeypatch.setattr(arrays, "_same_shape", works_out_suspects)
    assert [task for task, outcome in run(name).items() if not outcome.passed] == []
    assert seen
