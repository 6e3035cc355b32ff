"""Change the right solutions of a problem set a little, and see that each change loses its points.

    python tools/reference_mutants.py [ps01 …] [--task slide] [--list]

A mutant runs against the visible and the hidden part of its task's check, in a process of its own,
under the public key and under that of a class. One that passes under either must be listed in
tests/problem_sets/<set>/equivalent.toml with the reason why it is right after all; otherwise the
exit code is 1.

Where a task asks for trained weights, what they achieve is measured, and another training that
achieves it is as right. Such a task is listed there as ``measured``, and only what its function
keeps, alters or drops is tried.
"""

import argparse
import io
import os
import resource
import sys
import tomllib
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "problem_sets"), str(Path(__file__).parent)]

from in_process import FOLDER, SETS, auto_tasks, reference, run_task, start  # noqa: E402
from known import KEYS  # noqa: E402
from reference_edits import Edit, edits, wrapped  # noqa: E402

from course_utils.grading.answers import Answer  # noqa: E402

SECONDS, MEMORY = 10, 4 * 2**30
CAUGHT, PASSED = 0, 1


@dataclass
class Outcome:
    """What became of the mutants of one task."""

    caught: list[Edit] = field(default_factory=list)
    passed: list[Edit] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", help="such as ps01; else all")
    parser.add_argument("--task", help="one task only")
    parser.add_argument("--list", action="store_true", help="only print the mutants")
    options = parser.parse_args()
    chosen = [name for name in SETS if not options.sets or name.startswith(tuple(options.sets))]
    tasks = [
        (name, task)
        for name in chosen
        for task in auto_tasks(name)
        if options.task in (None, task.name)
    ]
    if not tasks:
        print(f"No task matches {options.sets} {options.task}; the sets are {', '.join(SETS)}.")
        return 2
    unexplained = 0
    for name, task in tasks:
        made = wrapped if task.name in measured(name) else edits
        mutants = list(made(reference(name, task.name), task.defines))
        if options.list:
            print(*(f"{task.name}: {edit}" for edit in mutants), sep="\n")
            continue
        outcome = tried(name, task.name, mutants)
        unexplained += verdict(f"{name} {task.name}", outcome, equivalent(name, task.name))
    return 1 if unexplained else 0


def tried(name: str, task: str, mutants: Iterable[Edit]) -> Outcome:
    """Run every mutant of a task in a forked child."""
    with redirect_stdout(io.StringIO()):
        start(name, task)  # once, before any fork
    if not passes(name, task, Edit("", "", reference(name, task))):
        raise SystemExit(f"{name} {task}: the right solution itself does not pass")
    outcome = Outcome()
    for mutant in mutants:
        (outcome.passed if passes(name, task, mutant) else outcome.caught).append(mutant)
    return outcome


def passes(name: str, task: str, mutant: Edit) -> bool:
    """Whether a mutant keeps its points under either key. One over its time or memory does not."""
    with TemporaryDirectory() as folder:  # a mutant may write files
        child = os.fork()
        if not child:
            _leave(folder, name, task, mutant)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == PASSED


def _leave(folder: str, name: str, task: str, mutant: Edit) -> NoReturn:
    """Try a mutant in a folder, and end this process with what became of it."""
    code = CAUGHT
    try:
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        answer = Answer("mutant", task, mutant.source)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            if any(run_task(name, answer, key).passed for key in KEYS[:2]):
                code = PASSED
    finally:
        os._exit(code)


def equivalent(name: str, task: str) -> dict[str, str]:
    """The listed mutants of a task, ``before → after``, and why each of them is right."""
    mine = [entry for entry in _listed(name)["equivalent"] if entry["task"] == task]
    return {edit: entry["reason"] for entry in mine for edit in entry["edits"]}


def measured(name: str) -> dict[str, str]:
    """The tasks of a set whose result is measured, and what is measured."""
    return {entry["task"]: entry["reason"] for entry in _listed(name).get("measured", [])}


def _listed(name: str) -> dict[str, list[dict]]:
    return tomllib.loads((FOLDER / name / "equivalent.toml").read_text())


def verdict(title: str, outcome: Outcome, reasons: dict[str, str]) -> int:
    """Say what became of the mutants of a task; how many passed that nobody explained."""
    passed = {str(edit) for edit in outcome.passed}
    unexplained = [edit for edit in outcome.passed if not reasons.get(str(edit), "").strip()]
    total = len(outcome.caught) + len(outcome.passed)
    print(
        f"{title}: {total} mutants, {len(outcome.caught)} caught,"
        f" {len(outcome.passed) - len(unexplained)} equivalent, {len(unexplained)} unexplained",
        flush=True,
    )
    for edit in unexplained:
        print(f"    passes: {edit}")
    for edit in (edit for edit in reasons if edit not in passed):
        print(f"    listed as equivalent, but caught now or gone: {edit}")
    return len(unexplained)


if __name__ == "__main__":
    sys.exit(main())
