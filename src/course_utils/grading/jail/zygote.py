"""The warm process: it imports what notebooks need, runs no operation, and forks a job on demand.

A forked copy of a process that ran a multithreaded operation hangs for ever, so nothing but imports
(and a trivial cell, which warms the compiler's caches) happens here. One job at a time.
"""

import contextlib
import importlib
import os
import signal
import socket

from . import importing, memory, sandbox
from .control import hear, tell
from .supervisor import watch

SCRATCH = "/tmp"


def main(descriptor: int, uid: int, confine: bool) -> None:
    """Serve the orchestrator on ``descriptor``; ``confine`` False is the ``--trust`` rung."""
    if confine:
        sandbox.become(uid)
    control = socket.socket(fileno=descriptor)
    order, _ = hear(control)
    sandbox.stay_on(order["beside"])
    _warm(order["warm"])
    if not confine:  # else the walls hide it
        importing.only(order["importable"], order["rooms"])
    tell(control, {"ready": os.getpid(), "uid": os.getuid(), "rss": _peak()})
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, received = hear(control, 2)
        if message is None:
            return
        if os.fork() == 0:
            control.close()
            _supervised(message, order, *received, confine)
        for each in received:
            os.close(each)


def _warm(modules: list[str]) -> None:
    """Import everything that a job may need, then make its memory cheap to share."""
    from . import pictures

    pictures.shown_here()
    from . import job, kernel

    for name in modules:
        # What is missing here is missing for the solution too: calibration names the task.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)

    job.warm()
    kernel.prepare()
    memory.share()


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _supervised(message: dict, order: dict, control_fd: int, wire_fd: int, confine: bool) -> None:
    """In the fork: build the walls, fork the job into them, keep the clock. Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sandbox.die_with_parent()
    control = socket.socket(fileno=control_fd)
    proc = os.open("/proc", os.O_PATH)
    try:
        if confine:
            sandbox.new_namespaces()
        child = os.fork()
    except OSError as refused:
        tell(control, {"dead": "walls", "code": 0, "marks": [0.0], "peak": 0, "why": str(refused)})
        os._exit(1)
    if child == 0:
        _job(message, order, wire_fd, confine)
    os.close(wire_fd)
    sandbox.drop_capabilities()  # those over the new namespace: only the job's walls need them
    watch(control, child, proc)
    os._exit(0)


def _job(message: dict, order: dict, wire_fd: int, confine: bool) -> None:
    """In the innermost fork: finish the walls, then answer the checker. Never returns."""
    from . import job

    try:
        sandbox.die_with_parent()
        os.setsid()
        sandbox.close_all_but(wire_fd)
        if confine:
            sandbox.private_files(SCRATCH, order["caps"]["scratch"])
        folder = job.workplace(SCRATCH, order["files"], message["number"], confine)
        os.chdir(folder)
        sandbox.drop_capabilities()
        sandbox.no_new_privileges()
        sandbox.hide_from_peers()
        sandbox.limit(sandbox.Caps(**order["caps"]))
        if order["filter"]:
            sandbox.install_filter(order["filter"])
    except OSError as refused:
        job.excuse(wire_fd, f"the jail's walls could not be built: {refused}")
        os._exit(1)
    job.Job(socket.socket(fileno=wire_fd)).serve()
    os._exit(0)
