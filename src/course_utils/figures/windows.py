"""Chapter 01's plots: plain arrays in, and a title, the claim that the calling cell asserts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import INK, LINES, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]
MARKS = ("o", "s", "^", "D")


def price_of_a_bet(q: Array, prices: Mapping[float, Array], *, title: str) -> Figure:
    """The mean price (N,) in nats of betting q (N,), for each true share; a dot at the share."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (share, price), mark, line in zip(prices.items(), MARKS, LINES, strict=False):
        (drawn,) = ax.plot(q, price, linestyle=line, label=f"true share {share:g}")
        ax.plot(share, np.interp(share, q, price), mark, color=drawn.get_color(), markersize=8)
    ax.set(xlabel="bet $q$ on the letter", ylabel="mean price (nats)", ylim=(0, 2.2))
    ax.legend(loc="upper center")
    ax.set_title(title)
    return fig


def training_to_floors(
    losses: Mapping[str, Sequence[Array]], floors: Sequence[float], *, title: str
) -> Figure:
    """Training losses of several runs for each label, and the label's exact floor as a line."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, runs), floor, colour, line in zip(
        losses.items(), floors, SERIES, LINES, strict=False
    ):
        ax.axhline(floor, color=INK, linestyle=":", linewidth=1)
        for number, loss in enumerate(runs):
            updates, name = np.arange(1, len(loss) + 1), None if number else label
            ax.plot(updates, loss, color=colour, linestyle=line, linewidth=1.4, label=name)
    ax.set(xlabel="update", xscale="log", ylabel="loss (nats a letter)", ylim=(-0.02, 1.5))
    ax.legend(title="dotted: the floors")
    ax.set_title(title)
    return fig


def accuracy_by_place(
    accuracies: Mapping[str, Array], seen: Sequence[int], *, title: str
) -> Figure:
    """The share right (N,) at each place, for several nets; the places of training are shaded."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    ax.axvspan(min(seen) + 0.6, max(seen) + 1.4, color=INK, alpha=0.18, linewidth=0)
    ax.text(min(seen) + 0.7, 0.05, "trained here", color=INK, fontsize=9)
    for (label, accuracy), mark in zip(accuracies.items(), MARKS, strict=False):
        ax.plot(np.arange(1, len(accuracy) + 1), accuracy, marker=mark, label=label)
    ax.set(xlabel="place of the pair", ylabel="share right", ylim=(0, 1.05))
    ax.legend(loc="lower left", bbox_to_anchor=(0.05, 0.1))
    ax.set_title(title)
    return fig


def parameters_by_reach(reach: Array, counts: Mapping[str, Array], *, title: str) -> Figure:
    """How many numbers each model has to learn for a given reach (N,), on a logarithmic scale."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, count), mark in zip(counts.items(), MARKS, strict=False):
        ax.plot(reach, count, marker=mark, label=label)
    ax.set(xlabel="reach (letters)", ylabel="parameters", yscale="log")
    ax.set_ylim(bottom=min(np.nanmin(count) for count in counts.values()) / 8)
    ax.legend(loc="lower right", ncols=2)
    ax.set_title(title)
    return fig
