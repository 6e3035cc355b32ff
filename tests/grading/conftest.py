"""One warm worker for the tests of the grader: starting it costs seconds, a submission 50 ms."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import mini_set

from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.grading.orchestrator.worker import Judgement
from course_utils.grading.release import find
from course_utils.grading.settings import JAIL, Settings

QUICK = Settings(cpu=0.4, wall=2.5, warm=("numpy",), jail=replace(JAIL, data=300))


class Grader:
    """Grades bytes with the mini set and gives the verdicts by task."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.tasks = frozenset(task.name for task in scheduler.folder.release.tasks)

    def judge(self, raw: bytes) -> Judgement:
        """Everything that is known about a submission."""
        ((_, judgement),) = self.scheduler.judge([Job("0" * 64, raw, self.tasks)])
        return judgement

    def states(self, raw: bytes) -> dict[str, tuple[bool, str]]:
        """Passed and state, by task."""
        return {one.task: (one.passed, one.state) for one in self.judge(raw).verdicts}

    def lost(self, raw: bytes) -> dict[str, str]:
        """State of every auto-graded task that did not pass."""
        return {
            one.task: one.state
            for one in self.judge(raw).verdicts
            if not one.passed and one.state != "awaiting marking"
        }

    def messages(self, raw: bytes) -> dict[str, str]:
        """Message and notes in one, by task."""
        verdicts = self.judge(raw).verdicts
        return {one.task: " ".join([one.message, *one.notes]) for one in verdicts}


@pytest.fixture(scope="session")
def release_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the mini set, and a data file beside its notebook."""
    root = tmp_path_factory.mktemp("release")
    return mini_set.write_release(root, files={"notes.txt": b"do re mi"})


@pytest.fixture(scope="session")
def grader(release_root: Path) -> Iterator[Grader]:
    """The warm worker."""
    with Scheduler(find("mini", (release_root,)), QUICK) as scheduler:
        yield Grader(scheduler)
