"""The student's notebook and the manifest: nothing of the solution, everything the grader needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import compute_checksum
from tiny_course import CHAPTER, SET, cells, rewrite

from course_utils.authoring.book import Book
from course_utils.authoring.catalogue import Entry
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.make import PACKAGE, make
from course_utils.authoring.recipe import Recipe

EXERCISE = "exercises/ps01_tiny/ps01_tiny.ipynb"
SOLUTION = "solutions/ps01_tiny/ps01_tiny.ipynb"
MANIFEST = "exercises/ps01_tiny/manifest.json"


def test_nothing_of_the_solution_reaches_the_student(made):
    content = (made / EXERCISE).read_text(encoding="utf-8")
    for secret in ("return 2 * x\\n", "SOLUTION", "HIDDEN", "hint:", "checks.rng", "Because it"):
        assert secret not in content
        assert secret in (made / SOLUTION).read_text(encoding="utf-8")
    for cell in cells(made / EXERCISE):
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_the_student_keeps_signature_visible_checks_and_prose(made):
    by_id = {cell["id"]: "".join(cell["source"]) for cell in cells(made / EXERCISE)}
    assert by_id["double"] == (
        'def double(x):\n    """Return twice x."""\n    # YOUR CODE HERE\n'
        "    raise NotImplementedError()"
    )
    assert by_id["double_checks"].startswith("checks.array(")
    assert by_id["why"] == "YOUR ANSWER HERE"


def test_cells_carry_nbgraders_metadata(made):
    kinds = {
        cell["id"]: cell["metadata"]["nbgrader"]
        for cell in cells(made / SOLUTION)
        if "nbgrader" in cell["metadata"]
    }
    flags = ("grade", "solution", "locked", "points")
    assert {name: tuple(kind.get(flag) for flag in flags) for name, kind in kinds.items()} == {
        "double": (False, True, False, None),
        "double_checks": (True, False, True, 60),
        "why": (True, True, False, 40),
        next(name for name in kinds if name.startswith("code-")): (False, False, True, None),
    }
    assert all(kind["schema_version"] == 3 for kind in kinds.values())
    assert all(kind["grade_id"] == name for name, kind in kinds.items())


def test_the_manifest_names_tasks_and_holds_what_students_get(made):
    manifest = json.loads((made / MANIFEST).read_text(encoding="utf-8"))
    assert (manifest["set"], manifest["points"], manifest["requires"]) == (
        "ps01_tiny",
        100,
        ["numpy"],
    )
    student = {cell["id"]: cell for cell in cells(made / EXERCISE)}
    for cell in manifest["cells"]:
        released = student[cell["id"]]
        assert cell["source"] == "".join(released["source"])
        assert cell["kind"] == released["cell_type"]
    assert {cell["id"] for cell in manifest["cells"]} == set(student) - {"made-from"}
    (double, why) = manifest["tasks"]
    assert double["defines"] == ["double"]
    assert double["hints"] == ["works for random numbers", "works for a single number"]
    assert why["check_cell"] is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    return 2 * x", "    return x + x"),
        ("rng.normal(size=4)", "rng.normal(size=5)"),
        ("# hint: works for random numbers", "# hint: works for numbers"),
        ("minutes:3", "minutes:4"),
        ("You are done.", "You are done!"),
    ],
)
def test_the_release_changes_with_everything_that_decides_a_grade(made, old, new):
    before = json.loads((made / MANIFEST).read_text(encoding="utf-8"))["release"]
    rewrite(made / SET, old, new)
    recipe = Recipe(made, Entry(SET, problem_set=True), Book(made), PACKAGE.parent)
    outputs = [[] for part in recipe.parts if part.cell.kind == "code"]
    assert json.loads(recipe.files(outputs)[MANIFEST])["release"] != before


def test_the_release_does_not_depend_on_a_chapter(made):
    before = (made / MANIFEST).read_bytes()
    rewrite(made / CHAPTER, "After a break.", "After a pause.")
    assert make(made) == 0
    assert (made / MANIFEST).read_bytes() == before


def test_nbgrader_makes_the_same_student_notebook(made, tmp_path):
    school = tmp_path / "school"
    source = school / "source" / "ps01_tiny"
    source.mkdir(parents=True)
    shutil.copy(made / SOLUTION, source)
    run = nbgrader(school, "generate_assignment", "ps01_tiny", "--no-db")
    assert run.returncode == 0, run.stderr
    theirs = cells(school / "release" / "ps01_tiny" / "ps01_tiny.ipynb")
    ours = cells(made / EXERCISE)
    assert [cell["id"] for cell in theirs] == [cell["id"] for cell in ours]
    for their, our in zip(theirs, ours, strict=True):
        assert "".join(their["source"]).rstrip("\n") == "".join(our["source"])
        # nbgrader's own checksum counts the newline that the hidden part leaves behind.
        for cell in (their, our):
            cell["metadata"].get("nbgrader", {}).pop("checksum", None)
        assert their["metadata"] == our["metadata"]


def test_nbgraders_checksums_are_those_of_the_student_notebook(made):
    for cell in nbformat.read(made / EXERCISE, as_version=4).cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader["checksum"] == compute_checksum(cell)


def test_a_stub_that_is_no_python_is_told(made):
    rewrite(made / SET, "    ### BEGIN SOLUTION\n    return", "### BEGIN SOLUTION\n    return")
    rewrite(made / SET, '    """Return twice x."""\n', "")
    recipe = Recipe(made, Entry(SET, problem_set=True), Book(made), PACKAGE.parent)
    with pytest.raises(AuthoringError, match="student gets of the cell double is not Python"):
        recipe.files([[] for part in recipe.parts if part.cell.kind == "code"])


def nbgrader(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        # nbgrader calls alembic by its name.
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
