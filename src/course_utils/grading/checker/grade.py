"""Grades one submission: runs its cells in a jail, runs the checks here, and decides the states.

A crash or a time-out costs its own cell or check only: a fresh jail replays everything else without
it. Where a replay decides differently about a task that was already decided, the task is
nondeterministic and the first decision stands.
"""

import html
import random
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from course_utils.checks import CheckFailed, RemoteError
from course_utils.grading.checker.jail import Cost, DeadError, Jail, Limits
from course_utils.grading.checker.proxies import CheckBrokenError, Space, raised_of
from course_utils.grading.jail import absent
from course_utils.grading.verdict import (
    AWAITING,
    CHECK_FAILED,
    CRASHED,
    GRADED,
    MAX_MESSAGE,
    NONDETERMINISTIC,
    RAISED,
    TIMED_OUT,
    UNREADABLE,
    Verdict,
)
from course_utils.grading.wire.frames import WireError
from course_utils.grading.wire.pictures import MAX_BYTES, Album, sizes
from course_utils.grading.wire.types import Writer
from course_utils.problem_sets import plan as planning
from course_utils.problem_sets.check_cells import CheckCell
from course_utils.problem_sets.release import Release, Task
from course_utils.problem_sets.submitted import UnreadableError, parse

SPARE_RESTARTS = 4
MAX_ANSWER = 40_000
MAX_ABSENT = 10
_MODULE = re.compile(r"[A-Za-z_][\w.]{0,99}", re.ASCII)


@dataclass(frozen=True)
class Job:
    """What to grade: ``tasks`` by name, ``broken`` checks to leave out, ``alone`` for a recheck.

    ``draws``: whether pictures are wanted.
    """

    tasks: frozenset[str]
    broken: frozenset[str] = frozenset()
    alone: bool = False
    draws: bool = True


@dataclass(frozen=True)
class Blame:
    """Why a cell of a task did not do its work."""

    state: str
    message: str
    doubtful: bool = False


@dataclass
class Outcome:
    """How a check went, before the fate of the task's own cells is weighed in."""

    state: str
    passed: bool = False
    message: str = ""
    missing: bool = False
    notes: tuple[str, ...] = ()


@dataclass
class Report:
    """Everything about one submission: verdicts, notes on the whole, marked answers as HTML."""

    verdicts: list[Verdict]
    notes: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    cost: Cost = field(default_factory=Cost)
    album: Album = field(default_factory=Album)


def grade(
    raw: bytes,
    release: Release,
    checks: dict[str, CheckCell],
    limits: Limits,
    job: Job,
    open_jail: Callable[[], Jail],
    starting: Callable[[str], None],
) -> Report:
    """Grade the notebook in ``raw``. ``starting`` is told each task whose check begins."""
    try:
        plan = planning.make(parse(raw), release)
    except UnreadableError as why:
        wanted = [task.name for task in release.tasks if task.name in job.tasks]
        return Report([Verdict(name, UNREADABLE, message=str(why)) for name in wanted])
    session = _Session(release, checks, limits, job, plan, open_jail, starting)
    session.run()
    return session.report()


class _Session:
    """The runs that one submission takes: usually one, one more for each crash."""

    def __init__(
        self,
        release: Release,
        checks: dict[str, CheckCell],
        limits: Limits,
        job: Job,
        plan: planning.Plan,
        open_jail: Callable[[], Jail],
        starting: Callable[[str], None],
    ) -> None:
        self.release, self.checks, self.limits = release, checks, limits
        self.job, self.plan, self.open_jail, self.starting = job, plan, open_jail, starting
        self.tasks = {task.name: task for task in release.tasks}
        self.skipped: set[planning.Step] = set()
        self.blames: dict[str, list[Blame]] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.unstable: set[str] = set()
        self.doubtful: set[str] = set()
        self.answers: dict[str, str] = {}
        self.album = Album()
        self.draws = job.draws
        self.cost = Cost()

    def run(self) -> None:
        """Run until nothing crashes any more, or too much has."""
        for _ in range(len(self.release.tasks) + SPARE_RESTARTS + 1):  # one for the pictures
            if self._once():
                return
        for name in self.job.tasks - self.outcomes.keys():
            text = "Too many cells of this notebook crashed or ran out of time."
            self.outcomes[name] = Outcome(TIMED_OUT, message=text)

    def _once(self) -> bool:
        """One run in a fresh jail; False where a step ended it."""
        jail = self.open_jail()
        space, done, ended = Space(jail), [], None
        self._forget_errors()
        if self.draws:  # else they were drawn before, up to the one that failed
            self.album = Album()
        try:
            for step in self.plan.steps:
                if step not in self.skipped:
                    done.append(step)
                    jail.segment()
                    drawing = self._step(step, space)
                    if drawing and self.draws:
                        done.append(drawing)
                        jail.segment()
                        self._draw(drawing, space)
            jail.segment()
            done.append(None)
            self._render(space)
        except DeadError as dead:
            ended = done[-1]
            if ended is not None:
                self._bury(ended, dead, jail.costs[-1] if jail.costs else 0.0)
                return False
            for name in self.answers:
                if self.plan.answers[name].images:
                    self._left_out(name)
        finally:
            jail.stop()
            self.cost = self.cost.plus(jail.cost)
            for step, seconds in zip(done, jail.costs, strict=False):
                self._charge(step, seconds, ended=step is ended)
        return True

    def _forget_errors(self) -> None:
        """Errors of cells are found again by every run; time-outs and crashes are not."""
        for name, blames in self.blames.items():
            self.blames[name] = [blame for blame in blames if blame.state != RAISED]

    def _step(self, step: planning.Step, space: Space) -> planning.Draw | None:
        """Do it; what there is to draw then."""
        if isinstance(step, planning.Run):
            return self._cell(step, space)
        if step.task in self.job.tasks and step.task not in self.job.broken:
            self._check(self.tasks[step.task], space)
        return None

    def _cell(self, step: planning.Run, space: Space) -> planning.Draw | None:
        writer = Writer(space)  # as raw bytes: a cell may be longer than a message's header
        writer.blob(step.source.encode("utf-8", "backslashreplace"))
        body, _ = space.ask("cell", None, writer)
        reply = body if isinstance(body, dict) else {}
        for name in _modules(reply.get("absent")):
            self.plan.note(step.task, f"In {step.name}: {absent.sentence(name)}")
        raised = raised_of(reply.get("raised"))
        if raised is not None:
            self._blame(step, Blame(RAISED, f"Your code raised {_said(raised)}"))
        if step.section is None or type(reply.get("shown")) is not int or reply["shown"] < 1:
            return None
        return planning.Draw(step.section, step.name)

    def _draw(self, step: planning.Draw, space: Space) -> None:
        if step.section in ("", *self.job.tasks):
            self._picture(space, "pictures", step.section, f"From {step.name}")

    def _picture(
        self, space: Space, kind: str, task: str, caption: str, blobs: list[bytes] | None = None
    ) -> None:
        """Ask the jail for pixels, and say so where some had to be left out."""
        count, most = self.album.room
        frame = space.jail.ask(kind, [count if kind == "pictures" else 1, most], blobs, MAX_BYTES)
        try:
            reply = frame.body if isinstance(frame.body, dict) else {}
            left = self.album.add(task, caption, sizes(reply.get("sizes"), frame.blobs))
        except WireError as broken:
            raise space.jail.violated(str(broken)) from None
        if left or reply.get("left") != 0:
            self._left_out(task)

    def _left_out(self, task: str) -> None:
        self.plan.note(task, "Not every picture can be shown: too many, too large or no image.")

    def _blame(self, step: planning.Run, blame: Blame) -> None:
        if step.task is not None:
            self.blames.setdefault(step.task, []).append(blame)
        else:
            self.plan.note(None, f"In {step.name}: {blame.message}")

    def _charge(self, step: planning.Step | None, seconds: float, *, ended: bool) -> None:
        """Account for what a step cost; too close to the limit is decided alone.

        What ``ended`` the jail bears its state already (`_bury`).
        """
        if step is None or isinstance(step, planning.Draw) or not self.limits.doubtful(seconds):
            return
        named = {step.task} if step.task else set(self.job.tasks)
        self.doubtful |= named
        if self.job.alone and not ended and seconds > self.limits.cpu and step.task:
            late = Blame(TIMED_OUT, self._too_long("This"))
            self.blames.setdefault(step.task, []).append(late)
            self.outcomes[step.task] = Outcome(TIMED_OUT, message=late.message)

    def _too_long(self, what: str) -> str:
        return f"{what} did not finish within {self.limits.cpu:g} seconds of computing time."

    def _bury(self, step: planning.Step, dead: DeadError, seconds: float) -> None:
        """A step ended its jail: it is skipped from now on, and its task bears the state.

        Where that was a picture, nobody bears anything; the next run goes without pictures.
        """
        if isinstance(step, planning.Draw):
            self.draws = False
            self._left_out(step.section)
            return
        self.skipped.add(step)
        blame = self._verdict_on(step, dead, seconds)
        if isinstance(step, planning.Run):
            self._blame(step, blame)
            if blame.doubtful:
                self.doubtful |= {step.task} if step.task else set(self.job.tasks)
        else:
            self.outcomes[step.task] = Outcome(blame.state, message=blame.message)
            if blame.doubtful:
                self.doubtful.add(step.task)

    def _verdict_on(self, step: planning.Step, dead: DeadError, seconds: float) -> Blame:
        what = f"Running {step.name}" if isinstance(step, planning.Run) else "Calling your code"
        where = f" ({dead.hint})" if getattr(dead, "hint", None) else ""
        if dead.cause == "cpu":
            return Blame(TIMED_OUT, self._too_long(what + where))
        if dead.cause == "wall" and seconds > self.limits.cpu:  # on a machine with other work
            return Blame(TIMED_OUT, self._too_long(what + where), doubtful=True)
        if dead.cause == "wall":
            text = (
                f"{what}{where} was still not done after {self.limits.wall:g} seconds of waiting."
            )
            return Blame(TIMED_OUT, text, doubtful=True)
        if dead.cause == "idle":
            text = f"{what}{where} did nothing for {self.limits.idle:g} seconds."
            return Blame(TIMED_OUT, text, doubtful=True)
        if dead.cause == "exit":
            return Blame(CRASHED, f"{what}{where} ended Python (exit code {dead.code}).")
        if dead.cause == "protocol":
            return Blame(CRASHED, f"{what}{where} broke the line to the grader: {dead.why}.")
        name = signal.Signals(dead.code).name if dead.code in set(signal.Signals) else dead.code
        unknown = dead.code == signal.SIGKILL
        return Blame(CRASHED, f"{what}{where} crashed Python ({name}).", doubtful=unknown)

    def _check(self, task: Task, space: Space) -> None:
        self.starting(task.name)
        space.altered.clear()
        space.reading = 0.0
        outcome = self._run_check(task, space)
        before = self.outcomes.setdefault(task.name, outcome)
        if (before.passed, before.state) != (outcome.passed, outcome.state):
            self.unstable.add(task.name)

    def _run_check(self, task: Task, space: Space) -> Outcome:
        cell, names, bound = self.checks[task.name], {}, {}
        space.names = names
        try:
            bound = space.bind(task.defines)
            gone = [name for name in task.defines if name not in bound]
            if gone:
                text = f"{gone[0]} is not defined. Write it in the cell of this task."
                return Outcome(GRADED, message=text, missing=True)
            random.seed(0)
            np.random.seed(0)  # noqa: NPY002 - checks may use the old interface
            cell.run(bound, names)
        except DeadError as dead:
            dead.hint = _place(cell, dead)
            raise
        except CheckBrokenError as ours:
            return Outcome(CHECK_FAILED, message=f"The check of this task is broken: {ours}.")
        except Exception as error:  # noqa: BLE001 - whatever a check raises is an outcome
            return _explain(error, cell)
        notes = tuple(
            f"{name} changed an argument that it was given." for name in sorted(space.altered)
        )
        return Outcome(GRADED, passed=True, notes=notes)

    def _render(self, space: Space) -> None:
        """Hand-marked answers as HTML, made in the jail; the orchestrator cleans it."""
        for name, cell in self.plan.answers.items():
            if name in self.job.tasks:
                self.answers[name] = f"<pre>{html.escape(cell.source[:MAX_ANSWER])}</pre>"
        for name in tuple(self.answers):
            body, _ = space.ask("markdown", [self.plan.answers[name].source[:MAX_ANSWER]])
            made = body.get("html") if isinstance(body, dict) else None
            if isinstance(made, str) and len(made.encode()) <= 4 * MAX_ANSWER:
                self.answers[name] = made
        for name in self.answers:
            self._stored(name, space)

    def _stored(self, task: str, space: Space) -> None:
        """Images handed in with an answer; the outputs of code only where the run showed none."""
        cell = self.plan.answers[task]
        if cell.kind == "code" and any(one.task == task for one in self.album.pictures):
            return
        for caption, image in cell.images:
            self._picture(space, "image", task, caption, [image.encode("utf-8", "replace")])

    def report(self) -> Report:
        """The verdicts, in the order of the set."""
        verdicts = [
            self._verdict(task) for task in self.release.tasks if task.name in self.job.tasks
        ]
        return Report(verdicts, self.plan.notes.get("", []), self.answers, self.cost, self.album)

    def _verdict(self, task: Task) -> Verdict:
        notes = list(self.plan.notes.get(task.name, []))
        if task.manual:
            return Verdict(task.name, AWAITING, notes=tuple(notes))
        if task.name in self.job.broken:
            text = "The check of this task did not finish. Your work was not judged."
            return Verdict(task.name, CHECK_FAILED, message=text, notes=tuple(notes))
        blames = self.blames.get(task.name, [])
        outcome = self.outcomes.get(task.name) or Outcome(GRADED, missing=True)
        if outcome.missing and blames:
            outcome = replace(outcome, state=blames[-1].state, message=blames[-1].message)
        else:
            notes += [blame.message for blame in blames if blame.message != outcome.message]
        state = outcome.state
        if task.name in self.unstable and state not in (CHECK_FAILED,):
            state = NONDETERMINISTIC
            notes.append("Run twice, your code gave different results; the first one counts.")
        return Verdict(
            task.name,
            state,
            outcome.passed,
            outcome.message,
            (*notes, *outcome.notes),
            recheck=task.name in self.doubtful and not self.job.alone,
        )


def _explain(error: Exception, cell: CheckCell) -> Outcome:
    """The outcome of a check that ended in ``error``, in words for the student."""
    trace = error.__traceback__
    if isinstance(error, MemoryError):
        return Outcome(CHECK_FAILED, message="The check of this task ran out of memory.")
    raised = isinstance(error, RemoteError)
    state = RAISED if raised else GRADED
    if cell.hidden(trace):
        hint = cell.hint(trace)
        what = (
            "Your code raised an error in a hidden check" if raised else "Hidden check not passed"
        )
        case = hint and hint.removeprefix("works for ").removeprefix("works ")
        return Outcome(state, message=f"{what}: {case}." if case else f"{what}.")
    if raised:
        return Outcome(state, message=f"Your code raised {_said(error)}")
    if isinstance(error, CheckFailed | AssertionError):
        return Outcome(state, message=str(error)[:MAX_MESSAGE] or "A check failed.")
    text = f"The check could not use what came back ({type(error).__name__}: {error})."
    return Outcome(state, message=text[:MAX_MESSAGE])


def _place(cell: CheckCell, dead: DeadError) -> str | None:
    if not cell.hidden(dead.__traceback__):
        return None
    hint = cell.hint(dead.__traceback__)
    return f"hidden check: {hint}" if hint else "hidden check"


def _modules(data: Any) -> list[str]:
    """Dotted names of modules; whatever else the jail sent is none."""
    names = data[:MAX_ABSENT] if type(data) is list else []
    return [one for one in names if type(one) is str and _MODULE.fullmatch(one)]


def _said(error: RemoteError) -> str:
    line = getattr(error, "line", None)
    where = f" in line {line} of its cell" if line else ""
    message = f": {error}" if str(error) else ""
    return f"{error.kinds[0]}{where}{message}"
