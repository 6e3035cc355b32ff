"""``course doctor``: what is present on this machine, what is missing, and what that costs."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One thing looked for: what was found (None: missing) and what its absence costs."""

    name: str
    found: str | None
    cost: str


def package(name: str) -> str | None:
    """Version of an installed package."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def runs(*command: str) -> bool:
    """Whether a command ends well."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def browser() -> str | None:
    """Path of the first browser that runs (Ubuntu's may be there and only ask for a snap)."""
    paths = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in paths if path and runs(path, "--version")), None)


def namespaces() -> str | None:
    """Whether bubblewrap may make a sandbox here (containers often refuse)."""
    bwrap = shutil.which("bwrap")
    sandbox = ("--unshare-all", "--ro-bind", "/", "/", "--", "/bin/true")
    return "user namespaces allowed" if bwrap and runs(bwrap, *sandbox) else None


def katex() -> str | None:
    """KaTeX in the tree of an author."""
    script = Path("node_modules/katex/dist/katex.js")
    return str(script) if script.exists() else None


def findings() -> Iterator[Finding]:
    """Everything the course can use, in the order of who needs it."""
    yield Finding("Python", platform.python_version(), "nothing runs")
    yield Finding("numpy", package("numpy"), "nothing runs; pip install learning-to-remember")
    yield Finding("matplotlib", package("matplotlib"), "chapters cannot draw")
    yield Finding(
        "jupyterlab", package("jupyterlab"), "no place to open notebooks; install the extra [lab]"
    )
    yield Finding("msgpack", package("msgpack"), "`course check` cannot run; extra [lab]")
    yield Finding(
        "torch", package("torch"), "the PyTorch sections and chapter 08 cannot run; extra [torch]"
    )
    yield Finding(
        "jupyter-book", package("jupyter-book"), "`course make`, `make book` cannot run; [book]"
    )
    yield Finding("nbgrader", package("nbgrader"), "student notebooks cannot be made; [book]")
    yield Finding("KaTeX", katex(), "equations cannot be typeset; run `make setup` in the tree")
    yield Finding("msgpack", package("msgpack"), "`course grade` cannot run; extra [grading]")
    yield Finding("sqlalchemy", package("sqlalchemy"), "no grade journal; extra [grading]")
    if sys.platform == "linux":
        yield Finding("bubblewrap", shutil.which("bwrap"), "no sandbox: `course grade` refuses")
        yield Finding("libseccomp", find_library("seccomp"), "no sandbox: `course grade` refuses")
        yield Finding(
            "namespaces",
            namespaces(),
            "submissions cannot be isolated: allow user namespaces (on Ubuntu: sysctl"
            " kernel.apparmor_restrict_unprivileged_userns=0) or grade on another machine",
        )
    else:
        yield Finding("Linux", None, "submissions cannot be isolated: grade on a Linux machine")
    yield Finding("chromium", browser(), "the browser tests of `make test` fail")
    yield Finding("cores", str(os.cpu_count()) if os.cpu_count() else None, "unknown speed")


def report() -> int:
    """Print every finding; return 0 when all is present and 1 when something is missing."""
    rows = list(findings())
    width = max(len(row.name) for row in rows)
    for row in rows:
        mark, text = ("+", row.found) if row.found else ("-", f"missing: {row.cost}")
        print(f"{mark} {row.name:<{width}}  {text}")
    missing = sum(row.found is None for row in rows)
    print("Everything is here." if not missing else f"{missing} missing, of {len(rows)}.")
    return 1 if missing else 0
