"""What tests of the grader share: quick settings, a warm grader, classes and journals on disk.

What is awaited has a minute to come (`soon`), however busy the machine is.
"""

import base64
import csv
import io
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mini_set
from PIL import Image

from course_utils.grading import environment
from course_utils.grading.grade import grade
from course_utils.grading.orchestrator.journal import Journal
from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.grading.orchestrator.worker import Judgement
from course_utils.grading.settings import CHECKER, JAIL, Settings
from course_utils.problem_sets.release import find

QUICK = Settings(
    cpu=0.4,
    wall=60.0,
    warm=("numpy",),
    jail=replace(JAIL, data=300),
    checker=replace(CHECKER, cpu=20),  # whatever a student sends, a checker is done by then
)
PLOTTING = replace(QUICK, cpu=2.0, warm=("numpy", "matplotlib.pyplot"), jail=JAIL)

COURSE = [sys.executable, "-c", "from course_utils.cli import main; main()"]
PLOT = "import matplotlib.pyplot as plt\n"


class Grader:
    """Grades bytes with a set and gives the verdicts by task."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.tasks = frozenset(task.name for task in scheduler.folder.release.tasks)

    def judge(self, raw: bytes) -> Judgement:
        """Everything that is known about a submission."""
        ((_, judgement),) = self.scheduler.judge([Job("0" * 64, raw, self.tasks)])
        return judgement

    def states(self, raw: bytes) -> dict[str, tuple[bool, str]]:
        """Passed and state, by task."""
        return {one.task: (one.passed, one.state) for one in self.judge(raw).verdicts}

    def lost(self, raw: bytes) -> dict[str, str]:
        """State of every auto-graded task that did not pass."""
        return {
            one.task: one.state
            for one in self.judge(raw).verdicts
            if not one.passed and one.state != "awaiting marking"
        }

    def messages(self, raw: bytes) -> dict[str, str]:
        """Message and notes in one, by task."""
        verdicts = self.judge(raw).verdicts
        return {one.task: " ".join([one.message, *one.notes]) for one in verdicts}


def soon(look: Callable[[], Any]) -> Any:
    """The first true answer of ``look``, or its last one after a minute."""
    late = time.monotonic() + 60
    while not (found := look()) and time.monotonic() < late:
        time.sleep(0.02)
    return found


# Classes.


def hand_in(folder: Path, student: str, raw: bytes) -> Path:
    """Put a notebook where a student of the mini set hands it in."""
    place = folder / student / "mini"
    place.mkdir(parents=True)
    (place / "mini.ipynb").write_bytes(raw)
    return place / "mini.ipynb"


def class_of(folder: Path, count: int) -> None:
    """A class in which every third one is wrong and no two are alike."""
    for number in range(count):
        answer = "2 * x" if number % 3 else "x"
        raw = mini_set.submission(double=f"def double(x):\n    return {answer}  # {number}")
        hand_in(folder, f"s{number:02}", raw)


def run(
    submitted: Path, out: Path, root: Path, set_name: str = "mini", settings: Settings = QUICK
) -> int:
    """``course grade``; its exit code."""
    return grade(submitted, set_name, out, settings, root)


def one_sentence(capsys, words: str) -> None:
    """One line on standard error that ends in a full stop and says ``words``."""
    text = capsys.readouterr().err.strip()
    assert words in text
    assert "\n" not in text
    assert text.endswith(".")
    assert "Traceback" not in text


class Stopped(BaseException):
    """As if the process had been killed."""


def stop(*_: object) -> None:
    raise Stopped


# Journals and tables.


def journal(out: Path, root: Path) -> Journal:
    release = find("mini", (root,)).release
    keys = {task.name: release.task_key(task) for task in release.tasks}
    url = f"sqlite:///{out / 'journal.sqlite'}"
    return Journal(url, "mini", keys, environment.describe(release, QUICK))


def dump(out: Path, root: Path) -> list[tuple]:
    """Every row of the journal."""
    opened = journal(out, root)
    try:
        return opened.dump()
    finally:
        opened.close()


def verdicts(out: Path, root: Path) -> list[tuple]:
    """Every row of the journal but those about the journal itself."""
    return [row for row in dump(out, root) if row[0] != "about"]


def judged(out: Path) -> int:
    """How many notebooks the journal has judged by now."""
    path = out / "journal.sqlite"
    if not path.exists():
        return 0
    link = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return link.execute("select count(*) from remarks").fetchone()[0]
    except sqlite3.OperationalError:  # its tables are being made
        return 0
    finally:
        link.close()


def table(out: Path) -> list[dict[str, str]]:
    """The rows of ``grades.csv``."""
    with (out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def type_points(out: Path, points: str, student: str = "wren", state: str | None = None) -> None:
    """Type points for the explanation into the table, as a spreadsheet saves it."""
    rows = table(out)
    for row in rows:
        if (row["student"], row["task"]) == (student, "explain"):
            row["points"] = points
            row["state"] = state or row["state"]
    with (out / "grades.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


def explained(out: Path) -> dict[str, tuple[str, str]]:
    """Points and state of every student's explanation."""
    return {r["student"]: (r["points"], r["state"]) for r in table(out) if r["task"] == "explain"}


# Pictures.


def red(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), (200, 0, 0))


def encoded(image: Image.Image, form: str = "PNG") -> str:
    """An image as base64."""
    file = io.BytesIO()
    image.save(file, format=form)
    return base64.b64encode(file.getvalue()).decode()


def attached(bundles: object, text: str = "See ![my plot](attachment:plot.png).") -> bytes:
    """A right notebook whose explanation has these attachments."""
    cells = mini_set.student_cells(explain=text)
    cells[-1]["attachments"] = bundles
    return mini_set.notebook(cells)
