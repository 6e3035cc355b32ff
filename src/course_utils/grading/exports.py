"""``course export``: grades in the shapes that other systems read, made from ``grades.csv``.

``csv`` is one row a student for learning platforms; ``gradescope`` is one ``results.json`` a
student in Gradescope's autograder format, with the words of the feedback page; ``nbgrader`` is a
course folder in which nbgrader's formgrader serves the hand-marked answers (`gradebook`). Points
are always those of ``grades.csv``; words and answers come from the journal. What nobody has judged
has no points anywhere, not even 0. Cells that a spreadsheet would take for a formula are
neutralised.
"""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

from course_utils.grading import gradebook, told
from course_utils.grading.feedback import folder_name, message, standing, state
from course_utils.grading.files import write_text
from course_utils.grading.grade import JOURNAL, default_journal, places
from course_utils.grading.gradebook import GradebookError
from course_utils.grading.grades import Sheet
from course_utils.grading.orchestrator.journal import Journal, JournalError
from course_utils.grading.table import Line, TableError, neutral, number, read
from course_utils.grading.told import ToldError
from course_utils.grading.verdict import LOUD
from course_utils.problem_sets.release import Folder, ReleaseError, find


def export(
    out: Path,
    form: str,
    into: Path | None = None,
    journal: str | None = None,
    root: Path | None = None,
) -> int:
    """Write ``out/exports/…`` (or to ``into``) from ``out/grades.csv``; the exit code.

    ``journal`` and ``root`` are those of `grade.grade`. 1: written, but some need a look, and the
    terminal names them.
    """
    try:
        lines = read(out / "grades.csv")
        place = into or out / "exports"
        if form == "csv":
            written = _csv(place, lines)
        elif form == "gradescope":
            written = _gradescope(place, lines, journal or _own_journal(out), root)
        else:
            written = _nbgrader(
                into or place / "nbgrader", lines, journal or _own_journal(out), root
            )
    except (TableError, ReleaseError, JournalError, GradebookError, ToldError, OSError) as bad:
        print(f"course export: {bad}.", file=sys.stderr)
        return 2
    print(f"export: {written}")
    loud = [line for line in lines if line.points is None and line.state in LOUD]
    for student, own in _by_student(loud).items():
        print(f"  not judged: {student}: {', '.join(line.task for line in own)} ({own[0].state})")
    return 1 if loud else 0


def _by_student(lines: list[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.student, []).append(line)
    return found


def _csv(place: Path, lines: list[Line]) -> Path:
    """One row a student; a total only where every task has been judged."""
    names = list(dict.fromkeys(line.task for line in lines))
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    heads = ("student", "total", "so far", "out of", *names, "open")
    table.writerow([neutral(cell) for cell in heads])
    for student, own in _by_student(lines).items():
        judged = [line for line in own if line.points is not None]
        points = {line.task: number(line.points) for line in judged}
        so_far = number(sum(line.points for line in judged)) if judged else ""
        out_of = number(sum(line.max_points for line in judged))
        waiting = " ".join(line.task for line in own if line.points is None)
        total = "" if waiting else so_far
        marks = (points.get(name, "") for name in names)
        cells = [student, total, so_far, out_of, *marks, waiting]
        table.writerow([neutral(cell) for cell in cells])
    path = place / "grades_by_student.csv"
    write_text(path, file.getvalue())
    return path


def _gradescope(place: Path, lines: list[Line], url: str, root: Path | None) -> Path:
    """A ``results.json`` for every student, in a folder of the student's name."""
    folder, journal = _graded(lines, url, root)
    try:
        sheets = told.sheets(folder.release, _by_student(lines), journal)
    finally:
        journal.close()
    into = place / "gradescope"
    for sheet in sheets:
        path = into / folder_name(sheet.student) / "results.json"
        write_text(path, json.dumps(results(sheet), indent=1, ensure_ascii=False) + "\n")
    return into


def _own_journal(out: Path) -> str:
    if not (out / JOURNAL).is_file():
        raise TableError(f"there is no {out / JOURNAL}, which holds the answers to mark by hand")
    return default_journal(out)


def _graded(lines: list[Line], url: str, root: Path | None) -> tuple[Folder, Journal]:
    """The set that a table is about, and the journal, opened to be read."""
    if not lines:
        raise TableError("grades.csv holds no grades")
    return find(lines[0].set, places(root)), Journal(url, lines[0].set, writes=False)


def _nbgrader(place: Path, lines: list[Line], url: str, root: Path | None) -> Path:
    """A course folder of nbgrader's; the sets of several exports may share it."""
    folder, journal = _graded(lines, url, root)
    try:
        gradebook.write(place, folder, _by_student(lines), journal)
    finally:
        journal.close()
    return place


def results(sheet: Sheet) -> dict[str, Any]:
    """One student's sheet as Gradescope's ``results.json``; an unjudged task has no score."""
    judged = any(row.points is not None for row in sheet.rows)
    return {
        "visibility": "visible",
        "output": "\n".join((standing(sheet), *sheet.remarks)),
        "output_format": "text",  # markup without it: remarks hold names of a student's files
        **({"score": sheet.points} if judged else {}),
        "tests": [
            {
                "name": row.title,
                "name_format": "text",
                "max_score": row.max_points,
                "output": "\n".join(filter(None, (state(row), message(sheet, row), *row.notes))),
                "output_format": "text",
                **({} if row.points is None else {"score": row.points}),
            }
            for row in sheet.rows
        ],
    }
