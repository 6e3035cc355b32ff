"""Every known answer to a problem set gets what it deserves, and its visible check says why."""

import pytest
from in_process import FOLDER, SETS, auto_tasks, reference, run, run_task

from course_utils import checks
from course_utils.grading import answers

WRONG = {name: answers.wrong(FOLDER / name) for name in SETS}
RIGHT = {name: answers.right(FOLDER / name) for name in SETS}
KEYS = [None, *(bytes([n]) * 16 for n in range(4))]


def degenerate(name):
    """Every answer without content to the tasks of a set."""
    return [
        answer
        for task in auto_tasks(name)
        for answer in answers.degenerate(task.name, task.defines, reference(name, task.name))
    ]


def each(listed):
    """Parameters (set, answer), one for every answer on the lists of all sets."""
    return [pytest.param(name, a, id=f"{name[:4]}-{a.name}") for name in SETS for a in listed[name]]


def lost(name, *chosen):
    return [task for task, outcome in run(name, *chosen).items() if not outcome.passed]


def rounds(name):
    """Every known answer of a set once, with right solutions before it and behind it.

    A round takes one answer for every second task, so a few runs of the whole set serve them all.
    """
    names = [task.name for task in auto_tasks(name)]
    listed = {task: [a for a in WRONG[name] + RIGHT[name] if a.task == task] for task in names}
    for half in (names[::2], names[1::2]):
        for nth in range(max(len(listed[task]) for task in half)):
            yield [listed[task][nth] for task in half if nth < len(listed[task])]


@pytest.fixture
def class_key(request):
    """The key of a class while the test runs, the public one afterwards."""
    checks.set_class_key(request.param)
    yield
    checks.set_class_key(None)


@pytest.mark.parametrize("name", SETS)
def test_the_lists_are_as_long_as_promised(name):
    assert len(WRONG[name]) >= 10
    assert len(RIGHT[name]) >= 6
    tasks = {task.name for task in auto_tasks(name)}
    assert {answer.task for answer in WRONG[name]} == tasks
    assert {answer.task for answer in RIGHT[name]} == tasks


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("class_key", KEYS, indirect=True, ids=str)
@pytest.mark.usefixtures("class_key")
def test_the_reference_solution_gets_everything_under_any_key(name):
    assert lost(name) == []


@pytest.mark.parametrize(("name", "answer"), each(WRONG))
def test_a_wrong_answer_fails_and_is_told_why(name, answer):
    outcome = run_task(name, answer)
    assert not outcome.passed
    if answer.says:
        assert outcome.visible
        assert answer.says in str(outcome.error)


@pytest.mark.parametrize(("name", "answer"), each(RIGHT))
def test_a_right_answer_passes(name, answer):
    outcome = run_task(name, answer)
    assert outcome.passed, outcome.error


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        pytest.param(name, chosen, id=f"{name[:4]}-{number}")
        for name in SETS
        for number, chosen in enumerate(rounds(name))
    ],
)
def test_an_answer_matters_to_its_own_task_only(name, chosen):
    wrong = [answer.task for answer in chosen if answer in WRONG[name]]
    assert lost(name, *chosen) == wrong


@pytest.mark.parametrize("name", SETS)
def test_the_rounds_leave_no_answer_out(name):
    used = [answer.name for chosen in rounds(name) for answer in chosen]
    assert sorted(used) == sorted(answer.name for answer in WRONG[name] + RIGHT[name])


@pytest.mark.parametrize(("name", "answer"), each({name: degenerate(name) for name in SETS}))
def test_a_degenerate_answer_fails_in_the_visible_part(name, answer):
    outcome = run_task(name, answer)
    assert isinstance(outcome.error, checks.CheckFailed)
    assert outcome.visible


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("class_key", [b"another class, another key"], indirect=True)
@pytest.mark.usefixtures("class_key")
def test_another_key_changes_no_verdict(name):
    assert {answer.name for answer in RIGHT[name] if not run_task(name, answer).passed} == set()
    assert {answer.name for answer in WRONG[name] if run_task(name, answer).passed} == set()


def test_every_constant_prediction_fails():
    questions = {
        "ps01_feedforward_limits": ["units", "shuffle", "cost", "place"],
        "ps02_recurrence": ["order", "fade", "latch", "size"],
        "ps03_language_models": ["shift", "halve", "zero", "mean"],
        "ps04_bptt": ["share", "first", "window", "time"],
    }
    for name, asked in questions.items():
        for letter in "abc":
            source = f"prediction = dict.fromkeys({asked}, {letter!r})"
            assert lost(name, answers.Answer("constant", "predict", source)) == ["predict"]


def test_a_broken_list_is_named(tmp_path):
    (tmp_path / "wrong.toml").write_text("[[answer]]\nname = 'a'\ntask = 'b'\n")
    with pytest.raises(ValueError, match=r"wrong\.toml: answer 1 has the keys \['name', 'task'\]"):
        answers.wrong(tmp_path)
    twice = "[[answer]]\nname = 'a'\ntask = 'b'\nsource = ''\n" * 2
    (tmp_path / "right.toml").write_text(twice)
    with pytest.raises(ValueError, match=r"right\.toml: two answers are called 'a'"):
        answers.right(tmp_path)


def test_the_answers_are_spoilt_in_one_name_only():
    name = "ps02_recurrence"
    readouts = next(task for task in auto_tasks(name) if task.name == "readouts")
    spoilt = answers.degenerate("readouts", readouts.defines, reference(name, "readouts"))
    assert {answer.name.rpartition("_none")[0] for answer in spoilt if "none" in answer.name} == {
        "many_to_many",
        "many_to_one",
    }
