"""A loss over two parameters, with its cliff and the paths of gradient descent on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import LINES, SEQUENTIAL, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from course_utils.experiments.cliff import Walk

Array = NDArray[Any]

PATHS = ("#ffffff", SERIES[1], SERIES[2])
"""Colours of the walks, on top of the sequential map."""


def loss_surface(
    w: Array, b: Array, loss: Array, walks: Sequence[Walk] = (), *, title: str
) -> Figure:
    """The loss over `w` (N,) and `b` (M,), shape (M, N), as a map, and each walk as a path on it.

    A path that leaves the map is cut at its border. The dot is where a walk starts, the cross
    where it ends, if that lies on the map.

    Raises
    ------
    ValueError
        If `loss` has not the shape (M, N).
    """
    import matplotlib.pyplot as plt
    from matplotlib.patheffects import withStroke

    if loss.shape != (b.size, w.size):
        raise ValueError(
            f"loss_surface: loss has shape {loss.shape}; wanted {(b.size, w.size)}, (M, N)."
        )
    fig, ax = plt.subplots(figsize=(6.4, 4.0))
    image = ax.imshow(
        loss,
        origin="lower",
        extent=(w[0], w[-1], b[0], b[-1]),
        aspect="auto",
        cmap=SEQUENTIAL,
        interpolation="nearest",
        vmin=0,
    )
    fig.colorbar(image, ax=ax, label="loss")
    # A dark edge keeps each path visible on both ends of the colour map.
    edge = [withStroke(linewidth=3, foreground="#14181e")]
    for walk, line, colour in zip(walks, LINES, PATHS, strict=False):
        label = "no clipping" if walk.clip is None else f"clipped at {walk.clip:g}"
        drawn = {"color": colour, "path_effects": edge}
        ax.plot(walk.w, walk.b, linestyle=line, linewidth=1.5, label=label, **drawn)
        ax.plot(walk.w[0], walk.b[0], "o", **drawn)
        ax.plot(walk.w[-1], walk.b[-1], "X", **drawn)
    ax.set(xlim=(w[0], w[-1]), ylim=(b[0], b[-1]), xlabel="$w$", ylabel="$b$")
    ax.grid(visible=False)
    if walks:
        ax.legend(facecolor="#555555", framealpha=0.85, frameon=True, labelcolor="#ffffff")
    ax.set_title(title)
    return fig


def loss_slice(w: Array, losses: Array, *, title: str, where: str = "") -> Figure:
    """The loss along `w` (N,) alone: the cliff in profile. `where` names the other parameter."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    ax.plot(w, np.asarray(losses))
    ax.set(xlabel=f"$w$ {where}".strip(), ylabel="loss", ylim=(0, None))
    ax.set_title(title)
    return fig
