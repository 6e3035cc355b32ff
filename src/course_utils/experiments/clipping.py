"""Many walks on the cliff at once: every threshold from every start (chapter 05)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils.experiments.cliff import Walk, loss_and_gradient


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
    """Gradient descent on the cliff's loss: a list of walks, one a start, for every threshold.

    The same walks as `cliff.descend`, all in step: the loss takes arrays. At the cliff a path
    hangs on the last digit of its start, so one walk is an anecdote: look at many.
    """
    limits = np.array([np.inf if clip is None else clip for clip in clips])[:, None]
    w, b = (np.tile(column, (len(clips), 1)) for column in np.array(starts, float).T)
    ws, bs, losses, norms = [w], [b], [], []
    for _ in range(updates):
        loss, dw, db = loss_and_gradient(w, b)
        norm = np.hypot(dw, db)
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
