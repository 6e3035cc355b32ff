"""The checker's warm process: it imports the references once and forks a child per submission.

The child grades and leaves; while it works, the next one is forked and waits. The warm process
never touches what students sent; it only watches the clock, so that a check that a student's answer
drives into a loop ends too.
"""

import contextlib
import importlib
import math
import os
import select
import signal
import socket
import sys
import time
from dataclasses import astuple, dataclass
from typing import Any

from course_utils import checks as student_checks
from course_utils.grading.checker.grade import Job, Report, grade
from course_utils.grading.checker.jail import Jail, Limits, WallsError
from course_utils.grading.checker.rehearsal import rehearse
from course_utils.grading.jail import memory, sandbox
from course_utils.grading.jail.control import hear, tell
from course_utils.grading.verdict import MAX_BYTES, cut
from course_utils.grading.wire.frames import Frame, HangupError, receive, send
from course_utils.problem_sets import check_cells
from course_utils.problem_sets.release import Release

# Seconds before the next child is forked: at once would take the processor that this one wakes on.
_HEAD_START = 0.005


def main(descriptor: int, uid: int, confine: bool) -> None:
    """Serve the orchestrator on ``descriptor``; ``confine`` False is the ``--trust`` rung."""
    if confine:
        sandbox.become(uid)
    control = socket.socket(fileno=descriptor)
    _, (stream_number,) = hear(control, 1)
    with socket.socket(fileno=stream_number) as stream:
        order = receive(stream).body
    sandbox.stay_on(order["beside"])
    release = Release.from_plain(order["release"])
    ready = check_cells.compile_checks(release)
    warm(release)
    student_checks.set_class_key(order["class_key"])
    tell(control, {"ready": os.getpid(), "uid": os.getuid(), "rss": _peak()})
    _serve(control, order, release, ready)


def _serve(control: socket.socket, order: dict, release: Release, ready: dict) -> None:
    """Hand each submission to the child that waits, fork the next one, and say how children end.

    One that has reported is still to give its memory back; the next one starts meanwhile.
    """
    child, line = _fork(order, release, ready)
    working: dict[int, _Working] = {}
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for handle, _ in poll.poll(_until_next_end(working)):
            if handle in working:
                poll.unregister(handle)
                tell(control, working.pop(handle).end(handle))
                continue
            message, received = hear(control, 2)
            if message is None:
                return
            with line, contextlib.suppress(OSError):  # one that died waiting shows on its link
                tell(line, message, tuple(received))
            for each in received:
                os.close(each)
            handle = os.pidfd_open(child)
            working[handle] = _Working(child, time.monotonic() + message["patience"])
            poll.register(handle, select.POLLIN)
            time.sleep(_HEAD_START)
            child, line = _fork(order, release, ready)
        for one in working.values():
            one.stop_if_late()


@dataclass
class _Working:
    """A child at work, and the moment of the monotonic clock at which it is killed."""

    child: int
    latest: float

    def stop_if_late(self) -> None:
        if time.monotonic() >= self.latest:
            os.kill(self.child, signal.SIGKILL)
            self.latest = math.inf

    def end(self, handle: int) -> dict[str, Any]:
        """Reap it; what it used, for the orchestrator."""
        _, _, usage = os.wait4(self.child, 0)
        os.close(handle)
        return {"peak": usage.ru_maxrss, "cpu": usage.ru_utime + usage.ru_stime}


def _until_next_end(working: dict[int, _Working]) -> float | None:
    """Milliseconds until a child must have ended; None where none need."""
    latest = min((one.latest for one in working.values()), default=math.inf)
    return None if latest == math.inf else 1e3 * max(latest - time.monotonic(), 0.0)


def _fork(order: dict, release: Release, ready: dict) -> tuple[int, socket.socket]:
    """A child behind its walls, rehearsed, and the line on which it waits for a submission."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        sandbox.close_all_but(theirs.fileno())
        sandbox.limit(sandbox.Caps(**order["caps"]))
        if order["filter"]:
            sandbox.install_filter(order["filter"])
        rehearse(release)
        message, received = hear(theirs, 2)
        if message is not None:
            _grade_one(message, order, release, ready, *received)
            sandbox.make_way(os.getpid(), order["beside"])
        os._exit(0)
    theirs.close()
    return child, ours


def warm(release: Release) -> None:
    """Import what the checks will use, then make this memory cheap to share with the children.

    Some packages import a name's module when the name is first asked for (PEP 562); a child would
    do that for every submission.
    """
    roles = ("given", "checks")
    for name in check_cells.imports(release, roles):
        # What is missing here makes the solution's check fail: calibration names the task.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for module, name in check_cells.attributes(release, roles):
        if module in sys.modules:
            with contextlib.suppress(ImportError, AttributeError):
                getattr(sys.modules[module], name)
    memory.share()


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _grade_one(
    message: dict,
    order: dict,
    release: Release,
    ready: dict,
    link_number: int,
    doors_number: int,
) -> None:
    """In the child: grade one submission and send the report."""
    link, doors = socket.socket(fileno=link_number), socket.socket(fileno=doors_number)
    sandbox.stay_on([order["processor"]])
    limits = Limits(order["cpu"], order["wall"], order["idle"], order["processor"])
    raw = bytes(receive(link).blobs[0])
    opened = False

    def open_jail() -> Jail:
        nonlocal opened
        if opened:  # the first one comes unasked
            send(link, Frame(0, "jail", None))
        opened = True
        answer, numbers = hear(doors, 2)
        if answer is None or len(numbers) != 2:
            raise WallsError("the orchestrator gave no jail")
        wire, control = (socket.socket(fileno=number) for number in numbers)
        return Jail(wire, control, limits)

    def starting(task: str) -> None:
        send(link, Frame(0, "start", task))

    job = Job(frozenset(message["tasks"]), frozenset(message["broken"]), message["alone"])
    try:
        report = grade(raw, release, ready, limits, job, open_jail, starting)
        _send_report(link, report)
    except WallsError as ours:
        send(link, Frame(0, "walls", cut(str(ours))))
    except HangupError:
        return  # the orchestrator has given up on this one


def _send_report(link: socket.socket, report: Report) -> None:
    verdicts = [verdict.plain() for verdict in report.verdicts]
    body = {"verdicts": verdicts, "notes": [cut(note) for note in report.notes[:20]]}
    if len(repr(body).encode()) > MAX_BYTES // 2:  # notes are what can be spared
        short = MAX_BYTES // (8 * max(len(verdicts), 1))  # a character has at most four bytes
        spare = [{**one, "notes": [], "message": one["message"][:short]} for one in verdicts]
        body = {"verdicts": spare, "notes": []}
    body["cost"] = list(astuple(report.cost))
    send(link, Frame(0, "report", body))
    send(link, Frame(0, "answers", report.answers))
    send(link, Frame(0, "pictures", *report.album.plain()))
