# ruff: noqa: E501 - the tables hold whole cells
"""The jail's walls, tried from inside: each cell must find a wall, and then the notebook goes on."""

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import mini_set
import pytest
from grading_cases import QUICK, soon

PROBES = {
    "who": "import os\nassert os.getuid() == os.geteuid() != 0 and os.getgid() != 0\nfound = os.getuid()",
    "groups": "import os\nfound = os.getgroups()\nassert found in ([], [os.getgid()], [65534])",
    "setuid": "import os\nos.setuid(0)",
    "fork": "import os\nos.fork()",
    "spawn": "import os\nos.posix_spawn('/bin/sh', ['sh', '-c', 'true'], {})",
    "exec": "import os\nos.execv('/bin/sh', ['sh'])",
    "inet": "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "inet6": "import socket\nsocket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "netlink": "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "disguised family": (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "r = libc.syscall(41, ctypes.c_ulong(2**32 + 2), ctypes.c_ulong(1), ctypes.c_ulong(0))\n"
        "if r < 0: raise OSError(ctypes.get_errno(), 'socket')"
    ),
    "unshare": (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "if libc.unshare(0x10000000) != 0: raise OSError(ctypes.get_errno(), 'unshare')"
    ),
    "mount": (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) != 0: raise OSError(ctypes.get_errno(), 'x')"
    ),
    "ptrace": (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "if libc.ptrace(16, 1, 0, 0) != 0: raise OSError(ctypes.get_errno(), 'ptrace')"
    ),
    "other processes": "import os\nassert os.listdir('/proc') == []\nos.kill(2, 0)",
    "the group": "import os\nos.kill(0, 0)\nassert os.getpgid(0) == os.getpid()\nraise OSError('own')",
    "root": "open('/mine', 'w')",
    "dev": "open('/dev/mine', 'w')",
    "shared memory": "open('/dev/shm/mine', 'w')",
    "packages": "import numpy, os\nopen(os.path.dirname(numpy.__file__) + '/mine.py', 'w')",
    "etc": "open('/etc/passwd')",
    "home": "import os\nos.listdir(os.path.expanduser('~root') + '/.ssh')",
    "solutions": "import glob\nassert glob.glob('/**/solutions', recursive=False) == []\nopen('/solutions/x')",
    "a large file": "open('big', 'wb').write(bytes(80 * 2**20))",
    "many files": "for i in range(10_000):\n    open(f'f{i}', 'w').close()",
    "many descriptors": "keep = [open('/dev/null') for _ in range(2_000)]",
    "memory": "keep = bytearray(8 * 2**30)",
    "memory in pieces": "keep = []\nwhile True:\n    keep.append(bytearray(2**26))",
    "many threads": (
        "import threading, time\n"
        "for _ in range(100):\n    threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()"
    ),
    "descriptors left open": (
        "import os\nopen_ones = []\n"
        "for n in range(3, 256):\n"
        "    try: os.fstat(n); open_ones.append(n)\n"
        "    except OSError: pass\n"
        "import stat\n"
        "kinds = [stat.S_ISSOCK(os.fstat(n).st_mode) for n in open_ones]\n"
        "assert kinds == [True], open_ones\nraise OSError('only the wire')"
    ),
}
SILENT = ("who", "groups")


@pytest.fixture(scope="module")
def remarks(grader):
    """What the grader noted about each probe."""
    cells = mini_set.student_cells()
    own = [mini_set.code_cell(f"p{i}", source) for i, source in enumerate(PROBES.values())]
    found = []
    for start in range(0, len(own), 15):  # a page holds twenty remarks
        judgement = grader.judge(mini_set.notebook(own[start : start + 15] + cells))
        assert all(one.passed for one in judgement.verdicts if one.task != "explain")
        by_cell = {note.split(" of ")[0].removeprefix("In "): note for note in judgement.remarks}
        found += [
            by_cell.get(f"cell {place + 1}", "") for place in range(min(15, len(own) - start))
        ]
    return dict(zip(PROBES, found, strict=True))


@pytest.mark.parametrize("name", PROBES)
def test_the_wall_is_there(remarks, name):
    if name in SILENT:
        assert remarks[name] == ""
    else:
        assert any(
            error in remarks[name]
            for error in (
                "PermissionError",
                "OSError",
                "MemoryError",
                "FileNotFoundError",
                "RuntimeError",
                "ProcessLookupError",
            )
        )


def test_nothing_passes_from_one_submission_to_the_next(grader):
    leave = "import os\nfor p in ('/tmp', '.'):\n    open(p + '/message', 'w').write('hello')"
    find = "import os\nassert not os.path.exists('/tmp/message') and not os.path.exists('message')"
    for source in (leave, find):
        cells = [mini_set.code_cell("own", source), *mini_set.student_cells()]
        assert grader.judge(mini_set.notebook(cells)).remarks == ()


def _privileges(pid: int) -> dict[str, str]:
    """What the kernel says about a process; nothing about one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return dict(line.split(":\t", 1) for line in lines)


def _unprivileged(pid: int, uid: int) -> bool:
    status = _privileges(pid)
    if not status or status["Name"] == "bwrap":
        return True
    return (
        set(status["Uid"].split()) == set(status["Gid"].split()) == {str(uid)}
        and int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
        and int(status["CapBnd"], 16) == 0
        and status["NoNewPrivs"].strip() == "1"
    )


def test_workers_run_unprivileged(grader):
    for worker in grader.scheduler.workers:
        assert worker.uid != 0
        for process in (worker.zygote.process, worker.checker.process):
            inside = _descendants(process.pid)
            assert inside
            for pid in inside:
                # A job that is just being made still holds rights over its own namespace.
                assert soon(partial(_unprivileged, pid, worker.uid)), _privileges(pid)


def _descendants(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-eo", "pid,ppid", "--no-headers"], capture_output=True, text=True, check=True
    ).stdout.split()
    pairs = list(zip(map(int, found[::2]), map(int, found[1::2]), strict=True))
    wanted, known = [], {pid}
    for _ in range(5):
        for child, parent in pairs:
            if parent in known and child not in known:
                known.add(child)
                wanted.append(child)
    return wanted


def test_a_worker_that_is_killed_takes_everything_with_it(release_root):
    from course_utils.grading.orchestrator.schedule import Scheduler
    from course_utils.problem_sets.release import find

    with Scheduler(find("mini", (release_root,)), QUICK) as scheduler:
        process = scheduler.workers[0].zygote.process
        inside = _descendants(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in inside))
