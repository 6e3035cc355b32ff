"""What every problem set promises: tasks stand alone, points add up, given code is lean."""

import re
import sys

import pytest
from in_process import SETS, auto_tasks, problem_set, reference

from course_utils.problem_sets import names

pytestmark = pytest.mark.parametrize("name", SETS)


def test_tasks_and_points(name):
    tasks = problem_set(name).tasks
    assert sum(task.points for task in tasks) == 100
    assert len(auto_tasks(name)) >= 6
    assert any(task.kind == "manual" for task in tasks)
    assert tasks[0].minutes == 2
    assert tasks[-1].minutes >= 90


def test_the_table_in_the_text_is_the_truth(name):
    rows = re.findall(
        r"^\| (\d+ · [^|]+?) \| [^|]+ \| ([^|]+?) \| (\d+) \|$",
        problem_set(name).parts[0].cell.source,
        re.MULTILINE,
    )
    tasks = problem_set(name).tasks
    assert [row[0] for row in rows] == [task.title for task in tasks]
    assert [int(row[2]) for row in rows] == [task.points for task in tasks]
    assert [row[1] for row in rows][:-1] == [str(task.minutes) for task in tasks][:-1]


def test_each_task_says_what_it_is_worth_how_long_it_takes_and_what_for(name):
    prose = "\n".join(p.cell.source for p in problem_set(name).parts if p.role == "prose")
    for task in problem_set(name).tasks:
        body = prose.split(f"## {task.title}\n")[1].split("\n## ")[0]
        line = re.search(r"^\*.*· (.+?) · (\d+) points .*For: .+\.\*$", body, re.MULTILINE)
        assert line, task.name
        assert int(line[2]) == task.points
        assert line[1] in (f"{task.minutes} minutes", "an evening")


def test_no_solution_uses_the_names_of_another_task(name):
    for task in auto_tasks(name):
        others = {n for other in auto_tasks(name) if other is not task for n in other.defines}
        assert not others & set(names.free(reference(name, task.name))), task.name


def test_given_cells_import_what_the_jail_has(name):
    allowed = {"numpy", "course_utils", "course_utils.checks", "course_utils.data"}
    allowed |= sys.stdlib_module_names
    given = "\n\n".join(p.cell.source for p in problem_set(name).parts if p.role == "given")
    imported = names.modules(given)
    assert {one for one in imported if not one.startswith("course_utils.data.")} <= allowed
