"""Chapter 03's plots: plain arrays in, and a title, the claim that the calling cell asserts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import INK, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]
MARKS = ("o", "s", "^", "D")


def cost_by_order(costs: Mapping[str, Array], *, title: str) -> Figure:
    """Bits per character of n-gram models of order 1 to K: one line (K,) for each text."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, bits), mark in zip(costs.items(), MARKS, strict=False):
        ax.plot(range(1, len(bits) + 1), bits, marker=mark, label=label)
    ax.set(xlabel="order $n$ of the model", ylabel="bits a character", ylim=(0, None))
    ax.set_xticks(range(1, len(bits) + 1))
    ax.legend()
    ax.set_title(title)
    return fig


def pieces(panels: Mapping[str, list[Array]], *, title: str) -> Figure:
    """Which places of a text each batch reads: for each panel the batches (T, B) of places."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, len(panels), sharex=True, sharey=True, figsize=(7.2, 2.6))
    for ax, (name, batches) in zip(axes, panels.items(), strict=True):
        for number, places in enumerate(batches, 1):
            for row, colour in zip(places.T, SERIES, strict=False):
                ax.barh(number, len(row), left=row[0], height=0.55, color=colour)
        ax.set_title(name, loc="center", fontsize=10, fontweight="normal")
        ax.set(xlabel="place in the text", yticks=range(1, len(batches) + 1))
    axes[0].set(ylabel="batch", ylim=(len(batches) + 0.6, 0.4))
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def cost_by_place(costs: Mapping[str, Array], *, title: str) -> Figure:
    """Bits that the characters at places 1 to T of a piece cost: one line (T,) for each way."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, bits), mark in zip(costs.items(), MARKS, strict=False):
        ax.plot(range(1, len(bits) + 1), bits, marker=mark, label=label)
    ax.set(xlabel="place in the piece", ylabel="bits a character")
    ax.legend()
    ax.set_title(title)
    return fig


def temperatures(characters: str, distributions: Mapping[str, Array], *, title: str) -> Figure:
    """The probabilities (V,) of the same characters at several temperatures, side by side."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, len(distributions), sharey=True, figsize=(7.2, 2.6))
    for ax, (label, p) in zip(axes, distributions.items(), strict=True):
        ax.bar(range(len(p)), p, color=SERIES[0])
        ax.set_xticks(range(len(p)), ["␣" if c == " " else c for c in characters])
        ax.set_title(label, loc="center", fontsize=10, fontweight="normal")
        ax.grid(visible=False, axis="x")
    axes[0].set_ylabel("probability")
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def losing_the_thread(right: Mapping[str, Array], level: float, *, title: str) -> Figure:
    """Share of right guesses (K,) at steps 1 to K for each kind of input; `level` is a baseline."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, share), mark in zip(right.items(), MARKS, strict=False):
        ax.plot(np.arange(1, len(share) + 1), share, marker=mark, label=f"reads {label}")
    ax.axhline(level, color=INK, linestyle=":", linewidth=1)
    ax.annotate(
        "always a space", (len(share), level), (0, 3), textcoords="offset points",
        color=INK, fontsize=9, ha="right",
    )  # fmt: skip
    ax.set(xlabel="steps since the prompt", ylabel="guessed like the text", ylim=(0, 0.75))
    ax.set_xticks(range(2, len(share) + 1, 2))
    ax.legend()
    ax.set_title(title)
    return fig
