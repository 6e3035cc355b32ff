"""Whole sets, run from the first cell to the last: solved, and with known answers in some tasks."""

from itertools import islice

import pytest
from in_process import SETS, run, run_task
from known import KEYS, WRONG, rounds

from course_utils.grading.answers import Answer


def lost(name, *chosen, key=None):
    return [task for task, outcome in run(name, *chosen, key=key).items() if not outcome.passed]


@pytest.mark.parametrize("key", KEYS[1:-1], ids=str)
@pytest.mark.parametrize("name", SETS)
def test_the_right_solution_gets_everything_under_any_key(name, key):
    """Under the public key it does where suspects are worked out (`test_suspects`)."""
    assert lost(name, key=key) == []


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("name", SETS)
def test_mistakes_in_every_second_task_lose_these_and_no_others(name, half):
    """The last key, so that each right solution is run under it in one of the halves."""
    chosen = next(islice(rounds(name), half, None))
    assert all(answer in WRONG[name] for answer in chosen)
    assert lost(name, *chosen, key=KEYS[-1]) == [answer.task for answer in chosen]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("ps01_feedforward_limits", ("units", "shuffle", "cost", "place")),
        ("ps02_recurrence", ("order", "fade", "latch", "size")),
        ("ps03_language_models", ("shift", "halve", "zero", "mean")),
        ("ps04_bptt", ("share", "first", "window", "time")),
    ],
)
@pytest.mark.parametrize("letter", "abc")
def test_every_constant_prediction_fails(name, asked, letter):
    source = f"prediction = dict.fromkeys({asked}, {letter!r})"
    outcome = run_task(name, Answer("constant", "predict", source))
    assert not outcome.passed
    assert outcome.traces == set()
