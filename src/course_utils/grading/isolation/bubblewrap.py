"""Starts a worker process (zygote or checker) in a bubblewrap sandbox of its own.

Started as root, bubblewrap builds the mounts as root, so that folders only root may enter can be
shown, and the worker then gives up root itself (`sandbox.become`). Started by anybody else,
bubblewrap makes a user namespace.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from course_utils.grading.jail.view import SYSTEM, SYSTEM_EXTRA, View, interpreter

_UIDS = range(61_184, 65_520)  # the range that systemd keeps for users made on the fly
_ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
}


@dataclass
class Worker:
    """A running worker: its process, our end of its control socket, and what it complained."""

    process: subprocess.Popen
    control: socket.socket
    complaints: IO[bytes]

    def complaint(self) -> str:
        """The last line of the worker's standard error."""
        self.complaints.seek(0)
        lines = self.complaints.read()[-4000:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it gave no reason"

    def stop(self) -> None:
        """End it and everything in its pid namespace, and wait for that."""
        self.control.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.complaints.close()


def worker_uid() -> int:
    """Who workers run as: ourselves, or, for root, a number that no user and no process has."""
    if os.getuid() != 0:
        return os.getuid()
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                taken.add(folder.stat().st_uid)
    return next(uid for uid in _UIDS if uid not in taken)


def start(entry: str, view: View, uid: int, *, confine: bool) -> Worker:
    """Start ``entry`` ("package.module") with our control socket, inside the walls or (``--trust``)
    without them."""
    walls = _walls(view) if confine else []
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    number = theirs.fileno()
    path = list(view.path) if confine else _bare_path()
    words = f"import sys; sys.path[:0] = {path!r}; from {entry} import main; "
    code = f"{words}main({number}, {uid}, {confine})"
    python = interpreter() if confine else sys.executable
    command = [*walls, python, "-s", "-P", "-c", code]
    complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `Worker.stop`
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        pass_fds=[number],
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    theirs.close()
    return Worker(process, ours, complaints)


def _bare_path() -> list[str]:
    """Where the package lies, for a worker without walls."""
    return [str(Path(__file__).resolve().parents[3])]


def _walls(view: View) -> list[str]:
    """The bubblewrap command line up to the worker's own command."""
    program = shutil.which("bwrap")
    if program is None:
        raise FileNotFoundError("bubblewrap (bwrap) is not installed")
    words = [program, "--die-with-parent", "--new-session", "--chdir", "/"]
    words += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    if os.getuid() == 0:
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            words += ["--cap-add", capability]
    else:
        words += ["--unshare-user"]
    words += _system()
    parents = {parent for _, target in view.binds for parent in Path(target).parents}
    for parent in sorted(parents - {Path("/")}):
        words += ["--perms", "0755", "--dir", str(parent)]  # its own default is for root only
    for source, target in view.binds:
        words += ["--ro-bind", source, target]
    for folder in view.masks:
        words += ["--tmpfs", folder]
    for source, target in view.within:
        words += ["--ro-bind", source, target]
    for folder in view.masks:
        words += ["--remount-ro", folder]
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    words += ["--perms", "1777", "--tmpfs", "/tmp", "--remount-ro", "/"]
    for fonts in _font_lists():
        words += ["--perms", "0755", "--dir", "/tmp/matplotlib"]
        words += ["--ro-bind", str(fonts), f"/tmp/matplotlib/{fonts.name}"]
    return words


def _font_lists() -> list[Path]:
    """Matplotlib's lists of this machine's fonts, which cost a second to make anew."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("MPLCONFIGDIR") or cache / "matplotlib")
    return sorted(path for path in folder.glob("fontlist-*.json") if path.is_file())


def _system() -> list[str]:
    words = []
    for name in (*SYSTEM, *SYSTEM_EXTRA):
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            words += ["--ro-bind", name, name]
    return words
