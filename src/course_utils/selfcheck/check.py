"""Runs a student's notebook as the grader does, and reports task by task."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.problem_sets import plan as planning
from course_utils.problem_sets.limits import CELL_SECONDS, PACKAGES
from course_utils.problem_sets.plan import Plan
from course_utils.problem_sets.release import Release, ReleaseError, Task
from course_utils.problem_sets.submitted import UnreadableError, read
from course_utils.selfcheck import sets

if TYPE_CHECKING:
    from course_utils.grading.verdict import Verdict

PASSED, FAILED, INCOMPLETE, MISSING = "pass", "FAIL", "todo", "GONE"
HAND_MARKED = "hand"
OK, NOT_YET, BAD_USAGE = 0, 1, 2
IDLE = 20.0  # seconds in which a notebook may do nothing, as in the grader
_UNWRITTEN = "Your code raised NotImplementedError"


@dataclass(frozen=True)
class Finding:
    """The state of one task, and what there is to say about it."""

    title: str
    state: str
    notes: tuple[str, ...] = ()


class UsageError(Exception):
    """What was given cannot be checked: one sentence for the student."""


def check(path: Path, seconds: float = 60.0, echo: Callable[[str], None] = print) -> int:
    """Run the notebook at ``path`` and report task by task.

    ``seconds`` is the time that a single cell may wait. Returns 0 if all visible checks pass and
    every answer is written, 1 if not, 2 if there is nothing to check.
    """
    try:
        raw = _bytes(path)
        notebook = read(raw)
        release, folder = sets.of(notebook, path)
        echo(release.title)
        echo(
            "This runs your own code on this machine: a fresh start, then every cell in order. "
            "Nothing is sent anywhere. Save your notebook first; the file is only read."
        )
        plan = planning.make(notebook.cells, release)
        findings, remarks = _run(raw, release, folder, plan, seconds)
    except UnreadableError as why:
        echo(f"course check: {path}: {why}")
        return BAD_USAGE
    except (UsageError, ReleaseError, sets.UnknownSetError) as why:
        echo(f"course check: {str(why).removesuffix('.')}.")
        return BAD_USAGE
    for line in _report(findings, remarks, path, release):
        echo(line)
    return OK if all(one.state in (PASSED, HAND_MARKED) for one in findings) else NOT_YET


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}") from None
    except OSError as why:
        raise UsageError(f"{path} cannot be read: {why.strerror}") from None


def _run(
    raw: bytes, release: Release, folder: Path, plan: Plan, seconds: float
) -> tuple[list[Finding], list[str]]:
    """What the grader finds, but for the hidden checks, and its remarks on the whole."""
    try:
        from course_utils.grading import packages
        from course_utils.grading.checker.grade import Job, grade
        from course_utils.grading.checker.jail import Limits, WallsError
        from course_utils.problem_sets.check_cells import compile_checks, rooms
        from course_utils.selfcheck.jail import Jail
    except ImportError as missing:
        raise UsageError(
            f"{missing.name} is missing here: pip install 'learning-to-remember[lab]'"
        ) from None
    limits = Limits(CELL_SECONDS, seconds, min(IDLE, seconds))
    automatic = frozenset(task.name for task in release.tasks if not task.manual)
    importable = sorted(packages.modules(PACKAGES))
    files = [one for one in folder.iterdir() if one.is_file() and one.name in release.data]
    try:
        report = grade(
            raw,
            release,
            compile_checks(release),
            limits,
            Job(automatic, alone=True, draws=False),
            open_jail=lambda: Jail(limits, files, importable, rooms(release)),
            starting=lambda _: None,
        )
    except WallsError as why:
        raise UsageError(str(why)) from None
    verdicts = {verdict.task: verdict for verdict in report.verdicts}
    findings = [_finding(task, verdicts.get(task.name), plan) for task in release.tasks]
    return findings, report.notes


def _finding(task: Task, verdict: "Verdict | None", plan: Plan) -> Finding:
    untouched = task.name in plan.untouched
    if verdict is None:
        return _hand_marked(task, plan, untouched)
    if verdict.passed:
        return Finding(task.title, PASSED, verdict.notes)
    notes = tuple(one for one in (verdict.message, *verdict.notes) if one)
    if untouched and any(one.endswith(" is missing.") for one in verdict.notes):
        return Finding(task.title, MISSING, verdict.notes)
    if untouched or verdict.message.startswith(_UNWRITTEN):
        return Finding(task.title, INCOMPLETE, tuple(plan.notes.get(task.name, ())))
    return Finding(task.title, FAILED, notes)


def _hand_marked(task: Task, plan: Plan, untouched: bool) -> Finding:
    if not untouched:
        return Finding(task.title, HAND_MARKED, ("Answered; a person marks it.",))
    if task.name in plan.answers:
        return Finding(task.title, INCOMPLETE)
    gone = "The cell for this answer is missing: write it anywhere below the question."
    return Finding(task.title, MISSING, (gone,))


def _report(
    findings: list[Finding], remarks: list[str], path: Path, release: Release
) -> Iterator[str]:
    yield ""
    for one in findings:
        yield f"  {one.state}  {one.title}"
        yield from (f"        {line}" for note in one.notes for line in note.splitlines())
    passed = sum(one.state == PASSED for one in findings)
    automatic = sum(not task.manual for task in release.tasks)
    yield ""
    yield f"{passed} of {automatic} visible checks pass. Hidden checks decide the points."
    yield from remarks
    yield f"Hand in this one file: {path}"
    if path.name != release.notebook:
        yield f"Name it {release.notebook} when you hand it in."
