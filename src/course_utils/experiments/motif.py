"""Is `ab` in here, or `ba`? What a net learns about one place and knows about another (chapter 01).

Three nets from one piece of code: windows of `m` inputs under shared weights, summed over time or
read at the last step only. With m = 1 and a sum it is a bag; with m as long as the sequence, read
at the end, an ordinary window network; with m = 2 and a sum, a time-delay network.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.tasks.batch import one_hot
from course_utils.nn.dense import DenseParams, dense_backward, dense_forward, init_dense
from course_utils.nn.losses import softmax_cross_entropy
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit
from course_utils.nn.window import TDNNLayer, init_tdnn, tdnn_backward, tdnn_forward

Array = NDArray[Any]
T, V = 8, 4
"""Letters in a sequence, and in the alphabet a, b, c, d."""

PLACES = range(T - 2)
"""Where the pair may begin: a letter always follows it, so that no place looks like an end."""


@dataclass(frozen=True)
class Detector:
    """Windows under shared weights, and a readout for two classes; `pool` sums over time."""

    layers: tuple[TDNNLayer, ...]
    readout: DenseParams
    pool: bool

    def scores(self, x: Array) -> Array:
        """x (T, B, V) -> (B, 2)."""
        h, _ = tdnn_forward(x, self.layers)
        return dense_forward(_read(h, pool=self.pool), self.readout)[0]

    def accuracy(self) -> Array:
        """For each of `PLACES`, the share that is right of all sequences with the pair there."""
        tests = [sequences([place]) for place in PLACES]
        return np.array([(self.scores(x).argmax(axis=-1) == want).mean() for x, want in tests])


def sequences(places: list[int]) -> tuple[Array, Array]:
    """Every sequence of c and d with `ab` (class 1) or `ba` (class 0) at one of `places`.

    Returns one-hot x (T, B, V) and targets (B,); B is 2 * 64 for each place. Raises ValueError for
    a place outside `PLACES`.
    """
    if not set(places) <= set(PLACES):
        raise ValueError(f"sequences: places are {places}; wanted numbers from 0 to {PLACES[-1]}.")
    rows, targets = [], []
    for place, rest, label in product(places, product((2, 3), repeat=T - 2), (0, 1)):
        pair = (0, 1) if label else (1, 0)
        rows.append((*rest[:place], *pair, *rest[place:]))
        targets.append(label)
    return one_hot(np.array(rows).T, V), np.array(targets)


def train_detector(
    places: list[int], m: int, *, pool: bool, H: int = 8, seed: int = 0, steps: int = 150
) -> Detector:
    """Train on every sequence with the pair at one of `places`, with Adam."""
    rng = np.random.default_rng(seed)
    start = {"layers": init_tdnn(rng, V, [(m, H)]), "readout": init_dense(rng, H, 2)}

    def loss_and_grads(params: dict[str, Any], batch: tuple[Array, Array]) -> tuple[float, Any]:
        x, targets = batch
        h, tape = tdnn_forward(x, params["layers"])
        y, readout_tape = dense_forward(_read(h, pool=pool), params["readout"])
        loss, dy = softmax_cross_entropy(y, targets)
        dreadout, dread = dense_backward(dy, readout_tape)
        dh = np.zeros_like(h)
        dh[0 if pool else -1 :] = dread
        dlayers, _ = tdnn_backward(dh, tape)
        return loss, {"layers": dlayers, "readout": dreadout}

    params, _ = fit(
        loss_and_grads, start, [sequences(places)], optimiser=Adam(lr=0.02), steps=steps
    )
    return Detector(params["layers"], params["readout"], pool)


def _read(h: Array, *, pool: bool) -> Array:
    return h.sum(axis=0) if pool else h[-1]
