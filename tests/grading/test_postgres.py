"""The journal in a real PostgreSQL: the same rows as in a file, one writer, no password told.

The server is our own, in a temporary folder, as an unprivileged user, on a Unix socket.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import mini_set
import psycopg
import pytest
from grading_cases import COURSE, QUICK, class_of, hand_in, soon, verdicts

from course_utils.grading import environment
from course_utils.grading.grade import grade
from course_utils.grading.orchestrator.journal import Journal, JournalError, Plate
from course_utils.grading.verdict import GRADED, Verdict
from course_utils.problem_sets.release import find

PASSWORD = "s3cret-of-the-class"
KEYS = {"double": "k" * 64}


def program(name: str) -> str:
    """A program of PostgreSQL's server, which Debian keeps off the path."""
    found = shutil.which(name) or max(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), default="")
    assert found, "PostgreSQL's server is missing: apt-get install postgresql (tools/setup.sh does)"
    return str(found)


def _unprivileged() -> dict[str, int]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """The folder of a server's socket; user and database are ``course``."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    who = _unprivileged()
    secret = folder / "password"
    secret.write_text(PASSWORD)
    for path in (folder, secret) if who else ():
        os.chown(path, who["user"], who["group"])
    words = ["-D", folder / "data", "-U", "course", "-E", "UTF8", "--locale=C", "-N"]
    words += ["-A", "scram-sha-256", "--pwfile", secret]
    subprocess.run([program("initdb"), *words], cwd=folder, check=True, capture_output=True, **who)
    words = ["-D", folder / "data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
    process = subprocess.Popen(
        [program("postgres"), *words], cwd=folder, stderr=subprocess.DEVNULL, **who
    )
    try:
        assert soon(lambda: _answers(folder))
        yield folder
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait()
        shutil.rmtree(folder)


def _link(folder: Path, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(folder), user="course", password=PASSWORD, dbname=database, autocommit=True
    )


def _answers(folder: Path) -> bool:
    with contextlib.suppress(psycopg.OperationalError), _link(folder, "postgres"):
        return True
    return False


@pytest.fixture
def database(server: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"d{abs(hash(request.node.name)) % 10**9}"
    with _link(server, "postgres") as link:
        link.execute(f"create database {name}")
    yield f"postgresql+psycopg://course:{PASSWORD}@/{name}?host={server}"
    with _link(server, "postgres") as link:
        link.execute(f"drop database {name} with (force)")


def run(submitted: Path, out: Path, root: Path, url: str | None) -> int:
    return grade(submitted, "mini", out, QUICK, root, journal=url)


def dump(url: str, root: Path) -> list:
    release = find("mini", (root,)).release
    keys = {task.name: release.task_key(task) for task in release.tasks}
    journal = Journal(url, "mini", keys, environment.describe(release, QUICK), writes=False)
    try:
        return [row for row in journal.dump() if row[0] != "about"]
    finally:
        journal.close()


def test_killed_and_resumed_gives_the_rows_of_a_file(tmp_path, release_root, database, capsys):
    folder, out, calm = tmp_path / "submitted", tmp_path / "out", tmp_path / "calm"
    class_of(folder, 12)
    hand_in(folder, "Ärger", mini_set.submission(explain="*ü* \ud800 <b>x</b>"))
    hand_in(folder, "nobody", b"\xff")
    assert run(folder, calm, release_root, None) == 1
    with psycopg.connect(_plain(database), autocommit=True) as watching:
        for done in (0, 2, 4):
            victim = os.fork()
            if victim == 0:
                os._exit(run(folder, out, release_root, database))
            assert soon(lambda wanted=done: _judged(watching) >= wanted)
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
    assert run(folder, out, release_root, database) == 1
    assert dump(database, release_root) == verdicts(calm, release_root)
    assert (out / "grades.csv").read_bytes() == (calm / "grades.csv").read_bytes()
    assert not (out / "journal.sqlite").exists()
    gradings = "select max(gradings) from verdicts"
    with psycopg.connect(_plain(database)) as link:
        assert link.execute(gradings).fetchone() == (1,)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert not any(PASSWORD.encode() in path.read_bytes() for path in files)
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")


def _judged(watching: psycopg.Connection) -> int:
    """How many notebooks the journal has judged by now."""
    with contextlib.suppress(psycopg.errors.UndefinedTable):
        return watching.execute("select count(*) from remarks").fetchone()[0]
    return 0


def test_one_writer_at_a_time_and_readers_beside_it(database, monkeypatch):
    monkeypatch.setattr("course_utils.grading.orchestrator.journal._PATIENCE", 1.0)
    first = Journal(database, "mini", KEYS, "e")
    with pytest.raises(JournalError, match="another `course grade` is running on this database"):
        Journal(database, "other", KEYS, "e")
    reader = Journal(database, "mini", writes=False)
    assert reader.submissions() == []
    reader.close()
    first.close()
    Journal(database, "mini", KEYS, "e").close()


def test_a_connection_that_was_cut_comes_back_with_the_lock(database, monkeypatch):
    monkeypatch.setattr("course_utils.grading.orchestrator.journal._PATIENCE", 1.0)
    journal = Journal(database, "mini", KEYS, "e")
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
    with psycopg.connect(_plain(database), autocommit=True) as link:
        link.execute(cut + " and datname = current_database()")
    with pytest.raises(JournalError, match="cannot be"):
        journal.enter_submissions([("wren", "0" * 64, "")])
    journal.enter_submissions([("wren", "0" * 64, "")])
    with pytest.raises(JournalError, match="another"):
        Journal(database, "mini", KEYS, "e")
    assert journal.submissions() == [("wren", "0" * 64, "")]
    journal.close()


def test_pictures_and_odd_texts_survive(database):
    journal = Journal(database, "mini", KEYS, "e")
    verdict = Verdict("double", GRADED, True, message="ü'\\x", notes=("a",))
    plates = [Plate("double", "c", b"\0\x89PNG"), Plate("", "d", b"")]
    journal.enter("0" * 64, [(verdict, 0.1)], ["r\0"], {"double": "<p>x</p>"}, plates)
    assert journal.entries("0" * 64)["double"].points == 0.1
    assert journal.remarks("0" * 64) == ("r\0",)
    assert journal.plates("0" * 64) == plates
    assert journal.answers("0" * 64) == {"double": "<p>x</p>"}
    journal.close()


def test_students_are_sorted_as_in_a_file(database):
    journal = Journal(database, "mini", KEYS, "e")
    names = ["b", "A", "a", "Ä", "_", "B"]
    journal.enter_submissions([(name, None, "") for name in names])
    assert [name for name, _, _ in journal.submissions()] == sorted(names)
    journal.close()


def refused(submitted: Path, out: Path, root: Path, url: str, capsys, words: str) -> None:
    """One sentence, exit code 2, no grades, no password."""
    capsys.readouterr()
    assert run(submitted, out, root, url) == 2
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    assert words in said.err
    assert said.err.strip().count("\n") == 0
    assert "Traceback" not in said.err
    assert not (out / "grades.csv").exists()


def test_bad_databases_are_one_sentence(tmp_path, release_root, database, server, capsys):
    hand_in(tmp_path / "submitted", "wren", mini_set.submission())
    wrong = {
        database.replace(PASSWORD, "other"): "password authentication failed",
        database.replace("course:", "somebody:"): "password authentication failed",
        database.replace(f"{server}", "/nowhere"): "cannot be opened",
        f"mysql://course:{PASSWORD}@host/x": "cannot be kept in mysql",
        f"sqlite+other://course:{PASSWORD}@/x": "cannot be kept in sqlite+other",
        f"postgresql+psycopg//course:{PASSWORD}@host/x": "cannot be read",
        f"postgresql+psycopg://course:{PASSWORD}@host:port/x": "cannot be read",
    }
    for url, words in wrong.items():
        refused(tmp_path / "submitted", tmp_path / "out", release_root, url, capsys, words)
    with psycopg.connect(_plain(database), autocommit=True) as link:
        link.execute("create table other (x int)")
    words = "no journal of this grader"
    refused(tmp_path / "submitted", tmp_path / "out", release_root, database, capsys, words)


def test_another_version_is_refused_and_kept(tmp_path, release_root, database, capsys):
    hand_in(tmp_path / "submitted", "wren", mini_set.submission())
    Journal(database, "mini", KEYS, "e").close()
    with psycopg.connect(_plain(database), autocommit=True) as link:
        link.execute("update about set value = '999'")
    words = "the journal has version 999"
    refused(tmp_path / "submitted", tmp_path / "out", release_root, database, capsys, words)


def test_a_database_that_may_only_be_read(tmp_path, release_root, database, capsys):
    hand_in(tmp_path / "submitted", "wren", mini_set.submission())
    Journal(database, "mini", KEYS, "e").close()
    url = f"{database}&options=-c%20default_transaction_read_only%3Don"
    words = "cannot be written: cannot execute DELETE in a read-only transaction"
    refused(tmp_path / "submitted", tmp_path / "out", release_root, url, capsys, words)


def test_the_command_line_takes_the_url_from_the_environment(tmp_path, database):
    words = [*COURSE, "grade", str(tmp_path), "--set", "ps99", "--out", str(tmp_path / "out")]
    home = {**os.environ, "COURSE_JOURNAL": database}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=home)
    assert done.returncode == 2
    assert "no problem set called 'ps99'" in done.stderr
    shown = subprocess.run(
        [*COURSE, "grade", "--help"], capture_output=True, text=True, env=home, check=True
    )
    assert "--journal URL" in shown.stdout
    assert PASSWORD not in done.stdout + done.stderr + shown.stdout


def test_plain_urls_take_the_same_driver(database):
    journal = Journal(database.replace("+psycopg", ""), "mini", KEYS, "e")
    assert journal.engine.url.drivername == "postgresql+psycopg"
    assert PASSWORD not in str(journal.engine.url)
    journal.close()
