"""The checker's end of the wire to one jail, and of the control line to its supervisor."""

import contextlib
import select
import socket
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from course_utils.grading.jail.control import hear, tell
from course_utils.grading.wire.frames import (
    MAX_BLOBS,
    Frame,
    HangupError,
    WireError,
    receive,
    send,
)

_PROMPT = 1_000  # milliseconds in which most answers come


@dataclass(frozen=True)
class Limits:
    """What one cell, or the check of one task, may cost: CPU seconds, and wall as a backstop.

    A result between half and one and a half times ``cpu`` is looked at again, so the kill comes at
    one and a half times; up to then nothing is lost. ``idle`` are seconds in which the student's
    code may do nothing while an answer is awaited, ``processor`` the one to run on.
    """

    cpu: float
    wall: float
    idle: float = float("inf")
    processor: int = 0

    @property
    def kill(self) -> float:
        """CPU seconds at which the supervisor ends the job."""
        return 1.5 * self.cpu

    def doubtful(self, seconds: float) -> bool:
        """True where another machine, or a quieter moment, might decide otherwise."""
        return 0.5 * self.cpu < seconds < self.kill


@dataclass(frozen=True)
class Cost:
    """What jobs cost: CPU seconds of the student's code, of the jobs before any of it ran, and of
    their supervisors; the most memory (KiB) of one job.

    For statistics: a job that is dead may have told less.
    """

    student: float = 0.0
    start: float = 0.0
    watch: float = 0.0
    peak: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """Both together."""
        return Cost(
            self.student + other.student,
            self.start + other.start,
            self.watch + other.watch,
            max(self.peak, other.peak),
        )


class DeadError(BaseException):
    """The job is gone. Not an Exception: no check may catch it.

    ``cause`` is cpu, wall, idle, signal, exit or protocol; ``code`` the signal or exit code.
    """

    def __init__(self, cause: str, code: int, why: str = "") -> None:
        super().__init__(cause, code, why)
        self.cause, self.code, self.why = cause, code, why


class WallsError(BaseException):
    """The jail could not be built: our fault, never the student's."""


class Jail:
    """One job in its jail. Every reply is checked for form; a wrong one ends the job."""

    def __init__(self, wire: socket.socket, control: socket.socket, limits: Limits) -> None:
        self.wire, self.control, self.limits = wire, control, limits
        self.sequence = 0
        self.ended = False
        self.costs: list[float] = []  # CPU seconds of every segment
        self.cost = Cost()
        self._segment = {"do": "segment", "cpu": limits.kill, "wall": limits.wall}
        tell(control, {"do": "settle", "processor": limits.processor})
        self._answers = select.poll()
        self._answers.register(wire, select.POLLIN)
        self._await_ready()

    def _await_ready(self) -> None:
        try:
            frame = receive(self.wire, max_blobs=0)
        except (HangupError, WireError) as early:
            report, _ = hear(self.control)
            why = report.get("why", str(report)) if isinstance(report, dict) else str(early)
            raise WallsError(f"the jail did not start: {why}") from early
        if frame.kind != "ready":
            raise WallsError(str(frame.body))

    def segment(self) -> None:
        """Begin a new stretch of work with fresh limits."""
        try:
            tell(self.control, self._segment)
        except OSError:
            raise self.post_mortem() from None

    def ask(
        self, kind: str, body: Any, blobs: list[Any] | None = None, most: int = MAX_BLOBS
    ) -> Frame:
        """Send a request; ``most`` bytes of blobs may come back. `DeadError`: the job is gone."""
        self.sequence += 1
        try:
            send(self.wire, Frame(self.sequence, kind, body, blobs or []))
        except HangupError:
            raise self.post_mortem() from None
        return self.listen(most)

    def answer(self, kind: str, body: Any, blobs: list[Any]) -> Frame:
        """Answer a callback and wait for what comes next."""
        try:
            send(self.wire, Frame(self.sequence, kind, body, blobs))
        except HangupError:
            raise self.post_mortem() from None
        return self.listen()

    def listen(self, most: int = MAX_BLOBS) -> Frame:
        """The reply to the request in flight, or a callback on its way."""
        slow = not self._answers.poll(_PROMPT)
        if slow:
            self._tell({"do": "waiting", "idle": self.limits.idle})
        try:
            frame = receive(self.wire, max_blobs=most)
        except HangupError:
            raise self.post_mortem() from None
        except WireError as broken:
            raise self.violated(str(broken)) from None
        if frame.sequence != self.sequence or frame.kind not in ("reply", "callback"):
            raise self.violated("an answer came that nobody asked for")
        if slow:
            self._tell({"do": "answered"})
        return frame

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # a job that is gone shows on the wire
            tell(self.control, message)

    def violated(self, why: str) -> DeadError:
        """End a job that broke the protocol."""
        self.stop()
        return DeadError("protocol", 0, why)

    def stop(self) -> None:
        """End the job, where it has not ended; afterwards `costs` is known."""
        if self.ended:
            return
        with contextlib.suppress(OSError):
            tell(self.control, {"do": "stop"})
        self._end(hear(self.control)[0])

    def post_mortem(self) -> DeadError:
        """How the job ended, by its supervisor."""
        report, _ = hear(self.control)
        self._end(report)
        if not isinstance(report, dict):
            raise WallsError("the jail's supervisor is gone")
        return DeadError(report["dead"], report["code"])

    def _end(self, report: Any) -> None:
        self.wire.close()
        self.control.close()
        self.ended = True
        if isinstance(report, dict):
            marks = report["marks"]
            self.costs = [after - before for before, after in pairwise(marks)]
            own = marks[-1] - marks[0]
            self.cost = Cost(own, marks[0], report["watch"], report["peak"])
