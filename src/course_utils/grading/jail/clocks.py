"""What the kernel says about a job: the time it ran, waited for its turn, did nothing; its memory.

Read beside the job and never from it. ``proc`` is a descriptor of /proc from before the job hid it.
"""

import os
import time


def cpu(child: int) -> float:
    """CPU seconds of all threads of a process; zombies keep their clock."""
    try:
        return time.clock_gettime((~child << 3) | 2)
    except OSError:
        return 0.0


def peak(child: int, proc: int) -> int:
    """The most memory (KiB) that the job held; 0 where it is gone already."""
    try:
        lines = _read(f"{child}/status", proc).splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(b"VmHWM")), 0)


class Idleness:
    """Counts the seconds in which a job did nothing, though it could have.

    Time on a processor, in the queue for one, or at a disk is not counted: a loaded machine makes
    nobody idle. What is left is sleep, and waiting for what never comes.
    """

    def __init__(self, child: int, proc: int, most: float) -> None:
        self.child, self.proc, self.left = child, proc, most
        self.moment, (self.work, _) = time.monotonic(), _work(child, proc)

    def over(self) -> bool:
        """Look again: True when the job has been idle for too long."""
        before, worked = self.moment, self.work
        self.moment, (self.work, held) = time.monotonic(), _work(self.child, self.proc)
        if not held:
            self.left -= max(self.moment - before - max(self.work - worked, 0.0), 0.0)
        return self.left <= 0.0


def queued(child: int, proc: int) -> float:
    """Seconds that the threads of a job have waited for a processor since they began, together.

    0 where this kernel does not tell.
    """
    try:
        return sum(_queued(f"{child}/task/{one}", proc) for one in _listed(f"{child}/task", proc))
    except (OSError, IndexError, ValueError):
        return 0.0


def _work(child: int, proc: int) -> tuple[float, bool]:
    """Seconds that all threads ran or queued for a processor; True where one does or is at a disk.

    Also True where this kernel does not tell: then nothing counts as idle.
    """
    seconds = cpu(child)
    try:
        for thread in _listed(f"{child}/task", proc):
            folder = f"{child}/task/{thread}"
            if _read(f"{folder}/stat", proc).rpartition(b")")[2].split()[0] in b"RD":
                return seconds, True
            seconds += _queued(folder, proc)
    except (OSError, IndexError, ValueError):
        return seconds, True
    return seconds, False


def _queued(folder: str, proc: int) -> float:
    return 1e-9 * int(_read(f"{folder}/schedstat", proc).split()[1])


def _listed(folder: str, proc: int) -> list[str]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
    try:
        return os.listdir(descriptor)  # noqa: PTH208 - below a folder that is open
    finally:
        os.close(descriptor)


def _read(name: str, proc: int) -> bytes:
    """Bytes, because a thread may call itself anything."""
    with open(os.open(name, os.O_RDONLY, dir_fd=proc), "rb") as file:  # noqa: PTH123
        return file.read()
