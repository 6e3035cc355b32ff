"""Holes that a hostile review found, each as the attack that went through it."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import mini_set
import pytest
import sqlalchemy
from grading_cases import QUICK, Grader, hand_in, one_sentence, run

from course_utils import checks
from course_utils.grading import files
from course_utils.grading.jail import view
from course_utils.grading.markup import MAX_TAGS, clean
from course_utils.grading.orchestrator.intake import printable
from course_utils.grading.orchestrator.journal import Journal
from course_utils.grading.orchestrator.schedule import Scheduler
from course_utils.grading.table import neutral, original
from course_utils.problem_sets.release import find

JOB = "import runner.jail.job as job\n"
NESTED = "deep = []\nfor _ in range(1000): deep = [deep]\n"


def with_cell(source: str) -> bytes:
    """A right notebook with a cell of the student's own behind the set-up."""
    cells = mini_set.student_cells()
    cells.insert(2, mini_set.code_cell("own", source))
    return mini_set.notebook(cells)


HARMLESS = {
    "a lone surrogate in code": mini_set.submission(
        double="s = '\ud800'\ndef double(x):\n    return 2 * x"
    ),
    "a lone surrogate in an answer": mini_set.submission(explain="a \ud800 b"),
    "a lone surrogate printed": with_cell("print('\\ud800')"),
    "a lone surrogate raised": with_cell("raise ValueError('\\ud800')"),
    "a cell of five megabytes": with_cell("text = '" + "a" * (5 * 2**20) + "'"),
    "a NUL byte": with_cell("text = '\0'"),
    "an error nested without end": with_cell(
        f"{JOB}{NESTED}job._plain = lambda e: e and [[deep], deep, 1]\nraise ValueError"
    ),
    "an answer of tags": with_cell(
        f"{JOB}type(job._MARKDOWN).render = lambda s, t: '<p>' + '<em a=1>' * 4000"
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_costs_no_points(grader, name):
    assert grader.lost(HARMLESS[name]) == {}


@pytest.mark.parametrize("part", ["5", "null", '"x"', "{}"])
def test_worksheets_that_hold_no_cells(grader, part):
    states = grader.states(b'{"worksheets": [{"cells": %s}]}' % part.encode())
    assert set(states.values()) == {(False, "unreadable")}


def test_a_dictionary_made_to_collide_does_not_hold_the_checker_up(grader):
    """A checker that computes for 20 seconds is ended, and the state is another one (`QUICK`)."""
    forged = (
        f"{JOB}pairs = [[['int', hex((2**61 - 1) * i + 7)], 0] for i in range(60000)]\n"
        "old = job.Writer.write\n"
        "job.Writer.write = lambda s, v: ['dict', pairs] if type(v) is slice else old(s, v)\n"
        "table = slice(1)"
    )
    assert grader.lost(mini_set.submission(table=forged)) == {"table": "crashed"}


MEMORY = {
    "memfd": "import os\nos.memfd_create('x')",
    "shm": "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.shmget(0, ctypes.c_size_t(4096), 0o1600) < 0: raise OSError(ctypes.get_errno(), 'x')",
    "sockets": "import socket\nsocket.socket(socket.AF_INET)",
    "odd sockets": "import socket\nsocket.socket(43, 1)",
}


@pytest.mark.parametrize("name", MEMORY)
def test_memory_and_sockets_beyond_the_limits_are_refused(grader, name):
    (remark,) = grader.judge(with_cell(MEMORY[name])).remarks
    assert "PermissionError" in remark


def test_html_that_multiplies_is_cut():
    many = "".join(f"<em a={i}>" for i in range(400)) + "<p>x" * 1500
    bombs = [f"<p>{many}", "<p>" + many * 10, "<ul>" * 40_000, '<em a="' * 20_000, "<" * 160_000]
    began = time.thread_time()
    assert all(len(clean(bomb)) < 8 * len(bomb) + 200 for bomb in bombs)
    assert time.thread_time() - began < 5
    assert clean("<b>x</b>" * MAX_TAGS + "<ul>" * (MAX_TAGS + 1)).startswith("<pre>xxx")


def test_html_that_markdown_makes_is_kept():
    table = "<table><tbody><tr><td>1 &lt; 2</td></tr></tbody></table>"
    assert clean(f'<p class="a"><em>b</em></p>{table}') == f"<p><em>b</em></p>{table}"
    assert clean('<em a="<p>1">x') == '&lt;em a="<p>1"&gt;x</p>'


def test_different_names_stay_different():
    names = ["\x01", "\\x01", "\\u{1}", os.fsdecode(b"\x85"), "\x85", "\\", "\\\\", "a"]
    assert len({printable(name) for name in names}) == len(names)
    assert all(printable(name).isprintable() for name in names)


def test_two_names_that_look_alike_stop_nobody(tmp_path, release_root):
    for name in ("\x01", "\\x01", "\\u{1}", "wren"):
        hand_in(tmp_path / "submitted", name, mini_set.submission())
    assert run(tmp_path / "submitted", tmp_path / "out", release_root) == 0
    text = (tmp_path / "out" / "grades.csv").read_text()
    assert text.count("double,4,4,graded") == 4


@pytest.mark.parametrize("name", ["'t Hooft", "=x", "'=x", "''=x", "＝x", "O'Brien", "-"])
def test_names_survive_the_csv(name):
    assert original(neutral(name)) == name
    assert not neutral(name).startswith(("=", "-", "＝"))


def test_a_folder_without_submissions_is_a_slip(tmp_path, release_root, capsys):
    hand_in(tmp_path / "term" / "submitted", "wren", mini_set.submission())
    for folder in (tmp_path / "term", tmp_path / "term" / "submitted" / "wren"):
        assert run(folder, tmp_path / "out", release_root) == 2
        one_sentence(capsys, "holds a submission of mini")
    assert not (tmp_path / "out").exists()


def test_who_did_not_hand_in_is_said(tmp_path, release_root, capsys):
    hand_in(tmp_path / "submitted", "wren", mini_set.submission())
    (tmp_path / "submitted" / "heron" / "Mini").mkdir(parents=True)
    assert run(tmp_path / "submitted", tmp_path / "out", release_root) == 0
    assert "mini: not handed in by 1: heron" in capsys.readouterr().out


def test_a_full_disk_is_one_sentence(tmp_path, release_root, capsys, monkeypatch):
    hand_in(tmp_path / "submitted", "wren", mini_set.submission())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.tempfile, "mkstemp", full)
    assert run(tmp_path / "submitted", tmp_path / "out", release_root) == 2
    one_sentence(capsys, "No space left on device")


def test_a_journal_that_takes_no_more_is_one_sentence(tmp_path, release_root, capsys, monkeypatch):
    hand_in(tmp_path / "submitted", "wren", mini_set.submission())
    opened = Journal._open

    def tiny(self: Journal, writes: bool) -> None:
        opened(self, writes)
        with self.engine.connect() as link:
            pages = link.exec_driver_sql("pragma page_count").scalar()

        def capped(connection: object, _: object) -> None:
            connection.execute(f"pragma max_page_count = {pages}")

        self.engine.dispose()
        sqlalchemy.event.listen(self.engine, "connect", capped)

    monkeypatch.setattr(Journal, "_open", tiny)
    raw = mini_set.submission(explain="word " * 7000)
    (tmp_path / "submitted" / "wren" / "mini" / "mini.ipynb").write_bytes(raw)
    assert run(tmp_path / "submitted", tmp_path / "out", release_root) == 2
    one_sentence(capsys, "the journal cannot be written")


def test_a_changed_data_file_changes_every_key(tmp_path):
    keys = []
    for data in (b"do", b"re"):
        root = mini_set.write_release(tmp_path / data.decode(), files={"notes.txt": data})
        release = find("mini", (root,)).release
        keys.append([release.task_key(task) for task in release.tasks])
    assert not set(keys[0]) & set(keys[1])


def test_a_course_kept_inside_what_the_jail_shows_is_masked(release_root):
    shown = Path("/usr/share")
    secret = next(one for one in sorted(shown.iterdir()) if one.is_dir() and any(one.iterdir()))
    folder = replace(find("mini", (release_root,)), hidden=(secret, Path("/nowhere")))
    look = with_cell(f"import os\nraise ValueError(len(os.listdir({str(secret)!r})))")
    with Scheduler(folder, QUICK) as scheduler:
        (remark,) = Grader(scheduler).judge(look).remarks
    assert remark.endswith(": 0")


def test_the_interpreter_itself_is_never_masked():
    assert view.jail(None, (Path(sys.prefix), Path("/usr"))).masks == view.jail(None).masks


def test_whole_numbers_are_exact_beyond_the_digits_of_floats():
    assert checks.integer(2**60, 2**60) == 2**60
    with pytest.raises(checks.CheckFailed):
        checks.array([2**60 + 1], [2**60], axes=("unit",))
    with pytest.raises(checks.CheckFailed):
        checks.number(2**60 + 1, 2**60)


def test_an_environment_below_tmp_is_shown_elsewhere(monkeypatch):
    """The sandbox has a /tmp of its own, which would cover a virtual environment kept there."""
    monkeypatch.setattr(sys, "prefix", "/tmp/clone/.venv")
    monkeypatch.setattr(sys, "executable", "/tmp/clone/.venv/bin/python")
    shown = dict(view.jail(None).binds)
    assert shown["/tmp/clone/.venv"] == "/course/python/clone/.venv"
    assert view.interpreter() == "/course/python/clone/.venv/bin/python"
