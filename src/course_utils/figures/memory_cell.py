"""Chapter 06's plots: plain arrays in, and a title, the claim that the calling cell asserts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.experiments.memo import READ, WRITE
from course_utils.figures.cell import CELL, HIDDEN
from course_utils.figures.style import INK, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from course_utils.experiments.memo import MemoStream

Array = NDArray[Any]


def held_values(panels: Mapping[str, Array], *, title: str) -> Figure:
    """What becomes of N numbers that a state is to hold: (T + 1, N) a panel, row 0 the numbers."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(
        1, len(panels), figsize=(7.2, 3.0), sharex=True, sharey=True, squeeze=False
    )
    for ax, (name, values) in zip(axes[0], panels.items(), strict=True):
        ax.plot(values, color=SERIES[0], linestyle="-", linewidth=1.4)
        ax.plot(np.zeros(values.shape[1]), values[0], "o", color=SERIES[1], markersize=4)
        ax.set(xlabel="steps")
        ax.set_title(name, loc="center", fontsize=10, fontweight="normal")
    axes[0, 0].set_ylabel("state")
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def memo_trace(
    stream: MemoStream, states: Mapping[str, Array], *, title: str, wanted: str = "kept"
) -> Figure:
    """The first stream of a batch: states (T,) over time, against what is `wanted` of them.

    `wanted` is "kept" or "target". Triangles along the bottom mark where to write and to read. The
    first state is drawn in the colour of c, the second in that of h.
    """
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.8, 2.9))
    steps = {"drawstyle": "steps-mid"}
    ax.plot(getattr(stream, wanted)[:, 0], ":", color=INK, label="wanted", **steps)
    for (name, values), colour, line in zip(
        states.items(), (CELL, HIDDEN, SERIES[0]), ("-", "--", "-."), strict=False
    ):
        ax.plot(values, linestyle=line, color=colour, label=name, linewidth=1.6, **steps)
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.22 * (high - low), high + 0.2 * (high - low))
    _marks(ax, stream, low - 0.12 * (high - low))
    ax.set(xlabel="step", ylabel="value")
    ax.legend(fontsize=8, ncols=3, loc="upper left")
    ax.set_title(title)
    return fig


def _marks(ax: Axes, stream: MemoStream, height: float) -> None:
    """Where the stream is marked to be written and to be read."""
    for column, sign, name in ((WRITE, "^", "write"), (READ, "v", "read")):
        steps = np.flatnonzero(stream.x[:, 0, column])
        colour = SERIES[0] if column == WRITE else SERIES[3]
        ax.plot(steps, np.full(steps.size, height), sign, color=colour, markersize=8)
        for step in steps:
            ax.annotate(name, (step, height), (7, -3), textcoords="offset points", fontsize=8)


def keeping_spans(spans: Array, *, title: str, level: tuple[float, str] | None = None) -> Figure:
    """How long each of H units keeps, in steps, from the shortest to the longest; log axis."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    ax.semilogy(np.arange(1, spans.size + 1), np.sort(spans), "o", color=CELL, markersize=4)
    if level is not None:
        ax.axhline(level[0], color=INK, linewidth=1, linestyle=":")
        ax.annotate(level[1], (1, level[0]), (2, 4), textcoords="offset points", fontsize=8)
    ax.minorticks_off()
    ax.set(xlabel="unit, sorted", ylabel="half-life (characters)")
    ax.set_title(title)
    return fig
