"""Every known mistake loses the points of its own task only, and the visible check says why."""

import pytest
from in_process import run_task
from known import KEYS, WRONG, each


@pytest.mark.parametrize(("name", "answer"), each(WRONG.get))
def test_a_wrong_answer_fails_and_is_told_why(name, answer):
    outcome = run_task(name, answer)
    assert not outcome.passed
    assert outcome.traces == set()
    if answer.says:
        assert outcome.visible
        assert answer.says in str(outcome.error)
    under_another_key = run_task(name, answer, KEYS[1])
    assert not under_another_key.passed
    assert under_another_key.traces == set()
