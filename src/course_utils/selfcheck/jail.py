"""The check's end of the wire to the process in which the notebook runs.

It does what the grader's `checker.jail.Jail` and its supervisor do together, on any system: it
asks, keeps the limits, and says how the process ended.
"""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from course_utils.grading.checker.jail import Cost, DeadError, Limits, WallsError
from course_utils.grading.wire.frames import (
    MAX_BLOBS,
    Frame,
    HangupError,
    WireError,
    receive,
    send,
)
from course_utils.problem_sets.limits import MEMORY
from course_utils.selfcheck.process import environment

_LOOK = 0.02  # seconds between two looks at the clock
_PROGRAM = "import json, sys; from course_utils.selfcheck.process import main; "


class Jail:
    """One process of the student's code, with a folder of its own that holds ``files``."""

    def __init__(
        self,
        limits: Limits,
        files: Sequence[Path],
        importable: Sequence[str],
        rooms: Sequence[str],
    ) -> None:
        self.costs: list[float] = []
        self.cost = Cost()
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        for path in files:
            shutil.copy(path, self._folder.name)
        self._complaints = Path(self._folder.name).with_suffix(".err").open("w+b")
        self._process, self._wire = self._start([MEMORY, list(importable), list(rooms)])
        self._sequence = 0
        try:
            receive(self._wire, max_blobs=0)
        except (HangupError, WireError) as early:
            why = self._complaint()
            self._clean()
            raise WallsError(f"Python did not start: {why}") from early
        self._clock = _Clock(self._process, limits)
        self._clock.start()

    def _start(self, words: Sequence[Any]) -> tuple[subprocess.Popen, socket.socket]:
        ours, theirs = socket.socketpair()
        shared = hasattr(theirs, "share")
        handle = "0" if shared else str(theirs.fileno())
        program = f"{_PROGRAM}main({{}}, *json.loads({json.dumps(words)!r}))"
        if shared:  # Windows: the number of bytes that come on standard input
            program = program.format("sys.stdin.buffer.readline().decode()")
        else:
            program = program.format(repr(handle))
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", program],
                cwd=self._folder.name,
                env=environment(),
                stdin=subprocess.PIPE if shared else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                pass_fds=() if shared else (theirs.fileno(),),
            )
            if shared:
                data = theirs.share(process.pid)
                process.stdin.write(f"{len(data)}\n".encode() + data)
                process.stdin.flush()
        return process, ours

    def segment(self) -> None:
        """Begin a new stretch of work with fresh limits."""
        self._clock.begin()

    def ask(
        self, kind: str, body: Any, blobs: list[Any] | None = None, most: int = MAX_BLOBS
    ) -> Frame:
        """Send a request; ``most`` bytes of blobs may come back. `DeadError`: the job is gone."""
        self._sequence += 1
        return self.answer(kind, body, blobs or [], most)

    def answer(self, kind: str, body: Any, blobs: list[Any], most: int = MAX_BLOBS) -> Frame:
        """Answer a callback and wait for what comes next."""
        self._clock.awaited = True
        try:
            send(self._wire, Frame(self._sequence, kind, body, blobs))
            return receive(self._wire, max_blobs=most)
        except HangupError:
            raise self._post_mortem() from None
        except WireError as broken:
            raise self.violated(str(broken)) from None
        finally:
            self._clock.awaited = False

    def violated(self, why: str) -> DeadError:
        """End a process that broke the protocol."""
        self.stop()
        return DeadError("protocol", 0, why)

    def stop(self) -> None:
        """End the process, where it has not ended; afterwards `costs` is known."""
        if self._wire.fileno() < 0:
            return
        self._clock.stop()
        self._process.kill()
        self._process.wait()
        self._clean()

    def _post_mortem(self) -> DeadError:
        code = self._process.wait()
        self._clock.stop()
        self._clean()
        cause = self._clock.cause or ("signal" if code < 0 else "exit")
        return DeadError(cause, abs(code))

    def _complaint(self) -> str:
        self._process.kill()
        self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it gave no reason"

    def _clean(self) -> None:
        self._wire.close()
        self._complaints.close()
        Path(self._complaints.name).unlink(missing_ok=True)
        self._folder.cleanup()
        if hasattr(self, "_clock"):
            self.costs = self._clock.costs()
            self.cost = Cost(sum(self.costs))


class _Clock(threading.Thread):
    """Ends a process that computes, waits or idles for longer than a segment may."""

    def __init__(self, process: subprocess.Popen, limits: Limits) -> None:
        super().__init__(daemon=True)
        self._process, self._limits = process, limits
        self._watched = psutil.Process(process.pid)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._marks: list[float] = []  # CPU seconds at the beginning of each segment
        self._used = self._began = self._idle = 0.0
        self.awaited = False  # a process that nobody waits for may rest
        self.cause: str | None = None

    def begin(self) -> None:
        """A segment begins now."""
        with self._lock:
            self._look()
            self._marks.append(self._used)
            self._began, self._idle = time.monotonic(), 0.0

    def stop(self) -> None:
        """Look once more, and no more."""
        self._ended.set()
        with self._lock:
            self._look()

    def costs(self) -> list[float]:
        """CPU seconds of every segment."""
        marks = [*self._marks, self._used]
        return [after - before for before, after in pairwise(marks)]

    def run(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(_LOOK):
            now = time.monotonic()
            with self._lock:
                worked = self._look()
                if self._marks and self._over(now, now - before - worked):
                    self._process.kill()
                    return
            before = now

    def _look(self) -> float:
        """Read the clock; the CPU seconds since the last look."""
        before = self._used
        with contextlib.suppress(psutil.Error):  # ended: the last reading stands
            times = self._watched.cpu_times()
            self._used = times.user + times.system
        return self._used - before

    def _over(self, now: float, rested: float) -> bool:
        with contextlib.suppress(psutil.Error):
            if self.awaited and self._watched.status() == psutil.STATUS_SLEEPING:
                self._idle += max(rested, 0.0)
        if self._used - self._marks[-1] >= self._limits.kill:
            self.cause = "cpu"
        elif self._idle >= self._limits.idle:
            self.cause = "idle"
        elif now - self._began >= self._limits.wall:
            self.cause = "wall"
        return self.cause is not None
