"""Before a batch: the instructor's solution must reach every point, the untouched notebook none.

Both take the same path as a submission. Whatever is broken (a check, a stub, a package in the jail,
the grader itself) shows here, before it can cost a student anything.
"""

from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.grading.verdict import GRADED, RAISED, Verdict
from course_utils.problem_sets.release import Folder


class CalibrationError(Exception):
    """The batch cannot be graded rightly: a sentence that names the tasks."""


def calibrate(scheduler: Scheduler, folder: Folder) -> None:
    """Grade the solution and the untouched notebook. Raises `CalibrationError`."""
    tasks = frozenset(task.name for task in folder.release.tasks if not task.manual)
    solved = scheduler.alone(Job("solution", folder.solution, tasks)).verdicts
    lost = [one for one in solved if not one.passed or one.state != GRADED]
    if lost:
        raise CalibrationError(f"the instructor's solution does not pass {_list(lost)}")
    untouched = scheduler.alone(Job("untouched", folder.untouched, tasks)).verdicts
    gained = [one for one in untouched if one.passed]
    if gained:
        names = ", ".join(one.task for one in gained)
        raise CalibrationError(f"the untouched student notebook already passes {names}")
    strange = [one for one in untouched if one.state not in (GRADED, RAISED)]
    if strange:
        raise CalibrationError(f"the untouched student notebook ends in {_list(strange)}")


def _list(verdicts: list[Verdict]) -> str:
    return "; ".join(
        f"{one.task} ({one.state}: {' '.join([one.message, *one.notes])})" for one in verdicts
    )
