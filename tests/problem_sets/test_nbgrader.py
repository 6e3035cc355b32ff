"""nbgrader itself on problem set 2: it accepts the set and gives every known answer its points.

Starting a kernel costs seconds, so all known answers stand in one notebook: each has a copy of its
task's cells, with the same check. (That a wrong answer loses *only* its own task is tested with the
lists.) Beside it the real notebook is graded: solved, untouched, and with the first answer to every
task from each list.
"""

import json
import os
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from in_process import FOLDER, ROOT, SET, auto_tasks

from course_utils.grading import answers

NOTEBOOK = f"{SET}.ipynb"
SOLUTION = ROOT / "solutions" / SET / NOTEBOOK
EXERCISE = ROOT / "exercises" / SET / NOTEBOOK
TASKS = {task.name: task for task in auto_tasks()}
WRONG = answers.wrong(FOLDER / SET)
RIGHT = answers.right(FOLDER / SET)


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


def with_answers(chosen):
    """The student's notebook with these answers in their tasks' solution cells."""
    notebook = read(EXERCISE)
    sources = {answer.task: answer.source for answer in chosen}
    for cell in notebook["cells"]:
        cell["source"] = sources.get(grade_id(cell), cell["source"])
    return notebook


def every_answer(*, solved):
    """A notebook with a copy of a task's cells for every answer: it, or (solved) the right one."""
    notebook = read(SOLUTION)
    cells = {grade_id(cell): cell for cell in notebook["cells"] if grade_id(cell)}
    graded = {name for task in TASKS.values() for name in (*task.solution_cells, task.check_cell)}
    copies = [cell for name, cell in cells.items() if name not in graded | {"explain"}]
    for answer in (*WRONG, *RIGHT):
        for name in (answer.task, TASKS[answer.task].check_cell):
            copy = deepcopy(cells[name])
            copy["id"] = copy["metadata"]["nbgrader"]["grade_id"] = f"{name}-{answer.name}"
            if name == answer.task and not solved:
                copy["source"] = answer.source
            copies.append(copy)
    return notebook | {"cells": copies}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded nbgrader course: one assignment of two notebooks, five students."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(SOLUTION, folder / NOTEBOOK)
    write(folder / "source" / SET / NOTEBOOK, read(SOLUTION))
    write(folder / "source" / SET / "every_answer.ipynb", every_answer(solved=True))
    released = nbgrader("generate_assignment", SET, course=folder)
    assert released.returncode == 0, released.stderr
    first = {"wrong": {}, "right": {}}
    for name, listed in (("wrong", WRONG), ("right", RIGHT)):
        for answer in reversed(listed):
            first[name][answer.task] = answer
    submitted = folder / "submitted"
    for name, chosen in first.items():
        write(submitted / name / SET / NOTEBOOK, with_answers(chosen.values()))
    write(submitted / "solution" / SET / NOTEBOOK, read(SOLUTION))
    write(submitted / "untouched" / SET / NOTEBOOK, read(EXERCISE))
    write(submitted / "everything" / SET / "every_answer.ipynb", every_answer(solved=False))
    graded = nbgrader("autograde", SET, course=folder)
    assert graded.returncode == 0, graded.stderr
    return folder


@pytest.fixture(scope="module")
def scores(course):
    """The points of every student for every check cell, as nbgrader recorded them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(SET)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def test_the_release_is_the_student_notebook_of_authoring(course):
    def graded_cells(notebook):
        return {
            grade_id(cell): (
                "".join(cell["source"]).rstrip("\n"),
                cell["metadata"]["nbgrader"]["checksum"],
            )
            for cell in notebook["cells"]
            if grade_id(cell)
        }

    released = read(course / "release" / SET / NOTEBOOK)
    assert graded_cells(released) == graded_cells(read(EXERCISE))


@pytest.mark.parametrize(
    ("student", "right"),
    [("solution", True), ("right", True), ("wrong", False), ("untouched", False)],
)
def test_all_points_or_none(scores, student, right):
    points = {task.name: scores[student, task.check_cell] for task in TASKS.values()}
    assert points == {task.name: task.points if right else 0 for task in TASKS.values()}


def test_every_known_answer_gets_its_points(scores):
    points = {
        answer.name: scores["everything", f"{TASKS[answer.task].check_cell}-{answer.name}"]
        for answer in (*WRONG, *RIGHT)
    }
    expected = {answer.name: 0 for answer in WRONG}
    expected |= {answer.name: TASKS[answer.task].points for answer in RIGHT}
    assert points == expected


def test_validate_accepts_the_solution(course):
    done = nbgrader("validate", NOTEBOOK, course=course)
    assert done.returncode == 0
    assert "Success! Your notebook passes all the tests." in done.stdout
