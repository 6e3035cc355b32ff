"""A course in nbgrader itself: its sources are released, its submissions graded.

Starting nbgrader costs seconds, so one process does everything: `python nbgrader_course.py FOLDER`.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from course_utils.grading.answers import Answer

Notebook = dict[str, Any]
ROOT = Path(__file__).parents[2]
# Before each set's cells in a notebook of several: nothing of the sets before is left.
RESET: Notebook = {
    "cell_type": "code",
    "metadata": {},
    "source": "%reset -f",
    "outputs": [],
    "execution_count": None,
}


def solution(name: str) -> Notebook:
    """The instructor's notebook of a set, as it stands in the repository."""
    return read(ROOT / "solutions" / name / f"{name}.ipynb")


def exercise(name: str) -> Notebook:
    """The student's notebook of a set."""
    return read(ROOT / "exercises" / name / f"{name}.ipynb")


def grade_id(cell: Notebook) -> str | None:
    """The name by which nbgrader knows a cell, if it does."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def of_known_answers(listed: Mapping[str, Iterable[Answer]], *, solved: bool) -> Notebook:
    """For every set and answer a copy of its task's cells, which hold it, or the right solution.

    Starting a kernel costs more than running most answers, so one runs all of them.
    """
    of_sets = [cell for name in listed for cell in _of_set(name, listed[name], solved)]
    cells = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(of_sets)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _of_set(name: str, listed: Iterable[Answer], solved: bool) -> Iterator[Notebook]:
    cells = [cell for cell in solution(name)["cells"] if grade_id(cell)]
    named = {grade_id(cell): cell for cell in cells}
    yield RESET
    for cell in cells:
        mark = cell["metadata"]["nbgrader"]
        if not mark["grade"] and not mark["solution"]:
            yield cell
    for answer in listed:
        for place in (answer.task, f"{answer.task}_checks"):
            copy = deepcopy(named[place])
            copy["metadata"]["nbgrader"]["grade_id"] = known_id(name, place, answer)
            if place == answer.task and not solved:
                copy["source"] = answer.source
            yield copy


def known_id(name: str, place: str, answer: Answer) -> str:
    """nbgrader's name for the copy of a cell that belongs to a known answer."""
    return f"{name[:4]}-{place}-{answer.name}"


class Course:
    """A folder with a course. Add assignments and submissions, grade it, then ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._result: Notebook = {}

    def assign(self, assignment: str, content: Notebook) -> None:
        """Add an assignment of one notebook, which has its name."""
        self._write(("source", assignment), content)

    def submit(self, student: str, assignment: str, content: Notebook) -> None:
        """Hand in an assignment's notebook for a student."""
        self._write(("submitted", student, assignment), content)

    def _write(self, folders: tuple[str, ...], content: Notebook) -> None:
        path = self.folder.joinpath(*folders, f"{folders[-1]}.ipynb")
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

    def outputs(self, assignment: str, student: str) -> dict[str, str]:
        """What every cell of a graded notebook printed and raised."""
        graded = self.folder / "autograded" / student / assignment / f"{assignment}.ipynb"
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
                (graded,) = submission.notebooks
                points[assignment][submission.student.id] = {
                    grade.name: grade.auto_score for grade in graded.grades
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
