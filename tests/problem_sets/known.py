"""The known answers to all sets, as parameters of tests."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from in_process import FOLDER, SETS, auto_tasks, reference

from course_utils.grading import answers
from course_utils.grading.answers import Answer

WRONG = {name: answers.wrong(FOLDER / name) for name in SETS}
RIGHT = {name: answers.right(FOLDER / name) for name in SETS}
KEYS = [None, *(bytes([n]) * 16 for n in range(4))]
"""The public key, and those of four classes."""


def degenerate(name: str) -> list[Answer]:
    """Every answer without content to the tasks of a set."""
    return [
        answer
        for task in auto_tasks(name)
        for answer in answers.degenerate(task.name, task.defines, reference(name, task.name))
    ]


def each(listed: Callable[[str], Sequence[Answer]]) -> list[object]:
    """Parameters (set, answer), one for every answer on the lists of all sets."""
    return [pytest.param(name, a, id=f"{name[:4]}-{a.name}") for name in SETS for a in listed(name)]


def first_of_each_task(listed: Sequence[Answer]) -> list[Answer]:
    """The first answer on a list to each of its tasks."""
    return list({answer.task: answer for answer in reversed(listed)}.values())


def rounds(name: str) -> Iterator[list[Answer]]:
    """Every known answer of a set once, with right solutions before it and behind it.

    A round takes one answer for every second task, so a few runs of the whole set serve them all.
    """
    tasks = [task.name for task in auto_tasks(name)]
    listed = {task: [a for a in WRONG[name] + RIGHT[name] if a.task == task] for task in tasks}
    halves = tasks[::2], tasks[1::2]
    for nth in range(max(map(len, listed.values()))):
        for half in halves:
            chosen = [listed[task][nth] for task in half if nth < len(listed[task])]
            if chosen:
                yield chosen
