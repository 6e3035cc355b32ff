"""Remember what was made from what, so that a second run has nothing to do.

The memory lies in ``_build/`` and may be deleted at any time: without it `course make` compares
everything again (but still executes only what the key says), and asks git which made files are as
they were left.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from course_utils.authoring.catalogue import Entry
from course_utils.authoring.files import write
from course_utils.authoring.notebook import to_json
from course_utils.authoring.untouched import untouched

MEMORY = "_build/course-make.json"
TOOLS = ("markdown-it-py", "mdit-py-plugins", "myst-nb", "myst-parser", "nbformat", "nbgrader")


class Memory:
    """What the last runs made, by text; valid for one state of all sources."""

    def __init__(self, root: Path, package: Path) -> None:
        self.root = root
        self.state = _state(root, package)
        self.made: dict[str, dict[str, str]] = {}
        stored = _load(root / MEMORY)
        self.written: dict[str, str] = stored.get("written", {})
        if stored.get("state") == self.state:
            self.made = stored.get("made", {})

    def unchanged(self, entry: Entry) -> bool:
        """Say whether everything made from a text is as it was left, and so are all sources."""
        return self.made.get(entry.text) == self._made(entry)

    def untouched(self, name: str) -> bool:
        """Say whether a made file may be written anew: no person changed it."""
        return untouched(self.root, name, self.written)

    def note(self, entry: Entry) -> None:
        """Remember what this text gave."""
        made = self._made(entry)
        self.made[entry.text] = made
        self.written |= made
        memory = {"state": self.state, "made": self.made, "written": self.written}
        write(self.root, {MEMORY: to_json(memory)})

    def _made(self, entry: Entry) -> dict[str, str]:
        paths = [self.root / name for name in entry.made]
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            for name, path in zip(entry.made, paths, strict=True)
        }


def _load(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _state(root: Path, package: Path) -> str:
    """Hash every source that may decide a made file: the book, its settings, code and tools."""
    digest = hashlib.sha256()
    for tool in TOOLS:
        digest.update(f"{tool} {_version(tool)}\0".encode())
    files = [root / "_config.yml", root / "_toc.yml"]
    files += [path for path in sorted((root / "book").rglob("*")) if path.is_file()]
    files += [path for path in sorted(package.rglob("*")) if path.is_file()]
    for path in files:
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            digest.update(f"{path.as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _version(tool: str) -> str:
    try:
        return version(tool)
    except PackageNotFoundError:
        return "missing"
