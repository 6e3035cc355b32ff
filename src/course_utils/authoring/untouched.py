"""Whether a made file is still as it was made: what a person wrote into it is never overwritten."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from course_utils.authoring.catalogue import Entry
from course_utils.authoring.files import write


def untouched(root: Path, name: str, written: Mapping[str, str]) -> bool:
    """Say whether nothing is lost if a made file is written anew.

    That is so where there is none, where it is as ``course make`` last left it, and where git keeps
    the same content. A student's notebook that git keeps may still hold answers: it is untouched
    only if all its cells are as they were handed out.

    Args:
        root: the top of the course.
        name: the made file, below the root.
        written: the SHA-256 of each made file as it was last left, as far as it is remembered.
    """
    path = root / name
    if not path.is_file():
        return True
    if hashlib.sha256(path.read_bytes()).hexdigest() == written.get(name):
        return True
    return _kept_by_git(root, name) and not _has_answers(path)


def remedy(entry: Entry, name: str) -> str:
    """Return what to do about a made file that somebody changed."""
    own = (
        f"'course start {entry.stem}' copies it to a place of your own"
        if name == entry.exercise
        else f"changes belong in {entry.text}"
    )
    return (
        f"it was edited since 'course make' left it; {own}, and 'course make --replace "
        f"{entry.stem}' makes it anew and keeps a copy of it beside"
    )


def keep(root: Path, name: str) -> str:
    """Copy a file to a free name beside it (`catalogue.KEPT`); return that name.

    Raises:
        AuthoringError: the copy cannot be written.
    """
    path = root / name
    number, copy = 2, path.with_stem(f"{path.stem}-kept")
    while copy.exists():
        number, copy = number + 1, path.with_stem(f"{path.stem}-kept-{number}")
    kept = copy.relative_to(root).as_posix()
    write(root, {kept: path.read_bytes()})
    return kept


def _kept_by_git(root: Path, name: str) -> bool:
    blob = _git(root, "hash-object", "--", name)
    return bool(blob) and _git(root, "cat-file", "-e", blob) is not None


def _git(root: Path, *words: str) -> str | None:
    """What git says, None where it fails, is missing, or no repository is here."""
    local = {**os.environ, "GIT_NO_LAZY_FETCH": "1"}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, env=local, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _has_answers(path: Path) -> bool:
    """Whether a cell of a student's notebook differs from what nbgrader's checksum in it says."""
    if path.parent.parent.name != "exercises" or path.suffix != ".ipynb":
        return False
    from nbformat import reads
    from nbgrader.utils import compute_checksum

    try:
        cells = reads(path.read_text(encoding="utf-8"), as_version=4).cells
        return any(
            compute_checksum(cell) != cell.metadata.nbgrader.checksum
            for cell in cells
            if "nbgrader" in cell.metadata
        )
    except (ValueError, AttributeError, KeyError, TypeError):
        return True  # no notebook as we make them
