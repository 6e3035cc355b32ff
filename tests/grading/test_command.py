# ruff: noqa: E501 - the tables hold whole cells
"""`course grade` from outside: bad input in one sentence, kills survived, nothing left behind."""

import os
import shutil
import signal
import sqlite3
import subprocess

import mini_set
import pytest
from grading_cases import (
    COURSE,
    QUICK,
    class_of,
    dump,
    hand_in,
    journal,
    judged,
    one_sentence,
    run,
    soon,
    verdicts,
)

from course_utils.grading.orchestrator import schedule
from course_utils.grading.orchestrator.journal import VERSION
from course_utils.problem_sets.release import find


@pytest.fixture
def submitted(tmp_path):
    folder = tmp_path / "submitted"
    hand_in(folder, "wren", mini_set.submission())
    hand_in(folder, "heron", mini_set.submission(double="def double(x):\n    return x"))
    return folder


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory, release_root):
    """The output folder of the class of two, graded once for all tests."""
    root = tmp_path_factory.mktemp("graded")
    for student, answer in (("wren", "2 * x"), ("heron", "x")):
        raw = mini_set.submission(double=f"def double(x):\n    return {answer}")
        hand_in(root / "submitted", student, raw)
    assert run(root / "submitted", root / "out", release_root) == 0
    return root


@pytest.fixture
def graded(graded_once, tmp_path):
    """A copy of the graded class: ``graded / "submitted"`` and ``graded / "out"``."""
    return shutil.copytree(graded_once, tmp_path / "graded")


def test_grades_feedback_and_journal(graded):
    out = graded / "out"
    rows = (out / "grades.csv").read_text().splitlines()
    assert rows[0] == "student,set,task,points,max_points,state"
    assert rows[1:] == [
        "heron,mini,double,0,4,graded",
        "heron,mini,centre,3,3,graded",
        "heron,mini,objects,5,5,graded",
        "heron,mini,table,2,2,graded",
        "heron,mini,explain,,6,awaiting marking",
        "wren,mini,double,4,4,graded",
        "wren,mini,centre,3,3,graded",
        "wren,mini,objects,5,5,graded",
        "wren,mini,table,2,2,graded",
        "wren,mini,explain,,6,awaiting marking",
    ]
    page = (out / "feedback" / "heron" / "mini.html").read_text()
    assert "double, its result" in page
    assert "10 of 14 so far; 6 points wait for a person." in page
    assert page.count("<p>passed</p>") == 3
    assert page.count("<p>not passed</p>") == 1
    assert sorted(path.name for path in out.iterdir()) == [
        ".lock",
        ".written.json",
        "archive",
        "feedback",
        "grades.csv",
        "journal.sqlite",
    ]


def test_a_second_run_grades_nothing(graded, release_root, monkeypatch):
    submitted, out = graded / "submitted", graded / "out"
    before, rows = dump(out, release_root), (out / "grades.csv").read_bytes()

    def never(*_):
        raise AssertionError("a worker was started")

    monkeypatch.setattr(schedule.Scheduler, "_new", never)
    assert run(submitted, out, release_root) == 0
    assert dump(out, release_root) == before
    assert (out / "grades.csv").read_bytes() == rows


def test_a_corrected_check_regrades_only_its_task(graded, tmp_path, capsys):
    submitted, out, root = graded / "submitted", graded / "out", tmp_path / "release"
    milder = {
        "double": "checks.call(double, np.ones(3))[0] + 1\nassert checks.call(double, np.ones(3)) is not None"
    }
    mini_set.write_release(root, checks=milder, files={"notes.txt": b"do re mi"})
    capsys.readouterr()
    assert run(submitted, out, root) == 0
    assert "changed: double of heron: 0 -> 4" in capsys.readouterr().out
    assert "heron,mini,double,4,4,graded" in (out / "grades.csv").read_text()
    with sqlite3.connect(out / "journal.sqlite") as link:
        counts = dict(link.execute("select task, count(*) from verdicts group by task"))
        assert link.execute("select max(gradings) from verdicts").fetchone() == (1,)
    link.close()
    assert counts == {"double": 4, "centre": 2, "objects": 2, "table": 2, "explain": 2}


def test_a_new_hand_in_replaces_the_old(graded, release_root):
    submitted, out = graded / "submitted", graded / "out"
    (submitted / "heron" / "mini" / "mini.ipynb").write_bytes(mini_set.submission(explain="more"))
    shutil.rmtree(submitted / "wren")
    assert run(submitted, out, release_root) == 0
    rows = (out / "grades.csv").read_text()
    assert "heron,mini,double,4,4,graded" in rows
    assert "wren" not in rows


def test_missing_folder(tmp_path, release_root, capsys):
    assert run(tmp_path / "nowhere", tmp_path / "out", release_root) == 2
    one_sentence(capsys, "nowhere cannot be read: No such file or directory")


def test_unknown_set(submitted, tmp_path, release_root, capsys):
    assert run(submitted, tmp_path / "out", release_root, "ps99") == 2
    one_sentence(capsys, "there is no problem set called 'ps99' (known sets: mini)")


def test_unwritable_output(submitted, tmp_path, release_root, capsys):
    (tmp_path / "file").write_text("")
    assert run(submitted, tmp_path / "file" / "out", release_root) == 2
    one_sentence(capsys, "cannot be written")


def test_a_locked_journal(graded, release_root, capsys):
    import fcntl

    submitted, out = graded / "submitted", graded / "out"
    rows = (out / "grades.csv").read_bytes()
    capsys.readouterr()
    with (out / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(submitted, out, release_root) == 2
    one_sentence(capsys, "another `course grade` is running")
    assert (out / "grades.csv").read_bytes() == rows


def test_a_database_held_by_somebody_else(graded, release_root, capsys):
    submitted, out = graded / "submitted", graded / "out"
    capsys.readouterr()
    link = sqlite3.connect(out / "journal.sqlite", isolation_level=None)
    link.execute("begin exclusive")
    try:
        assert run(submitted, out, release_root) == 2
    finally:
        link.close()
    one_sentence(capsys, "the journal is locked")


def test_a_journal_from_another_version(graded, release_root, capsys):
    submitted, out = graded / "submitted", graded / "out"
    with sqlite3.connect(out / "journal.sqlite") as link:
        link.execute("update about set value = '999'")
    link.close()
    rows = (out / "grades.csv").read_bytes()
    capsys.readouterr()
    assert run(submitted, out, release_root) == 2
    one_sentence(capsys, "the journal has version 999")
    assert (out / "grades.csv").read_bytes() == rows


@pytest.mark.parametrize("content", [b"not a database at all, " * 50, None])
def test_something_that_is_no_journal(submitted, tmp_path, release_root, capsys, content):
    out = tmp_path / "out"
    out.mkdir()
    path = out / "journal.sqlite"
    if content is None:
        with sqlite3.connect(path) as link:
            link.execute("create table other (x)")
        link.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    assert run(submitted, out, release_root) == 2
    one_sentence(capsys, "no journal")
    assert path.read_bytes() == before


def test_a_journal_whose_maker_was_killed_is_finished(graded, release_root):
    out = graded / "out"
    with sqlite3.connect(out / "journal.sqlite") as link:
        link.execute("delete from about")
        link.execute("drop table verdicts")
    link.close()
    opened = journal(out, release_root)
    rows = opened.dump()
    opened.close()
    assert ("about", "version", VERSION) in rows


def test_no_walls_no_grades(submitted, tmp_path, release_root, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(submitted, tmp_path / "out", release_root) == 2
    one_sentence(capsys, "bubblewrap (bwrap) is not installed")
    assert not (tmp_path / "out" / "grades.csv").exists()


def test_packages_that_the_worker_may_not_read_are_named(release_root, monkeypatch):
    from course_utils.grading.jail import view
    from course_utils.grading.orchestrator.worker import IsolationError

    real = view.checker()
    shut = release_root.parent / "shut"
    shut.mkdir(mode=0o700)
    binds = (*real.binds, (str(shut), "/course/lib/course_utils/checks"))
    monkeypatch.setattr(view, "checker", lambda: view.View(binds, (), real.path))
    scheduler = schedule.Scheduler(find("mini", (release_root,)), QUICK)
    with pytest.raises(IsolationError, match="the checker did not start"), scheduler:
        raise AssertionError("started with a folder that it cannot read")


def test_trust_grades_without_walls_and_says_so(
    submitted, tmp_path, release_root, capsys, monkeypatch
):
    from dataclasses import replace

    monkeypatch.setenv("PATH", str(tmp_path))
    settings = replace(QUICK, trust=True)
    assert run(submitted, tmp_path / "out", release_root, settings=settings) == 0
    assert "isolation: NONE (--trust)" in capsys.readouterr().out
    assert "heron,mini,double,0,4,graded" in (tmp_path / "out" / "grades.csv").read_text()


PROBLEMS = {
    "a link": (lambda path: (path.unlink(), path.symlink_to("/etc/hostname")), "is a link"),
    "a link to a folder": (
        lambda path: (path.unlink(), path.symlink_to("/etc")),
        "is a link",
    ),
    "a pipe": (lambda path: (path.unlink(), os.mkfifo(path)), "no regular file"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "no regular file"),
    "nothing": (lambda path: path.unlink(), "There is no file mini.ipynb"),
    "too large": (lambda path: os.truncate(path, 21 * 2**20), "at most 20 MB"),
    "a linked folder": (
        lambda path: (
            path.unlink(),
            path.parent.rmdir(),
            path.parent.symlink_to("/etc"),
        ),
        "is a link or no folder",
    ),
    "not UTF-8": (lambda path: path.write_bytes(b"\xff{}"), "not UTF-8"),
}


HOSTILE_NAMES = ("=HYPERLINK(1)", "+1", "-1", "@x", "<script>alert(1)", 'a"b,c', "\x01\n")


@pytest.fixture(scope="module")
def odd_class(tmp_path_factory, release_root):
    """The output for a class of problems and hostile names."""
    root = tmp_path_factory.mktemp("odd")
    folder = root / "submitted"
    for name, (spoil, _) in PROBLEMS.items():
        spoil(hand_in(folder, name, mini_set.submission()))
    for name in (*HOSTILE_NAMES, "wren", os.fsdecode(b"\xff" * 200)):
        hand_in(folder, name, mini_set.submission())
    (folder / ".hidden").mkdir()
    assert run(folder, root / "out", release_root) == 1
    return root / "out"


def test_problems_of_single_submissions_cost_nobody_else(odd_class):
    text = (odd_class / "grades.csv").read_text()
    assert "wren,mini,double,4,4,graded" in text
    for name, (_, words) in PROBLEMS.items():
        assert f"{name},mini,double,,4,needs a look" in text
        assert words in (odd_class / "feedback" / name / "mini.html").read_text()


def test_names_that_spreadsheets_and_browsers_would_obey(odd_class):
    text = (odd_class / "grades.csv").read_text()
    for name in ("=HYPERLINK(1)", "+1", "-1", "@x"):
        assert f"\n'{name},mini" in text
    assert "\\xff\\xff" in text
    assert "hidden" not in text
    pages = [path.read_text() for path in odd_class.rglob("*.html")]
    assert len(pages) == len(HOSTILE_NAMES) + len(PROBLEMS) + 2
    assert not any("<script" in page for page in pages)
    assert all("default-src 'none'" in page for page in pages)


def test_equal_bytes_are_graded_once(odd_class):
    with sqlite3.connect(odd_class / "journal.sqlite") as link:
        (count,) = link.execute("select count(distinct sha256) from verdicts").fetchone()
    link.close()
    assert count == 2  # the right notebook, and the one that is not UTF-8


def test_usage_errors_of_the_command_line(tmp_path):
    for words in (
        ["grade", "x", "--set", "mini"],
        ["grade", "x", "--set", "mini", "--out", "y", "--workers", "0"],
        ["grade", str(tmp_path), "--set", "mini", "--out", str(tmp_path), "--class-key", "nowhere"],
    ):
        done = subprocess.run([*COURSE, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_killed_at_five_moments_and_resumed(tmp_path, release_root):
    folder, out, calm = tmp_path / "submitted", tmp_path / "out", tmp_path / "calm"
    before = _workers_of(os.getpid())
    class_of(folder, 24)
    assert run(folder, calm, release_root) == 0
    for done in (0, 2, 4, 6, 8):
        victim = os.fork()
        if victim == 0:
            os._exit(run(folder, out, release_root))
        assert soon(lambda wanted=done: judged(out) >= wanted)
        os.kill(victim, signal.SIGKILL)
        _, status = os.waitpid(victim, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        assert not (out / "grades.csv").exists()
    assert run(folder, out, release_root) == 0
    assert verdicts(out, release_root) == verdicts(calm, release_root)
    assert (out / "grades.csv").read_bytes() == (calm / "grades.csv").read_bytes()
    with sqlite3.connect(out / "journal.sqlite") as link:
        assert link.execute("select max(gradings) from verdicts").fetchone() == (1,)
    link.close()
    assert soon(lambda: set(_workers_of(os.getpid())) <= set(before))


def _workers_of(parent):
    """Sandboxes that are children of this process, or of nobody."""
    words = ["ps", "-eo", "ppid,pid,args"]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    return [x for x in lines if "bwrap" in x and x.split()[0] in ("1", str(parent))]
