"""`course make` from end to end on a tiny course."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from tiny_course import CHAPTER, SET, cells, rewrite

from course_utils.authoring import make as room
from course_utils.authoring.make import make
from course_utils.cli import main

NOTEBOOK = "notebooks/01_awkward.ipynb"
SOLUTION = "solutions/ps01_tiny/ps01_tiny.ipynb"
EXERCISE = "exercises/ps01_tiny/ps01_tiny.ipynb"
MANIFEST = "exercises/ps01_tiny/manifest.json"
MADE = (NOTEBOOK, SOLUTION, EXERCISE, MANIFEST)


def snapshot(root: Path) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in MADE if (root / name).is_file()}


def below(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def no_kernel(monkeypatch):
    """Let nothing execute."""

    def refuse(recipe):
        raise AssertionError(f"{recipe.entry.stem} was executed")

    monkeypatch.setattr(room, "_execute", refuse)


def test_two_executions_give_the_same_bytes(made, course):
    assert make(course) == 0
    assert snapshot(course) == snapshot(made)
    assert set(snapshot(made)) == set(MADE)


def test_made_notebooks_are_valid_and_stored_plainly(made):
    for name in (NOTEBOOK, SOLUTION, EXERCISE):
        content = (made / name).read_text(encoding="utf-8")
        notebook = nbformat.reads(content, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert content.endswith("}\n")
        assert json.dumps(json.loads(content), sort_keys=True, indent=1, ensure_ascii=False) == (
            content.rstrip("\n")
        )
        assert "version" not in notebook.metadata.language_info
        assert all("execution" not in cell.metadata for cell in notebook.cells)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
        assert len(content) < room.SIZE_LIMIT


def test_the_first_cell_says_where_the_notebook_comes_from(made):
    for name, text in ((NOTEBOOK, CHAPTER), (SOLUTION, SET), (EXERCISE, SET)):
        first = "".join(cells(made / name)[0]["source"])
        assert f"https://example.org/repository/blob/main/{text}" in first
        assert f"https://example.org/course/{text.removesuffix('.md')}.html" in first


def test_a_second_run_executes_and_changes_nothing(made, no_kernel, monkeypatch):
    assert make(made) == 0
    before = {name: (made / name).stat().st_mtime_ns for name in MADE}
    monkeypatch.chdir(made)
    run = CliRunner().invoke(main, ["make"])
    assert run.exit_code == 0, run.output
    assert "nothing to do" in run.output
    assert {name: (made / name).stat().st_mtime_ns for name in MADE} == before


def test_prose_is_remade_without_executing(made, no_kernel):
    rewrite(made / CHAPTER, "After a break.", "After a *long* break, {glue:text}`loss`.")
    assert make(made, ["01_awkward"]) == 0
    assert "After a *long* break, 0.12." in (made / NOTEBOOK).read_text(encoding="utf-8")
    assert make(made, check=True) == 0


def test_only_the_text_whose_code_changed_is_executed(made, monkeypatch):
    executed = []
    execute = room._execute

    def noting(recipe):
        executed.append(recipe.entry.stem)
        return execute(recipe)

    monkeypatch.setattr(room, "_execute", noting)
    rewrite(made / CHAPTER, 'print("a digit:", 7)', 'print("a digit:", 8)')
    assert make(made) == 0
    assert executed == ["01_awkward"]
    assert "a digit: 8\\n" in (made / NOTEBOOK).read_text(encoding="utf-8")


def test_a_failing_cell_leaves_the_previous_notebook_and_the_other_texts_alone(made, capsys):
    line = rewrite(made / CHAPTER, 'print("a digit:", 7)', "1 / 0")
    before, names = snapshot(made), below(made)
    assert make(made) == 1
    shown = capsys.readouterr().err
    assert f"{CHAPTER}:{line}: ZeroDivisionError: division by zero" in shown
    assert "Traceback (most recent call last)" in shown
    assert snapshot(made) == before
    assert below(made) - names <= {"_build/course-make.json"}


def test_a_fault_in_the_prose_is_found_before_anything_runs(course, no_kernel, capsys):
    line = rewrite(course / CHAPTER, "After a break.", "After {term}`nothing`.")
    names = below(course)
    assert make(course, ["01"]) == 1
    assert f"{CHAPTER}:{line}: unknown term 'nothing'" in capsys.readouterr().err
    assert below(course) - names <= {"_build/course-make.json"}
    assert not (course / "notebooks").exists()


def test_an_unknown_glued_value_is_found(made, no_kernel, capsys):
    line = rewrite(made / CHAPTER, "After a break.", "After {glue:text}`lost`.")
    assert make(made, ["01"]) == 1
    assert f"{CHAPTER}:{line}: unknown value 'lost'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["99_nothing"], "no text called '99_nothing'"),
        (["01_akward"], "did you mean 01_awkward?"),
        (["--check", "nothing"], "no text called 'nothing'"),
    ],
)
def test_an_unknown_name_is_bad_usage(course, monkeypatch, arguments, words):
    monkeypatch.chdir(course)
    result = CliRunner().invoke(main, ["make", *arguments])
    assert result.exit_code == 2
    assert words in result.output


def test_a_missing_folder_is_bad_usage(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["make"])
    assert result.exit_code == 2
    assert "no folder book/" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(course, no_kernel, capsys):
    (course / "notebooks").write_text("a file stands where the folder should be")
    assert make(course, ["01"]) == 1
    assert "notebooks: cannot be written: " in capsys.readouterr().err


def test_a_missing_configuration_is_told(course, no_kernel, capsys):
    (course / "_config.yml").unlink()
    assert make(course, ["01"]) == 1
    assert "_config.yml: the file is missing" in capsys.readouterr().err


def test_a_notebook_that_is_too_large_is_not_written(made, monkeypatch, no_kernel, capsys):
    before = snapshot(made)
    monkeypatch.setattr(room, "SIZE_LIMIT", 1000)
    rewrite(made / CHAPTER, "After a break.", "After a pause.")
    assert make(made, ["01"]) == 1
    assert f"{NOTEBOOK}: the notebook has" in capsys.readouterr().err
    assert snapshot(made) == before


# --check


def test_the_check_finds_nothing_wrong_with_what_was_just_made(made, no_kernel):
    before = below(made)
    assert make(made, check=True) == 0
    assert below(made) == before


def edit_cell(source: str):
    def edit(notebook):
        for cell in notebook["cells"]:
            if "".join(cell["source"]).startswith(source):
                cell["source"] = [line.replace("e", "E") for line in cell["source"]]
                return
        raise AssertionError(f"no cell begins with {source!r}")

    return edit


def edit_last(key: str, value):
    return lambda notebook: notebook["cells"][-1].update({key: value})


def drop_last(notebook):
    notebook["cells"].pop()


def swap(notebook):
    notebook["cells"][1:3] = notebook["cells"][2:0:-1]


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        (NOTEBOOK, edit_cell("from IPython")),
        (NOTEBOOK, edit_cell("# Everything")),
        (NOTEBOOK, edit_cell("The loss is")),
        (NOTEBOOK, edit_cell("*Made from")),
        (NOTEBOOK, edit_last("id", "another")),
        (NOTEBOOK, edit_last("metadata", {"tags": ["x"]})),
        (NOTEBOOK, drop_last),
        (NOTEBOOK, swap),
        (NOTEBOOK, lambda notebook: notebook["metadata"]["course"].update(key="0")),
        (NOTEBOOK, lambda notebook: notebook["metadata"].update(language_info={"name": "r"})),
        (SOLUTION, edit_cell("def double")),
        (SOLUTION, edit_cell("checks.array")),
        (EXERCISE, edit_cell("def double")),
        (EXERCISE, edit_cell("checks.array")),
        (MANIFEST, lambda manifest: manifest["tasks"][0].update(points=61)),
        (MANIFEST, lambda manifest: manifest.update(release="0" * 64)),
    ],
)
def test_the_check_finds_one_edit_in_a_made_file(made, no_kernel, capsys, name, edit):
    stored = json.loads((made / name).read_text(encoding="utf-8"))
    edit(stored)
    (made / name).write_bytes(
        (json.dumps(stored, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
    )
    assert make(made, check=True) == 1
    assert f"{name}: " in capsys.readouterr().err


def test_the_check_names_the_cell_and_its_line(made, no_kernel, capsys):
    line = rewrite(made / CHAPTER, "After a break.", "After a pause.")
    assert make(made, check=True) == 1
    shown = capsys.readouterr().err
    assert f"is not what {CHAPTER}:{line} makes; run 'course make 01_awkward'" in shown


def test_the_check_finds_code_that_has_changed_since(made, no_kernel, capsys):
    rewrite(made / CHAPTER, 'print("a digit:", 7)', 'print("a digit:", 8)')
    assert make(made, check=True) == 1
    assert f"{NOTEBOOK}: the cell code-" in capsys.readouterr().err


@pytest.mark.parametrize("name", MADE)
def test_the_check_finds_a_missing_file(made, no_kernel, capsys, name):
    (made / name).unlink()
    assert make(made, check=True) == 1
    assert f"{name}: missing" in capsys.readouterr().err


@pytest.mark.parametrize("check", [True, False])
def test_a_made_file_without_a_text_is_told(made, no_kernel, capsys, check):
    (made / "exercises" / "ps09_gone").mkdir()
    (made / "exercises" / "ps09_gone" / "ps09_gone.ipynb").write_text("{}")
    assert make(made, check=check) == 1
    assert "exercises/ps09_gone/ps09_gone.ipynb: no text in book/" in capsys.readouterr().err


def test_the_check_finds_a_notebook_that_is_no_notebook(made, no_kernel, capsys):
    (made / NOTEBOOK).write_text("{")
    assert make(made, check=True) == 1
    assert f"{NOTEBOOK}: missing or no notebook" in capsys.readouterr().err
