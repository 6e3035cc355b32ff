"""A worker: a checker and a zygote, each in its own sandbox; one submission at a time."""

import contextlib
import os
import select
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course_utils.grading import packages
from course_utils.grading.checker.jail import Cost
from course_utils.grading.isolation import bubblewrap
from course_utils.grading.jail import sandbox, view
from course_utils.grading.jail.control import hear, tell
from course_utils.grading.settings import Settings
from course_utils.grading.verdict import MAX_BYTES, MAX_MESSAGE, Verdict, VerdictError
from course_utils.grading.wire import pictures
from course_utils.grading.wire.frames import Frame, HangupError, WireError, receive, send
from course_utils.grading.wire.pictures import Picture
from course_utils.problem_sets import check_cells
from course_utils.problem_sets.limits import PACKAGES
from course_utils.problem_sets.release import Folder

MAX_ANSWERS = 2 * 2**20
_RESTARTS = 6
_START = 120.0  # seconds


class IsolationError(Exception):
    """The walls cannot be built on this machine: one sentence that says why."""


class WorkerError(Exception):
    """A worker failed for a reason of ours: one sentence."""


class CheckerDiedError(Exception):
    """The checker ended without a report, while the check of ``task`` ran (None: before any)."""

    def __init__(self, task: str | None) -> None:
        super().__init__(task)
        self.task = task


@dataclass(frozen=True)
class Judgement:
    """What a checker reported on a submission, and what that cost in the jail.

    ``pictures`` are raw pixels; nobody has made an image of them yet.
    """

    verdicts: list[Verdict]
    remarks: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    cost: Cost = field(default_factory=Cost)
    pictures: tuple[Picture, ...] = ()


class Worker:
    """Start it, wait for it, let it grade, stop it. ``place`` is its number in the batch."""

    def __init__(self, folder: Folder, settings: Settings, place: int = 0) -> None:
        self.folder, self.settings = folder, settings
        self.release = folder.release
        self.confine = not settings.trust
        self.number = 0
        self.checker_cpu = 0.0  # seconds of the last child of the checker that ended
        self.memory: dict[str, int] = {}  # KiB, by kind of process
        self.spare: tuple[socket.socket, socket.socket] | None = None
        uid = bubblewrap.worker_uid()
        files = folder.files
        self.rooms = check_cells.rooms(self.release)
        inside = "runner.jail.zygote" if self.confine else "course_utils.grading.jail.zygote"
        try:
            program = sandbox.seccomp_program() if self.confine else b""
            with contextlib.ExitStack() as undo:
                self.processor, self.claim = _claim(place)
                undo.callback(self.claim.close)
                self.beside = _beside(self.processor)
                self.zygote = bubblewrap.start(
                    inside, view.jail(files, folder.hidden, self.rooms), uid, confine=self.confine
                )
                undo.callback(self.zygote.stop)
                self.checker = bubblewrap.start(
                    "course_utils.grading.checker.main", view.checker(), uid, confine=self.confine
                )
                undo.pop_all()
        except (OSError, RuntimeError, ImportError) as missing:
            raise IsolationError(str(missing)) from missing
        shown = (view.FILES if self.confine else str(files)) if files else ""
        self._give_orders(program, shown)
        self.uid = uid

    def _give_orders(self, program: bytes, files: str) -> None:
        settings = self.settings
        warm = check_cells.imports(self.release, ("given", "solution"))
        order = {
            "warm": [*settings.warm, *warm],
            "rooms": self.rooms,
            "importable": [] if self.confine else sorted(packages.modules(PACKAGES)),
            "files": files,
            "beside": self.beside,
            "caps": asdict(settings.jail),
            "filter": program,
        }
        self._tell(self.zygote, order)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._tell(self.checker, {}, (theirs.fileno(),))
            body = {
                "release": self.release.plain(),
                "class_key": settings.class_key,
                "cpu": settings.cpu,
                "wall": settings.wall,
                "idle": settings.idle,
                "processor": self.processor,
                "beside": self.beside,
                "caps": asdict(settings.checker),
                "filter": program,
            }
            with contextlib.suppress(HangupError):  # `wait` says why
                send(ours, Frame(0, "order", body))

    def _tell(
        self, worker: bubblewrap.Worker, message: Any, descriptors: tuple[int, ...] = ()
    ) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # `wait` says why
            tell(worker.control, message, descriptors)

    def wait(self) -> None:
        """Return when both processes are warm. Raises `IsolationError`."""
        for name, worker in (("jail", self.zygote), ("checker", self.checker)):
            worker.control.settimeout(_START)
            try:
                message, _ = hear(worker.control)
            except TimeoutError as late:
                raise IsolationError(f"the {name} did not start in {_START:.0f} seconds") from late
            worker.control.settimeout(None)
            if not isinstance(message, dict) or "ready" not in message:
                worker.process.wait()
                raise IsolationError(
                    f"the {name} did not start: {worker.complaint()}{self._hint()}"
                )
            self.memory[f"{name}, warm"] = message["rss"]
            if self.confine and (message["uid"] != self.uid or message["uid"] == 0):
                raise IsolationError(f"the {name} runs as user {message['uid']}, not {self.uid}")

    def _hint(self) -> str:
        """Folders that the unprivileged worker cannot read: the usual reason, started as root."""
        if os.getuid() != 0 or not self.confine:
            return ""
        shut = [source for source, _ in view.checker().binds if not _open_to_all(Path(source))]
        return f" (user {self.uid} cannot read {', '.join(shut)}: chmod -R o+rX)" if shut else ""

    def stop(self) -> None:
        """End both processes and everything below them."""
        for end in self.spare or ():
            end.close()
        self.spare = None
        self.zygote.stop()
        self.checker.stop()
        self.claim.close()

    def grade(
        self,
        raw: bytes,
        tasks: frozenset[str],
        *,
        broken: frozenset[str] = frozenset(),
        alone: bool = False,
    ) -> Judgement:
        """Grade the notebook in ``raw``. Raises `WorkerError` and `CheckerDiedError`."""
        link, far_link = socket.socketpair()
        doors, far_doors = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        message = {
            "tasks": sorted(tasks),
            "broken": sorted(broken),
            "alone": alone,
            "patience": self.settings.patience(len(self.release.tasks)),
        }
        with link, doors:
            try:
                self._tally()
                with far_link, far_doors:
                    tell(self.checker.control, message, (far_link.fileno(), far_doors.fileno()))
                try:
                    return self._listen(raw, tasks, link, doors)
                finally:
                    with contextlib.suppress(OSError):
                        link.shutdown(socket.SHUT_RDWR)
            except OSError as gone:
                raise WorkerError(f"a worker is gone ({gone}): {self._complaints()}") from gone

    def _tally(self) -> None:
        """Take what the checker has told of children that ended, and wait for none that has not."""
        ended = select.poll()
        ended.register(self.checker.control, select.POLLIN)
        while ended.poll(0):
            report, _ = hear(self.checker.control)
            if report is None:
                raise WorkerError(f"the checker is gone: {self._complaints()}")
            self.checker_cpu = report["cpu"]
            known = self.memory.get("checker, at most", 0)
            self.memory["checker, at most"] = max(known, report["peak"])

    def _complaints(self) -> str:
        return f"{self.checker.complaint()} / {self.zygote.complaint()}"

    def _listen(
        self, raw: bytes, tasks: frozenset[str], link: socket.socket, doors: socket.socket
    ) -> Judgement:
        running, jails = None, 1
        try:
            send(link, Frame(0, "notebook", None, [raw]))
            self._open_jail(doors)
            while True:
                frame = receive(link, max_header=MAX_BYTES, max_blobs=0)
                if frame.kind == "jail":
                    jails += 1
                    if jails > len(self.release.tasks) + _RESTARTS:
                        raise WireError("the checker asked for too many jails")
                    self._open_jail(doors)
                elif frame.kind == "start" and frame.body in tasks:
                    running = frame.body
                    self.spare = self.spare or self._order_jail()
                elif frame.kind == "report":
                    return self._judgement(frame.body, tasks, link)
                elif frame.kind == "walls":
                    raise WorkerError(str(frame.body)[:MAX_MESSAGE])
                else:
                    raise WireError("the checker sent a message that nobody asked for")
        except (HangupError, WireError, VerdictError) as broken:
            raise CheckerDiedError(running) from broken

    def _open_jail(self, doors: socket.socket) -> None:
        wire, control = self.spare or self._order_jail()
        self.spare = None
        with wire, control, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            tell(doors, {}, (wire.fileno(), control.fileno()))  # who is gone shows on the link

    def _order_jail(self) -> tuple[socket.socket, socket.socket]:
        """Our ends of the lines to a new job, which waits until it is used.

        One is ordered ahead, while checks run: its walls go up beside the submission before.
        """
        wire, far_wire = socket.socketpair()
        control, far_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.number += 1
        with far_wire, far_control:
            order = {"number": self.number}
            tell(self.zygote.control, order, (far_control.fileno(), far_wire.fileno()))
        return wire, control

    def _judgement(self, body: Any, tasks: frozenset[str], link: socket.socket) -> Judgement:
        if not isinstance(body, dict) or not isinstance(body.get("verdicts"), list):
            raise VerdictError("the checker sent no verdicts")
        verdicts = [Verdict.from_plain(one, self._names) for one in body["verdicts"]]
        if {verdict.task for verdict in verdicts} != tasks or len(verdicts) != len(tasks):
            raise VerdictError("the checker judged other tasks than it was asked")
        remarks = tuple(str(one)[:MAX_MESSAGE] for one in body.get("notes", [])[:20])
        answers = receive(link, max_header=MAX_ANSWERS, max_blobs=0).body
        known = answers.items() if isinstance(answers, dict) else ()
        kept = {task: text for task, text in known if task in tasks and isinstance(text, str)}
        frame = receive(link, max_header=MAX_BYTES, max_blobs=pictures.MAX_BYTES)
        drawn = tuple(pictures.read(frame.body, frame.blobs, tasks))
        return Judgement(verdicts, remarks, kept, _cost(body.get("cost")), drawn)

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(task.name for task in self.release.tasks)


def _claim(place: int) -> tuple[int, socket.socket]:
    """A processor that no other grader here has claimed, else the one at ``place``.

    The claim ends with the socket: gradings side by side must not all take the first processor.
    """
    allowed = sorted(os.sched_getaffinity(0))
    first = place % len(allowed)
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    for number in (*allowed[first:], *allowed[:first]):
        with contextlib.suppress(OSError):
            claim.bind(f"\0course grade on processor {number}")
            return number, claim
    return allowed[first], claim


def _beside(processor: int) -> list[int]:
    """The processors for what runs beside a checker and its jail, which take turns on theirs."""
    return sorted(os.sched_getaffinity(0) - {processor}) or [processor]


def _open_to_all(folder: Path) -> bool:
    return folder.stat().st_mode & 0o005 == 0o005


def _cost(data: Any) -> Cost:
    """What the checker says that the jobs cost: for statistics, never for a grade."""
    kinds = [float, float, float, int]
    sound = type(data) is list and [type(one) for one in data] == kinds
    return Cost(*data) if sound else Cost()
