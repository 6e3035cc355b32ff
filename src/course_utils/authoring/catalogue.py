"""Which texts there are, what is made from each, and what lies among the made files unasked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.authoring.errors import UsageError

CHAPTERS = "book/chapters"
PROBLEM_SETS = "book/problem_sets"
MADE_FOLDERS = ("notebooks", "solutions", "exercises")
KEPT = re.compile(r".+-kept(-\d+)?$")  # the stem of a copy of an edited file that was replaced


@dataclass(frozen=True)
class Entry:
    """One text notebook and the files that are made from it (paths below the root)."""

    text: str
    problem_set: bool

    @property
    def stem(self) -> str:
        """The name by which people call it."""
        return Path(self.text).stem

    @property
    def notebook(self) -> str:
        """The executed notebook."""
        if self.problem_set:
            return f"solutions/{self.stem}/{self.stem}.ipynb"
        return f"notebooks/{self.stem}.ipynb"

    @property
    def exercise(self) -> str:
        """The student's notebook of a problem set."""
        return f"exercises/{self.stem}/{self.stem}.ipynb"

    @property
    def manifest(self) -> str:
        """The release manifest of a problem set."""
        return f"exercises/{self.stem}/manifest.json"

    @property
    def made(self) -> tuple[str, ...]:
        """Everything that is made from the text."""
        if self.problem_set:
            return self.notebook, self.exercise, self.manifest
        return (self.notebook,)


def catalogue(root: Path) -> list[Entry]:
    """Return every text notebook: chapters, problem sets, and pages of ``book/`` with a kernel.

    Raises:
        UsageError: there is no folder ``book/`` here.
    """
    if not (root / "book").is_dir():
        raise UsageError(f"there is no folder book/ in {root}; run this at the top of the course")
    pages = [path for path in sorted((root / "book").glob("*.md")) if _has_kernel(path)]
    chapters = sorted((root / CHAPTERS).glob("*.md"))
    sets = sorted((root / PROBLEM_SETS).glob("*.md"))
    entries = [Entry(path.relative_to(root).as_posix(), False) for path in (*pages, *chapters)]
    entries += [Entry(path.relative_to(root).as_posix(), True) for path in sets]
    return entries


def choose(entries: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    """Return the entries that ``names`` mean: a name, its beginning, or a path. No names: all.

    Raises:
        UsageError: a name means no text, or several.
    """
    if not names:
        return list(entries)
    return list(dict.fromkeys(_named(entries, name) for name in names))


def _named(entries: Sequence[Entry], name: str) -> Entry:
    wanted = name.rstrip("/")
    stem = Path(wanted).name.removesuffix(".md").removesuffix(".ipynb")
    exact = [entry for entry in entries if stem == entry.stem or wanted == entry.text]
    found = exact or [entry for entry in entries if stem and entry.stem.startswith(stem)]
    stems = [entry.stem for entry in entries]
    if not found:
        close = difflib.get_close_matches(stem, stems, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(stems) or 'none'}"
        raise UsageError(f"there is no text called {name!r}; {hint}")
    if len(found) > 1:
        raise UsageError(f"{name!r} may mean {', '.join(entry.stem for entry in found)}")
    return found[0]


def orphans(root: Path, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the notebooks and manifests among the made files that no text makes, copies apart."""
    made = {path for entry in entries for path in entry.made}
    for folder in MADE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if hidden or name in made or KEPT.match(path.stem):
                continue
            if path.suffix in (".ipynb", ".json"):
                yield name


def _has_kernel(path: Path) -> bool:
    head = path.read_text(encoding="utf-8", errors="replace")[:2000]
    return head.startswith("---") and bool(
        re.search(r"^kernelspec:", head.split("\n---", 1)[0], re.MULTILINE)
    )
