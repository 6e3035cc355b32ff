"""The lists of known answers are long enough, and a broken one is named."""

import sys

import pytest
from in_process import ROOT, SETS, auto_tasks
from known import RIGHT, WRONG, rounds

from course_utils.grading import answers
from course_utils.problem_sets import check_cells, names
from course_utils.problem_sets.release import find


@pytest.mark.parametrize("name", SETS)
def test_the_lists_are_as_long_as_promised(name):
    assert len(WRONG[name]) >= 10
    assert len(RIGHT[name]) >= 6
    tasks = {task.name for task in auto_tasks(name)}
    assert {answer.task for answer in WRONG[name]} == tasks
    assert {answer.task for answer in RIGHT[name]} == tasks


@pytest.mark.parametrize("name", SETS)
def test_right_answers_use_only_what_is_there_when_they_are_graded(name):
    release = find(name, (ROOT,)).release
    there = {f"course_utils.{room}" for room in check_cells.rooms(release)}
    for answer in RIGHT[name]:
        for module in names.modules(answer.source):
            first = module.partition(".")[0]
            fine = first in {"numpy", "course_utils", *sys.stdlib_module_names}
            assert fine, (answer.name, module)
            if module.startswith("course_utils."):
                assert any(f"{module}.".startswith(f"{one}.") for one in there), answer.name


@pytest.mark.parametrize("name", SETS)
def test_the_rounds_leave_no_answer_out(name):
    used = [answer.name for chosen in rounds(name) for answer in chosen]
    assert sorted(used) == sorted(answer.name for answer in WRONG[name] + RIGHT[name])


def test_make_soak_runs_every_answer_through_both_graders():
    recipe = (ROOT / "Makefile").read_text().split("\nsoak:")[1].split("\n\n")[0]
    assert "\t@pytest tests/problem_sets/every_answer.py\n" in f"{recipe}\n"


def test_a_broken_list_is_named(tmp_path):
    (tmp_path / "wrong.toml").write_text("[[answer]]\nname = 'a'\ntask = 'b'\n")
    with pytest.raises(ValueError, match=r"wrong\.toml: answer 1 has the keys \['name', 'task'\]"):
        answers.wrong(tmp_path)
    twice = "[[answer]]\nname = 'a'\ntask = 'b'\nsource = ''\n" * 2
    (tmp_path / "right.toml").write_text(twice)
    with pytest.raises(ValueError, match=r"right\.toml: two answers are called 'a'"):
        answers.right(tmp_path)
