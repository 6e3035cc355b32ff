"""Four training runs on temporal order, each ill in its own way: the logs of problem set 5.

All four train a plain network of 32 units by gradient descent on sequences of 40 steps. What is
logged is what a careful person prints: the loss, the norm of the gradient before clipping, and how
large the gradient is by lag.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data import tasks
from course_utils.nn.dense import dense_backward, dense_forward, init_dense
from course_utils.nn.initialisation import orthogonal, uniform, with_spectral_radius
from course_utils.nn.jacobians import gradient_norm_by_lag
from course_utils.nn.losses import softmax_cross_entropy
from course_utils.nn.optimisers import SGD, clip_by_global_norm
from course_utils.nn.rnn import RNNParams, rnn_backward, rnn_forward
from course_utils.nn.sequences import gradient_at_last_step

Array = NDArray[Any]
T, H, B = 40, 32, 64


@dataclass(frozen=True)
class Setting:
    """One run: how W_h starts, the learning rate, the threshold, how many steps go back."""

    start: Callable[[np.random.Generator], Array]
    lr: float = 0.1
    clip: float | None = None
    back: int = T


SETTINGS = {
    "A": Setting(lambda rng: uniform(rng, H, H)),
    "B": Setting(lambda rng: orthogonal(rng, H, H), clip=0.001),
    "C": Setting(lambda rng: with_spectral_radius(rng.standard_normal((H, H)), 3.0)),
    "D": Setting(lambda rng: orthogonal(rng, H, H), back=10),
}


@dataclass(frozen=True, eq=False)
class Log:
    """What one run printed.

    Attributes
    ----------
    loss, norm : (N,) loss in nats, and the gradient's norm before clipping, every `every` updates
    by_lag : (T,) norm of dL/dh_{T-k} at the start, 1 at lag 0; 0 where nothing was sent back
    """

    loss: Array
    norm: Array
    by_lag: Array


def train(setting: Setting, *, updates: int = 200, every: int = 25, seed: int = 0) -> Log:
    """Run one setting and log it at updates 0, `every`, …, `updates`."""
    rng = np.random.default_rng(seed)
    cell = RNNParams(rng.standard_normal((6, H)) / np.sqrt(6), setting.start(rng), np.zeros(H))
    params = {"cell": cell, "readout": init_dense(rng, H, 4)}
    optimiser = SGD(setting.lr)
    state = optimiser.init(params)
    loss_of, norm_of, by_lag = [], [], np.zeros(T)
    for update in range(updates + 1):
        batch = tasks.temporal_order(rng, T, B)
        h, tape = rnn_forward(batch.x, params["cell"])
        y, readout_tape = dense_forward(h[-1], params["readout"])
        loss, dy = softmax_cross_entropy(y, batch.targets[-1])
        dreadout, dh = dense_backward(dy, readout_tape)
        near = tape.steps(T - setting.back, T)
        if update == 0:
            norms = gradient_norm_by_lag(rnn_backward, near, dh)[: setting.back]
            by_lag[: setting.back] = norms / norms[0]
        grads = {
            "cell": rnn_backward(gradient_at_last_step(dh, setting.back), near)[0],
            "readout": dreadout,
        }
        limit = np.finfo(float).max if setting.clip is None else setting.clip
        grads, norm = clip_by_global_norm(grads, limit)
        if update % every == 0:
            loss_of.append(loss)
            norm_of.append(norm)
        params, state = optimiser.update(params, grads, state)
    return Log(np.array(loss_of), np.array(norm_of), by_lag)
