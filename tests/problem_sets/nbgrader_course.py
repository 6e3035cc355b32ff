"""A course in nbgrader itself: its sources are released, its submissions graded.

Starting nbgrader costs seconds, so one process does everything: `python nbgrader_course.py FOLDER`.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from course_utils.grading.answers import Answer

Notebook = dict[str, Any]
Scores = dict[tuple[str, str, str], float]
ROOT = Path(__file__).parents[2]
KNOWN = "known_answers"
"""The notebook of an assignment that holds a task's cells once for every answer to it."""


def solution(name: str) -> Notebook:
    """The instructor's notebook of a set, as it stands in the repository."""
    return read(ROOT / "solutions" / name / f"{name}.ipynb")


def exercise(name: str) -> Notebook:
    """The student's notebook of a set."""
    return read(ROOT / "exercises" / name / f"{name}.ipynb")


def grade_id(cell: Notebook) -> str | None:
    """The name by which nbgrader knows a cell, if it does."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def of_known_answers(name: str, listed: Iterable[Answer], *, solved: bool) -> Notebook:
    """A set's notebook with a copy of a task's cells for every answer: it, or the right one.

    Starting a kernel costs more than running most answers.
    """
    notebook = solution(name)
    cells = {grade_id(cell): cell for cell in notebook["cells"] if grade_id(cell)}
    marks = {grade: cell["metadata"]["nbgrader"] for grade, cell in cells.items()}
    kept = [cells[g] for g, mark in marks.items() if not mark["grade"] and not mark["solution"]]
    for answer in listed:
        for place in (answer.task, f"{answer.task}_checks"):
            copy = deepcopy(cells[place])
            copy["id"] = copy["metadata"]["nbgrader"]["grade_id"] = f"{place}-{answer.name}"
            if place == answer.task and not solved:
                copy["source"] = answer.source
            kept.append(copy)
    return notebook | {"cells": kept}


class Course:
    """A folder with a course. Add assignments and submissions, grade it, then ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._result: Notebook = {}

    def assign(self, assignment: str, notebook: str, content: Notebook) -> None:
        """Add a notebook to the sources of an assignment."""
        self._write(("source", assignment), notebook, content)

    def submit(self, student: str, assignment: str, notebook: str, content: Notebook) -> None:
        """Add a notebook to what a student hands in."""
        self._write(("submitted", student, assignment), notebook, content)

    def _write(self, folders: tuple[str, ...], notebook: str, content: Notebook) -> None:
        path = self.folder.joinpath(*folders, f"{notebook}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")

    def grade(self, *validated: str) -> None:
        """Release all assignments, grade all submissions, validate some of the sources."""
        # Working out long tracebacks takes longer than most answers, and no grade depends on them.
        settings = self.folder / ".ipython" / "profile_default" / "ipython_config.py"
        settings.parent.mkdir(parents=True)
        settings.write_text("c.InteractiveShell.xmode = 'Plain'\n", encoding="utf-8")
        # nbgrader looks for alembic on the path, and all look for their settings at home.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [sys.executable, __file__, str(self.folder), *validated],
            cwd=self.folder,
            env=os.environ | {"HOME": str(self.folder), "OMP_NUM_THREADS": "1", "PATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=3600,
        )
        assert done.returncode == 0, done.stderr
        self._result = read(self.folder / "result.json")

    def points(self, assignment: str, student: str) -> dict[str, float]:
        """The points of every graded cell, as nbgrader recorded them."""
        return self._result["points"][assignment][student]

    def said_of(self, assignment: str) -> str:
        """What nbgrader's validation said of a source."""
        return self._result["validation"][assignment]

    def released(self, assignment: str) -> Notebook:
        """The student's version of an assignment's notebook."""
        return read(self.folder / "release" / assignment / f"{assignment}.ipynb")

    def outputs(self, student: str, assignment: str, notebook: str) -> dict[str, str]:
        """What every cell of a graded notebook printed and raised."""
        graded = self.folder / "autograded" / student / assignment / f"{notebook}.ipynb"
        return {
            grade_id(cell): json.dumps(cell["outputs"])
            for cell in read(graded)["cells"]
            if cell["cell_type"] == "code" and grade_id(cell)
        }


def read(path: Path) -> Notebook:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def main(folder: Path, *validated: str) -> None:
    """Do with nbgrader what `Course.grade` asks for, and write the result.json."""
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from nbgrader.validator import Validator
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(folder)
    nbgrader = NbGraderAPI(config=config)
    assignments = sorted(path.name for path in (folder / "source").iterdir())
    for assignment in assignments:
        _succeeded(nbgrader.generate_assignment(assignment))
    for path in sorted((folder / "submitted").glob("*/*")):
        _succeeded(nbgrader.autograde(path.name, path.parent.name))
    points = {assignment: {} for assignment in assignments}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        for assignment in assignments:
            for submission in gradebook.assignment_submissions(assignment):
                points[assignment][submission.student.id] = {
                    grade.name: grade.auto_score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
    said = {}
    for assignment in validated:
        validator = Validator(config=config)
        validator.stream = io.StringIO()
        validator.validate_and_print(str(folder / "source" / assignment / f"{assignment}.ipynb"))
        said[assignment] = validator.stream.getvalue()
    result = {"points": points, "validation": said}
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")


def _succeeded(result: dict[str, Any]) -> None:
    if not result["success"]:
        raise SystemExit(result["log"] + result["error"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
