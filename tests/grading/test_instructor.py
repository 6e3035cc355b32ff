"""What an instructor does between two runs: types marks, mixes sets up, interrupts, hands over."""

import os
import shutil
import signal
import subprocess
import sys

import mini_set
import pytest
from grading_cases import (
    Stopped,
    class_of,
    explained,
    hand_in,
    judged,
    one_sentence,
    run,
    soon,
    stop,
    type_points,
    verdicts,
)

from course_utils.grading import command
from course_utils.grading.report import tasks
from course_utils.grading.table import read

AGAIN = mini_set.submission(explain="Something else.")


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory, release_root):
    """A class of two, graded; `AGAIN` is judged too, for who will hand it in later."""
    root = tmp_path_factory.mktemp("graded")
    hand_in(root / "submitted", "wren", mini_set.submission(explain="It *remembers*."))
    hand_in(root / "submitted", "=heron", mini_set.submission(explain="It forgets."))
    hand_in(root / "submitted", "robin", AGAIN)
    assert run(root / "submitted", root / "out", release_root) == 0
    shutil.rmtree(root / "submitted" / "robin")
    assert run(root / "submitted", root / "out", release_root) == 0
    return root


@pytest.fixture
def graded(graded_once, tmp_path):
    """A copy of it."""
    return shutil.copytree(graded_once, tmp_path / "graded")


WAITS = ("", "awaiting marking")


def test_marks_typed_into_the_table_are_kept_and_reach_the_student(graded, release_root):
    submitted, out = graded / "submitted", graded / "out"
    type_points(out, "4.5")
    type_points(out, "0", student="'=heron")
    for _ in range(2):
        assert run(submitted, out, release_root) == 0
        assert explained(out) == {"wren": ("4.5", "marked"), "'=heron": ("0", "marked")}
    page = (out / "feedback" / "wren" / "mini.html").read_text()
    assert "18.5 of 20 points" in page
    assert "marked by a person" in page
    assert "4.5 / 6" in page
    type_points(out, "")
    assert run(submitted, out, release_root) == 0
    assert explained(out) == {"wren": WAITS, "'=heron": ("0", "marked")}


def test_marks_outlive_the_table_and_the_hand_in(graded, release_root, capsys):
    submitted, out = graded / "submitted", graded / "out"
    type_points(out, "4.5")
    assert run(submitted, out, release_root) == 0
    (out / "grades.csv").unlink()
    (submitted / "wren").rename(graded / "aside")
    capsys.readouterr()
    assert run(submitted, out, release_root) == 0
    assert "no longer handed in, so left out of grades.csv: wren" in capsys.readouterr().out
    assert explained(out) == {"'=heron": WAITS}
    (graded / "aside").rename(submitted / "wren")
    assert run(submitted, out, release_root) == 0
    assert explained(out) == {"wren": ("4.5", "marked"), "'=heron": WAITS}


def test_a_new_hand_in_after_marking_is_said(graded, release_root, capsys):
    submitted, out = graded / "submitted", graded / "out"
    type_points(out, "4.5")
    (submitted / "wren" / "mini" / "mini.ipynb").write_bytes(AGAIN)
    for _ in range(2):  # on every run, until a person has looked
        capsys.readouterr()
        assert run(submitted, out, release_root) == 0
        said = "wren handed in again after explain was marked: look again"
        assert said in capsys.readouterr().out
        assert explained(out)["wren"] == ("4.5", "mark again")
    page = (out / "feedback" / "wren" / "mini.html").read_text()
    assert "marked by a person before you handed in again" in page


HANDED_IN_AGAIN = {
    "other points": ("3", "mark again", ("3", "marked")),
    "the same points, confirmed": ("4.5", "confirmed", ("4.5", "marked")),
    "no points": ("", "mark again", ("", "awaiting marking")),
}


@pytest.mark.parametrize("what", HANDED_IN_AGAIN)
def test_a_person_settles_what_was_marked_before(graded, release_root, capsys, what):
    points, state, wanted = HANDED_IN_AGAIN[what]
    submitted, out = graded / "submitted", graded / "out"
    type_points(out, "4.5")
    (submitted / "wren" / "mini" / "mini.ipynb").write_bytes(AGAIN)
    assert run(submitted, out, release_root) == 0
    type_points(out, points, state=state)
    for _ in range(2):
        capsys.readouterr()
        assert run(submitted, out, release_root) == 0
        assert "look again" not in capsys.readouterr().out
        assert explained(out)["wren"] == wanted


def test_a_run_killed_before_its_table_does_not_settle_a_mark(graded, release_root, monkeypatch):
    """The table on disk still says "marked", of what was handed in before."""
    submitted, out = graded / "submitted", graded / "out"
    type_points(out, "4.5")
    assert run(submitted, out, release_root) == 0
    (submitted / "wren" / "mini" / "mini.ipynb").write_bytes(AGAIN)
    with monkeypatch.context() as patch:
        patch.setattr("course_utils.grading.grades.write", stop)
        with pytest.raises(Stopped):
            run(submitted, out, release_root)
    assert explained(out)["wren"] == ("4.5", "marked")
    assert run(submitted, out, release_root) == 0
    assert explained(out)["wren"] == ("4.5", "mark again")


NO_MARKS = {
    **{points: f"has {points!r} for points; wanted a number" for points in ("four", "nan", "inf")},
    **{points: f"gives wren {points} points in explain; wanted 0 to 6" for points in ("-1", "6.5")},
}


@pytest.mark.parametrize("points", NO_MARKS)
def test_marks_that_cannot_be_lose_nothing(graded, release_root, capsys, points):
    submitted, out = graded / "submitted", graded / "out"
    type_points(out, points)
    before = (out / "grades.csv").read_bytes()
    capsys.readouterr()
    assert run(submitted, out, release_root) == 2
    error = capsys.readouterr().err
    assert NO_MARKS[points] in error
    assert error.count("\n") == 1
    assert error.rstrip().endswith("mend it or move it away.")
    assert (out / "grades.csv").read_bytes() == before


def test_a_folder_for_every_set(graded, release_root, capsys):
    submitted, out = graded / "submitted", graded / "out"
    text = (out / "grades.csv").read_text().replace(",mini,", ",ps01,")
    (out / "grades.csv").write_text(text)
    capsys.readouterr()
    assert run(submitted, out, release_root) == 2
    one_sentence(capsys, "holds the grades of ps01: give every set an output folder of its own")
    assert (out / "grades.csv").read_text() == text


def test_the_output_is_no_submission(graded, release_root, capsys):
    submitted = graded / "submitted"
    for out in (submitted, submitted / "grades"):
        capsys.readouterr()
        assert run(submitted, out, release_root) == 2
        one_sentence(capsys, "choose one outside it")
        assert not (out / ".lock").exists()


def test_an_interrupted_run_says_so_and_is_resumed(tmp_path, release_root, capfd):
    class_of(tmp_path / "submitted", 12)
    out, calm = tmp_path / "out", tmp_path / "calm"
    assert run(tmp_path / "submitted", calm, release_root) == 0
    capfd.readouterr()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os._exit(run(tmp_path / "submitted", out, release_root))
    assert soon(lambda: judged(out) >= 3)
    os.kill(child, signal.SIGINT)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 1
    said = capfd.readouterr().err
    assert "interrupted. The grades given so far are kept; run the same command again." in said
    assert "Traceback" not in said
    assert run(tmp_path / "submitted", out, release_root) == 0
    assert verdicts(out, release_root) == verdicts(calm, release_root)


@pytest.mark.parametrize("words", ["grade . --set mini --out x", "report .", "export .", "class x"])
def test_packages_that_are_not_installed_are_named(tmp_path, words):
    code = "import sys; sys.modules['sqlalchemy'] = sys.modules['jinja2'] = None\n"
    code += "from course_utils.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"course {words.split()[0]}: ")
    assert done.stderr.endswith("is missing: install the course with pip install '.[grading]'.\n")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_no_number_is_no_limit(tmp_path, capsys):
    words = (tmp_path, "mini", tmp_path / "out", 1, float("nan"), None, None, False)
    assert command.grade_class(*words) == 2
    one_sentence(capsys, "--seconds must be a number, not nan")


def test_the_report_has_no_mean_of_what_waits(graded):
    found = {one.task: one for one in tasks(read(graded / "out" / "grades.csv"))}
    assert (found["explain"].mean, found["explain"].judged) == (None, 0)
    assert found["double"].mean == 100.0
