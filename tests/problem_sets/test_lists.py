"""Every known answer to problem set 2 gets what it deserves, and its visible check says why."""

import pytest
from in_process import FOLDER, SET, auto_tasks, problem_set, reference, run, run_task

from course_utils import checks
from course_utils.grading import answers

WRONG = answers.wrong(FOLDER / SET)
RIGHT = answers.right(FOLDER / SET)
DEGENERATE = tuple(
    answer
    for task in auto_tasks()
    for answer in answers.degenerate(task.name, task.defines, reference(task.name))
)


def lost(answer=None):
    return [task for task, outcome in run(answer).items() if not outcome.passed]


@pytest.fixture
def class_key(request):
    """The key of a class while the test runs, the public one afterwards."""
    checks.set_class_key(request.param)
    yield
    checks.set_class_key(None)


def test_the_lists_are_as_long_as_promised():
    assert len(WRONG) >= 10
    assert len(RIGHT) >= 6
    tasks = {task.name for task in auto_tasks()}
    assert {answer.task for answer in WRONG} == tasks
    assert {answer.task for answer in RIGHT} == tasks


@pytest.mark.parametrize(
    "class_key", [None, *(bytes([n]) * 16 for n in range(12))], indirect=True, ids=str
)
@pytest.mark.usefixtures("class_key")
def test_the_reference_solution_gets_everything_under_any_key():
    assert lost() == []


@pytest.mark.parametrize("answer", WRONG, ids=lambda answer: answer.name)
def test_a_wrong_answer_loses_exactly_its_task(answer):
    outcomes = run(answer)
    assert [task for task, outcome in outcomes.items() if not outcome.passed] == [answer.task]
    if answer.says:
        assert outcomes[answer.task].visible
        assert answer.says in str(outcomes[answer.task].error)


@pytest.mark.parametrize("answer", RIGHT, ids=lambda answer: answer.name)
def test_a_right_answer_loses_nothing(answer):
    assert lost(answer) == []


@pytest.mark.parametrize("answer", DEGENERATE, ids=lambda answer: answer.name)
def test_a_degenerate_answer_fails_in_the_visible_part(answer):
    outcome = run_task(answer)
    assert isinstance(outcome.error, checks.CheckFailed)
    assert outcome.visible


@pytest.mark.parametrize("class_key", [b"another class, another key"], indirect=True)
@pytest.mark.usefixtures("class_key")
def test_another_key_changes_no_verdict():
    assert {answer.name for answer in RIGHT if not run_task(answer).passed} == set()
    assert {answer.name for answer in WRONG if run_task(answer).passed} == set()


def test_every_constant_prediction_fails():
    for letter in "abc":
        source = f"prediction = dict.fromkeys(['order', 'fade', 'latch', 'size'], {letter!r})"
        assert lost(answers.Answer("constant", "predict", source)) == ["predict"]


def test_a_broken_list_is_named(tmp_path):
    (tmp_path / "wrong.toml").write_text("[[answer]]\nname = 'a'\ntask = 'b'\n")
    with pytest.raises(ValueError, match=r"wrong\.toml: answer 1 has the keys \['name', 'task'\]"):
        answers.wrong(tmp_path)
    twice = "[[answer]]\nname = 'a'\ntask = 'b'\nsource = ''\n" * 2
    (tmp_path / "right.toml").write_text(twice)
    with pytest.raises(ValueError, match=r"right\.toml: two answers are called 'a'"):
        answers.right(tmp_path)


def test_the_answers_are_spoilt_in_one_name_only():
    readouts = next(task for task in problem_set().tasks if task.name == "readouts")
    spoilt = answers.degenerate("readouts", readouts.defines, reference("readouts"))
    assert {answer.name.rpartition("_none")[0] for answer in spoilt if "none" in answer.name} == {
        "many_to_many",
        "many_to_one",
    }
