"""Run a problem set's cells in this process: fast, and without any isolation.

Answers on the lists are our own code. The cells come from the text in ``book/``, so that a list is
tested against what is written there, made or not. What stands above an answer runs once for all
answers to a task; each of them begins from a copy of what that left.
"""

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from recall import recalling
from traces import state, traces

from course_utils import checks
from course_utils.authoring import expand, text
from course_utils.grading.answers import Answer

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
SETS = sorted(path.parent.name for path in FOLDER.glob("*/wrong.toml"))
BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"  # nbgrader's own mark


@cache
def problem_set(name: str) -> expand.ProblemSet:
    """The expanded problem set of this name."""
    return expand.expand(text.read(ROOT, ROOT / "book" / "problem_sets" / f"{name}.md"))


@cache
def reference(name: str, task: str) -> str:
    """The source of a task's right solution."""
    return "\n\n".join(
        part.cell.source
        for part in problem_set(name).parts
        if part.role == "solution" and part.task == task
    )


def given(name: str) -> str:
    """The source of everything that a set hands to students."""
    return "\n\n".join(p.cell.source for p in problem_set(name).parts if p.role == "given")


def solved(name: str) -> dict[str, object]:
    """The names of all given cells and of all reference solutions."""
    namespace: dict[str, object] = {}
    exec(given(name), namespace)
    for task in auto_tasks(name):
        exec(reference(name, task.name), namespace)
    return namespace


def auto_tasks(name: str) -> tuple[expand.Task, ...]:
    """The tasks that have a check cell."""
    return tuple(task for task in problem_set(name).tasks if task.kind == "auto")


@dataclass(frozen=True)
class Outcome:
    """What became of one task: no error, or the error and whether the visible part raised it.

    ``traces``: what an answer has changed that other tasks can see.
    """

    error: Exception | None
    visible: bool
    traces: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        """True where the whole check cell ran."""
        return self.error is None


def run(name: str, *chosen: Answer, key: bytes | None = None) -> dict[str, Outcome]:
    """Run all cells in order in one namespace, as a kernel does; the outcome of each auto task.

    ``chosen`` answers, at most one a task, stand in the place of the right solutions; ``key`` is
    that of a class.
    """
    with warnings.catch_warnings(), class_key(key):
        if chosen:  # a student's code may warn; the set's own may not
            warnings.simplefilter("ignore")
        return _run(name, {answer.task: answer.source for answer in chosen})


def _run(name: str, instead: dict[str, str]) -> dict[str, Outcome]:
    namespace: dict[str, object] = {"__name__": "__main__"}
    outcomes = {}
    for part in problem_set(name).parts:
        source = part.cell.source
        if part.role == "solution" and part.task in instead:
            source = instead[part.task]
            instead[part.task] = ""  # a task's further solution cells stay empty
        if part.role == "checks":
            outcomes[part.task] = _check(source, namespace)
        elif part.role in ("given", "solution"):
            exec(compiled(source, part.id), namespace)
    return outcomes


class Start:
    """A namespace as some cells leave it, to begin from again and again without running them.

    The ``recalled`` functions work out the same result once only.
    """

    def __init__(self, cells: Iterable[CodeType], recalled: Iterable[str] = ()) -> None:
        self._namespace: dict[str, object] = {"__name__": "__main__"}
        for cell in cells:
            exec(cell, self._namespace)
        for name in recalled:
            if isinstance(function := self._namespace[name], FunctionType):
                self._namespace[name] = recalling(function)
        self._left = _copy(self._namespace)

    def again(self) -> dict[str, object]:
        """The namespace as it was, its arrays and lists too; what was made of it since is gone.

        It is the same dictionary each time, because the functions in it look up their names there.
        """
        self._namespace.clear()
        self._namespace.update(_copy(self._left))
        return self._namespace


def _copy(namespace: dict[str, object]) -> dict[str, object]:
    """A copy with values of its own; functions, classes and modules are the same."""
    named = {name: value for name, value in namespace.items() if name != "__builtins__"}
    modules = {id(value): value for value in named.values() if isinstance(value, ModuleType)}
    return deepcopy(named, modules)


@cache
def start(name: str, task: str, *, solved: bool = False) -> Start:
    """Where answers to a task begin: behind the given cells above it, or its right solution."""
    cells = []
    for part in problem_set(name).parts:
        if part.task == task and part.role == "checks":
            break
        if part.role == "given" or (solved and part.task == task and part.role == "solution"):
            cells.append(compiled(part.cell.source, part.id))
    (defined,) = [one.defines for one in auto_tasks(name) if one.name == task]
    return Start(cells, recalled=defined if solved else ())


def run_task(name: str, answer: Answer, key: bytes | None = None) -> Outcome:
    """Run an answer and its own task's check, with the inputs of the class that has this key."""
    namespace = start(name, answer.task).again()
    before = state(namespace)
    with warnings.catch_warnings(), class_key(key):
        warnings.simplefilter("ignore")
        exec(compile(answer.source, answer.name, "exec"), namespace)
        outcome = _check(check_cell(name, answer.task), namespace)
    left = traces(before, state(namespace), elsewhere(name, answer.task))
    return replace(outcome, traces=left)


def run_spoilt(name: str, answer: Answer) -> Outcome:
    """Run a degenerate answer's second half, which spoils the right solution, and the check."""
    solution = reference(name, answer.task).rstrip()
    assert answer.source.startswith(f"{solution}\n")
    namespace = start(name, answer.task, solved=True).again()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(answer.source.removeprefix(solution), answer.name, "exec"), namespace)
        return _check(check_cell(name, answer.task), namespace)


@contextmanager
def class_key(key: bytes | None) -> Iterator[None]:
    """The inputs of the class with this key; the public ones afterwards."""
    checks.set_class_key(key)
    try:
        yield
    finally:
        checks.set_class_key(None)


def check_cell(name: str, task: str) -> str:
    """The source of a task's check cell."""
    parts = problem_set(name).parts
    return next(p.cell.source for p in parts if p.task == task and p.role == "checks")


@cache
def elsewhere(name: str, task: str) -> tuple[str, ...]:
    """The sources of all code cells of a set that do not belong to this task."""
    parts = problem_set(name).parts
    return tuple(p.cell.source for p in parts if p.cell.kind == "code" and p.task != task)


@cache
def compiled(source: str, place: str) -> CodeType:
    """A cell, ready to run."""
    return compile(source, place, "exec")


def _check(source: str, namespace: dict[str, object]) -> Outcome:
    try:
        exec(compiled(source, "<check>"), namespace)
    except Exception as error:  # noqa: BLE001 - a student's code may raise anything
        return Outcome(error, _line_of_cell(source) > _line_of_failure(error))
    return Outcome(None, visible=False)


def _line_of_cell(source: str) -> int:
    """The line (from 1) where the hidden part begins."""
    return source.split("\n").index(BEGIN_HIDDEN) + 1


def _line_of_failure(error: Exception) -> int:
    """The line of the check cell's own top level: a helper may have raised further down."""
    traceback = error.__traceback__
    while traceback and traceback.tb_frame.f_code.co_filename != "<check>":
        traceback = traceback.tb_next
    return traceback.tb_lineno if traceback else sys.maxsize
