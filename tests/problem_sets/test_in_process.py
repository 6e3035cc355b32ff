"""Answers that run one after the other in this process find nothing that another one left."""

import numpy as np
import pytest
from in_process import SETS, auto_tasks, given, reference, run_task, start
from recall import recalling
from traces import state

from course_utils import checks
from course_utils.grading.answers import Answer


def spoil(value):
    """Change everything in a value that can be changed."""
    if isinstance(value, np.ndarray):
        value[...] = 0.5
    elif isinstance(value, np.random.Generator):
        value.random()
    elif isinstance(value, list | tuple | dict):
        for part in value.values() if isinstance(value, dict) else value:
            spoil(part)
        if not isinstance(value, tuple):
            value.clear()


@pytest.mark.parametrize("name", SETS)
def test_an_answer_begins_from_what_the_given_cells_leave(name):
    last = auto_tasks(name)[-1].name
    namespace = start(name, last).again()
    at_first = state(namespace)
    for value in namespace.values():
        spoil(value)
    changed = {n for n, value in state(namespace).named.items() if at_first.named[n] != value}
    assert {n for n in namespace if isinstance(namespace[n], np.ndarray | list)} <= changed
    namespace |= dict.fromkeys(namespace, "another value") | {"new": 1}
    assert state(start(name, last).again()) == at_first


@pytest.mark.parametrize("name", SETS)
def test_functions_of_the_given_cells_see_what_an_answer_does_to_their_names(name):
    namespace = start(name, auto_tasks(name)[-1].name).again()
    source = given(name)
    written_here = [f for f in namespace.values() if getattr(f, "__module__", "") == "__main__"]
    assert source.count("\ndef ") == len(written_here) > 0
    assert all(function.__globals__ is namespace for function in written_here)
    assert all(function.__closure__ is None for function in written_here)
    kept = [value for function in written_here for value in function.__defaults__ or ()]
    assert {type(value) for value in kept} <= {int, float, type(None)}


@pytest.mark.parametrize("name", SETS)
def test_no_given_cell_draws_from_the_class_key(name, monkeypatch):
    """So that what they leave serves all keys."""

    def forbidden(*_):
        raise AssertionError("a given cell draws from the class key")

    monkeypatch.setattr(checks, "rng", forbidden)
    exec(given(name), {"__name__": "__main__"})


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("", set()),
        ("_own_helper, number = sum, 3", set()),
        ("cells = None", {"cells"}),
        ("cells.popitem()", {"cells"}),
        ("del noise", {"noise"}),
        ("noise[0] = 7", {"noise"}),
        ("def sigmoid(a): return a", {"sigmoid"}),
        ("_, w = 7, 7", set()),  # a loop's variable, which nobody reads
        ("sorted = list", {"sorted"}),
        ("np.tanh = np.sin", {"np.tanh"}),
        ("np.linalg.norm = np.sum", {"np.linalg.norm"}),
        ("checks.array = print", {"checks.array"}),
        ("np.random.seed(1)", {"the state of np.random"}),
        ("import random; random.random()", {"the state of random"}),
        ("np.seterr(over='raise')", {"np.seterr(over=…)"}),
    ],
)
def test_what_an_answer_does_to_other_tasks_is_seen(line, left, monkeypatch):
    name, task = "ps06_lstm_gates", "counter_weights"
    for module, part in ((np, "tanh"), (np.linalg, "norm"), (checks, "array")):
        monkeypatch.setattr(module, part, getattr(module, part))  # put back afterwards
    with np.errstate():
        outcome = run_task(name, Answer("a test's", task, f"{reference(name, task)}\n{line}\n"))
    assert outcome.traces == left


def test_a_right_result_is_worked_out_once():
    asked = []

    def double(x):
        asked.append(x.tolist())
        return {"twice": 2 * x}

    recalled = recalling(double)
    first = recalled(np.arange(2))
    first["twice"][0] = 7
    assert recalled(np.arange(2))["twice"].tolist() == [0, 2]
    assert recalled(np.arange(3))["twice"].tolist() == [0, 2, 4]
    assert asked == [[0, 1], [0, 1, 2]]


def test_functions_that_are_asked_about_are_told_apart():
    recalled = recalling(lambda function, x: function(x))
    assert [recalled(lambda x, n=n: n * x, 2) for n in range(9)] == [2 * n for n in range(9)]


def test_a_function_that_alters_its_arguments_is_called_every_time():
    numbers = [np.zeros(1), np.zeros(1)]
    recalled = recalling(lambda x: x.__iadd__(1))
    for number in numbers:
        recalled(number)
    assert [number.item() for number in numbers] == [1, 1]
