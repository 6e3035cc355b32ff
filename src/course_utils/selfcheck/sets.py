"""Which problem set a notebook belongs to, and where that set was released to."""

from collections.abc import Iterator
from pathlib import Path

from course_utils.problem_sets import plan
from course_utils.problem_sets.release import Release, ReleaseError, released
from course_utils.problem_sets.submitted import Notebook

PACKAGED = Path(__file__).resolve().parents[1] / "released"  # in an installed package


class UnknownSetError(Exception):
    """The set of a notebook cannot be told: one sentence for the student."""


def of(notebook: Notebook, path: Path) -> tuple[Release, Path]:
    """The release that a notebook belongs to, and its folder.

    What the notebook says of itself counts, else which set's cells it has. Raises
    `UnknownSetError`, and `ReleaseError` where the release is damaged.
    """
    folders = dict(_folders(path.resolve().parent))
    if notebook.made_from is not None:
        name = Path(notebook.made_from).stem
        if name in folders:
            return released(folders[name]), folders[name]
    found = {name: (release, folders[name]) for name, release in _readable(folders)}
    cells = {name: _shared(notebook, release) for name, (release, _) in found.items()}
    best = max(cells, key=cells.get, default=None)
    if best is not None and cells[best] and list(cells.values()).count(cells[best]) == 1:
        return found[best]
    if notebook.made_from is not None:
        raise UnknownSetError(
            f"the problem set {Path(notebook.made_from).stem!r} is unknown here; "
            f"known are {', '.join(sorted(folders)) or 'none'}"
        )
    raise UnknownSetError(f"{path} is no problem set of this course: it has no cell of one")


def _readable(folders: dict[str, Path]) -> Iterator[tuple[str, Release]]:
    for name, folder in folders.items():
        try:
            yield name, released(folder)
        except ReleaseError:
            continue  # not the one that is looked for, or its own message comes too late to help


def _shared(notebook: Notebook, release: Release) -> int:
    """How many different cells of the release are in the notebook."""
    return len({owner.id for owner in plan.owners_of(notebook.cells, release) if owner})


def _folders(here: Path) -> Iterator[tuple[str, Path]]:
    """Names and folders of the released sets; of one name, the last counts: the nearest."""
    repository = Path(__file__).resolve().parents[3]
    near = [Path.cwd(), *Path.cwd().parents, here, *here.parents]
    for course in (PACKAGED, *(root / "exercises" for root in (repository, *reversed(near)))):
        for manifest in sorted(course.glob("*/manifest.json")):
            yield manifest.parent.name, manifest.parent
    if (here / "manifest.json").is_file():
        yield here.name, here
