"""nbgrader itself on the problem sets: it accepts them, and gives points as it should.

The solution of every set; and, in one notebook since starting a kernel costs a second, every task
untouched, with the first wrong answer and with the first right one, and the `deeds`. All known
answers of all sets go through nbgrader in `every_answer.py`.
"""

import deeds
import pytest
from in_process import SETS, auto_tasks, run_task
from known import RIGHT, WRONG, first_of_each_task
from nbgrader_course import Course, exercise, grade_id, known_id, of_known_answers, solution

from course_utils.grading.answers import Answer

each_set = pytest.mark.parametrize("name", SETS)


def untouched(name):
    """The cells that students find, as answers."""
    cells = {grade_id(cell): cell["source"] for cell in exercise(name)["cells"]}
    return [Answer("untouched", one.name, "".join(cells[one.name])) for one in auto_tasks(name)]


def sample(name):
    """The answers to a set that nbgrader grades, each with whether it is right.

    The first ones define nothing, so they stand before those that do.
    """
    return (
        dict.fromkeys(untouched(name), False)
        | (deeds.ANSWERS if name == deeds.SET else {})
        | dict.fromkeys(first_of_each_task(WRONG[name]), False)
        | dict.fromkeys(first_of_each_task(RIGHT[name]), True)
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded course: every set is an assignment, and the sample is one."""
    made = Course(tmp_path_factory.mktemp("course"))
    for name in SETS:
        made.assign(name, solution(name))
        made.submit("solved", name, solution(name))
    made.submit("untouched", deeds.SET, exercise(deeds.SET))
    samples = {name: sample(name) for name in SETS}
    made.assign("sample", of_known_answers(samples, solved=True))
    made.submit("student", "sample", of_known_answers(samples, solved=False))
    made.grade(deeds.SET)
    return made


@each_set
def test_the_release_is_the_student_notebook_of_authoring(course, name):
    def graded_cells(notebook):
        return {
            grade_id(cell): (
                "".join(cell["source"]).rstrip("\n"),
                cell["metadata"]["nbgrader"]["checksum"],
            )
            for cell in notebook["cells"]
            if grade_id(cell)
        }

    assert graded_cells(course.released(name)) == graded_cells(exercise(name))


@each_set
def test_an_answer_is_one_cell(name):
    """So that a copy of two cells is a copy of its task."""
    assert {len(task.solution_cells) for task in auto_tasks(name)} == {1}


@each_set
def test_the_solution_gets_all_points(course, name):
    points = course.points(name, "solved")
    for task in auto_tasks(name):
        assert points[task.check_cell] == task.points, task.name


def test_an_untouched_notebook_gets_no_points(course):
    points = course.points(deeds.SET, "untouched")
    assert {points[task.check_cell] for task in auto_tasks(deeds.SET)} == {0}


@each_set
def test_known_answers_get_their_points(course, name):
    tasks = {task.name: task for task in auto_tasks(name)}
    answers = sample(name)
    assert {answer.task for answer in answers} == set(tasks)
    points = course.points("sample", "student")
    for answer, right in answers.items():
        task = tasks[answer.task]
        got = points[known_id(name, task.check_cell, answer)]
        assert got == (task.points if right else 0), answer.name


@pytest.mark.parametrize("name", deeds.DEEDS)
def test_the_answers_do_what_they_are_called(course, name):
    outputs = course.outputs("sample", "student")
    cells = [place for place in outputs if place.endswith(f"-{name}")]
    assert len(cells) == 2
    assert deeds.DEEDS[name].shows in "".join(outputs[cell] for cell in cells)


@pytest.mark.parametrize(
    ("name", "visible"), [("fails_where_students_look", True), ("fails_where_they_cannot", False)]
)
def test_one_deed_fails_in_each_part_of_the_check(name, visible):
    (answer,) = [answer for answer in deeds.ANSWERS if answer.name == name]
    assert run_task(deeds.SET, answer).visible == visible


def test_validate_accepts_a_solution(course):
    assert "Success! Your notebook passes all the tests." in course.said_of(deeds.SET)
