"""`checks.number`, `integer`, `text`, `choice` and `sequence`."""

from itertools import count

import numpy as np
import pytest

from course_utils import checks


def complaint(check, got, *arguments, **options):
    with pytest.raises(checks.CheckFailed) as failed:
        check(got, *arguments, name="loss", **options)
    return str(failed.value)


@pytest.mark.parametrize("got", [0.5, np.float64(0.5), np.float32(0.5), np.array(0.5)])
def test_number_accepts_every_form(got):
    assert checks.number(got, 0.5) == 0.5


def test_number_accepts_a_tensor(torch):
    assert checks.number(torch.tensor(0.5), 0.5) == 0.5


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (None, "None came"),
        ("0.5", "the text '0.5' came"),
        ([0.5], "got shape (1,)"),
        (np.array([0.5]), "got shape (1,)"),
        (True, "truth values"),
        (0.5j, "complex"),
        (float("nan"), "not finite"),
        (0.25, "got 0.25, wanted 0.5"),
        (-0.5, "got -0.5, wanted 0.5"),
    ],
)
def test_number_says_what_came(got, phrase):
    assert phrase in complaint(checks.number, got, 0.5)


def test_number_names_a_suspect():
    message = complaint(checks.number, 1.0, 0.5, suspects={"it is a sum, not a mean": 1.0})
    assert "Likely cause: it is a sum, not a mean." in message


@pytest.mark.parametrize("got", [3, np.int32(3), np.uint8(3), np.array(3)])
def test_integer_accepts_whole_numbers(got):
    assert checks.integer(got, 3) == 3


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (3.0, "got the number 3. Turn it into one with int(...)"),
        (True, "the truth value True"),
        ([3], "a single whole number"),
        ("3", "the text '3' came"),
        (4, "got 4, wanted 3"),
        (10**400, "bits"),
    ],
)
def test_integer_says_what_came(got, phrase):
    assert phrase in complaint(checks.integer, got, 3)


def test_integer_names_a_suspect():
    assert "off by one" in complaint(checks.integer, 4, 3, suspects={"off by one": 4})


def test_text():
    assert checks.text("steep", "steep") == "steep"
    assert "character 3: got 'p', wanted 'ep'" in complaint(checks.text, "step", "steep")
    assert "got the end, wanted 'p'" in complaint(checks.text, "stee", "steep")
    assert "got 's', wanted the end" in complaint(checks.text, "steeps", "steep")
    assert "wanted a text" in complaint(checks.text, b"steep", "steep")


def test_choice():
    assert checks.choice(" B ", ("a", "b")) == "b"
    assert checks.choice("b", ("a", "b"), want="b") == "b"
    assert "wanted one of 'a', 'b'" in complaint(checks.choice, "c", ("a", "b"))
    assert "wanted one of" in complaint(checks.choice, None, ("a", "b"))


def test_choice_helps_without_giving_the_answer_away():
    why = {"a": "Think of the order."}
    message = complaint(checks.choice, "a", ("a", "b"), want="b", why=why)
    assert message == "loss: 'a' is wrong. Think of the order."


def test_sequence_takes_lists_tuples_and_generators():
    assert checks.sequence([1, 2], 2) == (1, 2)
    assert checks.sequence((1, 2), 2) == (1, 2)
    assert checks.sequence((n for n in (1, 2)), 2) == (1, 2)


def test_sequence_asks_an_endless_generator_for_one_item_too_many():
    asked = []
    endless = (asked.append(n) or n for n in count())
    assert "wanted 3 items, but more came" in complaint(checks.sequence, endless, 3)
    assert asked == [0, 1, 2, 3]


def test_sequence_takes_a_remote_iterator():
    class Stream(checks.RemoteIterator):
        def __next__(self):
            return 7

    assert "but more came" in complaint(checks.sequence, Stream(), 2)


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (None, "None came. Does the function end with `return`?"),
        ("ab", "the text 'ab' came"),
        ([1], "wanted 2 items, but 1 came"),
        ([1] * 10, "wanted 2 items, but 10 came"),
        ((n for n in ()), "wanted 2 items, but 0 came"),
    ],
)
def test_sequence_says_what_came(got, phrase):
    assert phrase in complaint(checks.sequence, got, 2)


def both(got, want=(1.0, 2.0)):
    with pytest.raises(checks.CheckFailed) as caught:
        checks.numbers(
            got,
            want,
            names=("the first", "the second"),
            suspects=lambda: {"it is doubled": (2.0, 4.0), "one was added": (2.0, 3.0)},
        )
    return str(caught.value)


def test_a_cause_is_named_only_if_it_gives_every_number():
    checks.numbers([1.0, 2], [1.0, 2.0], names=("the first", "the second"))
    assert both([2.0, 3.0]) == (
        "the first: wrong values. First wrong: the number itself: got 2, wanted 1. "
        "Likely cause: one was added."
    )
    assert "it is doubled" in both([2.0, 4.0])
    assert "Likely cause" not in both([2.0, 5.0])
    assert both([1.0, 3.0]).startswith("the second: wrong values.")
    assert "Likely cause" not in both([1.0, 3.0])


@pytest.mark.parametrize("other", [None, float("nan"), "3", [1.0, 2.0], 2j])
def test_no_cause_is_named_beside_something_that_is_no_number(other):
    assert "Likely cause" not in both([2.0, other])
    assert both([1.0, other]).startswith("the second: ")
