"""A mark belongs to what was looked at, whatever a student or a spreadsheet does between runs."""

import json
import shutil

import mini_set
import pytest
from grading_cases import Stopped, explained, hand_in, one_sentence, run, stop, type_points


@pytest.fixture(scope="module")
def marked_once(tmp_path_factory, release_root):
    """A class of two, graded, with 5.5 of 6 points for wren's explanation."""
    root = tmp_path_factory.mktemp("marked")
    for student in ("wren", "heron"):
        hand_in(root / "submitted", student, mini_set.submission())
    assert run(root / "submitted", root / "out", release_root) == 0
    type_points(root / "out", "5.5")
    assert run(root / "submitted", root / "out", release_root) == 0
    return root


@pytest.fixture
def marked(marked_once, tmp_path):
    """A copy of it."""
    return shutil.copytree(marked_once, tmp_path / "marked")


def leave(marked, release_root):
    """A run without wren."""
    shutil.move(marked / "submitted" / "wren", marked / "aside")
    assert run(marked / "submitted", marked / "out", release_root) == 0
    assert "wren" not in explained(marked / "out")
    shutil.move(marked / "aside", marked / "submitted" / "wren")
    return marked / "submitted" / "wren" / "mini" / "mini.ipynb"


def test_who_is_gone_for_a_run_keeps_the_mark(marked, release_root):
    leave(marked, release_root)
    assert run(marked / "submitted", marked / "out", release_root) == 0
    assert explained(marked / "out")["wren"] == ("5.5", "marked")


def test_who_comes_back_with_no_notebook_is_marked_again(marked, release_root):
    notebook = leave(marked, release_root)
    notebook.unlink()
    notebook.symlink_to("/dev/null")
    assert run(marked / "submitted", marked / "out", release_root) == 1
    assert explained(marked / "out")["wren"] == ("5.5", "mark again")


def test_a_table_that_was_open_during_a_run_confirms_nothing(marked, release_root):
    """A spreadsheet saves what it read before the run, over what the run wrote."""
    submitted, out = marked / "submitted", marked / "out"
    before = (out / "grades.csv").read_bytes()
    (submitted / "wren" / "mini" / "mini.ipynb").write_bytes(mini_set.submission(explain="Other."))
    assert run(submitted, out, release_root) == 0
    assert explained(out)["wren"] == ("5.5", "mark again")
    (out / "grades.csv").write_bytes(before)
    type_points(out, "2", student="heron")
    assert run(submitted, out, release_root) == 0
    assert explained(out) == {"wren": ("5.5", "mark again"), "heron": ("2", "marked")}
    (out / "grades.csv").write_bytes(before)
    type_points(out, "1")
    assert run(submitted, out, release_root) == 0
    assert explained(out)["wren"] == ("1", "mark again")
    type_points(out, "1", state="confirmed")
    assert run(submitted, out, release_root) == 0
    assert explained(out)["wren"] == ("1", "marked")


def test_a_table_of_before_the_marking_takes_nothing_back(marked, release_root):
    type_points(marked / "out", "", state="awaiting marking")
    assert run(marked / "submitted", marked / "out", release_root) == 0
    assert explained(marked / "out")["wren"] == ("5.5", "marked")


def test_a_mark_after_a_run_that_was_killed_is_for_what_its_table_showed(
    marked, release_root, monkeypatch
):
    submitted, out = marked / "submitted", marked / "out"
    hand_in(submitted, "robin", mini_set.submission())
    with monkeypatch.context() as patch:
        patch.setattr("course_utils.grading.feedback.write_all", stop)
        with pytest.raises(Stopped):
            run(submitted, out, release_root)
    type_points(out, "3", student="robin")
    assert run(submitted, out, release_root) == 0
    assert explained(out)["robin"] == ("3", "marked")


@pytest.mark.parametrize("state", ["Marked", "done"])
def test_a_mistyped_state_loses_no_points(marked, release_root, capsys, state):
    type_points(marked / "out", "3", state=state)
    before = (marked / "out" / "grades.csv").read_bytes()
    capsys.readouterr()
    assert run(marked / "submitted", marked / "out", release_root) == 2
    said = f"gives wren the state {state!r} in explain; wanted one of awaiting"
    one_sentence(capsys, said)
    assert (marked / "out" / "grades.csv").read_bytes() == before


def test_a_mark_beyond_what_the_task_has_now_waits_for_a_person(
    marked, release_root, tmp_path, capsys
):
    root = shutil.copytree(release_root, tmp_path / "release")
    manifest = root / "exercises" / "mini" / "manifest.json"
    changed = json.loads(manifest.read_text())
    changed["tasks"][-1]["points"] = 5
    manifest.write_text(json.dumps({**changed, "points": changed["points"] - 1}))
    capsys.readouterr()
    assert run(marked / "submitted", marked / "out", root) == 2
    one_sentence(capsys, "gives wren 5.5 points in explain; wanted 0 to 5")
    (marked / "out" / "grades.csv").unlink()  # as the message allows
    for _ in range(2):
        assert run(marked / "submitted", marked / "out", root) == 0
        assert explained(marked / "out")["wren"] == ("", "awaiting marking")
