"""The clock beside a job: it never runs student code, keeps the limits and says how the job ended.

The checker names a segment (one cell, or the check of one task) and what it may cost, and does not
wait; at the end it learns what every segment did cost. CPU time is read from the kernel's clock of
the job, never from the job. Wall time is a backstop for code that waits; where other programs keep
the job from running, it has more of it. Code that does nothing at all while the checker waits for
it is ended sooner (`clocks.Idleness`).
"""

import contextlib
import os
import select
import signal
import socket
import time
from dataclasses import dataclass, field

from . import clocks, sandbox
from .clocks import Idleness
from .control import hear, tell

_PROCESSORS = os.cpu_count() or 1
_SHORTEST_LOOK = 0.002
_LOOK_AT_IDLENESS = 0.5
_STRETCH = 5  # times the wall time that a job may have on a busy machine


@dataclass
class _Segment:
    """What the job may use now: absolute CPU seconds, and wall seconds since it ``began``."""

    cpu: float
    wall: float
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Wall seconds up to the limit; afterwards, up to the next look at who kept the job."""
        left = self.wall - (time.monotonic() - self.began)
        return left if left > 0 else _LOOK_AT_IDLENESS

    def late(self, child: int, proc: int) -> bool:
        """Whether the wall time is over, less what the job has waited for a processor."""
        passed = time.monotonic() - self.began
        if passed < self.wall:
            return False
        return passed >= _STRETCH * self.wall or passed - clocks.queued(child, proc) >= self.wall


def watch(control: socket.socket, child: int, proc: int) -> None:
    """Serve ``control`` until the job ``child`` is dead or the checker leaves; then reap it.

    ``proc`` is a descriptor of /proc from before the job hid it.
    """
    handle = os.pidfd_open(child)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(handle, select.POLLIN)
    segment: _Segment | None = None
    idleness: Idleness | None = None
    marks: list[float] = []  # CPU seconds at the beginning of every segment, and at the end
    cause = None
    while True:
        events = dict(poll.poll(_until_next_look(segment, idleness, child)))
        if handle in events:
            break
        if control.fileno() in events:
            message, _ = hear(control)
            if message is None or message["do"] == "stop":
                cause = "stopped"
                break
            if message["do"] == "settle":
                with contextlib.suppress(OSError):
                    os.sched_setaffinity(child, {message["processor"]})
            elif message["do"] == "waiting":
                idleness = Idleness(child, proc, message["idle"])
            elif message["do"] == "answered":
                idleness = None
            else:
                marks.append(clocks.cpu(child))
                segment = _Segment(marks[-1] + message["cpu"], message["wall"])
        cause = _overdrawn(segment, idleness, child, proc)
        if cause:
            break
    _bury(control, child, cause, marks, clocks.peak(child, proc))


def _until_next_look(
    segment: _Segment | None, idleness: Idleness | None, child: int
) -> float | None:
    """Milliseconds in which no limit can be reached, however many threads the job runs."""
    if segment is None:
        return None
    cpu = (segment.cpu - clocks.cpu(child)) / _PROCESSORS
    longest = _LOOK_AT_IDLENESS if idleness else float("inf")
    return 1e3 * max(min(cpu, segment.left, longest), _SHORTEST_LOOK)


def _overdrawn(
    segment: _Segment | None, idleness: Idleness | None, child: int, proc: int
) -> str | None:
    if segment is None:
        return None
    if clocks.cpu(child) >= segment.cpu:
        return "cpu"
    if idleness and idleness.over():
        return "idle"
    return "wall" if segment.late(child, proc) else None


def _bury(
    control: socket.socket, child: int, cause: str | None, marks: list[float], peak: int
) -> None:
    """Kill and reap the job, and tell the checker how it ended; one that is done need not wait."""
    marks.append(clocks.cpu(child))
    costs = {"marks": marks, "peak": peak, "watch": time.process_time()}
    if cause == "stopped":
        os.kill(child, signal.SIGSTOP)  # else it ends by itself as soon as the checker hangs up
        _report(control, {"dead": cause, "code": 0, **costs})
        sandbox.make_way(child, os.sched_getaffinity(0))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if cause != "stopped":
        kind = cause or ("signal" if code < 0 else "exit")
        _report(control, {"dead": kind, "code": abs(code), **costs})


def _report(control: socket.socket, report: dict) -> None:
    with contextlib.suppress(OSError):  # the checker may have gone: nobody is left to tell
        tell(control, report)
