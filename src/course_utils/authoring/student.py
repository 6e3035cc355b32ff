"""The student's notebook: nbgrader's own steps, taken as a library."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from course_utils.authoring.expand import ProblemSet
from course_utils.authoring.parts import Part

if TYPE_CHECKING:
    from nbformat import NotebookNode

SCHEMA = 3
GRADED = ("checks", "manual")


def mark(notebook: NotebookNode, problem_set: ProblemSet) -> None:
    """Write nbgrader's metadata (schema 3) into the cells of an instructor's notebook."""
    parts = {part.id: part for part in problem_set.parts}
    for cell in notebook.cells:
        part = parts.get(cell.id)
        if part and part.role != "prose":
            cell.metadata["nbgrader"] = _nbgrader(part)


def _nbgrader(part: Part) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "grade": part.role in GRADED,
        "grade_id": part.id,
        "locked": part.role in ("given", "checks"),
        "schema_version": SCHEMA,
        "solution": part.role in ("solution", "manual"),
        "task": False,
    }
    if part.role in GRADED:
        metadata["points"] = part.points
    return metadata


def student_version(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without solutions, hidden checks and outputs.

    The steps and their order are those of ``nbgrader generate_assignment``.
    """
    from nbgrader import preprocessors as steps

    released = deepcopy(notebook)
    resources: dict[str, Any] = {}
    for step in (
        steps.LockCells,
        steps.ClearSolutions,
        steps.ClearOutput,
        steps.ClearHiddenTests,
        steps.ClearMarkScheme,
    ):
        released, resources = step().preprocess(released, resources)
    for cell in released.cells:
        # Where a hidden part ended the cell, a newline is left.
        cell.source = cell.source.rstrip("\n")
    for step in (steps.ComputeChecksums, steps.CheckCellMetadata):
        released, resources = step().preprocess(released, resources)
    return released
