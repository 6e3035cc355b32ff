# ruff: noqa: E501 - the tables hold whole cells
"""States are never mixed up: each way to fail has its own, and costs its own task only."""

from copy import deepcopy
from dataclasses import replace

import mini_set
import pytest
from grading_cases import QUICK, Grader

from course_utils.grading.checker import grade as checking
from course_utils.grading.checker.jail import DeadError, Limits
from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.problem_sets import plan as planning
from course_utils.problem_sets.release import find
from course_utils.problem_sets.submitted import parse

ALL = frozenset(mini_set.AUTO)

COSTS = {
    "a wrong answer": ("double", "def double(x):\n    return x", "graded"),
    "an exception": ("double", "def double(x):\n    return x / 'two'", "raised"),
    "a cell that raises": ("double", "raise ValueError('no')", "raised"),
    "a cell of bad syntax": ("double", "def double(x:\n    return x", "raised"),
    "an endless call": ("double", "def double(x):\n    while True: pass", "timed out"),
    "an endless cell": ("double", "while True: pass", "timed out"),
    "a stubborn loop": (
        "double",
        "def double(x):\n    while True:\n        try: i = 1\n        except BaseException: continue",
        "timed out",
    ),
    "an exit in a call": ("double", "import os\ndef double(x):\n    os._exit(0)", "crashed"),
    "an exit in a cell": ("double", "import os\nos._exit(0)", "crashed"),
    "an abort": ("double", "import os\ndef double(x):\n    os.abort()", "crashed"),
    "a nameless answer": ("double", "", "graded"),
    "a gigantic array": ("double", "def double(x):\n    return np.ones(2**34)", "raised"),
    "deep recursion": ("double", "def double(x):\n    return double(x)", "raised"),
}


@pytest.mark.parametrize("name", COSTS)
def test_costs_its_own_task_only(grader, name):
    task, source, state = COSTS[name]
    assert grader.lost(mini_set.submission(**{task: source})) == {task: state}


def test_a_crash_in_every_task_is_survived(grader):
    exits = "import os\nos._exit(1)"
    raw = mini_set.submission(**dict.fromkeys(("double", "centre", "objects", "table"), exits))
    assert grader.lost(raw) == dict.fromkeys(mini_set.AUTO, "crashed")


def test_a_cell_that_sleeps_meets_the_wall_clock(release_root):
    source = "import time\ndef double(x):\n    time.sleep(60)"
    raw = mini_set.submission(double=source)
    with Scheduler(find("mini", (release_root,)), replace(QUICK, wall=2.5)) as scheduler:
        (lost,) = [one for one in Grader(scheduler).judge(raw).verdicts if one.state != "graded"][
            :1
        ]
    assert (lost.task, lost.state) == ("double", "timed out")
    assert "waiting" in lost.message


def test_a_crowded_machine_changes_no_word(release_root):
    """There the wall clock may end a loop before its computing time is up: the same loop."""
    release = find("mini", (release_root,)).release
    plan = planning.make(parse(mini_set.submission()), release)
    limits = Limits(0.4, 9.0, 9.0)
    session = checking._Session(release, {}, limits, checking.Job(ALL), plan, None, None)
    for step in plan.steps:
        by_cpu = session._verdict_on(step, DeadError("cpu", 9), 0.61)
        by_wall = session._verdict_on(step, DeadError("wall", 9), 0.41)
        assert (by_cpu.state, by_cpu.message) == (by_wall.state, by_wall.message)
        assert by_wall.doubtful  # unless it is alone already
        asleep = session._verdict_on(step, DeadError("wall", 9), 0.39)
        assert "9 seconds of waiting" in asleep.message


def test_too_many_endless_cells_end_too(grader):
    endless = [mini_set.code_cell(f"e{i}", "import os\nos._exit(1)") for i in range(40)]
    raw = mini_set.notebook(endless + mini_set.student_cells())
    assert grader.lost(raw) == dict.fromkeys(mini_set.AUTO, "timed out")


def test_replays_that_differ_are_nondeterministic_and_the_first_result_counts(grader):
    flips = (
        "import os, time\n"
        "lucky = int.from_bytes(os.urandom(8), 'big')\n"
        "def double(x):\n    return 2 * x if lucky % 2 else x"
    )
    dies = "import os\nos._exit(1)"
    seen = set()
    for _ in range(12):
        one = grader.judge(mini_set.submission(double=flips, table=dies)).verdicts[0]
        seen.add(one.state)
        if one.state == "nondeterministic":
            assert "different results" in " ".join(one.notes)
    assert seen <= {"graded", "nondeterministic"}
    assert "nondeterministic" in seen


def test_a_result_near_the_limit_is_looked_at_again_alone(grader):
    burn = (
        "import time\n"
        "def double(x):\n"
        "    end = time.process_time() + {seconds}\n"
        "    while time.process_time() < end: pass\n"
        "    return 2 * x"
    )
    job = Job("0" * 64, mini_set.submission(double=burn.format(seconds=0.09)), grader.tasks)
    worker = grader.scheduler.workers[0]
    first = worker.grade(job.raw, job.tasks).verdicts[0]
    assert first.recheck  # three calls of .09 s, limit .4 s
    alone = grader.scheduler.alone(job).verdicts[0]
    assert (alone.passed, alone.state, alone.recheck) == (True, "graded", False)
    late = Job("0" * 64, mini_set.submission(double=burn.format(seconds=0.15)), grader.tasks)
    assert worker.grade(late.raw, late.tasks).verdicts[0].passed
    alone = grader.scheduler.alone(late).verdicts[0]
    assert (alone.passed, alone.state) == (False, "timed out")


UNREADABLE = {
    "truncated": mini_set.submission()[:-50],
    "not UTF-8": b"\xff\xfe{}",
    "nothing": b"",
    "a list": b"[]",
    "no cells": b"{}",
    "cells of numbers": b'{"cells": 3}',
    "a PDF": b"%PDF-1.7",
    "deep JSON": b"[" * 200_000,
    "another set": mini_set.notebook([mini_set.code_cell("x", "y = 1")]),
    "too many cells": mini_set.notebook([mini_set.code_cell("x", "")] * 2001),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable(grader, name):
    verdicts = grader.judge(UNREADABLE[name]).verdicts
    assert {one.state for one in verdicts} == {"unreadable"}
    assert all(one.message.endswith((".", "?")) for one in verdicts)


def without(*names):
    return [cell for cell in mini_set.student_cells() if cell["id"] not in names]


def test_deleted_cells_are_replaced_from_the_release(grader):
    gone = [f"{task}_checks" for task in mini_set.AUTO]
    raw = mini_set.notebook(without("setup", *gone))
    assert grader.lost(raw) == {}
    assert "locked cell" in " ".join(grader.judge(raw).remarks)
    assert "check cell is missing" in grader.messages(raw)["double"]


def test_a_deleted_answer_is_still_asked_for(grader):
    assert grader.lost(mini_set.notebook(without("double"))) == {"double": "graded"}


def test_an_answer_is_found_by_its_name(grader):
    cells = [*without("double"), mini_set.code_cell("mine", mini_set.ANSWERS["double"])]
    raw = mini_set.notebook(cells)
    assert grader.lost(raw) == {}
    assert "found by name" in grader.messages(raw)["double"]


def test_the_last_of_two_answers_counts(grader):
    cells = mini_set.student_cells()
    place = next(i for i, cell in enumerate(cells) if cell["id"] == "double")
    wrong = deepcopy(cells[place])
    wrong["source"] = "def double(x):\n    return x"
    assert grader.lost(mini_set.notebook([*cells[:place], wrong, *cells[place:]])) == {}
    after = mini_set.notebook([*cells[: place + 1], wrong, *cells[place + 1 :]])
    assert grader.lost(after) == {"double": "graded"}
    assert "2 times" in grader.messages(after)["double"]


def test_reordered_cells(grader):
    cells = mini_set.student_cells()
    raw = mini_set.notebook([cells[1], *cells[:1:-1]])
    assert grader.lost(raw) == {}
    assert "stands before your answer" in grader.messages(raw)["double"]


def test_edited_locked_and_check_cells_do_not_count(grader):
    cells = mini_set.student_cells(double="def double(x):\n    return x")
    for cell in cells:
        if cell["id"] == "setup":
            cell["source"] = "import numpy as np\ndef scale():\n    return 1.0"
        if cell["id"].endswith("_checks"):
            cell["source"] = "pass"
    raw = mini_set.notebook(cells)
    assert grader.lost(raw) == {"double": "graded"}
    assert "setup was edited" in " ".join(grader.judge(raw).remarks)


def test_an_answer_in_a_markdown_cell_is_run(grader):
    cells = mini_set.student_cells()
    for cell in cells:
        if cell["id"] == "double":
            cell["cell_type"] = "markdown"
    assert grader.lost(mini_set.notebook(cells)) == {}


def test_notebooks_of_format_three_are_read(grader):
    cells = [
        {**cell, "input": cell["source"], "source": None} if cell["cell_type"] == "code" else cell
        for cell in mini_set.student_cells()
    ]
    for cell in cells:
        if cell["source"] is None:
            del cell["source"]
    import json

    raw = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3, "metadata": {}}).encode()
    assert grader.lost(raw) == {}


def test_only_the_tasks_asked_for_are_checked(grader):
    worker = grader.scheduler.workers[0]
    judged = worker.grade(mini_set.submission(), frozenset({"centre"}))
    assert [(one.task, one.passed) for one in judged.verdicts] == [("centre", True)]


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    """A set whose check can be driven into a loop, to sleep, into memory, into its own mistake."""
    from course_utils.grading.settings import Caps, Settings

    class Impatient(Settings):
        def patience(self, tasks):
            return 5.0

    loop = (
        "n = double(np.zeros(1))\n"
        "if isinstance(n, str):\n    import time\n    time.sleep(1000)\n"
        "for _ in range(n if isinstance(n, int) else 0):\n    pass\n"
        "if isinstance(n, float):\n    np.zeros(int(n))\n"
        "if n is None:\n    double(lambda f: f, object())\n"
        "checks.array(n, np.zeros(1), name='n', axes=('unit',))\n"
    )
    root = mini_set.write_release(tmp_path_factory.mktemp("fragile"), checks={"double": loop})
    caps = Caps(address_space=4096, data=700, threads=16, file_size=1, cpu=1)
    with Scheduler(
        find("mini", (root,)), Impatient(**vars(replace(QUICK, checker=caps)))
    ) as scheduler:
        yield scheduler


CHECK_FAILS = {
    "a number that drives a trusted loop": "return 10**15",
    "a number that drives trusted memory": "return 1e12",
    "a text that makes the check sleep": "return 'wait'",
    "a call that the check may not make": "return None",
}


@pytest.mark.parametrize("name", CHECK_FAILS)
def test_a_check_that_breaks_is_unscored_and_loud(fragile, name):
    raw = mini_set.submission(double=f"def double(x):\n    {CHECK_FAILS[name]}")
    tasks = frozenset(mini_set.POINTS)
    ((_, judged),) = fragile.judge([Job("0" * 64, raw, tasks)])
    states = {one.task: one.state for one in judged.verdicts}
    assert states.pop("double") == "check failed"
    assert set(states.values()) == {"graded", "awaiting marking"}
    assert all(one.passed for one in judged.verdicts if one.state == "graded")
