"""``course grade``: one class, from a folder of submissions to grades, feedback and a journal."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from course_utils.grading import environment, feedback, grades, summary, typed
from course_utils.grading.markup import clean
from course_utils.grading.orchestrator import intake
from course_utils.grading.orchestrator.calibrate import CalibrationError, calibrate
from course_utils.grading.orchestrator.journal import Journal, JournalError, Plate
from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.grading.orchestrator.worker import IsolationError
from course_utils.grading.pictures import png
from course_utils.grading.settings import Settings
from course_utils.grading.typed import TypedError
from course_utils.grading.verdict import UNSCORED, Verdict, cut
from course_utils.problem_sets.release import SECRET, Folder, Release, ReleaseError, find

JOURNAL = "journal.sqlite"


class UsageError(Exception):
    """Bad input: one sentence, exit code 2."""


def grade(
    submitted: Path,
    set_name: str,
    out: Path,
    settings: Settings,
    root: Path | None = None,
    journal: str | None = None,
) -> int:
    """Grade every submission of a set under ``submitted`` into ``out``; the exit code.

    0: every submission has its points. 1: some need a look, the grader itself failed for some, or
    calibration refused the batch. 2: the input cannot be used. ``root`` is the folder of
    ``exercises/``; ``journal`` is the URL of a PostgreSQL database (None: a file in ``out``).
    """
    try:
        return _grade(submitted, set_name, out, settings, root, journal)
    except (UsageError, TypedError, ReleaseError, JournalError, IsolationError) as bad:
        hint = ""
        if isinstance(bad, IsolationError):
            hint = " Nothing was graded. On a machine of your own, --trust grades without walls."
        print(f"course grade: {bad}.{hint}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "course grade: interrupted. The grades given so far are kept; run the same command "
            "again.",
            file=sys.stderr,
        )
        return 1
    except CalibrationError as refused:
        print(f"course grade: nothing was graded: {refused}", file=sys.stderr)
        return 1
    except OSError as bad:
        why = bad.strerror or str(bad)
        print(
            f"course grade: grading into {out} had to stop: {why}. "
            "The grades given so far are kept; run the same command again.",
            file=sys.stderr,
        )
        return 2


def _grade(
    submitted: Path,
    set_name: str,
    out: Path,
    settings: Settings,
    root: Path | None,
    url: str | None,
) -> int:
    folder = find(set_name, places(root))
    secret = (*folder.hidden, *_of_the_package(), submitted, out)
    folder = replace(folder, hidden=secret)
    names = _students(submitted, folder.release)
    if out.resolve().is_relative_to(submitted.resolve()):
        raise UsageError(f"the output folder {out} lies in {submitted}: choose one outside it")
    with _output(out):
        typed.lines(out, folder.release)  # refuses a table that would be lost
        journal = _journal(url or default_journal(out), folder.release, settings)
        try:
            _judge(submitted, names, folder, out, settings, journal)
            code = _finish(folder.release, out, settings, journal)
        finally:
            journal.close()
    return max(code, _say_what_is_nobodys(submitted))


def _say_what_is_nobodys(submitted: Path) -> int:
    """Name the notebooks that lie in no student's folder; the exit code that they ask for."""
    names = [intake.printable(name) for name in intake.strays(submitted)]
    if names:
        print(
            f"  not graded: {_few(names)}: {submitted} must hold a folder for each student; put "
            "each file into one and grade again"
        )
    return 1 if names else 0


def _of_the_package() -> list[Path]:
    """Folders of the repository that this package is run from, where it is not installed."""
    source = Path(__file__).resolve().parents[2]
    return [source.parent / one for one in SECRET] if source.name == "src" else []


def places(root: Path | None) -> tuple[Path, ...]:
    """Where releases may lie: ``root``, else here and above, else beside the package."""
    if root is not None:
        return (root,)
    here = Path.cwd()
    return (here, *here.parents, Path(__file__).resolve().parents[3])


def _students(submitted: Path, release: Release) -> list[str]:
    """Names of all students. Raises `UsageError` where there are none."""
    try:
        names = intake.students(submitted)
    except OSError as bad:
        raise UsageError(f"the folder {submitted} cannot be read: {bad.strerror}") from bad
    if not any(intake.may_have_handed_in(submitted, name, release.name) for name in names):
        raise _nobody(submitted, release)
    return names


def _nobody(submitted: Path, release: Release) -> UsageError:
    return UsageError(
        f"no folder in {submitted} holds a submission of {release.name}; wanted "
        f"{submitted}/<student>/{release.name}/{release.notebook}"
    )


def _few(names: list[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


@contextmanager
def _output(out: Path) -> Iterator[None]:
    """Make the output folder and hold it: two gradings must not share one."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("w")
    except OSError as bad:
        raise UsageError(f"the output folder {out} cannot be written: {bad.strerror}") from bad
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            raise JournalError(
                f"the journal in {out} is locked: another `course grade` is running on it"
            ) from held
        yield


def default_journal(out: Path) -> str:
    """The URL of the journal that lies in an output folder."""
    return f"sqlite:///{out / JOURNAL}"


def _journal(url: str, release: Release, settings: Settings) -> Journal:
    keys = {task.name: release.task_key(task) for task in release.tasks}
    return Journal(url, release.name, keys, environment.describe(release, settings))


def _judge(
    submitted: Path,
    names: list[str],
    folder: Folder,
    out: Path,
    settings: Settings,
    journal: Journal,
) -> None:
    """Take in, calibrate, grade what has no verdict yet, and write it down one by one."""
    release = folder.release
    waiting = _take_in(submitted, names, folder, out, journal)
    if not waiting:
        return
    print(f"{release.name}: {len(waiting)} to grade; calibrating first", flush=True)
    points = {task.name: task.points for task in release.tasks}
    with Scheduler(folder, settings) as scheduler:
        calibrate(scheduler, folder)
        jobs = (Job(sha, _archived(out, sha), tasks) for sha, tasks in waiting.items())
        judged = scheduler.judge(jobs)
        for job, judgement in tqdm(judged, total=len(waiting), unit="notebook", disable=None):
            rows = [(one, _points(one, points[one.task])) for one in judgement.verdicts]
            answers = {task: clean(text) for task, text in judgement.answers.items()}
            plates = [Plate(one.task, cut(one.caption), png(one)) for one in judgement.pictures]
            journal.enter(job.sha256, rows, judgement.remarks, answers, plates)


def _take_in(
    submitted: Path, names: list[str], folder: Folder, out: Path, journal: Journal
) -> dict[str, frozenset[str]]:
    """Open, archive and enter every submission; what remains to grade, by hash."""
    release = folder.release
    waiting, handed_in, others = {}, [], []
    for name in names:
        one = intake.open_submission(submitted, name, release, folder.untouched)
        if one is None:
            others.append(intake.printable(name))
            continue
        handed_in.append((intake.printable(name), one.sha256, one.problem))
        if one.raw is not None:
            intake.archive(one, out / "archive")
            tasks = journal.unfinished(one.sha256)
            if tasks:
                waiting[one.sha256] = tasks
    if not handed_in:
        raise _nobody(submitted, release)
    if others:
        print(f"{release.name}: not handed in by {len(others)}: {_few(others)}")
    present = {student for student, _, _ in handed_in}
    typed.refuse_strangers(out, {*journal.shown(), *present})
    typed.enter(out, release, journal, present)
    _say_who_is_gone(journal, release, present)
    journal.enter_submissions(handed_in)
    return waiting


def _say_who_is_gone(journal: Journal, release: Release, now: set[str]) -> None:
    gone = [student for student, _, _ in journal.submissions() if student not in now]
    if gone:  # their verdicts and marks stay in the journal
        print(f"{release.name}: no longer handed in, so left out of grades.csv: {_few(gone)}")


def _archived(out: Path, sha256: str) -> bytes:
    return (out / "archive" / f"{sha256}.ipynb").read_bytes()


def _points(verdict: Verdict, full: float) -> float | None:
    if verdict.state in UNSCORED:
        return None
    return float(full) if verdict.passed else 0.0


def _finish(release: Release, out: Path, settings: Settings, journal: Journal) -> int:
    typed.enter(out, release, journal, {student for student, _, _ in journal.submissions()})
    sheets = grades.sheets(release, journal)
    before = summary.remembered(out)
    grades.write(out, sheets)
    journal.show()
    feedback.write_all(out / "feedback", release, sheets, journal.plates)
    return summary.say(release, settings, sheets, before)
