"""`course make`: every text → its executed, portable notebook, and a set's student notebook.

Heavy packages are imported inside functions: a run that finds nothing to do starts none of them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.authoring.catalogue import Entry, catalogue, choose, orphans
from course_utils.authoring.errors import AuthoringError, UsageError
from course_utils.authoring.files import writable, write
from course_utils.authoring.lanes import BY_NAME, EVERY_TIME, Lane, why_not
from course_utils.authoring.memory import Memory
from course_utils.authoring.portability import unsafe
from course_utils.authoring.untouched import keep, remedy

if TYPE_CHECKING:
    from course_utils.authoring.book import Book
    from course_utils.authoring.notebook import Outputs

PACKAGE = Path(__file__).resolve().parents[1]
SIZE_LIMIT = 1_000_000  # bytes a made notebook may have: GitHub and Colab still show it


def make(root: Path, names: Sequence[str] = (), check: bool = False, replace: bool = False) -> int:
    """Make the notebooks of the named texts (of all texts without names), or check them.

    Args:
        root: the top of the course, where ``book/`` is.
        names: names of texts, such as ``02_recurrence`` or ``ps02``.
        check: write and execute nothing; say what differs from its text.
        replace: write over made files that somebody changed, too, and keep a copy of each.

    Returns:
        The exit code: 0 done, 1 something is wrong with a text or a made file, 2 bad usage.
    """
    root = root.resolve()
    try:
        if check and replace:
            raise UsageError("--check writes nothing: leave --replace out")
        entries = catalogue(root)
        chosen = choose(entries, names)
    except UsageError as error:
        _say(str(error))
        return 2
    problems = [] if names else [_orphan(name) for name in orphans(root, entries)]
    problems += _check_all(root, chosen) if check else _make_all(root, chosen, replace)
    for problem in problems:
        _say(problem.detail, str(problem))
    return 1 if problems else 0


def _orphan(name: str) -> AuthoringError:
    return AuthoringError(
        "no text in book/ makes this file; delete it, or if it is your own move it elsewhere "
        "(students work in the folder work)",
        name,
    )


def _say(*lines: str) -> None:
    for line in lines:
        if line:
            print(line, file=sys.stderr)


def _make_all(root: Path, entries: Sequence[Entry], replace: bool) -> list[AuthoringError]:
    memory = Memory(root, PACKAGE)
    waiting = [entry for entry in entries if not memory.unchanged(entry)]
    if not waiting:
        print(f"{len(entries)} texts: nothing to do")
        return []
    from course_utils.authoring.book import Book

    book = Book(root)
    problems = []
    for entry in waiting:
        changed = [] if replace else _edited(entry, memory)
        try:
            with writable(root, entry.made):
                files, how, unsafe = _make(root, entry, book, changed)
                problems += unsafe
                if unsafe:
                    continue
                lost = [name for name in _edited(entry, memory) if _differs(root, name, files)]
                if lost and not replace:
                    problems += _refusals(entry, lost)
                    continue
                kept = [f"what was in {name} is kept in {keep(root, name)}" for name in lost]
                written = write(root, files)
        except AuthoringError as error:
            problems.append(error)
            continue
        memory.note(entry)
        done = ", ".join(written) or "nothing changed"
        print("; ".join([f"{entry.stem}: {how}", *kept, done]), flush=True)
    return problems


def _edited(entry: Entry, memory: Memory) -> list[str]:
    return [name for name in entry.made if not memory.untouched(name)]


def _differs(root: Path, name: str, files: Mapping[str, bytes]) -> bool:
    return (root / name).read_bytes() != files[name]


def _refusals(entry: Entry, names: Sequence[str]) -> list[AuthoringError]:
    return [AuthoringError(f"not replaced: {remedy(entry, name)}", name) for name in names]


def _make(
    root: Path, entry: Entry, book: Book, changed: Sequence[str]
) -> tuple[dict[str, bytes], str, list[AuthoringError]]:
    """Return a text's made files, how its outputs were come by, and what of them is not safe.

    Nothing is executed where a result could not be written, because files were ``changed``.
    """
    from course_utils.authoring.recipe import Recipe

    recipe = Recipe(root, entry, book, PACKAGE.parent)
    stored = read_made(root, entry)
    if stored and _course(stored).get("key") == recipe.key and recipe.fits(stored):
        outputs, how = recipe.outputs(stored), "not executed, its code is unchanged"
        return _within_limit(recipe.files(outputs)), how, []
    if changed:
        return {}, "", _refusals(entry, changed)
    # What is wrong with the prose is found before the long run, but for the values it quotes.
    recipe.rehearse()
    outputs, seconds = _execute(recipe)
    how = f"executed in {seconds:.1f} s"
    expected = recipe.text.course.get("seconds")
    if isinstance(expected, int | float) and not expected / 3 - 2 <= seconds <= 2 * expected + 2:
        how += f" (course.seconds says {expected:g})"
    files = _within_limit(recipe.files(outputs))
    lanes, how_safe = _lanes_here()
    with tempfile.TemporaryDirectory() as folder:
        problems = unsafe(recipe, lanes, outputs, Path(folder))
    return files, f"{how}, {how_safe}", problems


def _lanes_here() -> tuple[list[Lane], str]:
    """The lanes that every execution is compared with, as far as this machine can run them."""
    here = [BY_NAME[name] for name in EVERY_TIME if why_not(BY_NAME[name]) is None]
    missing = [
        f"not compared with {name}: {reason}"
        for name in EVERY_TIME
        if (reason := why_not(BY_NAME[name]))
    ]
    compared = f"the same in the lanes {' and '.join(lane.name for lane in here)}"
    return here, "; ".join([compared, *missing])


def _execute(recipe: Any) -> tuple[Outputs, float]:
    from tqdm import tqdm

    from course_utils.authoring.execute import TIMEOUT, execute

    cells = sum(part.cell.kind == "code" for part in recipe.parts)
    with tqdm(total=cells, desc=recipe.entry.stem, unit="cell", leave=False, disable=None) as bar:
        run = execute(
            recipe.parts,
            recipe.entry.text,
            timeout=float(recipe.text.course.get("timeout", TIMEOUT)),
            problem_set=recipe.problem_set,
            progress=bar.update,
        )
    return run.outputs, run.seconds


def _within_limit(files: dict[str, bytes]) -> dict[str, bytes]:
    for name, content in files.items():
        if len(content) > SIZE_LIMIT:
            raise AuthoringError(
                f"the notebook has {len(content) / 1e6:.2f} MB, more than {SIZE_LIMIT / 1e6:g}; "
                "show fewer points or smaller pictures",
                name,
            )
    return files


def read_made(root: Path, entry: Entry) -> dict[str, Any] | None:
    """Return the notebook of a text as it is stored, or None where there is none."""
    try:
        stored = json.loads((root / entry.notebook).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stored if isinstance(stored, dict) and isinstance(stored.get("cells"), list) else None


def _course(notebook: Mapping[str, Any]) -> Mapping[str, Any]:
    return notebook.get("metadata", {}).get("course", {})


def _check_all(root: Path, entries: Sequence[Entry]) -> list[AuthoringError]:
    from course_utils.authoring.book import Book

    book, memory = Book(root), Memory(root, PACKAGE)
    problems: list[AuthoringError] = []
    for entry in entries:
        try:
            problems += _check(root, entry, book, memory)
        except AuthoringError as error:
            problems.append(error)
    if not problems:
        print(f"{len(entries)} texts: every made file is as its text says")
    return problems


def _check(root: Path, entry: Entry, book: Book, memory: Memory) -> Iterator[AuthoringError]:
    from course_utils.authoring.markup import leftover_markup
    from course_utils.authoring.recipe import Recipe

    def differs(how: str, name: str) -> AuthoringError:
        again = f"run 'course make {entry.stem}'"
        what = again if memory.untouched(name) else remedy(entry, name)
        return AuthoringError(f"{how}; {what}", name)

    recipe = Recipe(root, entry, book, PACKAGE.parent)
    stored = read_made(root, entry)
    if stored is None:
        yield differs("missing or no notebook", entry.notebook)
        return
    if not recipe.fits(stored):
        yield differs(f"its code cells are not those of {entry.text}", entry.notebook)
        return
    for name, expected in recipe.files(recipe.outputs(stored)).items():
        path = root / name
        if not path.is_file():
            yield differs("missing", name)
        elif (found := path.read_bytes()) != expected:
            yield differs(recipe.difference(expected, found), name)
        elif name.endswith(".ipynb"):
            for cell, markup in leftover_markup(json.loads(found)):
                yield AuthoringError(f"MyST markup is left in the cell {cell}: {markup}", name)
        if path.is_file() and path.stat().st_size > SIZE_LIMIT:
            yield AuthoringError(f"more than {SIZE_LIMIT / 1e6:g} MB", name)
