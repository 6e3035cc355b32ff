"""What the gates of a trained network do while it reads a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import DIVERGING, LINES, SEQUENTIAL, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]

VISIBLE = {" ": "␣", "\n": "↵", "\t": "⇥"}
"""White space as signs that can be seen."""


def gate_traces(text: str, traces: Mapping[str, Array], *, title: str) -> Figure:
    """One panel a trace under the text it was read from.

    A trace (T,) is drawn as a line, a trace (T, H) as a map of H units. Gates, in (0, 1), get the
    sequential colours; whatever has negative values the diverging ones.

    Raises
    ------
    ValueError
        If there is no trace, or one has not as many steps as the text has characters.
    """
    import matplotlib.pyplot as plt

    if not traces:
        raise ValueError("gate_traces: traces is empty; wanted at least one.")
    for name, trace in traces.items():
        if len(trace) != len(text):
            raise ValueError(
                f"gate_traces: {name} has {len(trace)} steps; wanted {len(text)}, one a character."
            )
    heights = [2.0 if trace.ndim == 2 else 1.0 for trace in traces.values()]
    fig, axes = plt.subplots(
        len(traces),
        1,
        sharex=True,
        squeeze=False,
        height_ratios=heights,
        figsize=(max(5.0, 0.17 * len(text) + 1.2), 0.9 + 0.75 * sum(heights)),
    )
    for number, (ax, (name, trace)) in enumerate(zip(axes[:, 0], traces.items(), strict=True)):
        if trace.ndim == 2:
            _map(ax, trace)
        else:
            _line(ax, trace, number)
        ax.set_ylabel(name)
    axes[-1, 0].set_xticks(range(len(text)), [VISIBLE.get(c, c) for c in text], fontsize=8)
    axes[-1, 0].tick_params(axis="x", length=0)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def _map(ax: Axes, trace: Array) -> None:
    signed = trace.min() < 0
    reach = float(np.abs(trace).max()) or 1.0
    ax.imshow(
        trace.T,
        aspect="auto",
        interpolation="nearest",
        cmap=DIVERGING if signed else SEQUENTIAL,
        vmin=-reach if signed else 0,
        vmax=reach if signed else 1,
    )
    ax.grid(visible=False)
    ax.set_yticks([])


def _line(ax: Axes, trace: Array, number: int) -> None:
    colour, line = SERIES[number % len(SERIES)], LINES[number % len(LINES)]
    ax.plot(trace, drawstyle="steps-mid", color=colour, linestyle=line)
    if trace.min() >= 0 and trace.max() <= 1:
        ax.set_ylim(-0.05, 1.05)
