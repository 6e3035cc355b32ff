"""`course export --to nbgrader`, read back with nbgrader's API, its exporter and its formgrader."""

import csv
import json
import shutil
import warnings

import mini_set
import pytest
from grading_cases import PLOT, PLOTTING, attached, encoded, hand_in, one_sentence, red, run
from nbconvert.exporters import HTMLExporter

from course_utils.grading.exports import export

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # nbgrader's own imports warn
    from nbgrader.api import Gradebook
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.plugins import CsvExportPlugin

HOSTILE = """A *state* remembers.

[click](javascript:alert(1)) ![x](http://example.org/x.png) $\\href{javascript:alert(2)}{y}$

<script>alert(3)</script> <img src=x onerror=alert(4)>

    \\begin{equation} z \\end{equation} `code` **bold**
"""
ANSWERS = {
    "wren": mini_set.submission(explain=HOSTILE),
    "heron": mini_set.submission(double="def double(x):\n    return x"),
    "=swift": attached({"<b>.png": {"image/png": encoded(red(30, 20))}}),
    "tern": b"no notebook",
    "o'lark [1]": mini_set.notebook(
        [*mini_set.student_cells(), mini_set.code_cell("own", PLOT + "plt.plot([1])")]
    ),
}


@pytest.fixture(scope="module")
def exported_once(tmp_path_factory, release_root):
    """A graded class, exported: nbgrader takes seconds to make a gradebook."""
    root = tmp_path_factory.mktemp("marked")
    for student, raw in ANSWERS.items():
        hand_in(root / "submitted", student, raw)
    assert run(root / "submitted", root / "out", release_root, settings=PLOTTING) == 1
    exported(root, release_root)
    return root


@pytest.fixture
def graded(exported_once, tmp_path):
    """A copy of it: ``graded / "submitted"``, ``graded / "out"``."""
    return shutil.copytree(exported_once, tmp_path / "graded")


@pytest.fixture
def place(graded):
    """Its gradebook's folder."""
    return graded / "out" / "exports" / "nbgrader"


def exported(graded, release_root):
    """Export it (again); the exit code says that tern's file needs a look."""
    assert export(graded / "out", "nbgrader", root=release_root) == 1


def url(place):
    return f"sqlite:///{place / 'gradebook.db'}"


def book(place):
    """Every grade: what it is by machine and by hand, and whether a person is asked for."""
    with Gradebook(url(place)) as opened:
        return {
            (one.student.id, grade.name): (
                grade.auto_score,
                grade.manual_score,
                grade.needs_manual_grade,
                grade.max_score,
            )
            for one in opened.assignment_submissions("mini")
            for notebook in one.notebooks
            for grade in notebook.grades
        }


def mark(place, student, score, comment="good"):
    """What formgrader does when a person marks."""
    with Gradebook(url(place)) as opened:
        grade = opened.find_grade("explain", "mini", "mini", student)
        grade.manual_score, grade.needs_manual_grade = score, False
        opened.find_comment("explain", "mini", "mini", student).manual_comment = comment
        opened.db.commit()


def files(place):
    """The bytes of everything but the database, whose rows are compared instead."""
    paths = [path for path in place.rglob("*") if path.is_file() and path.suffix != ".db"]
    return {path: path.read_bytes() for path in paths}


def test_the_points_are_those_of_the_csv(graded, place):
    found = book(place)
    with (graded / "out" / "grades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(found) == len(rows) == 5 * len(ANSWERS)
    for row in rows:
        cell = "explain" if row["task"] == "explain" else f"{row['task']}_checks"
        student = row["student"].removeprefix("'")
        points = float(row["points"]) if row["points"] else None
        now = found[student, cell]
        assert now == (points, None, points is None, float(row["max_points"]))


def test_nbgraders_own_exporter_agrees(place):
    mark(place, "wren", 5.0)
    with Gradebook(url(place)) as opened:
        CsvExportPlugin(to=str(place / "out.csv")).export(opened)
    with (place / "out.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {name: float(row["score"]) for name, row in rows.items()} == {
        "wren": 14.0 + 5.0,
        "heron": 10.0,
        "=swift": 14.0,
        "tern": 0.0,
        "o'lark [1]": 14.0,
    }
    assert {row["max_score"] for row in rows.values()} == {"20.0"}


def test_exporting_again_changes_nothing(graded, place, release_root):
    mark(place, "wren", 4.5)
    before, rows = files(place), book(place)
    exported(graded, release_root)
    assert book(place) == rows
    assert files(place) == before
    assert rows["wren", "explain"] == (None, 4.5, False, 6.0)


def test_marks_survive_a_new_hand_in_and_are_looked_at_again(graded, place, release_root):
    for student in ("wren", "heron"):
        mark(place, student, 4.0, "kept")
    raw = mini_set.submission(explain="Something else.", table="table = None")
    (graded / "submitted" / "wren" / "mini" / "mini.ipynb").write_bytes(raw)
    shutil.rmtree(graded / "submitted" / "=swift")
    assert run(graded / "submitted", graded / "out", release_root, settings=PLOTTING) == 1
    exported(graded, release_root)
    found = book(place)
    assert found["wren", "explain"] == (None, 4.0, True, 6.0)
    assert found["wren", "table_checks"] == (0.0, None, False, 2.0)
    assert found["heron", "explain"] == (None, 4.0, False, 6.0)
    assert found["=swift", "double_checks"][0] == 4.0  # who has gone is not forgotten
    with Gradebook(url(place)) as opened:
        assert opened.find_comment("explain", "mini", "mini", "wren").manual_comment == "kept"


def test_a_score_that_a_person_has_overruled_is_kept(graded, place, tmp_path):
    with Gradebook(url(place)) as opened:
        opened.find_grade("double_checks", "mini", "mini", "heron").manual_score = 3.0
        opened.db.commit()
    root = mini_set.write_release(
        tmp_path / "release",
        checks={"double": "assert double(1) is not None\n"},
        files={"notes.txt": b""},
    )
    assert run(graded / "submitted", graded / "out", root, settings=PLOTTING) == 1
    assert export(graded / "out", "nbgrader", root=root) == 1
    assert book(place)["heron", "double_checks"] == (4.0, 3.0, True, 4.0)


def formgrader(place):
    """nbgrader's API as its formgrader uses it, on this course."""
    coursedir = CourseDirectory()
    coursedir.root = str(place)
    return NbGraderAPI(coursedir)


def page(place, student):
    """A student's notebook as nbconvert, and so formgrader, makes a page of it."""
    path = place / "autograded" / student / "mini" / "mini.ipynb"
    return HTMLExporter().from_filename(str(path))[0]


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning:nbgrader")
def test_formgrader_finds_every_answer(place):
    (assignment,) = formgrader(place).get_assignments()
    assert (assignment["name"], assignment["num_submissions"]) == ("mini", 0)
    assert assignment["max_score"] == 20.0
    found = formgrader(place).get_notebook_submissions("mini", "mini")
    assert {one["student"] for one in found} == set(ANSWERS)
    waiting = {one["student"]: one["needs_manual_grade"] for one in found}
    assert waiting == dict.fromkeys(ANSWERS, True)  # tern's file needs a look


def test_the_page_to_mark_holds_the_answer_and_nothing_that_acts(place):
    text = page(place, "wren").partition("<body")[2]
    assert "<em>state</em>" in text
    assert "<code>code</code>" not in text  # an indented block is code as a whole
    for word in ('href="javascript', "<img", "onerror=alert(4)>", 'example.org/x.png"'):
        assert word not in text
    assert "<script>alert(3)" not in text
    assert 'class="tex2jax_ignore mathjax_ignore"' in text
    swift = page(place, "=swift")
    assert 'src="data:image/png;base64,' in swift
    assert "<b>.png" not in swift
    lark = page(place, "o'lark [1]")
    assert 'src="data:image/png;base64,' in lark


def test_nothing_of_the_hand_in_is_in_the_notebook_to_mark(place):
    text = (place / "autograded" / "wren" / "mini" / "mini.ipynb").read_text()
    for word in ("javascript:", "http://", "<script", "$", "\\begin"):
        assert word not in json.loads(text)["cells"][-1]["source"]
    assert mini_set.ANSWERS["double"] not in text


BAD = {
    "no journal": (lambda out: (out / "journal.sqlite").unlink(), "there is no"),
    "another journal": (
        lambda out: (out / "journal.sqlite").write_bytes(b"no database " * 99),
        "no journal",
    ),
    "a student who is not in it": (
        lambda out: (out / "grades.csv").write_text(
            (out / "grades.csv").read_text().replace("heron", "swan")
        ),
        "grades.csv names swan",
    ),
    "fewer tasks": (
        lambda out: (out / "grades.csv").write_text(
            "".join(
                line
                for line in (out / "grades.csv").read_text().splitlines(keepends=True)
                if ",table," not in line
            )
        ),
        "grade again",
    ),
    "an unknown set": (
        lambda out: (out / "grades.csv").write_text(
            (out / "grades.csv").read_text().replace(",mini,", ",ps99,")
        ),
        "no problem set called 'ps99'",
    ),
    "a gradebook that is none": (
        lambda out: (out / "exports" / "nbgrader" / "gradebook.db").write_bytes(
            b"no database " * 99
        ),
        "cannot be written",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence(graded, release_root, capsys, name):
    spoil, words = BAD[name]
    spoil(graded / "out")
    capsys.readouterr()
    assert export(graded / "out", "nbgrader", root=release_root) == 2
    one_sentence(capsys, words)


def test_a_set_with_other_tasks_keeps_the_marks(graded, place, release_root, tmp_path, capsys):
    mark(place, "wren", 4.0)
    with Gradebook(url(place)) as opened:
        opened.add_grade_cell("gone_checks", "mini", "mini", max_score=3, cell_type="code")
    capsys.readouterr()
    assert export(graded / "out", "nbgrader", root=release_root) == 2
    one_sentence(capsys, "the tasks of mini have changed")
    assert book(place)["wren", "explain"] == (None, 4.0, False, 6.0)
    assert export(graded / "out", "nbgrader", tmp_path / "fresh", root=release_root) == 1
    assert len(book(tmp_path / "fresh")) == 5 * len(ANSWERS)
