"""``course export``: grades in the shapes that other systems read, made from ``grades.csv``.

``csv`` is one row a student for learning platforms; ``gradescope`` is one ``results.json`` a
student in Gradescope's autograder format; ``nbgrader`` is a course folder in which nbgrader's
formgrader serves the hand-marked answers (`gradebook`; these come from the journal). Cells that a
spreadsheet would take for a formula are neutralised.
"""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

from course_utils.grading import gradebook
from course_utils.grading.feedback import folder_name
from course_utils.grading.files import write_text
from course_utils.grading.grade import JOURNAL, default_journal, places
from course_utils.grading.gradebook import GradebookError
from course_utils.grading.orchestrator.journal import Journal, JournalError
from course_utils.grading.table import Line, TableError, neutral, number, read
from course_utils.problem_sets.release import ReleaseError, find


def export(
    out: Path,
    form: str,
    into: Path | None = None,
    journal: str | None = None,
    root: Path | None = None,
) -> int:
    """Write ``out/exports/…`` (or to ``into``) from ``out/grades.csv``; the exit code.

    ``journal`` and ``root`` are those of `grade.grade`.
    """
    try:
        lines = read(out / "grades.csv")
        place = into or out / "exports"
        if form == "nbgrader":
            place = into or place / "nbgrader"
            written = _nbgrader(place, lines, journal or _own_journal(out), root)
        else:
            written = _csv(place, lines) if form == "csv" else _gradescope(place, lines)
    except (TableError, ReleaseError, JournalError, GradebookError, OSError) as bad:
        print(f"course export: {bad}.", file=sys.stderr)
        return 2
    print(f"export: {written}")
    return 0


def _by_student(lines: list[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.student, []).append(line)
    return found


def _csv(place: Path, lines: list[Line]) -> Path:
    """One row a student: total, every task, and the tasks that nobody has judged yet."""
    names = list(dict.fromkeys(line.task for line in lines))
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow([neutral(cell) for cell in ("student", "total", *names, "open")])
    for student, own in _by_student(lines).items():
        points = {line.task: number(line.points) for line in own}
        total = number(sum(line.points for line in own if line.points is not None))
        waiting = " ".join(line.task for line in own if line.points is None)
        cells = [student, total, *(points.get(name, "") for name in names), waiting]
        table.writerow([neutral(cell) for cell in cells])
    path = place / "grades_by_student.csv"
    write_text(path, file.getvalue())
    return path


def _gradescope(place: Path, lines: list[Line]) -> Path:
    folder = place / "gradescope"
    for student, own in _by_student(lines).items():
        path = folder / folder_name(student) / "results.json"
        write_text(path, json.dumps(results(own), indent=1, ensure_ascii=False) + "\n")
    return folder


def _own_journal(out: Path) -> str:
    if not (out / JOURNAL).is_file():
        raise TableError(f"there is no {out / JOURNAL}, which holds the answers to mark by hand")
    return default_journal(out)


def _nbgrader(place: Path, lines: list[Line], url: str, root: Path | None) -> Path:
    """A course folder of nbgrader's; the sets of several exports may share it."""
    if not lines:
        raise TableError("grades.csv holds no grades")
    name = lines[0].set
    folder = find(name, places(root))
    journal = Journal(url, name, writes=False)
    try:
        gradebook.write(place, folder, _by_student(lines), journal)
    finally:
        journal.close()
    return place


def results(lines: list[Line]) -> dict[str, Any]:
    """One student's lines as Gradescope's ``results.json``; unjudged tasks have no score."""
    return {
        "visibility": "visible",
        "score": sum(line.points for line in lines if line.points is not None),
        "tests": [
            {
                "name": line.task,
                "max_score": line.max_points,
                "output": line.state,
                "output_format": "text",
                **({} if line.points is None else {"score": line.points}),
            }
            for line in lines
        ],
    }
