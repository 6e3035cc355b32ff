"""Known answers to a problem set: wrong ones, right but different ones, degenerate ones.

The first two kinds are written by people, as ``wrong.toml`` and ``right.toml`` in a folder of the
set's name; the third is generated from the reference solution. Tests and the generator of whole
classes use the same lists. An answer is the source that replaces its task's solution cell.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent


@dataclass(frozen=True)
class Answer:
    """One answer to one task. ``says`` is a phrase that the visible check's message contains."""

    name: str
    task: str
    source: str
    says: str | None = None


def wrong(folder: Path) -> tuple[Answer, ...]:
    """Answers with a real mistake: each loses the points of its own task and no others."""
    return _load(folder / "wrong.toml")


def right(folder: Path) -> tuple[Answer, ...]:
    """Correct answers unlike the reference solution: each keeps all points."""
    return _load(folder / "right.toml")


def _load(path: Path) -> tuple[Answer, ...]:
    """Read one list. Raises `ValueError` with path and place if an entry is not an answer."""
    with path.open("rb") as file:
        entries = tomllib.load(file).get("answer", [])
    answers = []
    for number, entry in enumerate(entries, 1):
        known = {"name", "task", "source", "says"}
        if not {"name", "task", "source"} <= set(entry) <= known:
            raise ValueError(
                f"{path}: answer {number} has the keys {sorted(entry)}; wanted name, task, source "
                "and perhaps says"
            )
        answers.append(Answer(**entry))
    names = [answer.name for answer in answers]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"{path}: two answers are called {min(twice)!r}; names must differ")
    return tuple(answers)


# What a degenerate answer makes of the right result of one call; `each` maps over dictionaries.
_RESULTS = {
    "none": "None",
    "zero": "0",
    "empty": "np.empty(0)",
    "empty_list": "[]",
    "nan": "each(lambda part: np.full(np.shape(part), np.nan), result)",
    "transposed": "each(lambda part: np.transpose(np.atleast_2d(part)), result)",
    "broadcastable": (
        "each(lambda part: np.asarray(part)[(slice(1),) * np.ndim(part)] if np.ndim(part) "
        "else [part, part], result)"
    ),
    "constant": "each(lambda part: np.full(np.shape(part), 0.5), result)",
    "text": "repr(result)",
}


def degenerate(task: str, defines: Sequence[str], reference: str) -> tuple[Answer, ...]:
    """Answers without content, for every name that a task defines.

    ``reference`` is the source of the task's right solution. A function's right result is spoilt;
    a value takes the place of the result. The other names of the task stay right.
    """
    answers = []
    for name in defines:
        for kind, expression in _RESULTS.items():
            answers.append(_spoilt(task, name, kind, expression, reference))
        for position in range(_ECHOES):
            echo = f"arguments[min({position}, len(arguments) - 1)] if arguments else ()"
            answers.append(_spoilt(task, name, f"echo_{position}", echo, reference))
    return tuple(answers)


_ECHOES = 3
_SPOIL = """

def _spoil(right):
    def each(change, result):
        if isinstance(result, dict):
            return {{key: change(part) for key, part in result.items()}}
        return change(result)

    def spoilt(*arguments):
        result = right(*arguments) if callable(right) else right
        return {expression}

    return spoilt if callable(right) else spoilt()


{name} = _spoil({name})
"""


def _spoilt(task: str, name: str, kind: str, expression: str, reference: str) -> Answer:
    spoil = dedent(_SPOIL).format(name=name, expression=expression)
    return Answer(f"{name}_{kind}", task, reference.rstrip() + "\n" + spoil)
