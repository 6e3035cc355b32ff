"""Properties: a right answer always passes, one altered entry never does and is named exactly."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_utils import checks

shapes = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)
numbers = st.floats(-1e3, 1e3, allow_subnormal=False)
answers = hnp.arrays(np.float64, shapes, elements=numbers)
within_single = numbers.map(lambda number: number if abs(number) > 1e-30 else 0.0)
forms = st.sampled_from(
    [
        np.asarray,
        lambda a: a.astype(np.float32),
        list,
        lambda a: a.tolist(),
        lambda a: tuple(a.astype(np.float32)),
        lambda a: np.asfortranarray(a)[...],
    ]
)
examples = settings(max_examples=120)


@examples
@given(answers, forms)
def test_a_right_answer_passes_in_every_form(want, form):
    checks.array(form(want), want)


@examples
@given(hnp.arrays(np.float64, shapes, elements=within_single), forms, st.data())
def test_one_altered_entry_fails_and_is_named(want, form, data):
    index = tuple(data.draw(st.integers(0, length - 1)) for length in want.shape)
    scale = np.abs(want).max() or 1.0
    factor = data.draw(st.floats(3, 1e3)) * data.draw(st.sampled_from([-1, 1]))
    got = want.copy()
    got[index] += factor * checks.tolerance.FOUR_DIGITS * scale
    with pytest.raises(checks.CheckFailed) as failed:
        checks.array(form(got), want)
    assert f"(entry {list(index)})" in str(failed.value)


@examples
@given(answers, hnp.array_shapes(max_dims=4, max_side=4))
def test_another_shape_never_passes_however_it_broadcasts(want, shape):
    assume(shape != want.shape)
    with pytest.raises(checks.CheckFailed, match="wrong shape"):
        checks.array(np.full(shape, want.flat[0]), want)


@examples
@given(answers)
def test_a_call_never_changes_what_the_check_holds(want):
    kept = want.copy()

    def zeroes(x):
        x[...] = 12345.0
        return x

    result, (after,) = checks.inplace(zeroes, want)
    assert (want == kept).all()
    assert (result == after).all()


@examples
@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_integers_are_compared_exactly(got, want):
    assert checks.integer(want, want) == want
    assume(got != want)
    with pytest.raises(checks.CheckFailed):
        checks.integer(got, want)
