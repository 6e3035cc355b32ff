"""Run a problem set's cells in this process: fast, and without any isolation.

Answers on the lists are our own code. The cells come from the text in ``book/``, so that a list is
tested against what is written there, made or not.
"""

import sys
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
    """What became of one task: no error, or the error and whether the visible part raised it."""

    error: Exception | None
    visible: bool

    @property
    def passed(self) -> bool:
        """True where the whole check cell ran."""
        return self.error is None


def run(name: str, *chosen: Answer) -> dict[str, Outcome]:
    """Run all cells in order in one namespace, as a kernel does; the outcome of each auto task.

    ``chosen`` answers, at most one a task, stand in the place of the right solutions.
    """
    with warnings.catch_warnings():
        if chosen:  # a student's code may warn; the set's own may not
            warnings.simplefilter("ignore")
        return _run(name, chosen, {task.name for task in auto_tasks(name)})


def run_task(name: str, answer: Answer) -> Outcome:
    """Run the given cells and the answer's own task only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _run(name, (answer,), {answer.task})[answer.task]


def _run(name: str, chosen: tuple[Answer, ...], tasks: set[str]) -> dict[str, Outcome]:
    namespace: dict[str, object] = {"__name__": "__main__"}
    outcomes = {}
    instead = {answer.task: answer.source for answer in chosen}
    for part in problem_set(name).parts:
        if part.cell.kind != "code" or (part.task and part.task not in tasks):
            continue
        source = part.cell.source
        if part.role == "solution" and part.task in instead:
            source = instead[part.task]
            instead[part.task] = ""  # a task's further solution cells stay empty
        if part.role == "checks":
            outcomes[part.task] = _check(source, namespace)
        elif part.role in ("given", "solution"):
            exec(compile(source, part.id, "exec"), namespace)
    return outcomes


def _check(source: str, namespace: dict[str, object]) -> Outcome:
    try:
        exec(compile(source, "<check>", "exec"), namespace)
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
