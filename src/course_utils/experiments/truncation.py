"""How long must a piece be for truncated backpropagation to learn a lag? (chapter 04)

The target is the input of `lag` steps ago. The state is carried from piece to piece, so a network
that knew how could answer with any window; but the gradient ends with the piece.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.tasks import echo
from course_utils.experiments.cells import Cell, Model, lstm
from course_utils.nn.dense import dense_backward, dense_forward
from course_utils.nn.losses import softmax_cross_entropy
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit
from course_utils.nn.truncation import TruncatedBPTT

Array = NDArray[Any]

LSTM = lstm("LSTM", forget_bias=1.0, recurrent="uniform")


@dataclass(frozen=True, eq=False)
class TruncationRun:
    """How training with one window ended.

    Attributes
    ----------
    window, lag, seed : of the run
    losses : (updates,) mean cross-entropy of every piece, nats
    solved_at : first update after which the mean loss of the last 20 is below 0.02, or None
    """

    window: int
    lag: int
    seed: int
    losses: Array
    solved_at: int | None

    @property
    def loss(self) -> float:
        """Mean loss over the last tenth of the updates, nats."""
        return float(self.losses[-max(1, len(self.losses) // 10) :].mean())


def train_with_window(
    window: int,
    *,
    lag: int = 8,
    seed: int = 0,
    updates: int = 1500,
    H: int = 32,
    B: int = 32,
    lr: float = 0.005,
    cell: Cell = LSTM,
) -> TruncationRun:
    """Train on endless streams of random bits in pieces of `window` steps, the state carried.

    In float64: a network that cannot learn is thrown about by rounding, and this has less.
    """
    init_rng, data_rng = np.random.default_rng(seed).spawn(2)
    stream = echo(data_rng, lag + window * updates, B, lag)
    scored = slice(lag, None)
    x, targets = stream.x[scored], stream.targets[scored]
    pieces = [
        (x[t : t + window], targets[t : t + window]) for t in range(0, window * updates, window)
    ]
    model = cell.model(init_rng, 2, H, 2)
    objective = TruncatedBPTT(
        lambda params, piece, carried: _loss_and_grads(cell, params, piece, carried)
    )
    _, history = fit(objective, model, iter(pieces), optimiser=Adam(lr=lr), steps=updates, clip=1.0)
    return TruncationRun(window, lag, seed, history.loss, _first_below(history.loss, 0.02, 20))


CHANCE = math.log(2)
"""What a network that remembers nothing useful pays, nats a step."""


def _loss_and_grads(
    cell: Cell, model: Model, piece: tuple[Array, Array], carried: tuple[Array, ...]
) -> tuple[float, Model, tuple[Array, ...]]:
    x, targets = piece
    h, tape = cell.forward(x, model["cell"], carried or None)
    y, readout = dense_forward(h, model["readout"])
    loss, dy = softmax_cross_entropy(y, targets)
    dreadout, dh = dense_backward(dy, readout)
    dcell, _ = cell.backward(dh, tape)
    return loss, {"cell": dcell, "readout": dreadout}, tape.final_state


def _first_below(losses: Array, limit: float, width: int) -> int | None:
    """The first update whose last `width` losses have a mean below `limit`."""
    if len(losses) < width:
        return None
    means = np.convolve(losses, np.full(width, 1 / width), mode="valid")
    below = np.flatnonzero(means < limit)
    return int(below[0]) + width if below.size else None
