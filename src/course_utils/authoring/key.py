"""When a text has to run again: a key over its code and over what that code can reach.

The key covers the code cells, the modules of ``course_utils`` that they import (directly or
through others) and the data files of those modules' packages. It does not cover the versions of
other packages: nbval finds what those change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from course_utils.authoring.text import Text
from course_utils.problem_sets import names

PACKAGE = "course_utils"
# Raise it when the way of executing changes what is stored.
EXECUTION = 1


def execution_key(text: Text, source_folder: Path) -> str:
    """Return the key of a text.

    Args:
        text: the text whose code cells are to run.
        source_folder: the folder that holds the package ``course_utils``.
    """
    digest = hashlib.sha256(f"execution {EXECUTION}".encode())
    modules: set[str] = set()
    for cell in text.cells:
        if cell.kind == "code":
            digest.update(f"\0{' '.join(cell.tags)}\0{cell.source}".encode())
            modules |= names.modules(names.plain(cell.source))
    for path in sorted(closure(modules, source_folder)):
        digest.update(f"\0{path.relative_to(source_folder).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def closure(modules: Iterable[str], source_folder: Path) -> set[Path]:
    """Return the files of ``course_utils`` that importing ``modules`` can reach."""
    waiting = [name for name in modules if name.split(".")[0] == PACKAGE]
    files: set[Path] = set()
    while waiting:
        name = waiting.pop()
        for path in _files(name, source_folder):
            if path in files:
                continue
            files.add(path)
            if path.name == "__init__.py":
                files |= _data(path.parent)
            waiting += _imports(path, source_folder)
    return files


def _files(name: str, folder: Path) -> list[Path]:
    """Return the file of a module and of every package above it."""
    found = []
    for part in name.split("."):
        folder /= part
        for path in (folder / "__init__.py", folder.with_suffix(".py")):
            if path.is_file():
                found.append(path)
    return found


def _data(package: Path) -> set[Path]:
    """Return the files of a package that are no Python, its own folders without code included."""
    found: set[Path] = set()
    for path in package.iterdir():
        if path.is_dir() and path.name != "__pycache__" and not any(path.glob("*.py")):
            found |= {each for each in path.rglob("*") if each.is_file()}
        elif path.is_file() and path.suffix not in (".py", ".pyc", ".pyi"):
            found.add(path)
    return {each for each in found if not each.name.startswith(".")}


def _imports(path: Path, source_folder: Path) -> list[str]:
    import ast

    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = list(path.relative_to(source_folder).with_suffix("").parts)
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join(
                module[: len(module) - node.level] + ([node.module] if node.module else [])
            )
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    found += names.modules(path.read_text(encoding="utf-8"))
    return [name for name in found if name.split(".")[0] == PACKAGE]
