"""One unit, two parameters, fifty steps: a loss with a cliff, and walks along it.

The example of Pascanu, Mikolov and Bengio (2013), figure 6: x_t = w σ(x_{t-1}) + b from
x_0 = 0.5, and the loss (σ(x_50) - 0.7)².
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.experiments import exact

Floats = NDArray[np.float64]

STEPS = 50
TARGET = 0.7


def loss_and_gradient(w: Any, b: Any, steps: int = STEPS) -> tuple[Floats, Floats, Floats]:
    """The loss, dw and db at every point of `w` and `b` (arrays of one shape, or numbers).

    The derivatives of the state are carried forward beside it: with two parameters that is
    simpler than going back, and gives the same gradient.
    """
    w, b = np.broadcast_arrays(np.asarray(w, float), np.asarray(b, float))
    x = np.full(w.shape, 0.5)
    x_w, x_b = np.zeros_like(x), np.zeros_like(x)
    for _ in range(steps):
        s = exact.sigmoid(x)
        slope = w * s * (1 - s)
        x, x_w, x_b = w * s + b, s + slope * x_w, 1 + slope * x_b
    s = exact.sigmoid(x)
    error = s - TARGET
    outer = 2 * error * s * (1 - s)
    return error**2, outer * x_w, outer * x_b


@dataclass(frozen=True, eq=False)
class Walk:
    """A path of gradient descent on the loss.

    Attributes
    ----------
    clip : largest norm of a step's gradient, or None
    w, b : (N + 1,) parameters, the start first
    loss : (N + 1,) their losses
    grad_norm : (N,) norm of each gradient, before clipping
    """

    clip: float | None
    w: Floats
    b: Floats
    loss: Floats
    grad_norm: Floats

    @property
    def longest_step(self) -> float:
        """The largest distance between two points in a row."""
        return float(exact.length(np.diff(self.w), np.diff(self.b)).max())


def starts_around(
    centre: tuple[float, float] = (5.2, -2.7), spread: float = 0.02, side: int = 5
) -> list[tuple[float, float]]:
    """A square of `side` by `side` starts (w, b); the middle one is `centre` if `side` is odd."""
    offsets = np.linspace(-spread, spread, side)
    return [(centre[0] + dw, centre[1] + db) for dw in offsets for db in offsets]


def walks(
    clips: Sequence[float | None],
    starts: Sequence[tuple[float, float]],
    *,
    lr: float = 0.05,
    updates: int = 200,
) -> list[list[Walk]]:
    """Gradient descent on the loss: a list of walks, one a start, for every clipping threshold.

    At the cliff a path hangs on the last digit of its start, and on rounding: one walk is an
    anecdote, so look at many. All of it is computed with `exact`, so that every machine gets them.
    """
    limits = np.array([np.inf if clip is None else clip for clip in clips])[:, None]
    w, b = (np.tile(column, (len(clips), 1)) for column in np.array(starts, float).T)
    ws, bs, losses, norms = [w], [b], [], []
    for _ in range(updates):
        loss, dw, db = loss_and_gradient(w, b)
        norm = exact.length(dw, db)
        step = lr * np.minimum(1, limits / np.maximum(norm, np.finfo(float).tiny))
        w, b = w - step * dw, b - step * db
        ws, bs = [*ws, w], [*bs, b]
        losses, norms = [*losses, loss], [*norms, norm]
    losses.append(loss_and_gradient(w, b)[0])
    path = [np.moveaxis(np.array(values), 0, -1) for values in (ws, bs, losses, norms)]
    return [
        [Walk(clip, *(values[i, j] for values in path)) for j in range(len(starts))]
        for i, clip in enumerate(clips)
    ]


def surface(
    w: tuple[float, float] = (4.5, 6.0), b: tuple[float, float] = (-3.2, -2.0), points: int = 200
) -> tuple[Floats, Floats, Floats, Floats]:
    """A grid of the loss: (w (points,), b (points,), loss and gradient norm (points, points)).

    Rows follow b, columns w.
    """
    ws, bs = np.linspace(*w, points), np.linspace(*b, points)
    loss, dw, db = loss_and_gradient(*np.meshgrid(ws, bs))
    return ws, bs, loss, exact.length(dw, db)
