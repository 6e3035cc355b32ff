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
from course_utils.authoring.parts import Part

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

TIMEOUT = 120.0
# One thread and fixed hashes: sums come out in the same order on every run.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
WIDGET = "application/vnd.jupyter.widget-view+json"
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
# Runs a check cell as the grader does: it sees only the names that are declared for it.
ALONE = """\
exec(compile({source!r}, "<check cell>", "exec"), {{
    "__name__": "__main__", **{{_n: globals()[_n] for _n in {declared!r} if _n in globals()}}
}})
"""


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
) -> Run:
    """Run the code cells of a text in order.

    Args:
        parts: the cells of the text.
        path: the text, for messages.
        timeout: seconds that the whole notebook may take.
        problem_set: if given, each check cell is also run with only the names it may use.
        progress: called after each code cell.

    Raises:
        AuthoringError: a cell fails, takes too long, or shows what differs on every run.
    """
    from nbclient.exceptions import DeadKernelError
    from nbformat.v4 import new_code_cell, new_notebook

    code = [part for part in parts if part.cell.kind == "code"]
    cells = [
        new_code_cell(part.cell.source, metadata={"tags": [*part.plain_tags]}) for part in code
    ]
    tasks = {task.check_cell: task for task in problem_set.tasks} if problem_set else {}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        client = _client(new_notebook(cells=cells), folder)
        environment = {**os.environ, **ENVIRONMENT, "IPYTHONDIR": folder}
        part = code[0] if code else None
        try:
            with client.setup_kernel(env=environment, cwd=folder):
                began = time.monotonic()
                for index, (part, cell) in enumerate(zip(code, cells, strict=True)):
                    left = timeout - (time.monotonic() - began)
                    _run_cell(client, cell, index, part, path, left, timeout)
                    task = tasks.get(part.id)
                    if task:
                        alone = new_code_cell(
                            ALONE.format(source=part.cell.source, declared=task.declared)
                        )
                        _run_cell(client, alone, index, part, path, left, timeout, alone=True)
                    progress()
                seconds = time.monotonic() - began
        except DeadKernelError as error:
            line = part.cell.line if part else 1
            raise AuthoringError(
                f"the kernel died in this cell, {time.monotonic() - started:.0f} s after the start",
                path,
                line,
            ) from error
    outputs = [
        [_kept(output, part, path) for output in cell.outputs]
        for part, cell in zip(code, cells, strict=True)
    ]
    return Run(outputs, seconds)


def _client(notebook: NotebookNode, folder: str) -> NotebookClient:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    # This environment's kernel, not one of the same name that the author installed elsewhere.
    specs = KernelSpecManager(kernel_dirs=[str(Path(sys.prefix) / "share/jupyter/kernels")])
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    client = NotebookClient(
        notebook,
        km=manager,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": folder}},
    )
    client.owns_km = True
    return client


def _run_cell(
    client: NotebookClient,
    cell: NotebookNode,
    index: int,
    part: Part,
    path: str,
    left: float,
    timeout: float,
    *,
    alone: bool = False,
) -> None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    # Whole seconds, and nbclient takes 0 for "no limit".
    client.timeout = max(1, ceil(left))
    try:
        client.execute_cell(cell, index, store_history=not alone)
    except CellTimeoutError as error:
        raise AuthoringError(
            f"the notebook was stopped in this cell: it did not end within {timeout:g} s; make it "
            "faster or set course.timeout in the front matter",
            path,
            part.cell.line,
        ) from error
    except CellExecutionError as error:
        raise _failure(error, cell, part, path, alone) from error
    if part.role == "checks" and any(
        output.output_type == "stream" and output.name == "stderr" for output in cell.outputs
    ):
        raise AuthoringError(
            "this check cell writes to stderr, which nbgrader takes for a failure",
            path,
            part.cell.line,
        )


def _failure(error: Any, cell: NotebookNode, part: Part, path: str, alone: bool) -> AuthoringError:
    outputs = [output for output in cell.outputs if output.output_type == "error"]
    trace = ANSI.sub("", "\n".join(outputs[-1].traceback)) if outputs else str(error)
    pattern = (
        r'File <check cell>:(\d+)|"<check cell>", line (\d+)'
        if alone
        else (r"(?:Cell In\[\d+\], line |<ipython-input-\S+ in .*?line )(\d+)")
    )
    found = re.search(pattern, trace)
    line = part.cell.line
    if found:
        line += int(next(group for group in found.groups() if group)) - 1
    message = f"{error.ename}: {error.evalue}".strip().split("\n")[0]
    if alone:
        message = f"this check cell fails with only the names it may use: {message}"
    return AuthoringError(message, path, line, detail=trace)


def _kept(output: NotebookNode, part: Part, path: str) -> dict[str, Any]:
    """Return what is stored of one output, free of what differs between runs and machines."""
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
