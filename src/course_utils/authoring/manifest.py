"""The release manifest: what the grader may rely on, and the hash that names the release."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

from course_utils.authoring.expand import ProblemSet
from course_utils.authoring.notebook import to_json
from course_utils.problem_sets import names

if TYPE_CHECKING:
    from nbformat import NotebookNode

VERSION = 2


def manifest(problem_set: ProblemSet, student: NotebookNode) -> dict[str, Any]:
    """Return the manifest of a problem set.

    Args:
        problem_set: the expanded set, with solutions and hidden checks.
        student: the student's notebook made from it.
    """
    stem = problem_set.text.stem
    cells = {cell.id: cell for cell in student.cells}
    made = {
        "manifest_version": VERSION,
        "set": stem,
        "title": problem_set.title,
        "text": problem_set.text.path,
        "notebook": f"{stem}.ipynb",
        "points": sum(task.points for task in problem_set.tasks),
        "requires": requires(problem_set),
        "files": [],
        "cells": [
            {
                "id": part.id,
                "role": part.role,
                "task": part.task,
                "kind": cells[part.id].cell_type,
                "source": cells[part.id].source,
            }
            for part in problem_set.parts
            if part.id in cells
        ],
        "tasks": [_task(task) for task in problem_set.tasks],
    }
    return {**made, "release": _release(problem_set, made)}


def _task(task: Any) -> dict[str, Any]:
    return {
        "task": task.name,
        "title": task.title,
        "kind": task.kind,
        "points": task.points,
        "minutes": task.minutes,
        "defines": list(task.defines),
        "solution_cells": list(task.solution_cells),
        "check_cell": task.check_cell,
        "hints": list(task.hints),
    }


def requires(problem_set: ProblemSet) -> list[str]:
    """Return the packages outside Python and the course that the set's code imports."""
    found = {
        module.partition(".")[0]
        for part in problem_set.parts
        if part.cell.kind == "code" and part.role != "manual"
        for module in names.modules(part.cell.source)
    }
    return sorted({"numpy", *found} - set(sys.stdlib_module_names) - {"course_utils"})


def _release(problem_set: ProblemSet, made: dict[str, Any]) -> str:
    """Hash everything that decides a grade: every cell's full source, and the manifest."""
    sources = [[part.id, part.role, part.cell.source] for part in problem_set.parts]
    return hashlib.sha256(to_json([sources, made])).hexdigest()
