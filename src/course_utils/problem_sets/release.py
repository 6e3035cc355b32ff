"""A released problem set: manifest, cells, files; for the grader with solutions and hidden checks.

Everything here is the instructor's and trusted. What decides a task's grade (its check, its own
cells, the locked cells, its points) is hashed per task, so that a corrected check regrades only its
task.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from course_utils.problem_sets import text

MANIFEST_VERSION = 2
# Folders of a course's repository that students must not see while their work is graded.
SECRET = ("book", "exercises", "solutions", "src", "tests", "work", ".git")


class ReleaseError(Exception):
    """The set is unknown or its files contradict each other: one sentence for the instructor."""


@dataclass(frozen=True)
class Cell:
    """A cell of the instructor's notebook; ``kind`` is code or markdown.

    ``shown`` is its source as students got it: a stub, the visible part of a check.
    """

    id: str
    role: str
    task: str | None
    kind: str
    source: str
    shown: str

    @cached_property
    def text(self) -> str:
        """What students got, to be compared with what they hand in."""
        return text.same(self.shown)


@dataclass(frozen=True)
class Task:
    """A task of the manifest; ``check`` is the id of its check cell (None for hand-marked ones)."""

    name: str
    title: str
    kind: str
    points: float
    defines: tuple[str, ...]
    solution_cells: tuple[str, ...]
    check: str | None

    @property
    def manual(self) -> bool:
        """True for an answer that a person marks."""
        return self.kind == "manual"


@dataclass(frozen=True)
class Release:
    """One problem set: what students got, what instructors have.

    ``data`` names the files that belong to the notebook, ``files`` is their hash.
    """

    name: str
    title: str
    id: str
    notebook: str
    requires: tuple[str, ...]
    data: tuple[str, ...]
    files: str
    cells: tuple[Cell, ...]
    tasks: tuple[Task, ...]

    def plain(self) -> dict[str, Any]:
        """Plain data for the wire."""
        return json.loads(json.dumps(asdict(self)))

    @staticmethod
    def from_plain(data: dict[str, Any]) -> "Release":
        """The release from `plain`'s data (the orchestrator is trusted: no checks)."""
        cells = tuple(Cell(**cell) for cell in data["cells"])
        tasks = tuple(
            Task(
                **{
                    **task,
                    "defines": tuple(task["defines"]),
                    "solution_cells": tuple(task["solution_cells"]),
                }
            )
            for task in data["tasks"]
        )
        names = {one: tuple(data[one]) for one in ("requires", "data")}
        return Release(**{**data, **names, "cells": cells, "tasks": tasks})

    def task_key(self, task: Task) -> str:
        """Hash of all that decides the points of one task."""
        own = {*task.solution_cells, task.check}
        parts = [
            [cell.id, cell.role, cell.kind, cell.source]
            for cell in self.cells
            if cell.role == "given" or cell.id in own
        ]
        text = json.dumps([self.name, self.files, asdict(task), parts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Folder:
    """Where a release was found: the two notebooks as bytes, and the data files beside them.

    ``hidden`` folders must not be visible to students, wherever on this machine they lie.
    """

    release: Release
    solution: bytes
    untouched: bytes
    files: Path | None
    hidden: tuple[Path, ...] = ()


def find(name: str, places: tuple[Path, ...]) -> Folder:
    """Read the release called ``name`` from the first of ``places`` that has it.

    Raises `ReleaseError` where it is unknown or damaged.
    """
    for place in places:
        manifest = place / "exercises" / name / "manifest.json"
        if manifest.is_file():
            return _read(place, name, manifest)
    known = sorted({path.parent.name for place in places for path in _manifests(place)})
    listed = f"known sets: {', '.join(known)}" if known else "no set was found; run `course make`"
    raise ReleaseError(f"there is no problem set called {name!r} ({listed})")


def released(folder: Path) -> Release:
    """The release in a folder, as students got it: stubs for solutions, visible checks only.

    Raises `ReleaseError` where the folder holds none, or a damaged one.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text("utf-8"))
        _check_version(manifest, path)
        files = _hash_of_files(folder, manifest.get("files") or [])
        return _release(manifest, {one["id"]: one["source"] for one in manifest["cells"]}, files)
    except (OSError, ValueError, KeyError, TypeError) as bad:
        raise ReleaseError(f"the release {folder} cannot be read: {bad!r}") from bad


def _check_version(manifest: dict[str, Any], path: Path) -> None:
    if manifest["manifest_version"] != MANIFEST_VERSION:
        raise ReleaseError(
            f"{path} has manifest version {manifest['manifest_version']}, "
            f"this program reads {MANIFEST_VERSION}: remake the set with `course make`"
        )


def _manifests(place: Path) -> list[Path]:
    return list((place / "exercises").glob("*/manifest.json"))


def _read(place: Path, name: str, path: Path) -> Folder:
    try:
        manifest = json.loads(path.read_text("utf-8"))
        _check_version(manifest, path)
        student = (path.parent / manifest["notebook"]).read_bytes()
        solution = (place / "solutions" / name / manifest["notebook"]).read_bytes()
        files = _hash_of_files(path.parent, manifest.get("files") or [])
        release = _release(manifest, _sources(solution), files)
        _check_untouched(manifest, _sources(student))
    except (OSError, ValueError, KeyError, TypeError) as bad:
        raise ReleaseError(f"the release {path.parent} cannot be read: {bad!r}") from bad
    files = path.parent if manifest.get("files") else None
    return Folder(release, solution, student, files, tuple(place / one for one in SECRET))


def _hash_of_files(folder: Path, names: list[str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(names):
        data = (folder / name).read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _release(manifest: dict[str, Any], sources: dict[str, str], files: str) -> Release:
    cells = []
    for entry in manifest["cells"]:
        name, role, shown = entry["id"], entry["role"], entry["source"]
        if name not in sources:
            raise ReleaseError(
                f"the cell {name} of {manifest['set']} is missing in its solution notebook: "
                "run `course make`"
            )
        if role == "given" and sources[name] != shown:
            raise ReleaseError(
                f"the locked cell {name} of {manifest['set']} differs between the student's "
                "notebook and the solution: run `course make`"
            )
        cells.append(Cell(name, role, entry["task"], entry["kind"], sources[name], shown))
    tasks = tuple(
        Task(
            task["task"],
            task["title"],
            task["kind"],
            task["points"],
            tuple(task["defines"]),
            tuple(task["solution_cells"]),
            task["check_cell"],
        )
        for task in manifest["tasks"]
    )
    return Release(
        manifest["set"],
        manifest["title"],
        manifest["release"],
        manifest["notebook"],
        tuple(manifest["requires"]),
        tuple(manifest.get("files") or ()),
        files,
        tuple(cells),
        tasks,
    )


def _sources(notebook: bytes) -> dict[str, str]:
    cells = json.loads(notebook)["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells if "id" in cell}


def _check_untouched(manifest: dict[str, Any], student: dict[str, str]) -> None:
    for entry in manifest["cells"]:
        if student.get(entry["id"]) != entry["source"]:
            raise ReleaseError(
                f"the cell {entry['id']} of the student's notebook of {manifest['set']} is not as "
                f"it was released: keep your own work elsewhere and run `course make`"
            )
