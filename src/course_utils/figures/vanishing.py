"""Chapter 05's plots: plain arrays in, and a title, the claim that the calling cell asserts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from course_utils.experiments.bit_memory import Memory

Array = NDArray[Any]


def by_lag(
    curves: Mapping[str, Array],
    *,
    title: str,
    ylabel: str,
    xlabel: str = "lag $k$, steps back",
    floor: float = 1e-16,
    mark: tuple[float, str] | None = None,
) -> Figure:
    """One curve (K,) a name from lag 0 on, on a logarithmic axis; `mark` names one lag.

    Values under `floor` are not drawn: there a float64 no longer says anything.
    """
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for name, values in curves.items():
        kept = np.where(values >= floor, values, np.nan)
        ax.semilogy(kept, label=name)
    ax.axhline(1, color=INK, linewidth=0.8, linestyle="-")
    if mark is not None:
        ax.axvline(mark[0], color=INK, linewidth=1, linestyle=":")
        ax.annotate(f" {mark[1]}", (mark[0], 1), xycoords=("data", "axes fraction"), va="top")
    ax.minorticks_off()
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(fontsize=8)
    ax.set_title(title)
    return fig


def gradient_and_memory(memories: Mapping[str, Memory], *, title: str) -> Figure:
    """Left the gradient's norm, right how often a bit is read from the state, both by lag."""
    import matplotlib.pyplot as plt

    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4))
    for name, memory in memories.items():
        left.semilogy(memory.gradient, label=name)
        right.plot(memory.read, label=name)
    left.axhline(1, color=INK, linewidth=0.8, linestyle="-")
    left.minorticks_off()
    left.set(xlabel="lag $k$, steps back", ylabel=r"$\|dh_{T-k}\| \; / \; \|dh_T\|$")
    left.set_title("backward: the gradient", loc="center", fontsize=10, fontweight="normal")
    right.axhline(0.5, color=INK, linewidth=1, linestyle=":")
    right.set(xlabel="steps since the bit", ylabel="bit read right", ylim=(0.45, 1.03))
    right.set_title("forward: the memory", loc="center", fontsize=10, fontweight="normal")
    left.legend(fontsize=8)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def factor_by_radius(
    radii: Array, factors: Mapping[str, Array], points: Mapping[str, tuple[float, float]], *,
    title: str,
) -> Figure:  # fmt: skip
    """The gradient's factor a step (R,) against the spectral radius (R,), one curve a network.

    `points` are (radius, factor) of single starts, drawn as named dots.
    """
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for name, factor in factors.items():
        ax.plot(radii, factor, label=name)
    for marker, (name, place) in zip("osD^", points.items(), strict=False):
        ax.plot(*place, marker, color=INK, label=name)
    ax.axhline(1, color=INK, linewidth=0.8, linestyle="-")
    ax.set(xlabel="spectral radius ρ of $W_h$", ylabel="gradient, factor a step", ylim=(0, 2))
    ax.legend(fontsize=8, ncols=2)
    ax.set_title(title)
    return fig
