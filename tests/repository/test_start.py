"""`course start`: a copy of one's own, from the repository or the wheel, that nothing replaces."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from course_utils.cli import main

ROOT = Path(__file__).parents[2]
SET = "ps02_recurrence"
STUB = "    raise NotImplementedError()"
OWN = f"work/{SET}/{SET}.ipynb"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A repository with one set that has a data file, and us in it."""
    folder = tmp_path / "course" / "exercises" / SET
    shutil.copytree(ROOT / "exercises" / SET, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = ["numbers.csv"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "numbers.csv").write_text("1,2\n")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


def start(*words):
    done = CliRunner().invoke(main, ["start", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def change(path, old, new):
    """Change one cell of a notebook as Jupyter would save it."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if old in (source := "".join(cell["source"])):
            cell["source"] = source.replace(old, new).splitlines(keepends=True)
            break
    else:
        raise AssertionError(f"{old!r} is not there")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path.read_bytes()


@pytest.mark.parametrize("name", ["ps02", "ps2", SET, f"exercises/{SET}", f"{SET}.ipynb"])
def test_the_set_is_copied_with_its_data(course, name):
    status, said = start(name)
    assert status == 0
    own = files(course / "work")
    assert set(own) == {f"{SET}/{SET}.ipynb", f"{SET}/numbers.csv"}
    released = files(course / "exercises" / SET)
    assert own[f"{SET}/{SET}.ipynb"] == released[f"{SET}.ipynb"]
    assert f"{OWN} is yours now." in said
    assert f"course check {OWN}" in said


def test_an_existing_notebook_is_left_as_it_is(course):
    start("ps02")
    solved = change(course / OWN, STUB, "return 1")
    status, said = start("ps02")
    assert status == 0
    assert f"{OWN} was there and is left as it is: go on in it." in said
    assert files(course / "work")[f"{SET}/{SET}.ipynb"] == solved
    assert len(files(course / "work")) == 2


@pytest.mark.parametrize("own", [b"", b"{", b"[]", b"\xff\xfe", b'{"cells": 1}', b"[" * 100_000])
def test_what_is_no_notebook_is_left_as_it_is_too(course, own):
    (course / OWN).parent.mkdir(parents=True)
    (course / OWN).write_bytes(own)
    assert start("ps02")[0] == 0
    assert (course / OWN).read_bytes() == own


def test_a_newer_release_is_put_beside_once(course):
    start("ps02")
    solved = change(course / OWN, STUB, "return 1")
    change(course / f"exercises/{SET}/{SET}.ipynb", "course check", "course check, please,")
    newer = (course / f"exercises/{SET}/{SET}.ipynb").read_bytes()
    (course / f"exercises/{SET}/numbers.csv").write_text("1,2,3\n")
    assert "puts the newer release beside" in start()[1]
    for _ in range(2):
        status, said = start("ps02")
        assert status == 0
        assert f"in work/{SET}/{SET}-new.ipynb: move your answers there" in said
    own = files(course / "work")
    assert own == {
        f"{SET}/{SET}.ipynb": solved,
        f"{SET}/{SET}-new.ipynb": newer,
        f"{SET}/numbers.csv": b"1,2\n",
        f"{SET}/numbers-new.csv": b"1,2,3\n",
    }
    assert f"begun: {OWN}\n" in start()[1]
    change(course / f"work/{SET}/{SET}-new.ipynb", STUB, "return 2")
    assert f"in work/{SET}/{SET}-new.ipynb: move" in start("ps02")[1]  # solved, it is still that
    assert len(files(course / "work")) == 4


def test_a_second_newer_release_gets_a_name_of_its_own(course):
    released = course / f"exercises/{SET}/{SET}.ipynb"
    start("ps02")
    change(released, "course check", "course check, please,")
    start("ps02")
    change(released, "course check, please,", "course check, now,")
    start("ps02")
    assert sorted(files(course / "work" / SET)) == [
        "numbers.csv",
        f"{SET}-new-2.ipynb",
        f"{SET}-new.ipynb",
        f"{SET}.ipynb",
    ]


def test_another_place_and_a_folder_further_down(course, tmp_path, monkeypatch):
    assert start("ps02", "--into", str(tmp_path / "my work"))[0] == 0
    assert (tmp_path / "my work" / SET / "numbers.csv").is_file()
    monkeypatch.chdir(course / "exercises" / SET)
    assert start("ps02")[0] == 0
    assert (course / OWN).is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ps02_recurence"], "called 'ps02_recurence'; did you mean ps02_recurrence?"),
        (["zzz"], "there is no problem set called 'zzz'; there are ps02_recurrence"),
        (["ps02", "--into", "exercises"], "exercises is where the course keeps what it hands out"),
    ],
)
def test_bad_usage_is_one_sentence_and_writes_nothing(course, words, sentence):
    before = files(course)
    status, said = start(*words)
    assert (status, said.count("\n")) == (2, 1)
    assert sentence in said
    assert files(course) == before


def test_a_place_that_cannot_be_written_is_named(course):
    (course / "work").write_text("a file")
    status, said = start("ps02")
    assert status == 1
    assert "cannot be read or written" in said
    assert "Traceback" not in said
    assert (course / "work").read_text() == "a file"


def test_without_a_name_it_lists_the_sets(course):
    assert f"  {SET}  not begun" in start()[1]
    start("ps02")
    assert f"  {SET}  begun: {OWN}" in start()[1]


def test_the_place_is_ignored_by_git():
    done = subprocess.run(["git", "check-ignore", "-q", OWN], cwd=ROOT, check=False)
    assert done.returncode == 0


COMMAND = "from course_utils.cli import main; main()"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel of this tree, unpacked where nothing else of the course is."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_what_manifests_name_and_no_solution(unpacked):
    released = files(unpacked / "course_utils" / "released")
    expected = {}
    for manifest in (ROOT / "exercises").glob("*/manifest.json"):
        told = json.loads(manifest.read_text(encoding="utf-8"))
        for name in ("manifest.json", told["notebook"], *told["files"]):
            path = manifest.parent / name
            expected[f"{manifest.parent.name}/{name}"] = path.read_bytes()
    assert released == expected
    assert len(expected) >= 18
    assert not [name for name in released if b"BEGIN SOLUTION" in released[name]]


def test_from_the_wheel_in_an_empty_folder(unpacked, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "start", "ps02"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{OWN} is yours now." in done.stdout
    deeper = subprocess.run(
        [sys.executable, "-c", COMMAND, "start", "ps02"],
        cwd=tmp_path / f"work/{SET}",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "was there and is left as it is" in deeper.stdout
    assert set(files(tmp_path)) == {OWN}
    assert files(tmp_path)[OWN] == files(ROOT / "exercises" / SET)[f"{SET}.ipynb"]


def test_check_from_the_wheel_knows_a_notebook_that_was_downloaded(unpacked, tmp_path):
    """No clone, no manifest beside it, and nothing in the notebook's metadata that says its set."""
    solved = json.loads((ROOT / "solutions" / SET / f"{SET}.ipynb").read_bytes())
    solved["metadata"] = {}
    (tmp_path / "downloaded (1).ipynb").write_text(json.dumps(solved), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "check", "downloaded (1).ipynb"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 of 10 visible checks pass" in done.stdout
    assert f"Name it {SET}.ipynb when you hand it in." in done.stdout
