"""Run the code of a text in a kernel of its own and keep what it shows, the same every time."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.expand import ProblemSet
from course_utils.authoring.lanes import THREADS, Lane, environment
from course_utils.authoring.parts import Part

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

TIMEOUT = 120.0
# One thread and fixed hashes: sums come out in the same order on every run.
ENVIRONMENT = dict.fromkeys(THREADS, "1") | {
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
WIDGET = "application/vnd.jupyter.widget-view+json"
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
# Runs a cell in a second namespace, which no check cell ever changes.
ALONE = """\
exec(
    compile({source!r}, "<cell>", "exec"),
    (lambda names: {namespace})(
        __import__("sys").modules.setdefault(
            "__alone__", __import__("types").ModuleType("__alone__")
        ).__dict__
    ),
)
"""
RECORDING = "from course_utils.authoring.recording import start; start({path!r})"


@dataclass(frozen=True)
class Run:
    """What a run gave: the outputs of each code cell, and how long it took in seconds."""

    outputs: list[list[dict[str, Any]]]
    seconds: float


def execute(
    parts: Sequence[Part],
    path: str,
    *,
    timeout: float = TIMEOUT,
    problem_set: ProblemSet | None = None,
    progress: Callable[[], None] = lambda: None,
    lane: Lane | None = None,
    recording: Path | None = None,
) -> Run:
    """Run the code cells of a text in order.

    Args:
        parts: the cells of the text.
        path: the text, for messages.
        timeout: seconds that the whole notebook may take.
        problem_set: if given, each check cell is also run with only the names it may use.
        progress: called after each code cell.
        lane: if given, compute as other machines do.
        recording: if given, a file for the numbers behind what is printed and asserted.

    Raises:
        AuthoringError: a cell fails, takes too long, or shows what differs on every run.
    """
    from nbclient.exceptions import DeadKernelError
    from nbformat.v4 import new_notebook

    code = [part for part in parts if part.cell.kind == "code"]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(_client(new_notebook(), folder, recording), path, timeout)
        settings = {**os.environ, **ENVIRONMENT, "IPYTHONDIR": folder}
        if lane:
            settings = environment(lane, settings)
        try:
            with runner.client.setup_kernel(env=settings, cwd=folder):
                cells = []
                for part in code:
                    cells.append(runner.run(part))
                    progress()
                seconds = runner.seconds()
                if problem_set:
                    _run_alone(runner, code, problem_set)
        except DeadKernelError as error:
            raise AuthoringError("the kernel died in this cell", path, runner.line) from error
    outputs = [
        [kept(output, part, path) for output in cell.outputs]
        for part, cell in zip(code, cells, strict=True)
    ]
    return Run(outputs, seconds)


def _run_alone(runner: Runner, code: Sequence[Part], problem_set: ProblemSet) -> None:
    """Run the cells again as the grader does, so that nothing leaks from one check to another.

    It is done after the notebook's own run, whose outputs it must not change.
    """
    declared = {task.check_cell: task.declared for task in problem_set.tasks}
    for part in code:
        if part.role in ("given", "solution", "checks"):
            names = declared.get(part.id)
            namespace = "names" if names is None else f"{{n: names[n] for n in {names!r}}}"
            runner.run(part, ALONE.format(source=part.cell.source, namespace=namespace))


class Runner:
    """Runs cells in one kernel, until the time for the whole notebook is used up."""

    def __init__(self, client: NotebookClient, path: str, timeout: float) -> None:
        self.client = client
        self.path = path
        self.timeout = timeout
        self.began = time.monotonic()
        self.line = 1

    def seconds(self) -> float:
        """Return the time since the first cell."""
        return time.monotonic() - self.began

    def run(self, part: Part, alone: str = "") -> NotebookNode:
        """Run one cell, or the source ``alone`` in its place; return it with its outputs.

        Raises:
            AuthoringError: it fails, takes too long, or is a check cell that writes to stderr.
        """
        from nbclient.exceptions import CellExecutionError, CellTimeoutError
        from nbformat.v4 import new_code_cell

        self.line = part.cell.line
        cell = new_code_cell(alone or part.cell.source, metadata={"tags": [*part.plain_tags]})
        index = len(self.client.nb.cells)
        self.client.nb.cells.append(cell)
        # Whole seconds, and nbclient takes 0 for "no limit".
        self.client.timeout = max(1, ceil(self.timeout - self.seconds()))
        try:
            self.client.execute_cell(cell, index, store_history=not alone)
        except CellTimeoutError as error:
            raise AuthoringError(
                f"the notebook was stopped in this cell: it did not end within {self.timeout:g} s; "
                "make it faster or set course.timeout in the front matter",
                self.path,
                part.cell.line,
            ) from error
        except CellExecutionError as error:
            raise _failure(error, cell, part, self.path, bool(alone)) from error
        if part.role == "checks":
            complain_about_outputs(cell, part, self.path)
        return cell


def complain_about_outputs(cell: NotebookNode, part: Part, path: str) -> None:
    """Refuse outputs of a check cell that nbgrader would read as points.

    Raises:
        AuthoringError: the cell writes to stderr or ends with a number.
    """
    for output in cell.outputs:
        problem = ""
        if output.get("name") == "stderr":
            last = output.text.strip().splitlines()[-1]
            problem = f"writes to stderr, which nbgrader takes for a failure: {last}"
        elif _is_number(output.get("data", {}).get("text/plain", "")):
            problem = "ends with a number, which nbgrader takes for points; end the line with ;"
        if problem:
            raise AuthoringError(f"this check cell {problem}", path, part.cell.line)


def _client(notebook: NotebookNode, folder: str, recording: Path | None) -> NotebookClient:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    # This environment's kernel, not one of the same name that the author installed elsewhere.
    specs = KernelSpecManager(kernel_dirs=[str(Path(sys.prefix) / "share/jupyter/kernels")])
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    arguments = ["--IPKernelApp.log_level=ERROR"]
    if recording:
        arguments.append(f"--IPKernelApp.exec_lines={RECORDING.format(path=str(recording))}")
    client = NotebookClient(
        notebook,
        km=manager,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=arguments,
        resources={"metadata": {"path": folder}},
    )
    client.owns_km = True
    return client


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _failure(error: Any, cell: NotebookNode, part: Part, path: str, alone: bool) -> AuthoringError:
    outputs = [output for output in cell.outputs if output.output_type == "error"]
    trace = ANSI.sub("", "\n".join(outputs[-1].traceback)) if outputs else str(error)
    pattern = r"File <cell>:(\d+)" if alone else r"Cell In\[\d+\], line (\d+)"
    found = re.search(pattern, trace)
    line = part.cell.line + (int(found[1]) - 1 if found else 0)
    message = f"{error.ename}: {error.evalue}".split("\n")[0].strip().removesuffix(":")
    if alone:
        trace = trace[found.start() :] if found else trace
        message = f"this cell fails when it sees only what the grader lets it see: {message}"
    return AuthoringError(message, path, line, detail=trace)


def kept(output: NotebookNode, part: Part, path: str) -> dict[str, Any]:
    """Return what is stored of one output, free of what differs between runs and machines.

    Raises:
        AuthoringError: it shows a memory address or a path of this machine.
    """
    kept = dict(output)
    if kept["output_type"] == "error":
        # A full traceback names files of this machine.
        kept["traceback"] = [f"{kept['ename']}: {kept['evalue']}"]
    data = dict(kept.get("data", {}))
    if data:
        if len(data) > 1:
            data.pop(WIDGET, None)
        kept["data"] = data
    shown = [str(kept.get("text", "")), str(data.get("text/plain", "")), *kept.get("traceback", [])]
    for text in shown:
        _complain(text, part, path)
    return kept


def _complain(text: str, part: Part, path: str) -> None:
    if ADDRESS.search(text):
        raise AuthoringError(
            f"the output shows a memory address, other on every run: {ADDRESS.search(text)[0]}; "
            "end the cell with show(…) or print a value",
            path,
            part.cell.line,
        )
    for place in (sys.prefix, str(Path(__file__).parents[2]), str(Path.home())):
        if len(place) > 1 and re.search(rf"{re.escape(place)}/", text):
            raise AuthoringError(
                "the output shows a path of this machine; print something else",
                path,
                part.cell.line,
            )
