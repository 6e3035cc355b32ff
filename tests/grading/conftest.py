"""One warm worker for the tests of the grader: starting it costs seconds, a submission 50 ms."""

from collections.abc import Iterator
from pathlib import Path

import mini_set
import pytest
from grading_cases import QUICK, Grader

from course_utils.grading.orchestrator.schedule import Scheduler
from course_utils.problem_sets.release import find


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
