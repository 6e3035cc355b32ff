"""The clock beside a job: it never runs student code, keeps the limits and says how the job ended.

The checker names a segment (one cell, or the check of one task) and what it may cost; the answer
is the CPU time that the job had used before. CPU time is read from the kernel's clock of the job,
never from the job. Wall time is a backstop for code that waits.
"""

import contextlib
import os
import select
import signal
import socket
import time
from dataclasses import dataclass

from .control import hear, tell

_PROCESSORS = os.cpu_count() or 1
_SHORTEST_LOOK = 0.002


@dataclass
class _Segment:
    """What the job may use now: absolute CPU seconds, and a moment of the monotonic clock."""

    cpu: float
    wall: float


def watch(control: socket.socket, child: int) -> None:
    """Serve ``control`` until the job ``child`` is dead or the checker leaves; then reap it."""
    handle = os.pidfd_open(child)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(handle, select.POLLIN)
    segment: _Segment | None = None
    cause = None
    while True:
        events = dict(poll.poll(_until_next_look(segment, child)))
        if handle in events:
            break
        if control.fileno() in events:
            message, _ = hear(control)
            if message is None or message["do"] == "stop":
                cause = "stopped"
                break
            used = _cpu(child)
            segment = _Segment(used + message["cpu"], time.monotonic() + message["wall"])
            tell(control, {"cpu": used})
        cause = _overdrawn(segment, child)
        if cause:
            break
    _bury(control, child, cause)


def _cpu(child: int) -> float:
    """CPU seconds of all threads of the job; zombies keep their clock."""
    try:
        return time.clock_gettime((~child << 3) | 2)
    except OSError:
        return 0.0


def _until_next_look(segment: _Segment | None, child: int) -> float | None:
    """Milliseconds in which no limit can be reached, however many threads the job runs."""
    if segment is None:
        return None
    cpu = (segment.cpu - _cpu(child)) / _PROCESSORS
    return 1e3 * max(min(cpu, segment.wall - time.monotonic()), _SHORTEST_LOOK)


def _overdrawn(segment: _Segment | None, child: int) -> str | None:
    if segment is None:
        return None
    if _cpu(child) >= segment.cpu:
        return "cpu"
    return "wall" if time.monotonic() >= segment.wall else None


def _bury(control: socket.socket, child: int, cause: str | None) -> None:
    """Kill the job, reap it and tell the checker how it ended."""
    os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    report = {
        "dead": cause or ("signal" if code < 0 else "exit"),
        "code": abs(code),
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss,
    }
    with contextlib.suppress(OSError):  # the checker may have gone: nobody is left to tell
        tell(control, report)
