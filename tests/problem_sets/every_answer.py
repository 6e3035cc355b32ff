"""Every known answer to every set: in whole sets, through nbgrader and through our own grader.

It takes a quarter of an hour, so pytest runs it only where it is named: `make soak`.
"""

from hashlib import sha256
from itertools import zip_longest

import deeds
import pytest
from in_process import FOLDER, ROOT, SETS, auto_tasks, run
from known import RIGHT, WRONG, first_of_each_task, rounds
from nbgrader_course import Course, exercise, grade_id, known_id, of_known_answers, solution

from course_utils.grading.classroom.kinds import Notebook, material
from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.grading.settings import Settings
from course_utils.problem_sets.release import find

each_set = pytest.mark.parametrize("name", SETS)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        pytest.param(name, chosen, id=f"{name[:4]}-{number}")
        for name in SETS
        for number, chosen in enumerate(rounds(name))
    ],
)
def test_an_answer_matters_to_its_own_task_only(name, chosen):
    lost = [task for task, outcome in run(name, *chosen).items() if not outcome.passed]
    wrong = {answer.task for answer in chosen if answer in WRONG[name]}
    assert set(lost) == wrong


def with_answers(name, chosen):
    """The student's notebook with these answers in their tasks' solution cells."""
    notebook = exercise(name)
    sources = {answer.task: answer.source for answer in chosen}
    for cell in notebook["cells"]:
        cell["source"] = sources.get(grade_id(cell), cell["source"])
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course that nbgrader has graded: all answers of a set in one notebook, four real ones."""
    made = Course(tmp_path_factory.mktemp("course"))
    for name in SETS:
        made.assign(name, solution(name))
        made.submit("solved", name, solution(name))
        made.submit("untouched", name, exercise(name))
        made.submit("wrong", name, with_answers(name, first_of_each_task(WRONG[name])))
        made.submit("right", name, with_answers(name, first_of_each_task(RIGHT[name])))
        listed = {name: WRONG[name] + RIGHT[name]}
        made.assign(f"all_{name}", of_known_answers(listed, solved=True))
        made.submit("student", f"all_{name}", of_known_answers(listed, solved=False))
    made.grade(*SETS)
    return made


@each_set
@pytest.mark.parametrize(
    ("student", "right"),
    [("solved", True), ("right", True), ("wrong", False), ("untouched", False)],
)
def test_nbgrader_gives_all_points_or_none(course, name, student, right):
    points = course.points(name, student)
    for task in auto_tasks(name):
        assert points[task.check_cell] == (task.points if right else 0), task.name


@each_set
def test_nbgrader_gives_every_known_answer_its_points(course, name):
    tasks = {task.name: task for task in auto_tasks(name)}
    points = course.points(f"all_{name}", "student")
    for answer in WRONG[name] + RIGHT[name]:
        task = tasks[answer.task]
        fair = task.points if answer in RIGHT[name] else 0
        assert points[known_id(name, task.check_cell, answer)] == fair, answer.name


@each_set
def test_nbgrader_validates_the_solution(course, name):
    assert "Success! Your notebook passes all the tests." in course.said_of(name)


def hand_ins(stuff):
    """Notebooks with an answer to each task, until all had their turn; who loses what by them."""
    done = (*deeds.ANSWERS,) if stuff.folder.release.name == deeds.SET else ()
    right = {*stuff.right, *(answer for answer in done if deeds.ANSWERS[answer])}
    tasks = {task.name: task for task in stuff.auto}
    for listed in (stuff.right, stuff.wrong, stuff.degenerate, done):
        columns = [[one for one in listed if one.task == task] for task in tasks]
        for row in zip_longest(*columns):
            made, chosen = Notebook(stuff).solve(), [answer for answer in row if answer]
            for answer in chosen:
                made.answer(tasks[answer.task], answer.source)
            wrong = {answer.task: answer.name for answer in chosen if answer not in right}
            yield made.hand_in("known answers").data, wrong


@each_set
def test_our_grader_gives_every_known_answer_its_points(name):
    stuff = material(find(name, (ROOT,)), FOLDER / name)
    tasks = frozenset(task.name for task in stuff.auto)
    fair = {Job(sha256(raw).hexdigest(), raw, tasks): wrong for raw, wrong in hand_ins(stuff)}
    unfair = []
    with Scheduler(stuff.folder, Settings(workers=2, cpu=30.0, wall=120.0)) as scheduler:
        for job, judged in scheduler.judge(fair):
            lost = {one.task for one in judged.verdicts if not one.passed} & tasks
            named = fair[job]
            unfair += [(task, named.get(task, "loses points")) for task in lost ^ named.keys()]
    assert unfair == []
