"""Results may have every type that a set's text promises: float32, float64, lists."""

import promised
import pytest
from in_process import problem_set, run_task

SETS = ("ps04_bptt", "ps05_vanishing_exploding", "ps06_lstm_gates")
TYPED = [
    pytest.param(name, answer, id=f"{name[:4]}-{answer.name}")
    for name in SETS
    for form in promised.FORMS
    for answer in promised.answers(name, form)
]


@pytest.mark.parametrize(("name", "answer"), TYPED)
def test_results_may_have_the_types_that_the_text_promises(name, answer):
    said = problem_set(name).parts[0].cell.source
    assert "Arrays come as float64" in said
    assert "arrays or lists" in said
    outcome = run_task(name, answer)
    assert outcome.passed, outcome.error
