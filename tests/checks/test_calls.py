"""Calling a student's function: copies, altered arguments, errors, stand-ins of the grader."""

import sys
import warnings

import numpy as np
import pytest

from course_utils import checks


def complaint(function, *arguments, **named):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.call(function, *arguments, **named)
    return str(failed.value)


def test_call_returns_the_result():
    assert checks.call(lambda x, y=0: x + y, 2, y=3) == 5


def test_call_names_the_altered_argument_and_the_entry():
    def step(x, h_prev):
        h_prev[0, 1] = 9.0
        return h_prev

    message = complaint(step, np.zeros(2), np.ones((2, 2)))
    assert "step: the call altered its argument 2 'h_prev': entry [0, 1] was 1 and is 9" in message


@pytest.mark.parametrize(
    "alter",
    [
        lambda items: items.append(1),
        lambda items: items.pop(),
        lambda items: items.__setitem__(0, None),
        lambda items: items[0].fill(5),
        lambda items: items[0].sort(),
    ],
)
def test_call_looks_into_lists(alter):
    items = [np.array([3.0, 1.0]), np.zeros(2)]
    assert "altered its argument 1" in complaint(alter, items)
    np.testing.assert_array_equal(items[0], [3.0, 1.0])
    assert len(items) == 2


def test_call_looks_into_dictionaries_and_keywords():
    def pops(state):
        del state["h"]

    def renames(*, state):
        state["h"] *= 2

    assert "other items than before" in complaint(pops, {"h": np.zeros(1)})
    assert "altered its argument 'state'['h']: entry [0]" in complaint(
        renames, state={"h": np.ones(1)}
    )


@pytest.mark.parametrize(
    ("argument", "key", "new", "said"),
    [
        (["a", "b"], 0, "c", "[0], which was the text 'a' and is the text 'c'"),
        ({"n": 3}, "n", 4, "['n'], which was the number 3 and is the number 4"),
        ({"n": 3}, "n", 3.0, "['n'], which was the number 3 and is the number 3"),
        ({"n": np.float64(3)}, "n", np.float64(2), "is the number 2"),
        ([{"best": None}], 0, {"best": 0.5}, "[0]['best'], which was None and is the number 0.5"),
        ([True], 0, False, "was the truth value True and is the truth value False"),
        ([1.5], 0, np.ones(2), "is an array of shape (2,)"),
    ],
)
def test_call_sees_changed_numbers_and_texts_in_lists_and_dictionaries(argument, key, new, said):
    def alters(value):
        value[key] = new

    assert said in complaint(alters, argument)


@pytest.mark.parametrize("argument", [["a", 1, 2.5, None, True], {"n": float("nan")}, [(1, "b")]])
def test_numbers_and_texts_that_stay_are_no_change(argument):
    assert checks.call(lambda value: 1, argument) == 1


def test_call_sees_a_change_of_shape_or_kind():
    def reshapes(x):
        x.resize((2, 2), refcheck=False)

    assert "had shape (4,) and has (2, 2)" in complaint(reshapes, np.zeros(4))


def test_a_nan_that_stays_is_no_change():
    assert checks.call(lambda x: 1, np.array([np.nan])) == 1


def test_a_negative_zero_is_a_change():
    def negates(x):
        x *= -1

    assert "altered its argument 1 'x'" in complaint(negates, np.zeros(2))


def test_the_result_is_a_copy_that_later_calls_cannot_change():
    buffer = np.zeros(2)

    def step(x):
        buffer[:] = x
        return {"h": [buffer]}

    first = checks.call(step, np.ones(2))
    checks.call(step, np.full(2, 7.0))
    np.testing.assert_array_equal(first["h"][0], [1, 1])


def test_a_broadcast_result_is_not_blown_up():
    result = checks.call(lambda: np.broadcast_to(0.0, (10**6, 10**6)))
    assert result.nbytes == 8 * 10**12
    assert result.base is not None


def test_errors_of_the_function_pass_through():
    with pytest.raises(ZeroDivisionError):
        checks.call(lambda: 1 / 0)


@pytest.mark.filterwarnings("default")
def test_warnings_go_where_nbgrader_does_not_count_them(capsys, monkeypatch):
    def overflows():
        print("progress", file=sys.stderr)
        warnings.warn("too large", RuntimeWarning, stacklevel=1)
        return 1

    # pytest keeps warnings for itself; a notebook prints them.
    monkeypatch.setattr(warnings, "showwarning", lambda text, *_: print(text, file=sys.stderr))
    assert checks.call(overflows) == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out == "progress\ntoo large\n"


def test_something_that_cannot_be_called():
    assert complaint(5) == "Wanted a function to call, but the number 5 came."
    assert "None came" in complaint(None)


def test_inplace_returns_the_changed_copies():
    def normalise(x):
        x /= x.sum()

    x = np.array([1.0, 3.0])
    result, (after,) = checks.inplace(normalise, x)
    assert result is None
    np.testing.assert_array_equal(after, [0.25, 0.75])
    np.testing.assert_array_equal(x, [1.0, 3.0])


def test_raises():
    def refuse(x):
        raise ValueError(f"{x} is too small")

    assert checks.raises(refuse, 3) == "3 is too small"
    assert checks.raises(lambda: {}["a"], error=LookupError) == "a"
    with pytest.raises(checks.CheckFailed, match="wanted ValueError to be raised, but None"):
        checks.raises(lambda: None)
    with pytest.raises(ZeroDivisionError):
        checks.raises(lambda: 1 / 0)


class Elsewhere(checks.RemoteFunction):
    """A stand-in as the grader has it: a pickle's distance away, here in the same process."""

    name, parameters = "step", ("x",)

    def __init__(self, function, error=None):
        self.function, self.error = function, error

    def exchange(self, args, kwargs):
        if self.error:
            raise self.error
        copies = tuple(np.array(argument) for argument in args)
        return self.function(*copies, **kwargs), copies, kwargs


def test_a_stand_in_behaves_like_the_function():
    assert checks.call(Elsewhere(lambda x: x.sum()), np.ones(3)) == 3
    assert "step: the call altered its argument 1 'x'" in complaint(
        Elsewhere(lambda x: x.fill(7)), np.ones(3)
    )
    _, (after,) = checks.inplace(Elsewhere(lambda x: x.fill(7)), np.ones(3))
    np.testing.assert_array_equal(after, [7, 7, 7])
    assert Elsewhere(lambda x: x.sum())(np.ones(2)) == 2


def test_a_stand_in_reports_the_kind_of_error():
    error = checks.RemoteError("too small", ("MyError", "ValueError", "Exception"))
    assert checks.raises(Elsewhere(None, error)) == "too small"
    with pytest.raises(checks.RemoteError):
        checks.raises(Elsewhere(None, error), error=KeyError)


def test_the_base_of_stand_ins_reaches_nothing():
    with pytest.raises(NotImplementedError, match="must say how it reaches its function"):
        checks.call(checks.RemoteFunction())
