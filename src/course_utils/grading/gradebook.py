"""nbgrader's gradebook, so that its formgrader serves hand-marked answers.

The folder is a course of nbgrader's: ``source`` with the set, ``gradebook.db`` with the points,
written by nbgrader's own API, and for every student an ``autograded`` notebook to mark in. That
notebook is the released one with the answer as allow-listed HTML: nothing that a student handed in
is parsed, run or rendered, and formulas stay text, because what typesets them obeys links that a
student could write.

Scores and comments that a person has entered are never touched. Where something about such an
answer has changed since, nbgrader is told that it needs to be looked at again.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from course_utils.grading.feedback import folder_name
from course_utils.grading.files import write_bytes, write_text
from course_utils.grading.orchestrator.journal import Journal, Plate
from course_utils.grading.pictures import uri
from course_utils.grading.table import Line, number
from course_utils.problem_sets.release import Folder, Release

if TYPE_CHECKING:
    from nbformat import NotebookNode

_CONFIG = b"c = get_config()\n"
_TAG_OR_MARK = re.compile(r"(<[^<>]*>)|[^\w\s<>&;#.,]|[_\r\n]")


class GradebookError(Exception):
    """The gradebook cannot be written: one sentence."""


def write(place: Path, folder: Folder, students: dict[str, list[Line]], journal: Journal) -> None:
    """Write the course folder ``place`` for these students. Raises `GradebookError`."""
    release, untouched = folder.release, _untouched(folder)
    known = {student: sha256 for student, sha256, _ in journal.submissions()}
    strange = [student for student in students if student not in known]
    if strange:
        raise GradebookError(f"grades.csv names {strange[0]}, whom the journal does not know")
    place.mkdir(parents=True, exist_ok=True)
    source = place / "source" / release.name / release.notebook  # formgrader lists what is there
    for path, data in ((place / "nbgrader_config.py", _CONFIG), (source, folder.solution)):
        if not path.exists():
            write_bytes(path, data)
    with _gradebook(place) as book:
        _set_up(book, place, release, untouched)
        for student, lines in tqdm(students.items(), unit="student", disable=None):
            sha256 = known[student]
            answers = journal.answers(sha256) if sha256 else {}
            plates = journal.plates(sha256) if sha256 else []
            page = notebook(release, untouched, lines, answers, plates, sha256)
            name = folder_name(student)
            path = place / "autograded" / name / release.name / release.notebook
            anew = path.exists() and _sha256(path) != sha256
            write_text(path, json.dumps(page, indent=1, ensure_ascii=False) + "\n")
            _enter(book, release, name, lines, anew)


@contextmanager
def _gradebook(place: Path) -> Iterator[Any]:
    """nbgrader's gradebook. It calls ``alembic`` by name, which lies beside this Python."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about nbgrader's own code
            from nbgrader.api import Gradebook

            with Gradebook(_url(place)) as book:
                yield book
    except ImportError as missing:
        raise GradebookError(
            "nbgrader is missing: install the course with pip install '.[nbgrader]'"
        ) from missing
    except SQLAlchemyError as bad:
        why = str(getattr(bad, "orig", bad)).splitlines()[0]
        raise GradebookError(f"{place / 'gradebook.db'} cannot be written: {why}") from bad
    finally:
        os.environ["PATH"] = before


def _untouched(folder: Folder) -> NotebookNode:
    """The released student notebook, which nbgrader wants as nbformat reads it."""
    import nbformat

    return nbformat.reads(folder.untouched.decode("utf-8"), as_version=4)


def _url(place: Path) -> str:
    return f"sqlite:///{place / 'gradebook.db'}"


def _set_up(book: Any, place: Path, release: Release, untouched: NotebookNode) -> None:
    """Tell the gradebook which cells the set has, in nbgrader's own way."""
    from nbgrader.preprocessors import SaveCells

    book.update_or_create_assignment(release.name)
    about = {
        "assignment": release.name,
        "notebook": Path(release.notebook).stem,
        "db_url": _url(place),
    }
    try:
        SaveCells().preprocess(untouched, {"nbgrader": about})
    except RuntimeError as changed:
        raise GradebookError(
            f"the tasks of {release.name} have changed since this gradebook was made: export into "
            "another folder with --into (the marks in this one are kept)"
        ) from changed


def _enter(book: Any, release: Release, student: str, lines: list[Line], anew: bool) -> None:
    """Enter the points of one student; ``anew`` where other bytes were handed in since."""
    book.update_or_create_student(student)
    submission = book.update_or_create_submission(release.name, student)
    points = {cell: line.points for line, cell in zip(lines, _cells(release, lines), strict=True)}
    for grade in (grade for one in submission.notebooks for grade in one.grades):
        now = points[grade.name]
        if grade.manual_score is None:
            grade.needs_manual_grade = now is None
        elif anew or grade.auto_score != now:
            grade.needs_manual_grade = True
        grade.auto_score = now
    book.db.commit()


def _cells(release: Release, lines: list[Line]) -> list[str]:
    """For each line, the id of the cell that its points belong to."""
    marked = {cell.task: cell.id for cell in release.cells if cell.role == "manual"}
    cells = {task.name: task.check or marked[task.name] for task in release.tasks}
    unknown = [line.task for line in lines if line.task not in cells]
    if unknown or len(lines) != len(cells):
        raise GradebookError(
            f"grades.csv does not have the tasks that {release.name} has now: grade again"
        )
    return [cells[line.task] for line in lines]


def _sha256(path: Path) -> str | None:
    """The hash of the submission that a notebook of ours was made for."""
    try:
        return json.loads(path.read_text("utf-8"))["metadata"]["course"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def notebook(
    release: Release,
    untouched: NotebookNode,
    lines: list[Line],
    answers: dict[str, str],
    plates: list[Plate],
    sha256: str | None,
) -> dict[str, Any]:
    """The released notebook with one student's marked answers, pictures and states in it."""
    by_cell = dict(zip(_cells(release, lines), lines, strict=True))
    owners = {cell.id: cell for cell in release.cells}
    cells = []
    for cell in untouched["cells"]:
        owner, line = owners.get(cell.get("id")), by_cell.get(cell.get("id"))
        if line is not None and owner.role == "manual":
            cells.append({**cell, "source": _answer(line.task, answers, plates)})
        elif line is not None:
            cells.append({**cell, "outputs": [_said(line)]})
        elif owner is not None and owner.role == "solution":
            cells.append({**cell, "source": f"# as handed in: archive/{sha256}.ipynb"})
        else:
            cells.append(cell)
    about = {**untouched["metadata"], "course": {"sha256": sha256}}
    return {**untouched, "metadata": about, "cells": cells}


def _said(line: Line) -> dict[str, Any]:
    points = "not judged" if line.points is None else f"{number(line.points)} points"
    text = f"{line.state}: {points} of {number(line.max_points)}\n"
    return {"output_type": "stream", "name": "stdout", "text": text}


def _answer(task: str, answers: dict[str, str], plates: list[Plate]) -> str:
    """An answer as one line of HTML in which neither Markdown nor MathJax finds anything."""
    text = _TAG_OR_MARK.sub(lambda m: m[1] or f"&#{ord(m[0])};", answers.get(task, ""))
    shown = [
        f'<p><img src="{uri(one.png)}" alt="{inert(one.caption)}"><br>{inert(one.caption)}</p>'
        for one in plates
        if one.task == task
    ]
    return f'<div class="tex2jax_ignore mathjax_ignore">{text}{"".join(shown)}</div>'


def inert(text: str) -> str:
    """Plain text as HTML that is not Markdown either."""
    return _TAG_OR_MARK.sub(lambda m: f"&#{ord(m[0])};", html.escape(text))
