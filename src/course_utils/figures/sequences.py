"""Chapter 00's plots: plain arrays in, and a title, the claim that the calling cell asserts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import SEQUENTIAL, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]


def melodies(tunes: Mapping[str, Array], *, title: str) -> Figure:
    """Piano rolls of tunes (T,) in MIDI numbers, and how often each note sounds in them."""
    import matplotlib.pyplot as plt

    widths = [3] * len(tunes) + [2]
    fig, axes = plt.subplots(1, len(tunes) + 1, sharey=True, width_ratios=widths)
    for ax, (name, tune), colour in zip(axes, tunes.items(), SERIES, strict=False):
        ax.plot(range(1, len(tune) + 1), tune, "s-", color=colour, linewidth=1)
        ax.set(xlabel=f"time step, {name}")
        pitches, counts = np.unique(tune, return_counts=True)
        shift = 0.2 * (1 if colour == SERIES[0] else -1)
        axes[-1].barh(pitches + shift, counts, height=0.38, color=colour)
    axes[0].set(ylabel="note (MIDI number)")
    axes[-1].set(xlabel="how often")
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def series(years: Array, panels: Mapping[str, Array], *, title: str) -> Figure:
    """One line chart (T,) a panel, above each other, over the same years."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(len(panels), 1, sharex=True, sharey=True, figsize=(6.4, 3.8))
    for ax, (name, numbers), colour in zip(axes, panels.items(), SERIES, strict=False):
        ax.plot(years, numbers, "-", color=colour, linewidth=1)
        ax.set_ylabel(name)
    axes[-1].set_xlabel("position, as a year")
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def padded(words: list[str], mask: Array, *, title: str) -> Figure:
    """A batch of words (T, B): the letters where the mask is true, a grey cell where it is not."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 2.2))
    ax.imshow(mask.T, cmap=SEQUENTIAL, vmin=-1, vmax=3, alpha=0.25, aspect="auto")
    for b, word in enumerate(words):
        for t in range(len(mask)):
            ax.text(t, b, word[t] if t < len(word) else "·", ha="center", va="center")
    ax.set_xticks(range(len(mask)), [f"$x_{{{t}}}$" for t in range(1, len(mask) + 1)])
    ax.set_yticks(range(len(words)), [f"row {b}" for b in range(len(words))])
    ax.grid(visible=False)
    ax.set_title(title)
    return fig
