"""One self-contained feedback page per student: escaped text, no script, no request."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from tqdm import tqdm

from course_utils.grading.files import write_text
from course_utils.grading.grades import MARK_AGAIN, MARKED, Row, Sheet
from course_utils.grading.orchestrator.journal import Plate
from course_utils.grading.pictures import uri
from course_utils.grading.table import number
from course_utils.grading.verdict import AWAITING, GRADED, LOUD, NEEDS_LOOK, RAISED
from course_utils.problem_sets.release import Release

_LONGEST = 200  # bytes of a file name

STATES = {
    RAISED: "your code raised an error",
    "timed out": "your code took too long",
    "crashed": "your code ended Python",
    NEEDS_LOOK: "not judged yet: a person will look at what you handed in",
    "nondeterministic": "different results in two runs",
    "check failed": "our check failed: not judged, we will look at it",
    "infrastructure error": "our grader failed: not judged, we will grade again",
    AWAITING: "marked by a person, later",
    MARKED: "marked by a person",
    MARK_AGAIN: "marked by a person before you handed in again",
}
NOT_ANSWERED = "not answered"

# What the released cells hold where nobody has written anything: nbgrader's stubs.
_STUB_RAISED = re.compile(r"Your code raised NotImplementedError( in line \d+ of its cell)?")
_STUB_TEXTS = ("YOUR ANSWER HERE", "YOUR CODE HERE raise NotImplementedError()")


@cache
def template(name: str) -> Template:
    """A template of this package, with autoescape for everything."""
    loader = PackageLoader("course_utils.grading", "templates")
    places = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    places.filters["number"] = number
    return places.get_template(name)


def page(release: Release, sheet: Sheet, plates: Iterable[Plate] = ()) -> str:
    """The page of one student, with pictures beside the tasks that they belong to."""
    pictures = defaultdict(list)
    for one in plates:
        pictures[one.task].append({"caption": one.caption, "uri": uri(one.png)})
    rows = [
        {
            "row": row,
            "state": state(row),
            "message": message(sheet, row),
            "answered": _answered(row),
            "full": row.points == row.max_points,
            "open": _open(row),
            # Cleaned by an allow-list before it reached the journal.
            "answer": Markup(row.answer),
            "pictures": pictures[row.task],
        }
        for row in sheet.rows
    ]
    return template("feedback.html").render(
        release=release, sheet=sheet, rows=rows, standing=standing(sheet), others=pictures[""]
    )


def standing(sheet: Sheet) -> str:
    """The points of a sheet in words, and who has to judge the rest."""
    # What nobody wrote waits for nobody: it counts as judged, with no point.
    waiting = sum(row.max_points for row in sheet.rows if _open(row))
    text = f"{number(sheet.points)} of {number(sheet.max_points - waiting)}"
    if not waiting:
        return f"{text} points."
    wait = "point waits" if waiting == 1 else "points wait"
    whom = "us" if any(row.state in LOUD for row in sheet.rows) else "a person"
    return f"{text} so far; {number(waiting)} {wait} for {whom}."


def state(row: Row) -> str:
    """What became of a task, in a student's words."""
    if not _answered(row):
        return NOT_ANSWERED
    if row.state == GRADED:
        return "passed" if row.points == row.max_points else "not passed"
    return STATES[row.state]


def message(sheet: Sheet, row: Row) -> str:
    """Why; empty where nobody tried, and where a remark on the whole notebook says the same."""
    told = row.message in sheet.remarks[:1]
    return row.message if _answered(row) and not told else ""


def _answered(row: Row) -> bool:
    """False where the task is as it was handed out."""
    if row.state == AWAITING:
        return Markup(row.answer).striptags() not in _STUB_TEXTS
    return row.state != RAISED or _STUB_RAISED.fullmatch(row.message) is None


def _open(row: Row) -> bool:
    return row.points is None and _answered(row)


def write_all(
    folder: Path,
    release: Release,
    sheets: list[Sheet],
    plates: Callable[[str], Iterable[Plate]],
) -> None:
    """Write ``folder/<student>/<set>.html`` for every sheet; ``plates`` finds the pictures."""
    for sheet in tqdm(sheets, unit="page", disable=None):
        place = folder / folder_name(sheet.student)
        shown = plates(sheet.sha256) if sheet.sha256 else ()
        write_text(place / f"{release.name}.html", page(release, sheet, shown))


def folder_name(student: str) -> str:
    """A folder for a student: the name itself, or its beginning and a hash where it is too long."""
    if len(student.encode()) <= _LONGEST:
        return student
    start = student.encode()[: _LONGEST - 20].decode("utf-8", "ignore")
    return f"{start}-{hashlib.sha256(student.encode()).hexdigest()[:16]}"
