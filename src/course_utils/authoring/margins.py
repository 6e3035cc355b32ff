"""How far the numbers of a notebook are from another digit and from a failed claim.

A digit is safe where the number behind it is at least :data:`FACTOR` times as far from the next
rounding as it moves between the lanes; a claim, where what it leaves is that much.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.authoring.recording import SPEC

FACTOR = 3.0

Place = tuple[int, int, int]  # code cell (from 0), line in it (from 1), column
Events = Mapping[tuple[Place, str, str], list[np.ndarray]]


@dataclass(frozen=True)
class Thin:
    """A number whose margin is too thin.

    Attributes:
        cell: the code cell, from 0.
        line: its line in the cell, from 1.
        message: what is thin, and what to do.
    """

    cell: int
    line: int
    message: str


def read(path: Path) -> Events:
    """Return what a lane recorded: arrays by place, kind and format, in the order of the run."""
    events: dict[tuple[Place, str, str], list[np.ndarray]] = defaultdict(list)
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            key = (tuple(event["at"]), event["kind"], event["how"])
            events[key].append(np.array(event["numbers"], dtype=float))
    return events


def thin(lanes: Sequence[Events]) -> list[Thin]:
    """Return what comes too near to its edge in one of the lanes, in the order of the cells."""
    found = []
    for key in sorted({key for events in lanes for key in events}):
        (cell, line, _), kind, how = key
        runs = [events[key] for events in lanes if key in events]
        with np.errstate(all="ignore"):
            margin, spread = _nearest(runs, kind, how)
        if margin < FACTOR * spread:
            found.append(Thin(cell, line, _message(kind, how, margin, spread)))
    return found


def _message(kind: str, how: str, margin: float, spread: float) -> str:
    moves = f"moves by {spread:.1g} between processors"
    if kind == "printed":
        return (
            f"a number written as {how} {moves} and is {margin:.1g} from another digit; "
            "print fewer digits, a range or a median"
        )
    return (
        f"a claim's difference {moves} and is {margin:.1g} from failing; "
        "assert it with a wider margin, or over several seeds"
    )


def _nearest(runs: Sequence[list[np.ndarray]], kind: str, how: str) -> tuple[float, float]:
    """Return the margin and the spread of the number whose ratio of the two is smallest."""
    flat = [np.concatenate(run) for run in runs]
    if len({len(numbers) for numbers in flat}) > 1:
        # Other lanes took other turns here: only what comes nearest can be compared.
        flat = [numbers[[np.argmin(_distance(numbers, kind, how))]] for numbers in flat]
    numbers = np.stack(flat)
    numbers = numbers[:, np.isfinite(numbers).all(axis=0)]
    if not numbers.size:
        return np.inf, 0.0
    margin = _distance(numbers, kind, how).min(axis=0)
    spread = np.ptp(numbers, axis=0)
    worst = int(np.argmin(np.where(spread > 0, margin / spread, np.inf)))
    return float(margin[worst]), float(spread[worst])


def _distance(numbers: np.ndarray, kind: str, how: str) -> np.ndarray:
    """How far each number is from where its text, or the truth of its claim, changes."""
    if kind == "asserted":
        return np.abs(numbers)
    places, form = SPEC.fullmatch(how).groups()
    step = 10.0 ** -int(places)
    if form == "%":
        step /= 100
    elif form in "eg":
        leading = np.floor(np.log10(np.maximum(np.abs(numbers), 1e-300)))
        step = step * 10.0 ** (leading + (form == "g"))
    part = numbers / step
    return np.abs(part - np.floor(part) - 0.5) * step
