"""One self-contained feedback page per student: escaped text, no script, no request."""

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from course_utils.grading.files import write_text
from course_utils.grading.grades import Sheet, number
from course_utils.grading.release import Release
from course_utils.grading.verdict import AWAITING, FAULTS, GRADED

_LONGEST = 200  # bytes of a file name

STATES = {
    GRADED: "checked",
    "raised": "your code raised an error",
    "timed out": "your code took too long",
    "crashed": "your code ended Python",
    "unreadable": "the file could not be read",
    "nondeterministic": "different results in two runs",
    "check failed": "our check failed: not judged, we will look at it",
    "infrastructure error": "our grader failed: not judged, we will grade again",
    AWAITING: "marked by a person, later",
}


@cache
def template(name: str) -> Template:
    """A template of this package, with autoescape for everything."""
    loader = PackageLoader("course_utils.grading", "templates")
    places = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    places.filters["number"] = number
    return places.get_template(name)


def page(release: Release, sheet: Sheet) -> str:
    """The page of one student."""
    rows = [
        {
            "row": row,
            "state": STATES[row.state],
            "full": row.points == row.max_points,
            "open": row.points is None,
            "ours": row.state in FAULTS,
            # Cleaned by an allow-list before it reached the journal.
            "answer": Markup(row.answer),
        }
        for row in sheet.rows
    ]
    return template("feedback.html").render(release=release, sheet=sheet, rows=rows)


def write_all(folder: Path, release: Release, sheets: list[Sheet]) -> None:
    """Write ``folder/<student>/<set>.html`` for every sheet."""
    for sheet in sheets:
        place = folder / folder_name(sheet.student)
        write_text(place / f"{release.name}.html", page(release, sheet))


def folder_name(student: str) -> str:
    """A folder for a student: the name itself, or its beginning and a hash where it is too long."""
    if len(student.encode()) <= _LONGEST:
        return student
    start = student.encode()[: _LONGEST - 20].decode("utf-8", "ignore")
    return f"{start}-{hashlib.sha256(student.encode()).hexdigest()[:16]}"
