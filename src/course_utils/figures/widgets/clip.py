"""Gradient descent at a cliff: choose the clipping threshold and see where the walk goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.figures.widgets.mount import Interactive

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from course_utils.experiments.cliff import Walk

ARRIVED = 0.02
"""A walk whose last loss is below this has arrived in the valley."""


def clip(
    w: ArrayLike, b: ArrayLike, loss: ArrayLike, walks: Sequence[Sequence[Walk]]
) -> Interactive:
    """Show the loss as a map, and the first walk of every threshold as a path on it.

    Args:
        w: ``(N,)``, the map's columns.
        b: ``(M,)``, its rows.
        loss: ``(M, N)``.
        walks: for each threshold its walks, the one to be drawn first.

    Raises:
        ValueError: shapes do not fit each other, or there is no walk.
    """
    columns, rows, heights = (np.asarray(values, dtype=float) for values in (w, b, loss))
    if heights.shape != (rows.size, columns.size):
        raise ValueError(
            f"clip: loss has shape {heights.shape}; expected {(rows.size, columns.size)}, (M, N)."
        )
    if not walks or not all(walks):
        raise ValueError("clip: wanted at least one walk for every threshold.")
    shown = [_summary(group) for group in walks]
    data = {
        "w": [columns[0], columns[-1]],
        "b": [rows[0], rows[-1]],
        "loss": np.round(heights, 2).tolist(),
        "walks": shown,
    }
    alt = f"Gradient descent near a cliff with {len(shown)} clipping thresholds."
    return Interactive("clip", data, _table(shown), alt)


def _summary(group: Sequence[Walk]) -> dict[str, object]:
    """What the page needs of one threshold's walks."""
    first = group[0]
    return {
        "clip": first.clip,
        "path": _thinned(np.round(np.column_stack([first.w, first.b]), 3)).tolist(),
        "loss": round(float(first.loss[-1]), 3),
        "jump": round(max(walk.longest_step for walk in group), 3),
        "arrived": sum(bool(walk.loss[-1] < ARRIVED) for walk in group),
        "runs": len(group),
    }


def _thinned(path: np.ndarray) -> np.ndarray:
    """The path (N, 2) without points that equal the one before."""
    moved = np.any(np.diff(path, axis=0) != 0, axis=1)
    return path[np.concatenate([[True], moved])]


def _table(shown: Sequence[dict[str, object]]) -> str:
    """The still version: one row a threshold."""
    body = "\n".join(
        f'<tr><th scope="row">{"no clipping" if one["clip"] is None else one["clip"]}</th>'
        f"<td>{one['jump']:g}</td><td>{one['arrived']} of {one['runs']}</td></tr>"
        for one in shown
    )
    return (
        "<table>\n<caption>Gradient descent at the cliff, by clipping threshold.</caption>\n"
        '<thead><tr><th scope="col">threshold</th><th scope="col">longest step</th>'
        f'<th scope="col">starts that end below {ARRIVED:g}</th></tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )
