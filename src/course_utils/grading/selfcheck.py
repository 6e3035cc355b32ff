"""``course check``: what a student sees before handing in.

It runs the student's own notebook on the student's own machine: from a fresh start, all cells in
order, the visible checks among them. It knows no hidden checks and gives no grade.
"""

import ast
import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

PASSED, FAILED, INCOMPLETE, MISSING = "pass", "FAIL", "todo", "GONE"
HAND_MARKED = "hand"
NOT_REACHED = "stop"
OK, NOT_YET, BAD_USAGE = 0, 1, 2
GRADER_SECONDS = 10.0  # `Settings().cpu`, which only a machine that can grade can import

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r" \(\d+\.py, line (\d+)\)$")  # the kernel's own name of a cell
_HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS$.*^### END HIDDEN TESTS$", re.MULTILINE | re.DOTALL)
_ROOMS_IN_GRADING = ("checks", "data", "figures")


class UsageError(Exception):
    """What was given cannot be checked: one sentence for the student."""


@dataclass
class Run:
    """What each cell raised and how much it computed (seconds of processor time), by its position,
    and why the run stopped early, if it did."""

    errors: dict[int, tuple[str, str]] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    reached: int = 0
    stopped: str | None = None


@dataclass(frozen=True)
class Finding:
    """The state of one task, and what there is to say about it."""

    title: str
    state: str
    notes: tuple[str, ...] = ()


def check(path: Path, seconds: float = 60.0, echo: Callable[[str], None] = print) -> int:
    """Run the notebook at ``path`` and report task by task.

    ``seconds`` is the time that a single cell may take. Returns 0 if all visible checks pass, 1 if
    not, 2 if there is nothing to check.
    """
    try:
        notebook = _read(path)
        manifest = _manifest(notebook, path)
        echo(manifest["title"])
        echo(
            "This runs your own code on this machine: a fresh start, then every cell in order. "
            "Nothing is sent anywhere. Save your notebook first; the file is only read."
        )
        run = _run(notebook, path.resolve().parent, seconds)
    except UsageError as why:
        echo(f"course check: {why}")
        return BAD_USAGE
    findings = [_finding(task, notebook, manifest, run) for task in manifest["tasks"]]
    for line in _report(findings, run, path, manifest):
        echo(line)
    return OK if all(one.state in (PASSED, HAND_MARKED) for one in findings) else NOT_YET


def _read(path: Path) -> "NotebookNode":
    try:
        import nbformat
    except ImportError:
        raise UsageError(
            "Jupyter is missing here: pip install 'learning-to-remember[lab]'"
        ) from None
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except (
        nbformat.ValidationError,
        nbformat.reader.NotJSONError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise UsageError(
            f"{path} is not a notebook ({type(error).__name__}); save it again from Jupyter"
        ) from None
    return notebook


def _manifest(notebook: "NotebookNode", path: Path) -> dict[str, Any]:
    """The release manifest of the set that the notebook says it belongs to."""
    text = notebook.metadata.get("course", {}).get("text")
    if not isinstance(text, str):
        raise UsageError(f"{path} is no problem set of this course: it does not say which one")
    name = Path(text).stem
    here = path.resolve().parent
    package = Path(__file__).resolve().parents[3]
    folders = [here, Path.cwd(), *here.parents, *Path.cwd().parents, package]
    places = [here / "manifest.json"]
    places += [folder / "exercises" / name / "manifest.json" for folder in folders]
    for place in places:
        if place.is_file():
            manifest = json.loads(place.read_text(encoding="utf-8"))
            if manifest.get("set") == name:
                return manifest
    raise UsageError(
        f"the problem set {name!r} is unknown here: there is no exercises/{name}/manifest.json "
        f"above {here} or the current folder"
    )


def _run(notebook: "NotebookNode", folder: Path, seconds: float) -> Run:
    """Run all code cells in order in a new kernel that is stopped afterwards."""
    try:
        from jupyter_client.kernelspec import NoSuchKernel
        from nbclient import NotebookClient
    except ImportError:
        raise UsageError(
            "Jupyter is missing here: pip install 'learning-to-remember[lab]'"
        ) from None
    client = NotebookClient(
        notebook,
        timeout=max(1, round(seconds)),
        kernel_name="python3",  # whatever the notebook was last opened with
        allow_errors=True,
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],  # it is stopped at work sometimes
        resources={"metadata": {"path": str(folder)}},
    )
    run = Run()
    try:
        _run_cells(client, notebook, seconds, run)
    except NoSuchKernel:
        raise UsageError("Python's kernel is missing here: pip install ipykernel") from None
    return run


def _run_cells(client: Any, notebook: "NotebookNode", seconds: float, run: Run) -> None:
    import psutil
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    with client.setup_kernel():
        process = psutil.Process(client.km.provisioner.pid)
        for position, cell in enumerate(notebook.cells):
            run.reached, before = position, _computed(process)
            try:
                client.execute_cell(cell, position)
            except CellTimeoutError:
                run.stopped = (
                    f"did not end within {seconds:g} s and was stopped: is there a loop that never "
                    "ends? (--seconds N allows more)"
                )
                return
            except DeadKernelError:
                run.stopped = "ended Python itself (exit, a crash, or too little memory)"
                return
            run.seconds[position] = _computed(process) - before
            _keep_error(cell, position, run)
    run.reached = len(notebook.cells)


def _computed(process: Any) -> float:
    """Seconds of processor time of this process, and of those that it started and still run."""
    import psutil

    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):  # Windows starts Python twice
            used = one.cpu_times()
            total += used.user + used.system
    return total


def _keep_error(cell: "NotebookNode", position: int, run: Run) -> None:
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            run.errors[position] = (output.ename, _ANSI.sub("", output.evalue))


def _finding(
    task: dict[str, Any], notebook: "NotebookNode", manifest: dict[str, Any], run: Run
) -> Finding:
    released = {cell["id"]: cell["sha256"] for cell in manifest["cells"]}
    own = [*task["solution_cells"], task["check_cell"] or task["task"]]
    found = {name: _positions(notebook, name) for name in own}
    notes = [
        f"the cell {name!r} is there {len(places)} times; the last one counts"
        for name, places in found.items()
        if len(places) > 1
    ]
    places = {name: places[-1] for name, places in found.items() if places}
    untouched = all(
        name in places and _sha(notebook.cells[places[name]].source) == released.get(name)
        for name in (own[:-1] if task["check_cell"] else own)
    )
    if not task["check_cell"]:
        return _hand_marked(task, places, untouched, notes)
    state, more = _state(task, notebook, places, released, untouched, run)
    refused = _imports(notebook, [places[name] for name in own[:-1] if name in places])
    slow = _slow([places[name] for name in own if name in places], run)
    if state == PASSED and (refused or slow):
        state = FAILED  # here it works, and it will not when it is graded
    return Finding(task["title"], state, (*more, *notes, *refused, *slow))


def _hand_marked(
    task: dict[str, Any], places: dict[str, int], untouched: bool, notes: list[str]
) -> Finding:
    if not places:
        gone = "the answer cell is missing: copy it back from the notebook you were given"
        return Finding(task["title"], MISSING, (gone, *notes))
    if untouched:
        return Finding(task["title"], INCOMPLETE, tuple(notes))
    return Finding(task["title"], HAND_MARKED, ("answered; a person marks it", *notes))


def _state(
    task: dict[str, Any],
    notebook: "NotebookNode",
    places: dict[str, int],
    released: dict[str, str],
    untouched: bool,
    run: Run,
) -> tuple[str, list[str]]:
    """The state of an auto-graded task and the sentences that explain it."""
    cell = task["check_cell"]
    if cell not in places:
        return MISSING, ["the check cell is missing: copy it back from the notebook you were given"]
    solved = [places[name] for name in task["solution_cells"] if name in places]
    errors = [run.errors[place] for place in (*solved, places[cell]) if place in run.errors]
    failed = places[cell] in run.errors or run.reached <= places[cell]
    if untouched or (failed and any(name == "NotImplementedError" for name, _ in errors)):
        return INCOMPLETE, []
    if run.stopped and run.reached in (*solved, places[cell]):
        return FAILED, [f"a cell of this task {run.stopped}"]
    if run.stopped and run.reached < places[cell]:
        return NOT_REACHED, ["not reached: an earlier cell stopped the run"]
    if failed:
        return FAILED, [_in_words(errors[0])]
    edited = _sha(notebook.cells[places[cell]].source) != released.get(cell)
    if edited:
        return FAILED, ["the check cell was edited: copy it back from the notebook you were given"]
    return PASSED, [f"and yet a cell of this task raised {_in_words(one)}" for one in errors]


def _in_words(error: tuple[str, str]) -> str:
    name, message = error
    place = _PLACE.search(message)  # of a syntax error; as the grader says it
    if place:
        name, message = f"{name} in line {place[1]} of its cell", message[: place.start()]
    return message if name == "CheckFailed" else f"{name}: {message}".rstrip(": ")


def _positions(notebook: "NotebookNode", name: str) -> list[int]:
    """Where the cell of this grade id stands; a deleted and a copied cell are both possible."""
    return [
        position
        for position, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id", cell.get("id")) == name
    ]


def _imports(notebook: "NotebookNode", places: Sequence[int]) -> list[str]:
    """Modules of the course that these cells import and that the grader does not have."""
    found = set()
    for place in places:
        try:
            tree = ast.parse(notebook.cells[place].source)
        except SyntaxError:
            continue  # a magic, or what the run reports anyway
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    rooms = {name.split(".")[1] for name in found if re.match(r"course_utils\.\w", name)}
    return [
        f"course_utils.{room} is not there when your work is graded: write this part yourself"
        for room in sorted(rooms - set(_ROOMS_IN_GRADING))
    ]


def _slow(places: Sequence[int], run: Run) -> list[str]:
    """What to say of these cells where one computed longer than the grader lets it."""
    longest = max((run.seconds.get(place, 0.0) for place in places), default=0.0)
    if longest <= GRADER_SECONDS:
        return []
    return [f"a cell of this task took {longest:.0f} s; the grader stops at {GRADER_SECONDS:g} s"]


def _report(findings: list[Finding], run: Run, path: Path, manifest: dict[str, Any]) -> list[str]:
    lines = [""]
    for one in findings:
        lines.append(f"  {one.state}  {one.title}")
        lines += [f"        {line}" for note in one.notes for line in note.splitlines()]
    auto = [task for task in manifest["tasks"] if task["check_cell"]]
    passed = sum(one.state == PASSED for one in findings)
    lines += ["", f"{passed} of {len(auto)} visible checks pass. Hidden checks decide the points."]
    if run.stopped and all("a cell of this task" not in "".join(one.notes) for one in findings):
        lines.append(f"Cell {run.reached + 1} of the notebook {run.stopped}.")
    lines.append(f"Hand in this one file: {path}")
    if path.name != manifest["notebook"]:
        lines.append(f"Name it {manifest['notebook']} when you hand it in.")
    return lines


def _sha(source: str) -> str:
    """The hash of a cell as students get it: an instructor's copy still has the hidden part."""
    visible = _HIDDEN.sub("", source).rstrip("\n")
    return hashlib.sha256(visible.encode()).hexdigest()
