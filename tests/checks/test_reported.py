"""Messages that a student found misleading, each with the sentence that helps."""

import numpy as np
import pytest

from course_utils import checks


def message(check, *arguments, **options):
    with pytest.raises(checks.CheckFailed) as raised:
        check(*arguments, **options)
    return str(raised.value)


def nudge_and_return(W):
    W[0, 0] += 0.1
    W[0, 0] -= 0.1


def test_an_argument_that_is_off_by_rounding_is_shown_with_all_its_digits():
    W = np.array([[0.3]])
    said = message(checks.call, nudge_and_return, W)
    was, now = repr(W[0, 0].item()), repr((W[0, 0] + 0.1 - 0.1).item())
    assert was != now
    assert f"entry [0, 0] was {was} and is {now}: " in said
    assert "save the old value and put it back" in said


def double(W):
    W *= 2


def test_an_argument_that_is_plainly_altered_keeps_six_digits_and_no_word_about_rounding():
    said = message(checks.call, double, np.array([1 / 3]))
    assert "entry [0] was 0.333333 and is 0.666667." in said
    assert "round" not in said


CURVE = np.array([1.0, 0.5, 1e-3])


def test_no_factor_is_named_where_an_entry_counts_as_right():
    said = message(checks.array, 0.999 * CURVE, CURVE, tol=1e-4)
    assert "2 of 3 entries are wrong." in said
    assert "times the right one" not in said


def test_a_factor_is_named_where_every_entry_shows_it():
    said = message(checks.array, 0.99 * CURVE, CURVE, tol=1e-6)
    assert "3 of 3 entries are wrong. Likely cause: every entry is 0.99 times" in said


def test_no_offset_is_named_where_an_entry_counts_as_right():
    want = np.array([0.2, 0.7])
    said = message(checks.array, np.array([0.2085, 0.7065]), want, tol=0.01)
    assert "1 of 2 entries is wrong." in said
    assert "off by the same number" not in said


def test_an_offset_is_named_where_every_entry_shows_it():
    said = message(checks.array, CURVE + 0.25, CURVE)
    assert "Likely cause: every entry is off by the same number, 0.25" in said


def test_entries_next_to_nothing_neither_show_a_factor_nor_hide_one():
    want = np.array([1.0, 0.5, 0.0, 1e-9])
    assert "every entry is 3 times the right one" in message(checks.array, 3 * want, want)
    alone = np.array([1.0, 0.0, 1e-9])
    assert "times the right one" not in message(checks.array, 3 * alone, alone)


def test_a_single_number_that_is_not_finite_is_no_entry():
    said = message(checks.number, float("inf"), 1.5, name="price")
    assert said == "price: the number is not finite: inf."


def test_a_count_is_no_array_made_for_integers():
    said = message(checks.number, 6, 0.6, name="share")
    assert said.startswith(
        "share: wanted a number with a fraction, but got the whole number 6 (int64)."
    )
    assert "Likely cause: a count that is still to be divided by something" in said


def test_a_suspect_speaks_first_where_whole_numbers_came():
    suspects = {"the count of characters; their share is wanted": 6}
    said = message(checks.number, 6, 0.6, suspects=suspects)
    assert said.endswith("Likely cause: the count of characters; their share is wanted.")
    rows = message(checks.array, [1, 2], [0.5, 1.0], suspects={"halves": [1.0, 2.0]})
    assert rows.endswith("but got whole numbers (int64). Likely cause: halves.")


def test_an_array_of_whole_numbers_was_made_for_integers():
    said = message(checks.array, np.array([0, 1]), [0.5, 1.0])
    assert "wanted numbers with a fraction, but got whole numbers (int64)." in said
    assert "stored in an array made for integers" in said


def test_complex_numbers_come_with_their_remedy():
    said = message(checks.array, np.array([1j, 2]), np.array([1.0, 2.0]))
    assert said.endswith("np.abs(...) is the modulus of a complex number.")
    assert "modulus" not in message(checks.array, np.array([1.0]), np.array([1j]))


def test_a_wrong_choice_is_wrong():
    said = message(checks.choice, "a", ("a", "b"), want="b", name="verdict on a box")
    assert said == "verdict on a box: 'a' is wrong."
