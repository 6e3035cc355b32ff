"""``course start``: a problem set, copied to a place of the student's own.

Nothing that lies there is ever replaced: what a newer release brings is put beside it. The sets
come from the course's repository, or without one from the installed package.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from course_utils.grading.files import write_bytes

PLACE = "work"  # below the top of the repository, or below the current folder; git ignores it
PACKAGED = Path(__file__).resolve().parent / "released"  # in an installed package
OK, FAILED, BAD_USAGE = 0, 1, 2


class UsageError(Exception):
    """A name or a folder that does not fit: one sentence for the student."""


@dataclass(frozen=True)
class ProblemSet:
    """A released set: the folder with its manifest, and the notebook and data files it names."""

    folder: Path

    @property
    def name(self) -> str:
        """What the set is called."""
        return self.folder.name

    @cached_property
    def _manifest(self) -> dict[str, Any]:
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))

    @property
    def notebook(self) -> str:
        """The name of the student's notebook."""
        return self._manifest["notebook"]

    @property
    def files(self) -> tuple[str, ...]:
        """Everything that students get: the notebook first, then its data files."""
        return self.notebook, *self._manifest.get("files", ())


def start(name: str | None, into: Path | None, echo: Callable[[str], None] = print) -> int:
    """Put the set that ``name`` begins into a folder of its own below ``into``; list all without.

    Returns 0 if the set is there now, 1 if it could not be written, 2 for bad usage.
    """
    here = Path.cwd()
    repository = next((one for one in (here, *here.parents) if _sets(one / "exercises")), None)
    place = into if into is not None else (repository or _above_place(here)) / PLACE
    try:
        sets = _find(repository)
        if name is None:
            for line in _listed(sets, place):
                echo(line)
            return OK
        chosen = _named(sets, name)
        if place.resolve() == chosen.folder.parent:
            raise UsageError(
                f"{_shown(place)} is where the course keeps what it hands out; name another "
                "folder, or leave --into out"
            )
        for line in _put(chosen, place / chosen.name):
            echo(line)
    except UsageError as why:
        echo(f"course start: {why}")
        return BAD_USAGE
    except OSError as why:
        echo(
            f"course start: {why.filename or place} cannot be read or written "
            f"({why.strerror or why}); --into FOLDER names another place"
        )
        return FAILED
    return OK


def _above_place(here: Path) -> Path:
    """The folder below which the sets lie, also for someone who stands in a set or beside it."""
    return next((one.parent for one in (here, here.parent) if one.name == PLACE), here)


def _sets(folder: Path) -> list[ProblemSet]:
    return [ProblemSet(path.parent) for path in sorted(folder.glob("*/manifest.json"))]


def _find(repository: Path | None) -> list[ProblemSet]:
    """The sets of the repository we stand in, else of the one we run from, else of the package."""
    roots = [repository] if repository else []
    roots.append(Path(__file__).resolve().parents[2])
    for folder in (*(root / "exercises" for root in roots), PACKAGED):
        if sets := _sets(folder):
            return sets
    raise UsageError("there are no problem sets here: install the course again")


def _named(sets: Sequence[ProblemSet], name: str) -> ProblemSet:
    """The one set of this name or whose name begins so; a path to it will do, too."""
    wanted = Path(name).name.removesuffix(".ipynb").lower()
    wanted = re.sub(r"^ps(\d)(?!\d)", r"ps0\1", wanted)
    found = [one for one in sets if wanted and one.name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    names = [one.name for one in found or sets]
    if found:
        raise UsageError(f"{name!r} may mean {', '.join(names)}")
    close = difflib.get_close_matches(wanted, names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
    raise UsageError(f"there is no problem set called {name!r}; {hint}")


def _listed(sets: Sequence[ProblemSet], place: Path) -> Iterator[str]:
    width = max(len(one.name) for one in sets)
    yield f"course start NAME puts a problem set into {_shown(place)}; ps02 is name enough."
    for one in sets:
        own = place / one.name / one.notebook
        if not _there(own):
            state = "not begun"
        elif _same_course_cells(one.folder / one.notebook, own) or _beside(one, own):
            state = f"begun: {_shown(own)}"
        else:
            state = f"begun: {_shown(own)}; course start {one.name} puts the newer release beside"
        yield f"  {one.name:<{width}}  {state}"


def _put(chosen: ProblemSet, folder: Path) -> Iterator[str]:
    """Copy what is not there yet; say in one sentence a file what became of it."""
    own = folder / chosen.notebook
    for name in chosen.files:
        released, target = chosen.folder / name, folder / name
        same = _same_course_cells if target == own else _same_bytes
        if not _there(target):
            write_bytes(target, released.read_bytes())
            yield f"{_shown(target)} is yours now."
        elif same(released, target):
            yield f"{_shown(target)} was there and is left as it is: go on in it."
        else:
            new = _beside(chosen, target, same) or _free(target)
            if not _there(new):
                write_bytes(new, released.read_bytes())
            yield (
                f"{_shown(target)} was there and is left as it is; what is handed out now differs "
                f"and lies beside it in {_shown(new)}"
                f"{': move your answers there, or go on' if target == own else ''}."
            )
    yield f"Open it with: jupyter lab {_quoted(own)}"
    yield f"Before you hand it in: course check {_quoted(own)}"


def _beside(
    chosen: ProblemSet, target: Path, same: Callable[[Path, Path], bool] | None = None
) -> Path | None:
    """The copy of what is handed out now that an earlier start put beside ``target``."""
    same = same or _same_course_cells
    released = chosen.folder / target.name
    found = sorted(target.parent.glob(f"{target.stem}-new*{target.suffix}"))
    return next((one for one in found if same(released, one)), None)


def _free(target: Path) -> Path:
    number, new = 2, target.with_stem(f"{target.stem}-new")
    while _there(new):
        number, new = number + 1, target.with_stem(f"{target.stem}-new-{number}")
    return new


def _there(path: Path) -> bool:
    """Whether the name is taken, be it by a link that leads nowhere."""
    return path.exists() or path.is_symlink()


def _same_bytes(released: Path, own: Path) -> bool:
    return own.is_file() and own.read_bytes() == released.read_bytes()


def _same_course_cells(released: Path, own: Path) -> bool:
    """Whether everything that the course wrote, answers apart, stands in the student's notebook."""
    cells = _cells(own)
    theirs = {_source(cell) for cell in cells}
    return bool(cells) and all(
        _source(cell) in theirs for cell in _cells(released) if not _is_answer(cell)
    )


def _cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook; of what is none, none."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return []
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _is_answer(cell: dict[str, Any]) -> bool:
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    text = source if isinstance(source, str) else "".join(map(str, source))
    return "\n".join(text.split())  # line ends and blanks are no news


def _quoted(path: Path) -> str:
    shown = _shown(path)
    return f'"{shown}"' if " " in shown else shown


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
