"""The process in which a student's notebook runs: the grader's job, without its walls.

What a job cannot do while work is graded, it cannot do here: import other packages, start programs,
reach a network, ask for more memory.
"""

import contextlib
import importlib
import os
import socket
import sys
from pathlib import Path
from typing import Any

_NETWORK = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname")
_PROGRAMS = ("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "subprocess.Popen")


def main(handle: str, memory: int, importable: list[str], rooms: list[str]) -> None:
    """Serve the check that started this process. ``handle`` names the socket to it."""
    wire = _socket(handle)
    warm()
    serve(wire, memory, importable, rooms)


def warm() -> None:
    """Import what notebooks need, and build the shell that runs their cells."""
    from course_utils.grading.jail import job, kernel, pictures

    pictures.shown_here()
    importlib.import_module("matplotlib.pyplot")

    job.warm()
    kernel.prepare()


def serve(wire: socket.socket, memory: int, importable: list[str], rooms: list[str]) -> None:
    """Give up what a job does not have, and answer until the check hangs up."""
    from course_utils.grading.jail import importing, job

    importing.only(importable, rooms)
    _limit(memory)
    sys.addaudithook(_refuse)
    job.Job(wire).serve()


def _socket(handle: str) -> socket.socket:
    if hasattr(socket, "fromshare"):  # Windows hands a socket over as bytes, on standard input
        return socket.fromshare(sys.stdin.buffer.read(int(handle)))
    return socket.socket(fileno=int(handle))


def _limit(memory: int) -> None:
    """Cap the memory (MiB), where the system can."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (memory * 2**20, memory * 2**20))


def _refuse(event: str, _: Any) -> None:
    if event in _NETWORK:
        raise OSError(101, "there is no network while work is graded")
    if event in _PROGRAMS:
        raise PermissionError(1, "no other program can be started while work is graded")


def environment() -> dict[str, str]:
    """Variables of this process: one thread, the same order of sets, and whatever was set."""
    threads = ("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    path = str(Path(__file__).resolve().parents[2])
    return {**os.environ, **dict.fromkeys(threads, "1"), "PYTHONHASHSEED": "0", "PYTHONPATH": path}
