"""What a worker's processes get: locked cells for the check, a processor to take turns on."""

import os

import mini_set
import pytest
from grading_cases import QUICK, Grader

from course_utils.grading.orchestrator import worker
from course_utils.grading.orchestrator.schedule import Scheduler
from course_utils.problem_sets.release import find

SAME_NAME = """class Wanted:
    scale = scale


checks.number(float(checks.call(double, 1.0)), Wanted.scale(), name="double")
"""


@pytest.fixture
def same_name(tmp_path):
    """A worker for a check whose class calls what it binds as a locked cell calls it."""
    root = mini_set.write_release(tmp_path, checks={"double": SAME_NAME})
    with Scheduler(find("mini", (root,)), QUICK) as scheduler:
        yield Grader(scheduler)


def test_a_class_may_call_what_it_binds_as_the_notebook_does(same_name):
    assert same_name.lost(mini_set.submission()) == {}


def test_gradings_side_by_side_take_processors_of_their_own(monkeypatch):
    """On the first processor all of them would share one, and the wall's limits would strike."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1001, 1002})
    claims = [worker._claim(0) for _ in range(3)]
    assert [number for number, _ in claims] == [1001, 1002, 1001]
    for _, claim in claims:
        claim.close()
    assert worker._beside(1001) == [1002]


def test_a_worker_lets_its_processor_go(release_root):
    with Scheduler(find("mini", (release_root,)), QUICK) as scheduler:
        (one,) = scheduler.workers
    assert one.claim.fileno() == -1
