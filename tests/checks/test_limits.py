"""Where the checks draw their lines: tolerances, depths, first places, what is left unsaid."""

import numpy as np
import pytest

from course_utils import checks


def complaint(got, right, **options):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.array(got, right, name="h", **options)
    return str(failed.value)


def altered(function, *arguments):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.call(function, *arguments)
    return str(failed.value)


# --- Whole numbers ------------------------------------------------------------------------------


def test_a_float_may_answer_for_a_whole_number_within_a_ten_thousandth():
    checks.array(np.array([3 + 0.9e-4]), np.array([3]))
    assert "wrong values" in complaint(np.array([3 + 1.1e-4]), np.array([3]))


def test_whole_numbers_beyond_two_to_the_53_are_told_apart():
    assert "wrong values" in complaint(np.array([2**53 + 1]), np.array([2**53]))


def test_a_tolerance_of_one_lets_whole_numbers_be_one_apart():
    checks.array(np.array([4]), np.array([3]), tol=1)
    assert "wrong values" in complaint(np.array([5]), np.array([3]), tol=1)


def test_a_whole_number_may_answer_for_a_float_within_its_tolerance():
    checks.array(np.array([1_000_001_000]), np.array([1e9]))


# --- What is said -------------------------------------------------------------------------------


def test_how_many_are_wrong_is_said_from_two_entries_on():
    assert " of " not in complaint(np.array([2.0]), np.array([3.0]))
    assert "1 of 2 entries is wrong." in complaint(np.array([1.0, 2.5]), np.array([1.0, 3.0]))


def test_earlier_steps_are_praised_only_where_there_are_steps():
    right = np.array([1.0, 3.0, 5.0])
    wrong = right + np.array([0.0, 0.4, 0.9])
    assert "all earlier steps are right" in complaint(wrong, right, axes=("time step",))
    assert "earlier" not in complaint(wrong, right, axes=("unit",))


def test_a_suspect_of_another_shape_needs_the_numbers_too():
    right, suspects = np.zeros((2, 2)), {"the mean was taken": np.array([1.1, 2.3])}
    assert "the mean was taken" in complaint(np.float32([1.1, 2.3]), right, suspects=suspects)
    assert "the mean" not in complaint(np.array([1.6, 2.8]), right, suspects=suspects)


# --- Copies and changes -------------------------------------------------------------------------


def boxed(item, depth, box):
    for _ in range(depth):
        item = box(item)
    return item


def opened(item):
    while not isinstance(item, np.ndarray):
        item = item["in"] if isinstance(item, dict) else item[0]
    return item


@pytest.mark.parametrize("box", [lambda item: [item], lambda item: {"in": item}])
def test_copies_reach_eight_levels_and_end_there(box):
    def spoils(item):
        opened(item).fill(7)

    near, far = np.zeros(2), np.zeros(2)
    checks.inplace(spoils, boxed(near, 7, box))
    checks.inplace(spoils, boxed(far, 8, box))
    assert not near.any()
    assert far.all()


def test_a_view_of_one_number_is_copied_like_any_other_result():
    kept = np.zeros(())

    def counts():
        kept[...] += 1
        return np.broadcast_to(kept, (1,))

    first = checks.call(counts)
    checks.call(counts)
    np.testing.assert_array_equal(first, [1])


@pytest.mark.parametrize(
    ("before", "now", "phrase"),
    [
        ([np.nan, 1.0], [2.0, 1.0], "entry [0] was nan and is 2"),
        ([1.0, 1.0], [1.0, np.nan], "entry [1] was 1 and is nan"),
        ([np.nan, 1.0], [np.nan, 3.0], "entry [1] was 1 and is 3"),
        ([1.0, 2.0], [5.0, 6.0], "entry [0] was 1 and is 5"),
    ],
)
def test_the_first_changed_entry_is_named_also_beside_nan(before, now, phrase):
    def assigns(x):
        x[:] = now

    assert phrase in altered(assigns, np.array(before))


def test_an_argument_without_a_name_is_numbered():
    def fills(*arrays):
        arrays[0].fill(1)

    message = altered(fills, np.zeros(1))
    assert "its argument 1: entry [0]" in message


@pytest.mark.parametrize(
    ("args", "text"),
    [(("first", "second"), "first"), (("first", 3), "first"), ((3, "second"), ""), ((), "")],
)
def test_the_message_of_an_error_is_its_first_argument_if_that_is_a_text(args, text):
    def fails():
        raise ValueError(*args)

    assert checks.raises(fails) == text


# --- Digits, forms, keys ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_every_precision_is_held_to_four_digits(dtype):
    right = np.array([1.0, 2.0])
    checks.array(np.array([1.0, 2.0 + 1.9e-4], dtype), right)
    assert "wrong values" in complaint(np.array([1.0, 2.0 + 2.1e-4], dtype), right)


def test_a_form_may_have_equal_lengths_and_small_entries():
    checks.form(np.full((2, 2), 0.1), (None, None), largest=0.5, longest=2)


def test_a_form_has_at_most_a_hundred_thousand_entries():
    checks.form(np.zeros(100_000), (None,))
    with pytest.raises(checks.CheckFailed, match="more than this task needs"):
        checks.form(np.zeros(100_001), (None,))


def test_a_class_key_has_sixteen_bytes():
    try:
        checks.set_class_key(b"k" * 16)
    finally:
        checks.set_class_key(None)
    with pytest.raises(ValueError, match="at least 16 bytes"):
        checks.set_class_key(b"k" * 15)


# --- Guesses ------------------------------------------------------------------------------------


def test_a_single_batch_row_is_told_from_a_single_unit():
    right = np.array([[1.0, 2.0], [3.0, 5.0]])
    rows = complaint(right[0], right, axes=("batch row", "unit"))
    assert "only one batch row came" in rows
    assert "batch row came" not in complaint(right[0], right, axes=("unit", "class"))


def test_two_steps_and_two_entries_are_enough_for_a_guess():
    steps = np.array([[1.0, 5.0], [3.0, 4.0]])
    message = complaint(steps[[1, 1]], steps, axes=("time step", "unit"))
    assert "every step holds the last one" in message
    assert "every entry is 2 times" in complaint(np.array([2.0, 6.0]), np.array([1.0, 3.0]))


# --- How much is read and shown -----------------------------------------------------------------


def nested(levels):
    item = 2.0
    for _ in range(levels):
        item = [item]
    return item


def test_lists_are_read_eight_deep():
    checks.array(nested(8), np.full((1,) * 8, 2.0))
    message = complaint(nested(9), np.full((1,) * 9, 2.0))
    assert "a list of 1 items came" in message


def test_lists_in_a_list_share_what_may_be_read():
    message = complaint([[0.0] * 50, [0.0] * 50], np.zeros(1))
    assert "item 0 of a list: a list of 50 items came" in message


def test_the_largest_whole_number_of_an_array_is_read():
    assert checks.integer(2**63 - 1, 2**63 - 1) == 2**63 - 1


def test_texts_are_shown_from_the_first_difference_for_twelve_characters():
    with pytest.raises(checks.CheckFailed) as failed:
        checks.text("a" * 30, "b" * 30)
    assert f"got {'a' * 12!r}, wanted {'b' * 12!r}" in str(failed.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 60, f"the text {'x' * 60!r}"),
        ("x" * 61, f"the text {'x' * 60 + '…'!r}"),
        (10**18 - 1, "the number 999999999999999999"),
        (10**18, "the number of 60 bits"),
    ],
)
def test_long_values_are_cut_in_a_description(value, shown):
    assert checks.objects.describe(value) == shown


# --- Suspects -----------------------------------------------------------------------------------


def test_suspects_may_be_worked_out_for_a_wrong_answer_only():
    asked = []

    def suspects():
        asked.append(True)
        return {"it was doubled and one was added": right * 2 + 1, "the sum came": right.sum()}

    right = np.array([1.0, 4.0])
    checks.array(right, right, suspects=suspects)
    assert not asked
    assert "it was doubled" in complaint(right * 2 + 1, right, suspects=suspects)
    assert "the sum came" in complaint(5.0, right, suspects=suspects)


def test_a_matrix_on_its_side_is_called_transposed():
    right, axes = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 9.0]]), ("unit", "class")
    assert "it is transposed" in complaint(right.T, right, axes=axes)
    assert "it is transposed" in complaint(right[:, :2].T, right[:, :2], axes=axes)


def test_a_missing_step_is_counted_along_time():
    right = np.arange(8.0).reshape(4, 2)
    assert "one time step is missing" in complaint(right[1:], right, axes=("time step", "unit"))


def test_a_factor_needs_two_entries_that_are_not_as_good_as_zero():
    right = np.array([1000.0, 0.05])
    assert "times the right one" not in complaint(10 * right, right)
    right[1] = 0.5
    assert "10 times the right one" in complaint(10 * right, right)


def test_axes_are_swapped_only_where_it_explains_the_numbers():
    right = np.random.default_rng(0).normal(size=(3, 3, 2))
    swapped = complaint(right.swapaxes(0, 1), right)
    assert "batch and time are swapped" in swapped
    right = np.random.default_rng(0).normal(size=(2, 3, 3))
    on_side = complaint(right.swapaxes(1, 2), right, axes=("batch row", "unit", "class"))
    assert "it is transposed" in on_side


def test_only_the_first_step_means_that_no_other_is_right():
    right = np.array([[1.0], [3.0], [4.0]])
    message = complaint(right + np.array([[0.0], [0.0], [2.5]]), right, axes=("time step", "unit"))
    assert "only the first step" not in message
    message = complaint(right + np.array([[0.0], [0.4], [2.5]]), right, axes=("time step", "unit"))
    assert "only the first step" in message


def test_a_single_zero_is_no_empty_array():
    assert "every entry is 0" not in complaint(np.array([0.0]), np.array([3.0]))
    assert "every entry is 0" in complaint(np.zeros(2), np.array([3.0, 1.0]))


def test_an_offset_is_seen_among_small_numbers():
    right = np.array([0.1, 0.5, 0.3])
    assert "off by the same number, 0.2" in complaint(right + 0.2, right)


def test_a_reshape_is_guessed_from_the_number_of_entries_and_of_axes():
    right, axes = np.arange(6.0).reshape(2, 3), ("unit", "class")
    guess = "the right number of entries in the wrong shape"
    assert guess in complaint(np.arange(6.0), right, axes=axes)
    assert guess not in complaint(np.arange(5.0), right, axes=axes)
    assert guess not in complaint(np.arange(6.0).reshape(1, 6), right, axes=axes)


@pytest.mark.parametrize("got", [np.array([True, False, True]), np.array([1.0, 0.0, 1.0 + 0j])])
def test_a_suspect_of_another_shape_is_compared_with_real_numbers_only(got):
    message = complaint(got, np.zeros(2), suspects={"three came": np.array([1.0, 0.0, 1.0])})
    assert "wrong shape" in message
    assert "three came" not in message


def test_zeros_are_held_to_a_ten_thousandth():
    checks.array(np.array([0.9e-4]), np.zeros(1))
    assert "wrong values" in complaint(np.array([1.1e-4]), np.zeros(1))


def test_complex_numbers_are_no_nearer_than_others():
    assert "wrong values" in complaint(np.array([1.5 + 0j]), np.array([1 + 0j]))


@pytest.mark.parametrize("other", [np.inf, -np.inf, np.nan])
def test_a_suspect_that_is_no_number_explains_nothing(other):
    guess = {"it overflows": np.array([1.0, other])}
    said = complaint(np.array([1.0, 5.0]), np.array([1.0, 2.0]), suspects=guess)
    assert "it overflows" not in said
    assert not checks.tolerance.same(np.array([5.0]), np.array([other]))
