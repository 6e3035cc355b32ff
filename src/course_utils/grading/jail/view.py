"""What the sandboxes see of the file system: read-only, and no more than they need.

A student's process sees Python, its packages and a view of ``course_utils`` with the rooms that
student notebooks import: no ``nn`` (the references), no ``grading``, no ``authoring``.
"""

import site
import sys
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
STUDENT_ROOMS = ("__init__.py", "checks", "data", "figures")
LIBRARY = "/course/lib"
RUNNER = "/course/runner"
FILES = "/course/files"
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/fonts")
SYSTEM_EXTRA = ("/etc/alternatives", "/etc/localtime", "/lib32", "/libx32")


@dataclass(frozen=True)
class View:
    """Read-only binds ``(source, destination)``, masked folders, and the import path inside."""

    binds: tuple[tuple[str, str], ...]
    masks: tuple[str, ...]
    path: tuple[str, ...]


def jail(files: Path | None) -> View:
    """The student's view; ``files`` is the set's folder of data files, if it has any."""
    runner = [(PACKAGE / "grading" / room, f"{RUNNER}/runner/{room}") for room in ("jail", "wire")]
    rooms = [(PACKAGE / room, f"{LIBRARY}/course_utils/{room}") for room in STUDENT_ROOMS]
    data = [(files, FILES)] if files else []
    return View(_python() + _strings([*runner, *rooms, *data]), _installed(), (RUNNER, LIBRARY))


def checker() -> View:
    """The checker's view: all of ``course_utils``, because checks use the references."""
    whole = [(PACKAGE, f"{LIBRARY}/course_utils")]
    return View(_python() + _strings(whole), (), (LIBRARY,))


def _python() -> tuple[tuple[str, str], ...]:
    """The interpreter, its standard library, this environment, and the system's libraries."""
    homes = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve()}
    homes |= {Path(sys.base_prefix), Path(sys.prefix)}
    outside = sorted(home for home in homes if not home.is_relative_to("/usr"))
    return _strings([(home, str(home)) for home in outside])


def _strings(pairs: list[tuple[Path, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(source), target) for source, target in pairs)


def _installed() -> tuple[str, ...]:
    """Copies of the package in site-packages, which would show the references to students."""
    places = [Path(folder) / "course_utils" for folder in site.getsitepackages()]
    return tuple(str(place) for place in places if place.is_dir())
