"""`course export`: what nobody has judged is no zero anywhere, and reasons travel along."""

import csv
import json
import re
import shutil

import mini_set
import pytest
from grading_cases import hand_in, one_sentence, run

from course_utils.grading.exports import export
from course_utils.grading.orchestrator.journal import Journal
from course_utils.grading.verdict import Verdict

CONFLICT = b"<<<<<<< HEAD\n" + mini_set.submission() + b"\n>>>>>>> theirs\n"
HANDED_IN = {
    "wren": mini_set.submission(),
    "heron": mini_set.submission(
        double="def double(x):\n    return x",
        centre="def centre(x):\n    raise ValueError('<b>no</b>')",
        table=mini_set.STUBS["table"],
    ),
    "tern": CONFLICT,
}


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory, release_root):
    """A graded class: everything right, some of it wrong, and a file that needs a look."""
    root = tmp_path_factory.mktemp("class")
    for student, raw in HANDED_IN.items():
        hand_in(root / "submitted", student, raw)
    assert run(root / "submitted", root / "out", release_root) == 1
    return root / "out"


@pytest.fixture
def out(graded_once, tmp_path):
    """A copy of its output folder."""
    return shutil.copytree(graded_once, tmp_path / "out")


def typed(out, student, task, cell):
    """Type points into a row of grades.csv."""
    path = out / "grades.csv"
    old = re.compile(f"^{student},mini,{task},[^,]*", re.MULTILINE)
    text, count = old.subn(f"{student},mini,{task},{cell}", path.read_text())
    assert count == 1
    path.write_text(text)


def gradescope(out, release_root, student, code=1):
    """A student's results.json, and its tests by title."""
    assert export(out, "gradescope", root=release_root) == code
    path = out / "exports" / "gradescope" / student / "results.json"
    found = json.loads(path.read_text("utf-8"))
    return found, {one["name"]: one for one in found["tests"]}


def test_gradescope_shows_titles_points_and_reasons(out, release_root):
    found, tests = gradescope(out, release_root, "heron")
    assert list(tests) == ["Double", "Centre", "Objects", "Table", "Explain"]
    assert found["score"] == 5
    assert found["output"].startswith("5 of 14 so far; 6 points wait for a person.")
    wrong = tests["Double"]
    assert (wrong["score"], wrong["max_score"]) == (0, 4)
    assert wrong["output"].startswith("not passed\ndouble, its result: wrong values.")
    assert "<b>no</b>" in tests["Centre"]["output"]
    every = [found["output_format"], *(one["output_format"] for one in found["tests"])]
    assert set(every) == {"text"}
    assert {one["name_format"] for one in found["tests"]} == {"text"}


def test_gradescope_says_what_the_feedback_page_says(out, release_root):
    for student in HANDED_IN:
        page = (out / "feedback" / student / "mini.html").read_text("utf-8")
        shown = page.replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
        found, tests = gradescope(out, release_root, student)
        for text in (found["output"], *(one["output"] for one in tests.values())):
            for line in text.splitlines():
                assert line in shown


def test_gradescope_gives_no_score_where_nobody_has_judged(out, release_root):
    found, tests = gradescope(out, release_root, "tern")
    assert "score" not in found
    assert not [one for one in tests.values() if "score" in one]
    assert sum(one["max_score"] for one in tests.values()) == 20
    assert "0 of 0 so far; 20 points wait for us." in found["output"]
    assert all("the mark of a merge conflict" in one["output"] for one in tests.values())
    wren, tests = gradescope(out, release_root, "wren")
    assert wren["score"] == 14
    assert [one["output"] for one in tests.values() if "score" not in one] == [
        "marked by a person, later"
    ]


def test_points_of_a_person_count_before_the_next_run(out, release_root):
    typed(out, "wren", "explain", "4.5")
    typed(out, "tern", "double", "4")
    wren, tests = gradescope(out, release_root, "wren")
    assert wren["score"] == 18.5
    assert wren["output"] == "18.5 of 20 points."
    marked = tests["Explain"]
    assert (marked["score"], marked["output"]) == (4.5, "marked by a person")
    tern, _ = gradescope(out, release_root, "tern")
    assert tern["score"] == 4
    assert sum("score" in one for one in tern["tests"]) == 1


def test_points_that_a_person_took_away_are_no_zero(out, release_root):
    typed(out, "heron", "double", "")
    heron, tests = gradescope(out, release_root, "heron")
    assert "score" not in tests["Double"]
    assert heron["output"].startswith("5 of 10 so far")


@pytest.mark.parametrize(
    ("cells", "score", "words"),
    [
        ("4.5,6,marked", 4.5, "marked by a person"),
        ("4.5,6,mark again", 4.5, "marked by a person before you handed in again"),
        ("4.5,6,confirmed", 4.5, "marked by a person"),
        (",6,marked", None, "marked by a person, later"),
    ],
)
def test_a_mark_is_shown_as_one(out, release_root, cells, score, words):
    changed(out, "wren,mini,explain,,6,awaiting marking", f"wren,mini,explain,{cells}")
    explain = gradescope(out, release_root, "wren")[1]["Explain"]
    assert (explain.get("score"), explain["output"]) == (score, words)


def test_the_words_are_those_of_the_points_that_stand_there(out, release_root):
    """Graded under another key since, but the table is the one before."""
    keys = dict.fromkeys(mini_set.POINTS, "another key")
    journal = Journal(f"sqlite:///{out / 'journal.sqlite'}", "mini", keys, "another environment")
    sha256 = {student: sha256 for student, sha256, _ in journal.submissions()}["heron"]
    later = Verdict("double", "graded", True, "Works for many numbers.")
    journal.enter(sha256, [(later, 4.0)], (), {})
    journal.close()
    assert gradescope(out, release_root, "heron")[1]["Double"]["output"].startswith("not passed")
    typed(out, "heron", "double", "4")
    double = gradescope(out, release_root, "heron")[1]["Double"]
    assert (double["score"], double["output"]) == (4, "passed\nWorks for many numbers.")


def by_student(out, code):
    """The csv export, by student."""
    assert export(out, "csv") == code
    with (out / "exports" / "grades_by_student.csv").open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_a_total_waits_until_everything_is_judged(out):
    rows = by_student(out, 1)
    tern, wren = rows["tern"], rows["wren"]
    assert {tern["total"], tern["so far"], *(tern[task] for task in mini_set.POINTS)} == {""}
    assert tern["out of"] == "0"
    assert tern["open"].split() == list(mini_set.POINTS)
    assert (wren["total"], wren["so far"], wren["out of"]) == ("", "14", "14")
    assert wren["open"] == "explain"
    assert rows["heron"]["double"] == "0"


def test_a_class_that_is_judged_has_totals_and_exit_code_0(out, release_root, capsys):
    for task in mini_set.POINTS:
        typed(out, "tern", task, "1")
    for student in ("wren", "heron"):
        typed(out, student, "explain", "6")
    rows = by_student(out, 0)
    assert {name: row["total"] for name, row in rows.items()} == {
        "wren": "20",
        "heron": "11",
        "tern": "5",
    }
    assert {row["out of"] for row in rows.values()} == {"20"}
    assert "not judged" not in capsys.readouterr().out
    assert gradescope(out, release_root, "tern", code=0)[0]["score"] == 5


@pytest.mark.parametrize("form", ["csv", "gradescope"])
def test_the_terminal_names_whom_nobody_has_judged(out, release_root, capsys, form):
    assert export(out, form, root=release_root) == 1
    said = capsys.readouterr().out
    assert "not judged: tern: double, centre, objects, table, explain (needs a look)" in said
    assert said.count("not judged") == 1


BAD = {
    "no journal": (lambda out: (out / "journal.sqlite").unlink(), "there is no"),
    "a student of another table": (lambda out: changed(out, "wren", "swan"), "names swan"),
    "another task": (lambda out: changed(out, ",table,", ",chair,"), "grade again"),
    "no rows": (
        lambda out: (out / "grades.csv").write_text("student,set,task,points,max_points,state\n"),
        "holds no grades",
    ),
}


def changed(out, old, new):
    """Exchange some text of the table."""
    path = out / "grades.csv"
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize("name", BAD)
def test_what_gradescope_cannot_be_made_of_is_one_sentence(out, release_root, capsys, name):
    spoil, words = BAD[name]
    spoil(out)
    assert export(out, "gradescope", root=release_root) == 2
    one_sentence(capsys, words)
    assert not (out / "exports").exists()
