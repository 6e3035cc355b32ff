"""Can it keep count? Running parity, for cells whose gates see the state and cells whose do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from course_utils.data import tasks
from course_utils.experiments.cells import GRU, Cell
from course_utils.experiments.solving import Budget, Outcome, solve
from course_utils.nn.minrnn import init_mingru, mingru_backward, mingru_forward

MIN_GRU = Cell(
    "minGRU",
    lambda rng, D, H, T, dtype: init_mingru(rng, D, H, dtype=dtype),
    lambda x, params, state: mingru_forward(x, params, *(state or ())),
    lambda dh, tape: mingru_backward(dh, tape)[:2],
)
"""Chapter 09's minGRU, with the face of the course's other cells."""


def running_parity(
    T: int, cells: Iterable[Cell] = (MIN_GRU, GRU), *, seeds: Sequence[int] = range(5)
) -> list[Outcome]:
    """Train 8 units on the running parity of T bits, at most 600 updates a run."""
    budget = Budget(steps=600, H=8, lr=0.02, held_out=300, validate_every=50)
    return [
        solve(cell, lambda rng, B: tasks.parity(rng, T, B), seed=seed, budget=budget)
        for cell in cells
        for seed in seeds
    ]
