"""A tiny released set in the format of ``course make``, for tests that must be fast.

Its tasks cover what sets hand in: a function, work in place, a class with a generator and a closure
and a callback, a plain value, an explanation. `write_release` writes it (or a broken variant) to a
folder, `notebook` makes a submission from answers.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

NAME = "mini"

_GIVEN = '''import numpy as np

from course_utils import checks


def scale():
    """A locked helper."""
    return 2.0
'''

_STUB = "raise NotImplementedError('write this')"

ANSWERS = {
    "double": "def double(x):\n    return scale() * x",
    "centre": "def centre(x):\n    x -= x.mean()",
    "objects": """class Counter:
    def __init__(self, start):
        self.value = start

    def step(self, by=1):
        self.value += by
        return self.value


def naturals():
    n = 0
    while True:
        yield n
        n += 1


def adder(n):
    def add(x):
        return x + n
    return add


def twice(f, x):
    return f(f(x))""",
    "table": "table = {'a': np.arange(3.0), 'b': 7}",
    "explain": "A state *remembers*.",
}

STUBS = {
    "double": f"def double(x):\n    {_STUB}",
    "centre": f"def centre(x):\n    {_STUB}",
    "objects": "# Counter, naturals, adder, twice",
    "table": "# table = …",
    "explain": "",
}

_CHECKS = {
    "double": """rng = checks.rng("mini", "double")


def compare(n):
    x = rng.normal(size=n)
    checks.array(checks.call(double, x), 2 * x, name="double, its result", axes=("unit",))


compare(3)
### BEGIN HIDDEN TESTS
# hint: works for one number
compare(1)
# hint: works for many numbers
compare(50)
### END HIDDEN TESTS
""",
    "centre": """x = checks.rng("mini", "centre").normal(size=5)
_, (after,) = checks.inplace(centre, x)
checks.array(after, x - x.mean(), name="x after centre", axes=("unit",))
### BEGIN HIDDEN TESTS
# hint: works for zeros
_, (after,) = checks.inplace(centre, np.zeros(4))
checks.array(after, np.zeros(4), name="x after centre", axes=("unit",))
### END HIDDEN TESTS
""",
    "objects": """counter = Counter(3)
checks.integer(counter.step(), 4, name="Counter(3).step()")
checks.integer(counter.step(by=5), 9, name="the second step")
checks.integer(counter.value, 9, name="value")
### BEGIN HIDDEN TESTS
# hint: naturals counts from zero
checks.integer(checks.sequence([next(naturals())], 1)[0], 0, name="the first")
stream = naturals()
checks.integer([next(stream) for _ in range(5)][4], 4, name="the fifth")
# hint: adder returns a function
checks.number(adder(2)(3.5), 5.5, name="adder(2)(3.5)")
# hint: twice calls what it is given
checks.number(twice(lambda x: 3 * x + 1, 1.0), 13.0, name="twice")
### END HIDDEN TESTS
""",
    "table": """found = checks.names(table, ("a", "b"), name="table")
### BEGIN HIDDEN TESTS
# hint: the numbers in a
checks.array(found["a"], np.arange(3.0), name="a", axes=("unit",))
checks.integer(found["b"], 7, name="b")
### END HIDDEN TESTS
""",
}

POINTS = {"double": 4, "centre": 3, "objects": 5, "table": 2, "explain": 6}
DEFINES = {
    "double": ["double"],
    "centre": ["centre"],
    "objects": ["Counter", "naturals", "adder", "twice"],
    "table": ["table"],
    "explain": [],
}
AUTO = tuple(_CHECKS)


def _cell(name: str, kind: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    if name != "title":
        cell["metadata"]["nbgrader"] = _nbgrader(name, kind)
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell


def _nbgrader(name: str, kind: str) -> dict[str, Any]:
    """What nbgrader wants to know about a cell."""
    graded, written = name.endswith("_checks") or name == "explain", name in POINTS
    metadata = {
        "cell_type": kind,
        "grade": graded,
        "grade_id": name,
        "locked": not written,
        "schema_version": 3,
        "solution": written,
        "task": False,
    }
    return {**metadata, "points": POINTS[name.removesuffix("_checks")]} if graded else metadata


def cells(
    answers: dict[str, str], given: str = _GIVEN, checks: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """The notebook's cells, with these answers in their places."""
    made = [_cell("title", "markdown", "# Mini"), _cell("setup", "code", given)]
    for task, answer in answers.items():
        if task == "explain":
            made.append(_cell("explain", "markdown", answer))
            continue
        made.append(_cell(task, "code", answer))
        made.append(_cell(f"{task}_checks", "code", (checks or _CHECKS)[task]))
    return made


def notebook(cells: list[dict[str, Any]]) -> bytes:
    """The notebook file."""
    whole = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


def visible(source: str) -> str:
    """A check cell as students get it."""
    return source.partition("### BEGIN HIDDEN TESTS")[0]


def student_cells(**changes: str) -> list[dict[str, Any]]:
    """A student's notebook with every answer right, but for ``changes``."""
    return cells({**ANSWERS, **changes}, checks={t: visible(s) for t, s in _CHECKS.items()})


def submission(**changes: str) -> bytes:
    """A student's notebook with every answer right, but for ``changes``, as bytes."""
    return notebook(student_cells(**changes))


def write_release(
    root: Path,
    *,
    answers: dict[str, str] | None = None,
    stubs: dict[str, str] | None = None,
    checks: dict[str, str] | None = None,
    files: dict[str, bytes] | None = None,
) -> Path:
    """Write ``exercises/mini`` and ``solutions/mini`` under ``root``, with these changes."""
    full_checks = {**_CHECKS, **(checks or {})}
    full = cells({**ANSWERS, **(answers or {})}, checks=full_checks)
    shown = {task: visible(source) for task, source in full_checks.items()}
    student = cells({**STUBS, **(stubs or {})}, checks=shown)
    exercises, solutions = root / "exercises" / NAME, root / "solutions" / NAME
    for folder in (exercises, solutions):
        folder.mkdir(parents=True, exist_ok=True)
    (solutions / "mini.ipynb").write_bytes(notebook(_lines(full)))
    (exercises / "mini.ipynb").write_bytes(notebook(_lines(student)))
    for name, data in (files or {}).items():
        (exercises / name).write_bytes(data)
    (exercises / "manifest.json").write_text(json.dumps(_manifest(full, student, files or {})))
    return root


def _lines(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells as Jupyter saves them: sources as lists of lines."""
    return [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in cells]


def _manifest(full: list, student: list, files: dict[str, bytes]) -> dict[str, Any]:
    return {
        "manifest_version": 2,
        "set": NAME,
        "title": "Mini",
        "text": "book/problem_sets/mini.md",
        "notebook": "mini.ipynb",
        "points": sum(POINTS.values()),
        "requires": ["numpy"],
        "files": sorted(files),
        "release": hashlib.sha256(json.dumps([full, student]).encode()).hexdigest(),
        "cells": [
            {
                "id": cell["id"],
                "role": _role(cell["id"]),
                "task": cell["id"].removesuffix("_checks") if cell["id"] not in _OTHERS else None,
                "kind": cell["cell_type"],
                "source": cell["source"],
            }
            for cell in student
        ],
        "tasks": [
            {
                "task": task,
                "title": task.capitalize(),
                "kind": "auto" if task in AUTO else "manual",
                "points": points,
                "minutes": 1,
                "defines": DEFINES[task],
                "solution_cells": [task] if task in AUTO else [],
                "check_cell": f"{task}_checks" if task in AUTO else None,
                "hints": [],
            }
            for task, points in POINTS.items()
        ],
    }


_OTHERS = ("title", "setup")


def _role(name: str) -> str:
    if name == "title":
        return "prose"
    if name == "setup":
        return "given"
    if name == "explain":
        return "manual"
    return "checks" if name.endswith("_checks") else "solution"


def code_cell(name: str, source: str) -> dict[str, Any]:
    """A code cell of the student's own."""
    cell = {"cell_type": "code", "id": name, "metadata": {}, "source": source}
    return {**cell, "execution_count": None, "outputs": []}
