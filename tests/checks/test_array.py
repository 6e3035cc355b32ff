"""`checks.array`: what it accepts, what it refuses, and what it says."""

import numpy as np
import pytest

from course_utils import checks

T, B, H = 4, 3, 2


@pytest.fixture
def want():
    return np.random.default_rng(0).normal(size=(T, B, H))


def complaint(got, right, **options):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.array(got, right, name="h", **options)
    return str(failed.value)


@pytest.mark.parametrize(
    "form",
    [
        np.asarray,
        lambda want: want.astype(np.float32),
        lambda want: want.astype(">f8"),
        lambda want: want.astype(np.longdouble),
        np.asfortranarray,
        list,
        tuple,
        lambda want: want.tolist(),
        lambda want: [list(step) for step in want.astype(np.float32)],
        lambda want: want + 0.3 * checks.tolerance.FOUR_DIGITS * np.abs(want).max(),
    ],
)
def test_accepts_every_form_of_a_right_answer(want, form):
    accepted = checks.array(form(want), want)
    assert type(accepted) is np.ndarray
    assert accepted.shape == want.shape
    np.testing.assert_allclose(accepted, want, atol=1e-4)


def test_accepts_torch_tensors_and_parameters(want, torch):
    checks.array(torch.tensor(want), want)
    checks.array(torch.nn.Parameter(torch.tensor(want, dtype=torch.float32)), want)
    checks.array([torch.tensor(step) for step in want], want)


def test_refuses_half_precision_and_says_why(want, torch):
    assert "float16" in complaint(want.astype(np.float16), want)
    assert "bfloat16" in complaint(torch.tensor(want).to(torch.bfloat16), want)


def test_returns_a_copy(want):
    got = want.copy()
    checks.array(got, want)[:] = 0
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (None, "None came. Does the function end with `return`?"),
        ("0.5", "the text '0.5' came"),
        ({"h": 1}, "a dict of 1 items came"),
        ({1, 2}, "a set of 2 items came"),
        (lambda: 1, "an object of type function came"),
        (0, "got shape ()"),
        (0.5, "got shape ()"),
        ([], "got shape (0,)"),
        (np.empty(0), "got shape (0,)"),
        (["a"], "item 0 of a list: the text 'a' came"),
        ([[1.0, 2.0], [3.0]], "item 1 has shape (1,), unlike item 0 with (2,)"),
        ([[True, 1.0]], "mixes truth values and numbers"),
        (np.full((T, B, H), None), "dtype object came, which holds no numbers"),
        (np.full((T, B, H), "a"), "which holds no numbers"),
        (np.zeros((T, B, H), [("x", float)]), "which holds no numbers"),
        (np.zeros((T, B, H), "datetime64[s]"), "which holds no numbers"),
        (np.ones((T, B, H), bool), "wanted numbers, but got truth values"),
        (np.ones((T, B, H), complex), "wanted numbers, but got complex numbers"),
        (np.ones((T, B, H), int), "cuts off the fraction"),
        (10**400, "the number of"),
    ],
)
def test_says_what_came_instead(want, got, phrase):
    assert phrase in complaint(got, want)


@pytest.mark.parametrize(
    ("spoil", "phrase"),
    [
        (lambda h: h.swapaxes(0, 1), "batch and time are swapped"),
        (lambda h: h.swapaxes(1, 2), "it is transposed"),
        (lambda h: h[-1], "only one time step came"),
        (lambda h: np.concatenate([h[:1], h]), "is h_0 part of the answer?"),
        (lambda h: h[:-1], "one time step is missing"),
        (lambda h: h[None], "an axis of length 1 is missing or too many"),
        (lambda h: h.reshape(T, B * H), "the right number of entries in the wrong shape"),
        (lambda h: h[:, :1], "wrong shape"),
        (lambda h: h[:1], "wrong shape"),
        (lambda h: (h, h), "a tuple of 2 came; one array is wanted"),
    ],
)
def test_guesses_the_cause_of_a_wrong_shape(want, spoil, phrase):
    message = complaint(spoil(want), want)
    assert "wrong shape" in message
    assert phrase in message


@pytest.mark.parametrize(
    ("spoil", "phrase"),
    [
        (lambda h: -h, "the sign is flipped"),
        (lambda h: h[::-1], "time runs backwards"),
        (lambda h: np.roll(h, 1, axis=0), "what belongs to the step before"),
        (lambda h: np.roll(h, -1, axis=0), "what belongs to the step after"),
        (lambda h: [h[-1]] * T, "one array stored many times"),
        (
            lambda h: np.concatenate([h[:1], h[1:] * 1.5 + 1]),
            "only the first step (index 0) is right",
        ),
        (lambda h: 3 * h, "every entry is 3 times the right one"),
        (lambda h: h + 0.25, "every entry is off by the same number, 0.25"),
        (lambda h: 0 * h, "every entry is 0"),
    ],
)
def test_guesses_the_cause_of_wrong_values(want, spoil, phrase):
    assert phrase in complaint(spoil(want), want)


def test_a_tuple_is_not_taken_for_a_sequence_of_time_steps(want):
    message = complaint((want[0], want[0]), want[0])
    assert "a tuple of 2 came; one array is wanted" in message
    assert "whole sequence" not in message
    assert "a whole sequence came" in complaint([want[0], want[0]], want[0])


def test_an_entry_of_a_dictionary_needs_no_return(want):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.arrays({"dW": None}, {"dW": want}, name="gradients")
    assert "None came." in str(failed.value)
    assert "return" not in str(failed.value)


def test_a_notebook_shows_the_sentence_and_no_traceback():
    from IPython.core.interactiveshell import InteractiveShell

    shell, shown = InteractiveShell(), []
    shell._showtraceback = lambda kind, error, lines: shown.append(lines)
    result = shell.run_cell("from course_utils import checks\nchecks.number(1.0, 2.0, name='b')")
    assert isinstance(result.error_in_exec, checks.CheckFailed)
    assert result.error_in_exec.__traceback__ is not None
    assert shown == [[f"CheckFailed: {result.error_in_exec}"]]


def test_guesses_a_swap_that_no_shape_shows():
    square = np.random.default_rng(1).normal(size=(3, 3, 3))
    assert "batch and time are swapped" in complaint(square.swapaxes(0, 1), square)
    assert "it is transposed" in complaint(square.swapaxes(1, 2), square)


def test_offers_no_guess_where_none_explains_every_entry(want):
    assert "Likely cause" not in complaint(np.where(want > 0.5, want, want**2 + 2), want)


def test_suspects_come_first_and_may_have_another_shape(want):
    suspects = {"the bias is missing": want - 1, "h_0 stands in front": np.r_[want[:1], want]}
    assert "Likely cause: the bias is missing." in complaint(want - 1, want, suspects=suspects)
    message = complaint(np.r_[want[:1], want], want, suspects=suspects)
    assert "Likely cause: h_0 stands in front." in message


def test_one_time_step_is_not_guessed_about():
    one = np.random.default_rng(2).normal(size=(1, B, H))
    message = complaint(one + np.arange(B * H).reshape(1, B, H), one)
    assert "step" not in message.partition("Likely cause")[2]


def test_reports_the_earliest_time_step_even_on_another_axis(want):
    got = want.copy()
    got[3, 0, 0] += 1
    got[1, 2, 1] += 1
    batch_first = got.swapaxes(0, 1), want.swapaxes(0, 1)
    message = complaint(*batch_first, axes=("batch row", "time step", "unit"))
    assert "batch row 2, time step 1, unit 1, counted from 0 (entry [2, 1, 1])" in message
    assert "2 of 24 entries are wrong; all earlier steps are right." in message


def test_shows_enough_digits_to_see_the_difference():
    message = complaint(np.array([1.0, 2.00001]), np.array([1.0, 2.0]), tol=1e-9)
    assert "got 2.00001, wanted 2" in message
    assert "got 1.0000000001, wanted 1.0" in complaint([1.0000000001], np.ones(1), tol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_finite_comes_before_values(want, bad):
    got = -want
    got[2, 1, 0] = bad
    message = complaint(got, want)
    assert "1 of 24 entries is not finite" in message
    assert "time step 2, batch row 1, unit 0, counted from 0 (entry [2, 1, 0])" in message


def test_a_nan_is_never_equal_to_a_masked_nan(want):
    got = np.ma.masked_invalid(np.full(want.shape, np.nan))
    assert "not finite" in complaint(got, want)


def test_whole_numbers_are_compared_with_scale_one():
    big = np.array([100_000, 3])
    checks.array(big.astype(float), big)
    checks.array(big.astype(np.uint32), big)
    assert "entry [0]" in complaint(big + np.array([1, 0]), big)
    assert "entry [0]" in complaint(big + np.array([0.5, 0]), big)
    assert "truth values" in complaint(big > 5, big)


def test_whole_numbers_may_answer_for_floats_without_fraction():
    checks.array(np.array([0, 1]), np.array([0.0, 1.0]))


def test_truth_values():
    right = np.array([True, False])
    checks.array([True, False], right)
    assert "wanted truth values, but got numbers" in complaint([1, 0], right)
    assert "got 1, wanted 0" in complaint([True, True], right)


def test_complex_numbers():
    right = np.array([1 + 2j, 0])
    checks.array(right, right)
    assert "entry [0]" in complaint(right.conj(), right)
    assert "wanted complex numbers, but got numbers" in complaint(right.real, right)


def test_tiny_numbers_are_not_zeros():
    tiny = 1e-12 * np.arange(1.0, 5)
    assert "every entry is 0" in complaint(np.zeros(4), tiny)


def test_zeros_are_compared_with_scale_one():
    checks.array(np.full(3, 1e-9), np.zeros(3))
    assert "entry [0]" in complaint(np.full(3, 1e-3), np.zeros(3))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_tolerance_is_stricter_on_demand(dtype):
    right = np.array([1.0, 2.0])
    off = (right * (1 + 1e-6)).astype(dtype)
    checks.array(off, right)
    complaint(off, right, tol=1e-12)
    checks.array(right.astype(dtype), right, tol=1e-12)


def test_what_may_cancel_is_compared_on_the_scale_of_its_parts():
    parts = np.random.default_rng(0).normal(size=(2, 1000))
    right, single = parts.sum(axis=1), parts.astype(np.float32).cumsum(axis=1)[:, -1]
    small = right - single.astype(float)  # what rounding leaves of two sums that are equal
    assert "entry [0]" in complaint(np.zeros(2), small)
    checks.array(np.zeros(2), small, scale=1.0)
    assert "entry [1]" in complaint(small + np.array([0, 2e-4]), small, scale=1.0)


def test_a_scale_never_makes_a_comparison_stricter():
    checks.array(np.array([0.005, 100.005]), np.array([0.0, 100.0]), scale=1.0)


def test_empty_arrays_are_equal_only_in_shape():
    checks.array(np.empty((0, 3)), np.empty((0, 3)))
    assert "wrong shape" in complaint(np.empty((3, 0)), np.empty((0, 3)))


def test_a_zero_dimensional_array_is_a_number():
    checks.array(np.float64(3), np.array(3.0))
    assert "wanted a single number" in complaint(None, np.array(3.0))
    assert "got 4, wanted 3" in complaint(np.array(4.0), np.array(3.0))


@pytest.mark.parametrize("want", [np.array([np.nan]), np.array(["a"]), np.array([None])])
def test_a_check_that_cannot_be_met_is_the_authors_error(want):
    with pytest.raises(ValueError, match="the check of 'h' wants"):
        checks.array(0.0, want, name="h")


def test_axis_names_must_fit():
    with pytest.raises(ValueError, match="2 axis names"):
        checks.array(np.zeros(3), np.zeros(3), axes=("row", "column"))
    assert "axis 3 1" in complaint(np.ones((1, 1, 1, 2)), np.array([[[[1.0, 2.0]]]]))


def test_arrays_checks_every_name():
    right = {"W": np.eye(2), "b": np.zeros(2)}
    found = checks.arrays({"b": [0, 0], "W": np.eye(2, dtype="f4")}, right, name="weights")
    assert list(found) == ["W", "b"]
    with pytest.raises(checks.CheckFailed, match=r"weights\['b'\]: wrong values"):
        checks.arrays({"W": np.eye(2), "b": np.ones(2)}, right, name="weights")


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (None, "None came. Does the function end with `return`?"),
        ([("a", 1)], "a list of 1 items came"),
        ({"a": 1}, "the key 'b' is missing"),
        ({"a": 1, "b": 2, "c": 3}, "a key too many, the text 'c'"),
        ({"a": 1, "b": 2, 3: 3}, "a key too many, the number 3"),
    ],
)
def test_names_wants_exactly_its_keys(got, phrase):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.names(got, ("a", "b"))
    assert phrase in str(failed.value)


def test_form_leaves_the_numbers_free():
    found = checks.form([[1, 2, 3]], (1, None), largest=3, longest=3)
    assert found.dtype == np.float64
    assert found.shape == (1, 3)


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (None, "wanted an array of shape (2, any), but None came"),
        (np.zeros(2), "got shape (2,)"),
        (np.zeros((3, 1)), "got shape (3, 1)"),
        (np.zeros((2, 5)), "every length must lie between 1 and 4"),
        (np.zeros((2, 0)), "every length must lie between 1 and 4"),
        (np.full((2, 1), np.nan), "not finite"),
        (np.full((2, 1), 11.0), "larger than 10"),
        (np.zeros((2, 1), bool), "wanted real numbers"),
        (np.zeros((2, 1), complex), "wanted real numbers"),
    ],
)
def test_form_says_what_does_not_fit(got, phrase):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.form(got, (2, None), largest=10, longest=4)
    assert phrase in str(failed.value)


def test_form_bounds_what_it_copies():
    with pytest.raises(checks.CheckFailed, match="more than this task needs"):
        checks.form(np.broadcast_to(0.0, (10**6, 10**6)), (None, None))


def test_whole_numbers_are_wanted_where_a_text_asks_for_them():
    checks.array([1, 2], np.array([1, 2]), whole=True)
    checks.array(np.array([1, 2], np.uint8), np.array([1, 2]), whole=True)
    checks.array([], np.array([], dtype=int), whole=True)
    with pytest.raises(checks.CheckFailed, match=r"wanted whole numbers .* but got float64"):
        checks.array(np.array([1.0, 2.0]), np.array([1, 2]), whole=True)
