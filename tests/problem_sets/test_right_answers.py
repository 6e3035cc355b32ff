"""Every known right answer keeps its points, however it is written, and others keep theirs."""

import pytest
from in_process import run_task
from known import KEYS, RIGHT, each


@pytest.mark.parametrize(("name", "answer"), each(RIGHT.get))
def test_a_right_answer_passes(name, answer):
    for key in KEYS[:2]:
        outcome = run_task(name, answer, key)
        assert outcome.passed, outcome.error
        assert outcome.traces == set()
