"""Take a part out of the LSTM: what can it no longer do? (chapter 07)"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data import tasks
from course_utils.experiments.cells import Cell, lstm_variant
from course_utils.experiments.solving import Budget, Outcome, solve, train_on
from course_utils.nn.dense import dense_forward

VARIANTS = {
    "standard": "standard",
    "no input gate": "no_input_gate",
    "no forget gate": "no_forget_gate",
    "no output gate": "no_output_gate",
    "coupled": "coupled",
    "peepholes": "peephole",
    "use gate": "use_gate",
    "use gate without W_u": "use_gate_without_weights",
}
"""Names for readers, and what `LSTM_VARIANTS` calls them."""


def ablated(name: str, forget_bias: float = 3.0) -> Cell:
    """The LSTM variant of this name in `VARIANTS`.

    Raises
    ------
    ValueError
        For a name that is not there.
    """
    if name not in VARIANTS:
        raise ValueError(f"name must be one of {sorted(VARIANTS)}; got {name!r}")
    return lstm_variant(name, VARIANTS[name], forget_bias=forget_bias, recurrent="uniform")


def adding(
    names: Iterable[str] = VARIANTS,
    *,
    T: int = 50,
    seeds: Sequence[int] = (0, 1),
    budget: Budget | None = None,
) -> list[Outcome]:
    """Adding at length 50 with every variant: at most 1000 updates at learning rate 0.01."""
    budget = budget or Budget(steps=1000, lr=0.01, validate_every=50)
    return [
        solve(ablated(name), lambda rng, B: tasks.adding(rng, T, B), seed=seed, budget=budget)
        for name in names
        for seed in seeds
    ]


@dataclass(frozen=True, eq=False)
class Drift:
    """How a variant fares on a stream that is far longer than those it was trained on.

    Attributes
    ----------
    name, seed : of the run
    solved_at : updates until the training task was solved, or None; training goes on after it
    errors : (N,) share of wrong answers in each of N stretches of the stream
    largest_cell : (N,) largest |c| in each stretch
    """

    name: str
    seed: int
    solved_at: int | None
    errors: NDArray[np.float64]
    largest_cell: NDArray[np.float64]


def recall_drift(
    name: str,
    *,
    seed: int = 0,
    T: int = 60,
    stream: int = 12_000,
    stretch: int = 600,
    B: int = 16,
    budget: Budget | None = None,
) -> Drift:
    """Train on recall streams of T steps; test on streams of `stream` steps without a reset.

    After Gers, Schmidhuber and Cummins (2000): without a forget gate the cell can only be added
    to, and on an endless stream it drifts away.
    """
    budget = budget or Budget(steps=600, lr=0.01, validate_every=50, held_out=256)
    cell = ablated(name)
    model, history, held_out = train_on(
        cell,
        lambda rng, rows: tasks.recall_stream(rng, T, rows),
        seed=seed,
        budget=budget,
        stop_when_solved=False,
    )
    test = tasks.recall_stream(np.random.default_rng(seed).spawn(4)[3], stream, B)
    errors, largest, state = [], [], None
    for start in range(0, stream, stretch):
        steps = slice(start, start + stretch)
        h, tape = cell.forward(test.x[steps].astype(budget.dtype), model["cell"], state)
        state = tape.final_state
        asked = test.mask[steps]
        y, _ = dense_forward(h[asked], model["readout"])
        errors.append(float((y.argmax(axis=1) != test.targets[steps][asked]).mean()))
        largest.append(_largest_cell(tape))
    solved = [held_out.success.met(value) for value in history.valid]
    solved_at = int(history.valid_step[solved.index(True)]) if any(solved) else None
    return Drift(name, seed, solved_at, np.array(errors), np.array(largest))


def _largest_cell(tape: Any) -> float:
    return float(np.abs(tape.cs).max())
