"""``course export``: grades in the shapes that other systems read, made from ``grades.csv``.

``csv`` is one row a student for learning platforms; ``gradescope`` is one ``results.json`` a
student in Gradescope's autograder format. Cells that a spreadsheet would take for a formula are
neutralised.
"""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

from course_utils.grading.feedback import folder_name
from course_utils.grading.files import write_text
from course_utils.grading.grades import neutral, number
from course_utils.grading.report import Line, ReportError, read

FORMATS = ("csv", "gradescope")


def export(out: Path, form: str) -> int:
    """Write ``out/exports/…`` from ``out/grades.csv``; the exit code."""
    try:
        lines = read(out / "grades.csv")
        place = out / "exports"
        written = _csv(place, lines) if form == "csv" else _gradescope(place, lines)
    except (ReportError, OSError) as bad:
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
