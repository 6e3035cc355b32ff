"""Chapter 09's pictures: looking up, looking everywhere, and recurrences that run in parallel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import DIVERGING, INK, SEQUENTIAL, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]
MARKS = ("o", "s", "^", "D", "v")


def handover_and_lookup(weights: Array, letters: str, *, title: str) -> Figure:
    """Left one state handed to the decoder, right one lookup: lines as wide as ``weights (T,)``."""
    import matplotlib.pyplot as plt

    T = len(letters)
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.0))
    for ax, name in zip(axes, ("handover", "lookup"), strict=True):
        ax.set(xlim=(-0.6, T + 0.9), ylim=(-1.25, 1.9), aspect="equal")
        ax.axis("off")
        ax.set_title(name, loc="center", fontsize=10, fontweight="normal")
        for t, letter in enumerate(letters):
            _box(ax, (t, 0), f"$h_{t + 1}$", SERIES[0])
            ax.text(t, -0.85, letter, ha="center", va="center")
            _arrow(ax, (t, -0.65), (t, -0.32))
            if t:
                _arrow(ax, (t - 0.68, 0), (t - 0.32, 0))
    left, right = axes
    _box(left, (T, 1.3), "$s_1$", SERIES[1])
    _arrow(left, (T - 0.78, 0.25), (T - 0.2, 0.98))
    _box(right, (T, 1.3), "$s_j$", SERIES[1])
    for t, weight in enumerate(weights):
        right.plot(
            [t, T - 0.32], [0.32, 1.3], "-", color=SERIES[2], linewidth=0.4 + 5 * float(weight)
        )
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def share_by_length(
    lengths: Sequence[int],
    shares: Mapping[str, Sequence[float]],
    *,
    title: str,
    chance: float | None = None,
    xlabel: str = "length $T$ of the word",
    ylabel: str = "letters right",
) -> Figure:
    """A share by length, one line a network, lengths on a logarithmic axis; `chance` is a level."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, share), mark in zip(shares.items(), MARKS, strict=False):
        ax.plot(lengths, share, marker=mark, label=label)
    if chance is not None:
        ax.axhline(chance, color=INK, linestyle=":", linewidth=1)
        ax.text(lengths[0], chance + 0.02, "a blind guess", color=INK, fontsize=9)
    ax.set_xscale("log", base=2)
    ax.set_xticks(list(lengths), [str(length) for length in lengths])
    ax.minorticks_off()
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, 1.04))
    ax.legend(loc="center left", bbox_to_anchor=(0.0, 0.4))
    ax.set_title(title)
    return fig


def alignment(weights: Array, read: str, written: str, *, title: str) -> Figure:
    """The weights (Q, T) of every lookup: a row for each letter written, a column for each read."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(5.0, 4.2))
    image = ax.imshow(weights, cmap=SEQUENTIAL, vmin=0, vmax=1)
    ax.set_xticks(range(len(read)), list(read))
    ax.set_yticks(range(len(written)), list(written))
    ax.set(xlabel="state after reading …", ylabel="writing …")
    ax.grid(visible=False)
    fig.colorbar(image, ax=ax, label="weight", shrink=0.8)
    ax.set_title(title)
    return fig


def positions(P: Array, *, title: str) -> Figure:
    """Left the vectors P (T, H), right the dot products of three of them with all the others."""
    import matplotlib.pyplot as plt

    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.0))
    left.imshow(P.T, cmap=DIVERGING, vmin=-1, vmax=1, aspect="auto")
    left.set(xlabel="position $t$", ylabel="entry of $p_t$")
    left.grid(visible=False)
    for place in (len(P) // 4, len(P) // 2, 3 * len(P) // 4):
        right.plot(np.arange(len(P)) - place, P @ P[place], label=f"from position {place}")
    right.set(xlabel="distance", ylabel=r"$p_t \cdot p_s$")
    right.legend(fontsize=8)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def by_length(
    lengths: Sequence[int], curves: Mapping[str, Sequence[float]], *, ylabel: str, title: str
) -> Figure:
    """Any counts by the number of steps, both on logarithmic axes with base 2 below."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, values), mark in zip(curves.items(), MARKS, strict=False):
        ax.loglog(lengths, values, marker=mark, label=label)
    ax.set_xscale("log", base=2)
    ax.minorticks_off()
    ax.set(xlabel="steps $T$", ylabel=ylabel)
    ax.legend(fontsize=8)
    ax.set_title(title)
    return fig


def scan_sweeps(T: int, *, title: str) -> Figure:
    """A scan over T steps: beside every dot, how many steps it stands for after each sweep."""
    import matplotlib.pyplot as plt

    spans = [1]
    while spans[-1] < T:
        spans.append(2 * spans[-1])
    fig, ax = plt.subplots(figsize=(6.6, 0.9 + 0.85 * len(spans)))
    for sweep, span in enumerate(spans):
        for t in range(T):
            reach = min(span, t + 1)
            colour = SERIES[0] if reach == t + 1 else INK
            ax.plot(t, sweep, "o", color=colour, markersize=6)
            ax.text(t + 0.12, sweep + 0.06, str(reach), color=colour, fontsize=9)
            if sweep and t >= span // 2:
                _arrow(ax, (t - span // 2, sweep - 0.9), (t - 0.08, sweep - 0.12), width=0.9)
    labels = ["the inputs", *(f"sweep {k}" for k in range(1, len(spans)))]
    ax.set_yticks(range(len(spans)), labels)
    ax.set_xticks(range(T), [f"$t = {t + 1}$" for t in range(T)], fontsize=8)
    ax.grid(visible=False)
    ax.set(ylim=(-0.3, len(spans) - 0.6), xlim=(-0.4, T - 0.4))
    ax.set_title(title)
    return fig


def counting_ones(outputs: Mapping[str, Array], longest: int, *, title: str) -> Figure:
    """What each network says after n ones in a row, n = 1, 2, …: above 0 means "odd".

    The line at `longest` is the last length seen in training.
    """
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, len(outputs), figsize=(7.2, 2.9), sharey=False)
    for ax, (name, y) in zip(axes, outputs.items(), strict=True):
        n = np.arange(1, len(y) + 1)
        ax.plot(n, y, "-", color=INK, linewidth=1)
        for odd, colour, mark in ((True, SERIES[1], "o"), (False, SERIES[0], "s")):
            where = (n % 2 == 1) == odd
            label = "odd: wants above 0" if odd else "even: wants below 0"
            ax.plot(n[where], y[where], mark, color=colour, linestyle="none", label=label)
        ax.axhline(0, color=INK, linewidth=1)
        ax.axvline(longest + 0.5, color=INK, linestyle=":", linewidth=1)
        ax.set(xlabel="ones in a row")
        ax.set_title(name, loc="center", fontsize=10, fontweight="normal")
    axes[0].set_ylabel("score for “odd”")
    axes[0].legend(fontsize=8)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def kernels(curves: Mapping[str, Array], *, title: str) -> Figure:
    """Responses (K,) to a single 1 at step 0, by lag."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for label, kernel in curves.items():
        ax.plot(kernel, label=label)
    ax.axhline(0, color=INK, linewidth=0.8, linestyle="-")
    ax.set(xlabel="lag $k$", ylabel="response $K_k$")
    ax.legend(fontsize=8)
    ax.set_title(title)
    return fig


def _box(ax: Axes, centre: tuple[float, float], label: str, colour: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    patch = FancyBboxPatch(
        (centre[0] - 0.3, centre[1] - 0.3), 0.6, 0.6,
        boxstyle="round,pad=0,rounding_size=0.12", facecolor="none", edgecolor=colour, linewidth=2,
    )  # fmt: skip
    ax.add_patch(patch)
    ax.text(*centre, label, ha="center", va="center", fontsize=10)


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], width: float = 1.3
) -> None:
    style = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0, "linewidth": width}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)
