"""The table that a person edits: every row is used, or refused by name before anything changes."""

import csv
import io
import shutil

import mini_set
import pytest
from grading_cases import Stopped, dump, hand_in, one_sentence, run, type_points

from course_utils.grading import table
from course_utils.grading.files import write_text
from course_utils.grading.table import Line, TableError

CHANGED = {"00123": "123", "1e5": "100000", "2-3": "02-Mar", "ann": "Ann"}


@pytest.mark.parametrize("student", CHANGED)
def test_a_name_that_a_spreadsheet_changed_is_refused(student, tmp_path, release_root, capsys):
    out = tmp_path / "out"
    for one in CHANGED:
        hand_in(tmp_path / "in", one, mini_set.submission())
    assert run(tmp_path / "in", out, release_root) == 0
    type_points(out, "5", student)
    path = out / "grades.csv"
    path.write_text(path.read_text().replace(f"{student},", f"{CHANGED[student]},"))
    table, journal = path.read_bytes(), dump(out, release_root)
    capsys.readouterr()
    assert run(tmp_path / "in", out, release_root) == 2
    one_sentence(capsys, f"is about {CHANGED[student]!r}, whom no table had before")
    assert (path.read_bytes(), dump(out, release_root)) == (table, journal)


def stop_at(name):
    """`files.write_text`, but for a file of this name, at which the run is stopped."""

    def write(path, text):
        if path.name == name:
            raise Stopped
        write_text(path, text)

    return write


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory, release_root):
    """A class of two, graded; heron's doubling is wrong."""
    root = tmp_path_factory.mktemp("table")
    hand_in(root / "in", "wren", mini_set.submission())
    hand_in(root / "in", "heron", mini_set.submission(double="def double(x):\n    return x"))
    assert run(root / "in", root / "out", release_root) == 0
    return root


@pytest.fixture
def graded(graded_once, tmp_path):
    """A copy of it."""
    return shutil.copytree(graded_once, tmp_path / "class")


def rows(out):
    with (out / "grades.csv").open(newline="") as file:
        return list(csv.reader(file))


def retype(out, change, separator=",", ends="\r\n", encoding="utf-8"):
    """Save the table as a spreadsheet does, after ``change`` of its rows."""
    made = [new for row in rows(out) if (new := change(row)) is not None]
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=ends).writerows(made)
    (out / "grades.csv").write_bytes(file.getvalue().encode(encoding))


def giving(points, student="heron", task="double", state=None):
    def change(row):
        if (row[0], row[2]) == (student, task):
            return [*row[:3], points, row[4], state or row[5]]
        return row

    return change


def row_of(out, student="heron", task="double"):
    (found,) = [row for row in rows(out) if (row[0], row[2]) == (student, task)]
    return tuple(found[3:])


def test_corrected_points_of_an_automatic_task_are_kept(graded, release_root):
    submitted, out = graded / "in", graded / "out"
    retype(out, giving("2,5"))
    for _ in range(2):
        assert run(submitted, out, release_root) == 0
        assert row_of(out) == ("2.5", "4", "marked")
    page = (out / "feedback" / "heron" / "mini.html").read_text()
    assert "marked by a person" in page
    hand_in_again = submitted / "heron" / "mini" / "mini.ipynb"
    hand_in_again.write_bytes(mini_set.submission())
    assert run(submitted, out, release_root) == 0
    assert row_of(out) == ("2.5", "4", "mark again")


def test_a_correction_is_taken_back_as_other_marks_are(graded, release_root):
    submitted, out = graded / "in", graded / "out"
    retype(out, giving("3"))
    run(submitted, out, release_root)
    retype(out, giving("", state="marked"))
    assert run(submitted, out, release_root) == 0
    assert row_of(out) == ("0", "4", "graded")


def test_a_table_that_only_went_through_a_spreadsheet_marks_nothing(graded, release_root):
    submitted, out = graded / "in", graded / "out"
    before = (out / "grades.csv").read_bytes()
    for separator, encoding in ((";", "cp1252"), ("\t", "utf-16"), (",", "utf-8-sig")):
        retype(out, lambda row: row, separator, encoding=encoding)
        assert run(submitted, out, release_root) == 0
        assert (out / "grades.csv").read_bytes() == before


def test_points_that_an_earlier_table_gave_are_not_guessed_at(graded, release_root, capsys):
    """A spreadsheet that was open saves rows of before: is that a correction, or an accident?"""
    submitted, out = graded / "in", graded / "out"
    old = (out / "grades.csv").read_text().replace("\n", "\r\n")
    (submitted / "heron" / "mini" / "mini.ipynb").write_bytes(mini_set.submission())
    assert run(submitted, out, release_root) == 0
    assert row_of(out) == ("4", "4", "graded")
    (out / "grades.csv").write_text(old, newline="")
    capsys.readouterr()
    assert run(submitted, out, release_root) == 2
    one_sentence(capsys, "says what an earlier table said of heron in double")
    retype(out, giving("0", state="marked"))
    assert run(submitted, out, release_root) == 0
    assert row_of(out) == ("0", "4", "marked")


def test_a_run_that_is_stopped_before_its_table_leaves_nothing_typed(
    graded, release_root, monkeypatch
):
    submitted, out = graded / "in", graded / "out"
    (submitted / "heron" / "mini" / "mini.ipynb").write_bytes(mini_set.submission())
    with monkeypatch.context() as patch:
        patch.setattr(table, "write_text", stop_at("grades.csv"))
        with pytest.raises(Stopped):
            run(submitted, out, release_root)
    assert row_of(out) == ("0", "4", "graded")
    assert run(submitted, out, release_root) == 0
    assert row_of(out) == ("4", "4", "graded")


def test_the_table_of_a_person_is_kept_beside_with_its_own_columns(graded, release_root, capsys):
    submitted, out = graded / "in", graded / "out"
    retype(out, lambda row: [*row, "comment" if row[0] == "student" else "well done"])
    saved = (out / "grades.csv").read_bytes()
    assert run(submitted, out, release_root) == 0
    assert "grades.csv has no column comment any more: grades.csv.before has it" in (
        capsys.readouterr().out
    )
    assert (out / "grades.csv.before").read_bytes() == saved
    assert run(submitted, out, release_root) == 0
    assert (out / "grades.csv.before").read_bytes() == saved


REFUSED = {
    "an unknown task": (
        lambda row: [*row[:2], "dubble", *row[3:]] if row[2] == "double" else row,
        "is about the task 'dubble', which the set does not have",
    ),
    "points taken away": (giving(""), "has no points for heron in double any more"),
    "too many points": (giving("9"), "gives heron 9 points in double; wanted 0 to 4"),
    "a state of one's own": (giving("1", state="okay"), "the state 'okay' in double"),
    "no number": (giving("A-"), "has 'A-' for points; wanted a number"),
    "a column that is gone": (lambda row: row[:5], "the column state is missing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_before_anything_changes(graded, release_root, capsys, name):
    submitted, out = graded / "in", graded / "out"
    change, words = REFUSED[name]
    retype(out, change)
    saved, journal = (out / "grades.csv").read_bytes(), dump(out, release_root)
    capsys.readouterr()
    assert run(submitted, out, release_root) == 2
    one_sentence(capsys, words)
    assert ((out / "grades.csv").read_bytes(), dump(out, release_root)) == (saved, journal)


def test_two_rows_that_differ_are_refused(graded, release_root, capsys):
    out = graded / "out"
    with (out / "grades.csv").open("a") as file:
        file.write("heron,mini,double,3,4,graded\n")
    capsys.readouterr()
    assert run(graded / "in", out, release_root) == 2
    one_sentence(capsys, "are both about 'heron' and double, and differ")


def test_rows_may_be_left_out_or_empty(graded, release_root):
    out = graded / "out"
    before = (out / "grades.csv").read_bytes()
    retype(out, lambda row: row if row[0] in ("student", "heron") else ["", "", "", "", "", ""])
    assert run(graded / "in", out, release_root) == 0
    assert (out / "grades.csv").read_bytes() == before


def test_columns_in_another_order_and_names_in_another_form(tmp_path):
    path = tmp_path / "grades.csv"
    text = "State;Task;Points;max_points;Student;set\nmarked;double;2,5;4;Zoe\u0308 ;mini\n"
    path.write_text(text, encoding="utf-8")
    assert table.read(path) == [Line("Zoe\u0308 ", "mini", "double", 2.5, 4.0, "marked", 2)]
    assert table.folded("Zoe\u0308 ") == "Zo\u00eb"
    path.write_text("")
    with pytest.raises(TableError, match="the column student is missing"):
        table.read(path)


def test_what_changed_names_students_and_also_on_the_way_back(
    graded, release_root, tmp_path, capsys
):
    milder = {"double": "checks.call(double, np.ones(3))"}
    root = mini_set.write_release(
        tmp_path / "milder", checks=milder, files={"notes.txt": b"do re mi"}
    )
    for release, words in ((root, "0 -> 4"), (release_root, "4 -> 0")):
        capsys.readouterr()
        run(graded / "in", graded / "out", release)
        assert f"changed: double of heron: {words}" in capsys.readouterr().out


def test_an_answer_that_was_not_found_is_told_to_who_marks_it(tmp_path, release_root, capsys):
    cells = [one for one in mini_set.student_cells() if one["id"] != "explain"]
    hand_in(tmp_path / "in", "wren", mini_set.notebook(cells))
    assert run(tmp_path / "in", tmp_path / "out", release_root) == 0
    assert "no answer was found to explain of wren: look yourself" in (capsys.readouterr().out)
    page = (tmp_path / "out" / "feedback" / "wren" / "mini.html").read_text()
    assert "missing" not in page
