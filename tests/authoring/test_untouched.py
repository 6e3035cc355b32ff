"""`course make` never writes over what a person wrote; on request it does, and keeps a copy."""

import json
import subprocess

import pytest
from tiny_course import CHAPTER, SET, rewrite

from course_utils.authoring import make as room
from course_utils.authoring.make import make
from course_utils.authoring.memory import MEMORY

NOTEBOOK = "notebooks/01_awkward.ipynb"
SOLUTION = "solutions/ps01_tiny/ps01_tiny.ipynb"
EXERCISE = "exercises/ps01_tiny/ps01_tiny.ipynb"
COPY = "exercises/ps01_tiny/ps01_tiny-kept.ipynb"
STUB = "raise NotImplementedError()"


@pytest.fixture(autouse=True)
def no_kernel(monkeypatch):
    """Nothing here needs to run."""

    def refuse(recipe):
        raise AssertionError(f"{recipe.entry.stem} was executed")

    monkeypatch.setattr(room, "_execute", refuse)


def solve(root):
    """Write an answer into the student's notebook as Jupyter would save it."""
    path = root / EXERCISE
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "double")
    cell["source"] = [line.replace(STUB, "return 2 * x") for line in cell["source"]]
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    return path.read_bytes()


def commit(root):
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "a")):
        subprocess.run(["git", "-C", str(root), *words], check=True)


def forget(root):
    (root / MEMORY).unlink()


@pytest.mark.parametrize("names", [(), ("ps01",)])
@pytest.mark.parametrize("changed", [False, True], ids=["same text", "new text"])
@pytest.mark.parametrize("known", ["remembered", "in git", "neither"])
def test_a_solved_notebook_stays_whatever_was_changed(made, capsys, names, changed, known):
    if known == "in git":
        commit(made)
    if known != "remembered":
        forget(made)
    solved = solve(made)
    if changed:
        rewrite(made / SET, "Write `double`.", "Please write `double`.")
    assert make(made, names) == 1
    assert (made / EXERCISE).read_bytes() == solved
    said = capsys.readouterr().err
    assert f"{EXERCISE}: not replaced: it was edited since" in said
    assert "'course start ps01_tiny' copies it to a place of your own" in said
    assert "Traceback" not in said


def test_a_solved_notebook_stays_even_where_it_was_committed(made, capsys):
    forget(made)
    solved = solve(made)
    commit(made)
    assert make(made) == 1
    assert (made / EXERCISE).read_bytes() == solved
    assert f"{EXERCISE}: not replaced" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["remembered", "in git"])
def test_untouched_files_are_made_anew_as_ever(made, how):
    if how == "in git":
        commit(made)
        forget(made)
    rewrite(made / SET, "Write `double`.", "Please write `double`.")
    rewrite(made / CHAPTER, "After a break.", "After a pause.")
    assert make(made) == 0
    assert "Please write `double`." in (made / EXERCISE).read_text(encoding="utf-8")
    assert "After a pause." in (made / NOTEBOOK).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [NOTEBOOK, SOLUTION])
def test_notes_in_another_made_notebook_stay_too(made, capsys, name):
    notebook = json.loads((made / name).read_text(encoding="utf-8"))
    notebook["cells"].append({**notebook["cells"][0], "id": "mine", "source": ["My notes."]})
    (made / name).write_text(json.dumps(notebook), encoding="utf-8")
    before = (made / name).read_bytes()
    rewrite(made / CHAPTER, "After a break.", "After a pause.")
    rewrite(made / SET, "Write `double`.", "Please write `double`.")
    assert make(made) == 1
    assert (made / name).read_bytes() == before
    assert f"{name}: not replaced: it was edited since" in capsys.readouterr().err


def test_nothing_runs_where_the_result_could_not_be_written(made, capsys):
    solved = solve(made)
    rewrite(made / SET, "return 2 * x", "return x + x")
    assert make(made) == 1
    assert (made / EXERCISE).read_bytes() == solved
    assert "not replaced" in capsys.readouterr().err


def test_on_request_it_is_replaced_and_a_copy_is_kept_each_time(made, capsys):
    pristine, solved = (made / EXERCISE).read_bytes(), solve(made)
    assert make(made, ["ps01"], replace=True) == 0
    assert (made / EXERCISE).read_bytes() == pristine
    assert (made / COPY).read_bytes() == solved
    assert f"what was in {EXERCISE} is kept in {COPY}" in capsys.readouterr().out
    solve(made)
    assert make(made, replace=True) == 0
    assert (made / COPY.replace("-kept", "-kept-2")).read_bytes() == solved
    assert make(made) == 0  # copies are no stray files
    assert make(made, check=True) == 0


def test_the_check_advises_nothing_that_destroys_work(made, capsys):
    solved = solve(made)
    assert make(made, check=True) == 1
    said = capsys.readouterr().err
    assert f"{EXERCISE}: the cell double is not what {SET}:" in said
    assert "it was edited since 'course make' left it; 'course start ps01_tiny' copies" in said
    assert "run 'course make" not in said
    assert (made / EXERCISE).read_bytes() == solved


def test_a_file_of_ones_own_is_not_called_rubbish(made, capsys):
    (made / "exercises/ps01_tiny/Untitled.ipynb").write_text("{}")
    assert make(made, check=True) == 1
    assert "if it is your own move it elsewhere" in capsys.readouterr().err


def test_a_file_that_stays_the_same_is_nobodys_business(made):
    forget(made)  # neither remembered nor in git, and yet nothing would be lost
    assert make(made) == 0


def test_check_and_replace_exclude_each_other(made, capsys):
    assert make(made, check=True, replace=True) == 2
    assert "leave --replace out" in capsys.readouterr().err
