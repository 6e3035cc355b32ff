"""A tiny course to try authoring on: one awkward chapter, one problem set, made once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from course_utils.authoring.book import Book
from course_utils.authoring.make import make

COURSE = Path(__file__).parent / "course"
CHAPTER = "book/chapters/01_awkward.md"
SET = "book/problem_sets/ps01_tiny.md"


@pytest.fixture(scope="session")
def _made(tmp_path_factory):
    root = tmp_path_factory.mktemp("made") / "course"
    shutil.copytree(COURSE, root)
    assert make(root) == 0
    return root


@pytest.fixture
def made(_made, tmp_path):
    """A course of one's own, made: its files may be changed."""
    root = tmp_path / "made"
    shutil.copytree(_made, root)
    return root


@pytest.fixture
def course(tmp_path):
    """A course of one's own, not made yet."""
    root = tmp_path / "course"
    shutil.copytree(COURSE, root)
    return root


@pytest.fixture(scope="session")
def book():
    """What the texts of the tiny course may refer to."""
    return Book(COURSE)


def rewrite(path: Path, old: str, new: str) -> int:
    """Replace the one occurrence of ``old``; return the line on which it stood."""
    source = path.read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {path}"
    path.write_text(source.replace(old, new), encoding="utf-8")
    return source[: source.index(old)].count("\n") + 1


def cells(path: Path) -> list[dict]:
    """Return the cells of a notebook."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]
