"""A plugin of pytest: notebooks are run in lanes, and nbval compares every output they store.

``pytest --lanes widest,narrowest notebooks solutions`` runs each notebook once a lane (see
``course_utils.authoring.lanes``). A lane that this machine cannot run is reported as skipped, with
the reason. Without ``--lanes``, nbval's own ``--nbval`` runs the notebooks as the machine computes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

import nbformat
import pytest
from nbval.plugin import IPyNbFile

from course_utils.authoring.lanes import Lane, choose, environment, why_not


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lanes", default="", help="lanes to run notebooks in, or 'all'")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".ipynb" and parent.config.getoption("lanes"):
        return Notebook.from_parent(parent, path=file_path)
    return None


class Notebook(pytest.File):
    """A notebook: one collector a lane."""

    def collect(self) -> Iterator[pytest.Collector]:
        for lane in choose(self.config.getoption("lanes").split(",")):
            # An id of its own, so that "--dist loadfile" may run each lane beside the others.
            name = f"{self.nodeid}[{lane.name}]"
            made = NotebookInLane.from_parent(self, path=self.path, name=name, nodeid=name)
            made.lane = lane
            yield made


class NotebookInLane(IPyNbFile):
    """A notebook whose kernel computes as other machines do: nbval's cells, strictly compared."""

    lane: Lane

    def why_not(self) -> str | None:
        """Return why the cells are not run here, or None."""
        if reason := why_not(self.lane):
            return f"the lane {self.lane.name} was not run: {reason}"
        if find_spec("torch") is None and _imports_torch(self.path):
            return "PyTorch is absent"
        return None

    def collect(self) -> Iterator[pytest.Item]:
        if reason := self.why_not():
            yield NotRun.from_parent(self, name="not run", reason=reason)
        else:
            yield from super().collect()

    def setup(self) -> None:
        if self.why_not():
            return  # there is no kernel to start for cells that do not run
        # The kernel that is started inherits the lane's environment.
        with mock.patch.dict(os.environ, environment(self.lane), clear=True):
            super().setup()


class NotRun(pytest.Item):
    """In place of the cells of a notebook, in a lane that this machine cannot run."""

    def __init__(self, *, reason: str, **more: object) -> None:
        super().__init__(**more)
        self.reason = reason

    def runtest(self) -> None:
        pytest.skip(self.reason)


def _imports_torch(path: Path) -> bool:
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return re.search(r"^\s*(import torch|from torch|from \S+\.pytorch)\b", code, re.M) is not None
