"""Where the tiny course of `conftest` lies, what its texts are called, how a test changes one."""

from __future__ import annotations

import json
from pathlib import Path

COURSE = Path(__file__).parent / "course"
CHAPTER = "book/chapters/01_awkward.md"
SET = "book/problem_sets/ps01_tiny.md"


def rewrite(path: Path, old: str, new: str) -> int:
    """Replace the one occurrence of ``old``; return the line on which it stood."""
    source = path.read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {path}"
    path.write_text(source.replace(old, new), encoding="utf-8")
    return source[: source.index(old)].count("\n") + 1


def cells(path: Path) -> list[dict]:
    """Return the cells of a notebook."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]
