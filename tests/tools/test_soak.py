"""`make soak`: a small run of it, and that each of its findings is found."""

import importlib.util
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from course_utils.grading.classroom.kinds import Expected, HandIn
from course_utils.grading.orchestrator.journal import Journal
from course_utils.grading.verdict import GRADED, Verdict

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("soak", ROOT / "tools" / "soak.py")
soak = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(soak)


@pytest.mark.usefixtures("torch")  # some of its students answer with PyTorch
def test_a_small_soak_finds_nothing(tmp_path, monkeypatch):
    words = ["--students", "4", "--kills", "1", "--workers", "1", "--fast"]
    monkeypatch.setattr(sys, "argv", ["soak.py", *words, "--out", str(tmp_path / "out")])
    code = soak.main()
    result = json.loads((tmp_path / "out" / "soak.json").read_text())
    assert result["wrong"] == []
    assert code == 0
    assert result["students"] == 4


def looks(first, last):
    """A look after each of a hundred notebooks, with so many MiB in the first and second half."""
    return [(done, first if done < 50 else last) for done in range(100)]


def test_a_process_that_grows_is_found():
    assert soak.grown({1: looks(100.0, 110.0), 2: looks(50.0, 50.0)}) == []
    assert soak.grown({1: looks(100.0, 150.0)}) == ["process 1 grew by 50 MiB"]
    assert soak.grown({1: looks(100.0, 100.0), 2: [(3, 1.0), (4, 900.0)]}) == []


def test_a_class_too_small_to_show_growth_says_so(capsys):
    assert soak.grown({1: [(n // 10, 100.0 + n) for n in range(100)]}) == []
    assert "9 notebooks are too few to show whether memory grows" in capsys.readouterr().out


def test_a_process_that_is_left_is_found(monkeypatch):
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    monkeypatch.setattr(psutil, "wait_procs", lambda seen, timeout: ([], seen))
    try:
        found = soak.left_running({psutil.Process(sleeper.pid)})
    finally:
        sleeper.kill()
        sleeper.wait()
    assert found == [f"process {sleeper.pid} is still running"]


def graded(out, points, gradings=1):
    """An output folder with one verdict."""
    out.mkdir()
    journal = Journal(soak.default_journal(out), "mini", {"double": "k" * 64}, "e")
    journal.enter("0" * 64, [(Verdict("double", GRADED), points)], [], {})
    journal.close()
    with sqlite3.connect(out / "journal.sqlite") as link:
        link.execute("update verdicts set gradings = ?", (gradings,))
    link.close()
    head = "student,set,task,points,max_points,state\n"
    (out / "grades.csv").write_text(f"{head}wren,mini,double,{points:g},4,graded\n")
    return out


def test_journals_that_differ_are_found(tmp_path):
    calm = graded(tmp_path / "calm", 4.0)
    assert soak.differences(calm, graded(tmp_path / "same", 4.0)) == []
    assert soak.differences(calm, graded(tmp_path / "other", 0.0)) == [
        "2 rows of the journals differ",
        "the tables of grades differ",
    ]
    twice = graded(tmp_path / "twice", 4.0, gradings=2)
    assert soak.differences(twice, twice) == ["a verdict was given 2 times"]


def test_points_that_are_not_fair_are_found(tmp_path):
    out = graded(tmp_path / "out", 4.0)
    fair = HandIn("solved", expected={"double": Expected(4.0, (GRADED,))})
    assert soak.unfair({"wren": fair}, out) == []
    other = HandIn("wrong", expected={"double": Expected(0.0, (GRADED,))})
    (found,) = soak.unfair({"wren": other}, out)
    assert found.startswith("wren, wrong, double: 4.0 (graded), fair is")
