"""Which cell remembers, how far, and from which start? (chapters 05 and 07)

Every function runs one table and returns its rows; a row is an `Outcome`. Budgets are those that
the numbers in the book were measured with; smaller ones give the same table with more failures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.data import tasks
from course_utils.experiments.cells import (
    COMPARED,
    GRU,
    IRNN,
    LSTM_CHRONO,
    RNN,
    RNN_ORTHOGONAL,
    Cell,
    Model,
    forget_bias,
)
from course_utils.experiments.solving import (
    Budget,
    Outcome,
    Task,
    answers,
    loss_and_grads,
    solve,
)
from course_utils.nn.batches import Sampled
from course_utils.nn.losses import softmax
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit

SEEDS = (0, 1, 2)


def temporal_order(
    T: int,
    cells: Iterable[Cell] = COMPARED,
    *,
    seeds: Sequence[int] = SEEDS,
    budget: Budget | None = None,
) -> list[Outcome]:
    """Pascanu's temporal order at length T: solved when under 1 % of 1000 sequences are wrong."""
    return _table(lambda rng, B: tasks.temporal_order(rng, T, B), cells, seeds, budget, T)


ADDING_CELLS = (RNN, RNN_ORTHOGONAL, IRNN, forget_bias(1), LSTM_CHRONO, GRU)


def adding(
    T: int,
    cells: Iterable[Cell] = ADDING_CELLS,
    *,
    seeds: Sequence[int] = SEEDS,
    budget: Budget | None = None,
) -> list[Outcome]:
    """Adding at length T: solved when the mean squared error is under 0.01 (blind: 1/6)."""
    budget = budget or Budget(steps=2500)
    return _table(lambda rng, B: tasks.adding(rng, T, B), cells, seeds, budget, T)


LONG_REBER_CELLS = (RNN, RNN_ORTHOGONAL, GRU, forget_bias(3))


def long_reber(
    inner: int = 3,
    cells: Iterable[Cell] = LONG_REBER_CELLS,
    *,
    seeds: Sequence[int] = SEEDS,
    budget: Budget | None = None,
) -> list[Outcome]:
    """Long embedded Reber: recall T or P after `inner` Reber strings, in at most 1500 updates."""
    budget = budget or Budget(steps=1500, held_out=256, validate_every=50)
    return _table(lambda rng, B: tasks.long_reber(rng, B, inner=inner), cells, seeds, budget, None)


AGREEMENT_CELLS = (RNN, RNN_ORTHOGONAL, forget_bias(1), LSTM_CHRONO, GRU)


def agreement(
    phrases: int,
    cells: Iterable[Cell] = AGREEMENT_CELLS,
    *,
    lexicon: str = "subject",
    seeds: Sequence[int] = SEEDS,
    budget: Budget | None = None,
) -> list[Outcome]:
    """Agreement with the first word, with `phrases` distracting phrases in between."""
    return _table(
        lambda rng, B: tasks.agreement(rng, phrases, B, lexicon), cells, seeds, budget, None
    )


COPY_CELLS = (RNN_ORTHOGONAL, forget_bias(1), forget_bias(3), GRU)


def copying(
    lag: int,
    cells: Iterable[Cell] = COPY_CELLS,
    *,
    length: int = 5,
    symbols: int = 8,
    seeds: Sequence[int] = SEEDS,
    budget: Budget | None = None,
) -> list[Outcome]:
    """Copy `length` symbols over `lag` steps: solved when under 1 % of the answers are wrong."""
    budget = budget or Budget(steps=5000, H=64, validate_every=250)
    return _table(
        lambda rng, B: tasks.copy(rng, lag, B, length=length, symbols=symbols),
        cells,
        seeds,
        budget,
        lag + length,
    )


def _table(
    task: Task,
    cells: Iterable[Cell],
    seeds: Sequence[int],
    budget: Budget | None,
    span: int | None,
) -> list[Outcome]:
    return [
        solve(cell, task, seed=seed, budget=budget, span=span) for cell in cells for seed in seeds
    ]


# --- Embedded Reber: which sets of next symbols does the network think legal? -------------------

REBER_CELLS = (forget_bias(1), RNN, RNN_ORTHOGONAL, GRU)


def embedded_reber(
    cells: Iterable[Cell] = REBER_CELLS,
    *,
    seeds: Sequence[int] = range(5),
    budget: Budget | None = None,
) -> list[Outcome]:
    """Embedded Reber by the strict criterion; a row's `steps` count updates of B strings each.

    A string is right when, at every step, the symbols with a probability above 0.15 are exactly
    the legal ones. Solved when all of 256 held-out strings are.
    """
    budget = budget or Budget(steps=2500, H=16, B=16, lr=0.01, validate_every=50, held_out=256)
    return [_solve_reber(cell, seed, budget) for cell in cells for seed in seeds]


def wrong_strings(cell: Cell, model: Model, batch: tasks.ReberBatch, limit: float = 0.15) -> float:
    """Share of strings with a step whose symbols above `limit` are not exactly the legal ones."""
    p = softmax(answers(cell, model, batch, batch.mask))
    wrong = np.zeros(batch.mask.shape, bool)
    wrong[batch.mask] = ((p > limit) != batch.legal[batch.mask]).any(axis=1)
    return float(wrong.any(axis=0).mean())


def _solve_reber(cell: Cell, seed: int, budget: Budget) -> Outcome:
    init_rng, train_rng, test_rng = np.random.default_rng(seed).spawn(3)
    held_out = tasks.reber(test_rng, budget.held_out)
    model = cell.model(init_rng, 7, budget.H, 7, T=held_out.difficulty, dtype=budget.dtype)
    _, history = fit(
        lambda params, batch: loss_and_grads(cell, params, batch),
        model,
        Sampled(lambda rng: tasks.reber(rng, budget.B), train_rng),
        optimiser=Adam(lr=budget.lr),
        steps=budget.steps,
        clip=budget.clip,
        validate=lambda params: wrong_strings(cell, params, held_out),
        validate_every=budget.validate_every,
        until=lambda value: value == 0,
    )
    solved = history.stopped == "until"
    value, seconds = float(history.valid[-1]), float(history.seconds[-1])
    return Outcome(cell.name, seed, solved, len(history), value, seconds)


# --- Reading a table ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What the runs of one cell came to.

    Attributes
    ----------
    cell : its name
    solved, runs : how many solved the task, of how many
    steps : updates of those that did, fewest first
    low, high : 95 % interval for the chance of success (Wilson 1927)
    """

    cell: str
    solved: int
    runs: int
    steps: tuple[int, ...]
    low: float
    high: float


def summarise(outcomes: Iterable[Outcome]) -> list[Row]:
    """One row a cell, in the order in which they first come."""
    by_cell: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_cell.setdefault(outcome.cell, []).append(outcome)
    rows = []
    for cell, runs in by_cell.items():
        steps = tuple(sorted(run.steps for run in runs if run.solved))
        low, high = wilson_interval(len(steps), len(runs))
        rows.append(Row(cell, len(steps), len(runs), steps, low, high))
    return rows


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval for a proportion: honest for few trials, and inside [0, 1].

    Raises
    ------
    ValueError
        If there is no trial, or not 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(
            f"successes must lie in 0..trials, trials at least 1; got {successes} of {trials}"
        )
    p = successes / trials
    centre = (p + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
