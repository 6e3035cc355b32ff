"""Every answer without content fails in the visible part, with a sentence and not a traceback."""

import pytest
from in_process import auto_tasks, reference, run_spoilt
from known import degenerate, each

from course_utils import checks
from course_utils.grading import answers


@pytest.mark.parametrize(("name", "answer"), each(degenerate))
def test_a_degenerate_answer_fails_in_the_visible_part(name, answer):
    outcome = run_spoilt(name, answer)
    assert isinstance(outcome.error, checks.CheckFailed)
    assert outcome.visible


def test_the_answers_are_spoilt_in_one_name_only():
    name = "ps02_recurrence"
    readouts = next(task for task in auto_tasks(name) if task.name == "readouts")
    spoilt = answers.degenerate("readouts", readouts.defines, reference(name, "readouts"))
    assert {answer.name.rpartition("_none")[0] for answer in spoilt if "none" in answer.name} == {
        "many_to_many",
        "many_to_one",
    }
