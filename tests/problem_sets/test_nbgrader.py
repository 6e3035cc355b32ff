"""nbgrader itself on the problem sets: it accepts them and gives every known answer its points.

Starting a kernel costs seconds, so all known answers stand in one notebook: each has a copy of its
task's cells, with the same check. (That a wrong answer loses *only* its own task is tested with the
lists.) Beside it the real notebook is graded: solved, untouched, and with the first answer to every
task from each list.
"""

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from in_process import FOLDER, ROOT, SETS, auto_tasks, problem_set

from course_utils.grading import answers

EVERYTHING = "every_answer.ipynb"


def nbgrader(*words, course):
    """Run one nbgrader command in ``course``; nbgrader looks for alembic on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = {"HOME": str(course), "OMP_NUM_THREADS": "1", "PATH": path}
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def solution(name):
    return read(ROOT / "solutions" / name / f"{name}.ipynb")


def exercise(name):
    return read(ROOT / "exercises" / name / f"{name}.ipynb")


def known(name):
    """The wrong and the right answers to a set, as two tuples."""
    return answers.wrong(FOLDER / name), answers.right(FOLDER / name)


def with_answers(name, chosen):
    """The student's notebook with these answers in their tasks' solution cells."""
    notebook = exercise(name)
    sources = {answer.task: answer.source for answer in chosen}
    for cell in notebook["cells"]:
        cell["source"] = sources.get(grade_id(cell), cell["source"])
    return notebook


def every_answer(name, *, solved):
    """A notebook with a copy of a task's cells for every answer: it, or (solved) the right one."""
    notebook = exercise(name)
    tasks = {task.name: task for task in problem_set(name).tasks}
    cells = {grade_id(cell): cell for cell in solution(name)["cells"] if grade_id(cell)}
    graded = {cell for task in tasks.values() for cell in (*task.solution_cells, task.check_cell)}
    by_hand = {task.name for task in tasks.values() if task.kind == "manual"}
    copies = [cell for cell_id, cell in cells.items() if cell_id not in graded | by_hand]
    for answer in sum(known(name), ()):
        for cell_id in (answer.task, tasks[answer.task].check_cell):
            copy = deepcopy(cells[cell_id])
            copy["id"] = copy["metadata"]["nbgrader"]["grade_id"] = f"{cell_id}-{answer.name}"
            if cell_id == answer.task and not solved:
                copy["source"] = answer.source
            copies.append(copy)
    return notebook | {"cells": copies}


@pytest.fixture(scope="module", params=SETS)
def name(request):
    """The set that is graded."""
    return request.param


@pytest.fixture(scope="module")
def course(name, tmp_path_factory):
    """A graded nbgrader course: one assignment of two notebooks, five students."""
    folder = tmp_path_factory.mktemp("course")
    notebook = f"{name}.ipynb"
    write(folder / notebook, solution(name))
    write(folder / "source" / name / notebook, solution(name))
    write(folder / "source" / name / EVERYTHING, every_answer(name, solved=True))
    released = nbgrader("generate_assignment", name, course=folder)
    assert released.returncode == 0, released.stderr
    submitted = folder / "submitted"
    for student, listed in zip(("wrong", "right"), known(name), strict=True):
        first = {answer.task: answer for answer in reversed(listed)}
        write(submitted / student / name / notebook, with_answers(name, first.values()))
    write(submitted / "solution" / name / notebook, solution(name))
    write(submitted / "untouched" / name / notebook, exercise(name))
    write(submitted / "everything" / name / EVERYTHING, every_answer(name, solved=False))
    graded = nbgrader("autograde", name, course=folder)
    assert graded.returncode == 0, graded.stderr
    return folder


@pytest.fixture(scope="module")
def scores(name, course):
    """The points of every student for every check cell, as nbgrader recorded them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(name)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def test_the_release_is_the_student_notebook_of_authoring(name, course):
    def graded_cells(notebook):
        return {
            grade_id(cell): (
                "".join(cell["source"]).rstrip("\n"),
                cell["metadata"]["nbgrader"]["checksum"],
            )
            for cell in notebook["cells"]
            if grade_id(cell)
        }

    released = read(course / "release" / name / f"{name}.ipynb")
    assert graded_cells(released) == graded_cells(exercise(name))


@pytest.mark.parametrize(
    ("student", "right"),
    [("solution", True), ("right", True), ("wrong", False), ("untouched", False)],
)
def test_all_points_or_none(name, scores, student, right):
    tasks = auto_tasks(name)
    points = {task.name: scores[student, task.check_cell] for task in tasks}
    assert points == {task.name: task.points if right else 0 for task in tasks}


def test_every_known_answer_gets_its_points(name, scores):
    tasks = {task.name: task for task in auto_tasks(name)}
    wrong, right = known(name)
    points = {
        answer.name: scores["everything", f"{tasks[answer.task].check_cell}-{answer.name}"]
        for answer in (*wrong, *right)
    }
    expected = {answer.name: 0 for answer in wrong}
    expected |= {answer.name: tasks[answer.task].points for answer in right}
    assert points == expected


def test_validate_accepts_the_solution(name, course):
    done = nbgrader("validate", f"{name}.ipynb", course=course)
    assert done.returncode == 0
    assert "Success! Your notebook passes all the tests." in done.stdout
