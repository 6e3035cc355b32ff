"""One unit, two parameters, fifty steps: a loss with a cliff, and three ways to walk up to it.

The example of Pascanu, Mikolov and Bengio (2013), figure 6: x_t = w σ(x_{t-1}) + b from
x_0 = 0.5, and the loss (σ(x_50) - 0.7)².
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.optimisers import SGD, clip_by_global_norm

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
        s = _sigmoid(x)
        slope = w * s * (1 - s)
        x, x_w, x_b = w * s + b, s + slope * x_w, 1 + slope * x_b
    s = _sigmoid(x)
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
        return float(np.hypot(np.diff(self.w), np.diff(self.b)).max())


def descend(
    clip: float | None = None,
    *,
    start: tuple[float, float] = (5.2, -2.7),
    lr: float = 0.02,
    updates: int = 400,
) -> Walk:
    """Gradient descent from `start`, with the gradient clipped to the norm `clip`, or not."""
    params = {"w": np.array(start[0]), "b": np.array(start[1])}
    optimiser = SGD(lr)
    state = optimiser.init(params)
    path, losses, norms = [start], [], []
    for _ in range(updates):
        loss, dw, db = loss_and_gradient(params["w"], params["b"])
        grads = {"w": dw, "b": db}
        grads, norm = clip_by_global_norm(grads, np.finfo(float).max if clip is None else clip)
        params, state = optimiser.update(params, grads, state)
        losses.append(float(loss))
        norms.append(norm)
        path.append((float(params["w"]), float(params["b"])))
    losses.append(float(loss_and_gradient(params["w"], params["b"])[0]))
    w, b = np.array(path).T
    return Walk(clip, w, b, np.array(losses), np.array(norms))


def descend_from_around(
    clip: float | None = None,
    *,
    centre: tuple[float, float] = (5.2, -2.7),
    spread: float = 0.02,
    side: int = 5,
    lr: float = 0.05,
    updates: int = 400,
) -> list[Walk]:
    """Walks from `side` by `side` starts within `spread` of `centre`.

    At the cliff a path hangs on the last digit of its start, and even on rounding: one walk is an
    anecdote. Say what most of them do.
    """
    offsets = np.linspace(-spread, spread, side)
    return [
        descend(clip, start=(centre[0] + dw, centre[1] + db), lr=lr, updates=updates)
        for dw in offsets
        for db in offsets
    ]


def surface(
    w: tuple[float, float] = (4.5, 6.0), b: tuple[float, float] = (-3.2, -2.0), points: int = 200
) -> tuple[Floats, Floats, Floats, Floats]:
    """A grid of the loss: (w (points,), b (points,), loss and gradient norm (points, points)).

    Rows follow b, columns w.
    """
    ws, bs = np.linspace(*w, points), np.linspace(*b, points)
    loss, dw, db = loss_and_gradient(*np.meshgrid(ws, bs))
    return ws, bs, loss, np.hypot(dw, db)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray((1 + np.tanh(x / 2)) / 2)
