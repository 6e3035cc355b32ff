"""Which cell on which task, with which budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from course_utils.experiments import ablation, remembering
from course_utils.experiments.cells import (
    COMPARED,
    GRU,
    IRNN,
    LSTM_CHRONO,
    RNN,
    RNN_ORTHOGONAL,
    Cell,
    forget_bias,
)
from course_utils.experiments.digits_by_pixels import WORK, read_digits
from course_utils.experiments.solving import Budget, Outcome

SEEDS = range(5)
Table = Mapping[str, Callable[[int], Outcome]]
"""By the name of a row, a run for a seed; the outcome's `cell` is the row's name."""


def _of_cells(
    experiment: Callable[..., list[Outcome]],
    cells: Iterable[Cell],
    budget: Budget,
    *difficulty: int,
) -> Table:
    def run(cell: Cell, seed: int) -> Outcome:
        (outcome,) = experiment(*difficulty, cells=[cell], seeds=[seed], budget=budget)
        return outcome

    return {cell.name: partial(run, cell) for cell in cells}


def _of_parts(budget: Budget) -> Table:
    def run(name: str, seed: int) -> Outcome:
        (outcome,) = ablation.adding([name], seeds=[seed], budget=budget)
        return outcome

    return {name: partial(run, name) for name in ablation.VARIANTS}


def _of_digits(work: int, matrices: Mapping[Cell, int], rates: Iterable[float]) -> Table:
    def run(name: str, options: dict[str, Any], seed: int) -> Outcome:
        return read_digits(**options, name=name, seed=seed, work=work)

    return {
        f"{cell.name}, rate {lr:g}": partial(
            run, f"{cell.name}, rate {lr:g}", {"cell": cell, "lr": lr, "matrices": number}
        )
        for cell, number in matrices.items()
        for lr in rates
    }


def with_input_bias(cell: Cell, bias: float) -> Cell:
    """This LSTM with all input gates starting at the same bias, whatever they were to start at."""

    def init(*arguments: Any) -> Any:
        params = cell.init(*arguments)
        params.b[: len(params.b) // 4] = bias
        return params

    return replace(cell, name=f"{cell.name}, b_i = {bias:g}", init=init)


ORDER = Budget(steps=1000, held_out=500, validate_every=50)
ADDING = Budget(steps=2000, held_out=500, validate_every=50)
REBER = Budget(steps=1000, held_out=256, validate_every=50)
STRICT = Budget(steps=2500, H=16, B=16, lr=0.01, held_out=256, validate_every=50)
PARTS = Budget(steps=1000, lr=0.01, held_out=500, validate_every=50)

FOUR = (RNN_ORTHOGONAL, forget_bias(1), LSTM_CHRONO, GRU)
HALF_STARTS = (with_input_bias(LSTM_CHRONO, 0), with_input_bias(forget_bias(5), -5))

TABLES: dict[str, Table] = {
    **{
        f"temporal order, T = {T}": _of_cells(remembering.temporal_order, COMPARED, ORDER, T)
        for T in (20, 50, 100, 200)
    },
    "half starts, T = 200": _of_cells(remembering.temporal_order, HALF_STARTS, ORDER, 200),
    "adding without a part, T = 50": _of_parts(PARTS),
    "adding, T = 100": _of_cells(remembering.adding, (RNN, *FOUR, IRNN), ADDING, 100),
    "agreement, 25 phrases": _of_cells(remembering.agreement, FOUR, ORDER, 25),
    "digits by pixels": {
        **_of_digits(WORK, {RNN_ORTHOGONAL: 1}, (0.001,)),
        **_of_digits(WORK, {forget_bias(1): 4}, (0.003, 0.01)),
        **_of_digits(WORK, {GRU: 3}, (0.003, 0.01)),
    },
    "digits by pixels, four times the work": _of_digits(4 * WORK, {forget_bias(1): 4}, (0.01,)),
    "long embedded Reber, n = 3": _of_cells(
        remembering.long_reber, (*FOUR, forget_bias(3)), REBER, 3
    ),
    "embedded Reber": _of_cells(remembering.embedded_reber, (RNN, forget_bias(1)), STRICT),
}
"""The tables by name."""


def measure(table: str, row: str, seed: int) -> Outcome:
    """One run again, from nothing.

    Raises
    ------
    KeyError
        If there is no such table, or no such row in it.
    """
    return TABLES[table][row](seed)
