"""What the sandboxes see of the file system: read-only, and no more than they need.

A student's process sees Python, its packages and a view of ``course_utils`` with the rooms that
student notebooks import: no ``nn`` (the references), no ``grading``, no ``authoring``.
"""

import site
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading import packages
from course_utils.problem_sets.limits import PACKAGES, ROOMS

PACKAGE = Path(__file__).resolve().parents[2]
_RUNNER_NEEDS = ("markdown-it-py", "msgpack", "pillow")
LIBRARY = "/course/lib"
RUNNER = "/course/runner"
FILES = "/course/files"
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/fonts")
SYSTEM_EXTRA = ("/etc/alternatives", "/etc/localtime", "/lib32", "/libx32")


@dataclass(frozen=True)
class View:
    """Read-only binds ``(source, destination)``, masked folders, and the import path inside.

    ``within`` are binds into masked folders.
    """

    binds: tuple[tuple[str, str], ...]
    masks: tuple[str, ...]
    path: tuple[str, ...]
    within: tuple[tuple[str, str], ...] = ()


def jail(files: Path | None, hidden: tuple[Path, ...] = (), rooms: Sequence[str] = ROOMS) -> View:
    """The student's view; ``files`` is the set's folder of data files, if it has any.

    ``hidden`` folders are masked where they lie inside something that is shown: a course kept
    under /usr or inside its own virtual environment, for one.
    """
    runner = [(PACKAGE / "grading" / room, f"{RUNNER}/runner/{room}") for room in ("jail", "wire")]
    shown = [PACKAGE.joinpath(*room.split(".")) for room in rooms]
    shown = [path if path.is_dir() else path.with_suffix(".py") for path in shown]
    starts = {parent / "__init__.py" for path in shown for parent in path.parents}
    inside = [*shown, *(path for path in sorted(starts) if path.is_relative_to(PACKAGE))]
    rooms = [(path, f"{LIBRARY}/course_utils/{path.relative_to(PACKAGE)}") for path in inside]
    data = [(files, FILES)] if files else []
    sites, within = _packages()
    masks = (*(sites or _installed()), *_inside_what_is_shown(hidden))
    binds = _python() + _strings([*runner, *rooms, *data])
    return View(binds, masks, (RUNNER, LIBRARY), within)


def _packages() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The folders of installed packages, to be masked, and what is shown of them all the same."""
    shown = packages.entries((*PACKAGES, *_RUNNER_NEEDS))
    sites = [Path(folder) for folder in site.getsitepackages() if Path(folder).is_dir()]
    within = _strings([(one, _place(one)) for one in sorted(shown) if one.parent in sites])
    return (tuple(map(_place, sites)), within) if within else ((), ())


def _inside_what_is_shown(hidden: tuple[Path, ...]) -> tuple[str, ...]:
    shown = [*_python(), *((name, name) for name in SYSTEM if not Path(name).is_symlink())]
    found = set()
    for folder in (path.resolve() for path in hidden if path.is_dir()):
        for source, target in shown:
            if folder.is_relative_to(Path(source).resolve()):
                found.add(Path(target) / folder.relative_to(Path(source).resolve()))
    # What holds the interpreter itself cannot be masked.
    needed = {mask for mask in found for _, target in shown if Path(target).is_relative_to(mask)}
    return tuple(sorted(map(str, found - needed)))


def checker() -> View:
    """The checker's view: all of ``course_utils``, because checks use the references."""
    whole = [(PACKAGE, f"{LIBRARY}/course_utils")]
    return View(_python() + _strings(whole), (), (LIBRARY,))


def _python() -> tuple[tuple[str, str], ...]:
    """The interpreter, its standard library, this environment, and the system's libraries."""
    homes = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve()}
    homes |= {Path(sys.base_prefix), Path(sys.prefix)}
    outside = sorted(home for home in homes if not home.is_relative_to("/usr"))
    return _strings([(home, _place(home)) for home in outside])


def interpreter() -> str:
    """Where this Python is inside the walls."""
    return _place(Path(sys.executable))


def _place(path: Path) -> str:
    """Where a path is shown: where it is, unless the sandbox's own /tmp would cover it."""
    return (
        f"/course/python/{path.relative_to('/tmp')}" if path.is_relative_to("/tmp") else str(path)
    )


def _strings(pairs: list[tuple[Path, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(source), target) for source, target in pairs)


def _installed() -> tuple[str, ...]:
    """Copies of the package in site-packages, which would show the references to students."""
    places = [Path(folder) / "course_utils" for folder in site.getsitepackages()]
    return tuple(_place(place) for place in places if place.is_dir())
