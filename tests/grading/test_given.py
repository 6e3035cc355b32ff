"""Before a check, the locked cells run that it uses, directly or through each other: no others."""

from pathlib import Path

import pytest

from course_utils.problem_sets import check_cells, names
from course_utils.problem_sets.release import find

ROOT = Path(__file__).parents[2]

DEFINED = {
    ("ps02_recurrence", "torch_state"): ["def draw_weights("],
    ("ps04_bptt", "judge"): ["AXES = ", "claims = "],
}


@pytest.mark.parametrize(("name", "task"), DEFINED)
def test_the_locked_cells_of_a_check(name, task):
    """Other cells bind names that the check has too, as variables of its own functions."""
    release = find(name, (ROOT,)).release
    sources = {f"<{cell.id}>": cell.source for cell in release.cells}
    given = [sources[code.co_filename] for code in check_cells.compile_checks(release)[task].given]
    assert len(given) == len(DEFINED[name, task])
    for source, definition in zip(given, DEFINED[name, task], strict=True):
        assert definition in source


ASKED = """
import numpy.linalg as la
from os import path, sep as separator

size: int = 3
total += size


def outer(a, b=default):
    local = a + free
    global counted
    counted = 1
    return [item * factor for item in local], (lambda x: x + shift)


class Model(Base):
    rate = start
"""


def test_names_of_the_notebook_and_variables_of_functions():
    asked = {"size", "total", "default", "free", "factor", "shift", "Base", "start", "int"}
    bound = {"la", "path", "separator", "size", "total", "outer", "counted", "Model"}
    assert names.asked(ASKED) - {"__annotations__"} == asked
    assert set(names.bound(ASKED)) - {"__annotations__"} == bound
