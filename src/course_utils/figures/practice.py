"""Chapter 08's plots: plain arrays in, and a title, the claim that the calling cell asserts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import INK, LINES, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]
MARKS = "os^Dv"


def cost_by_updates(
    curves: Mapping[str, tuple[Array, Array]],
    *,
    title: str,
    levels: Mapping[str, float] | None = None,
    ylabel: str = "bits a character",
    ylim: tuple[float, float] | None = None,
    names_at: str = "left",
) -> Figure:
    """Curves `(updates (M,), cost (M,))`, one a name; `levels` are named horizontal lines.

    `names_at` is the end, "left" or "right", at which the levels have their names.

    Raises
    ------
    ValueError
        If there are more curves than the house style has lines for.
    """
    import matplotlib.pyplot as plt

    if len(curves) > len(SERIES):
        raise ValueError(f"cost_by_updates: {len(curves)} curves; wanted at most {len(SERIES)}.")
    fig, ax = plt.subplots()
    for name, (updates, cost) in curves.items():
        ax.plot(updates, cost, label=name)
    _levels(ax, levels, names_at)
    ax.set(xlabel="updates", ylabel=ylabel, ylim=ylim)
    ax.legend(fontsize=8)
    ax.set_title(title)
    return fig


def departures(curves: Mapping[str, Array], first: int, *, title: str) -> Figure:
    """How far runs are from one that was never broken off: |difference of losses|, one line a run.

    Entry 0 belongs to update `first`. Differences of exactly 0 are not drawn; the others are
    rounded to a tenth of a decade, far more than they differ between processors.
    """
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (name, values), mark in zip(curves.items(), MARKS, strict=False):
        updates = first + np.arange(len(values))
        decades = np.log10(np.where(values > 0, values, np.nan))
        shown = 10 ** np.round(decades, 1)
        ax.semilogy(updates, shown, marker=mark, markersize=4, label=name)
    ax.minorticks_off()
    ax.set(xlabel="updates", ylabel="difference of the losses (nats)")
    fig.legend(loc="outside right upper", fontsize=8, title="left out", title_fontsize=8)
    ax.set_title(title)
    return fig


def padded_batch(words: Sequence[str], *, title: str) -> Figure:
    """A batch of words, time to the right: padding is crossed out, numbers say the packed order.

    `words` must be sorted by length, the longest first.

    Raises
    ------
    ValueError
        If they are not.
    """
    import matplotlib.pyplot as plt

    lengths = [len(word) for word in words]
    if lengths != sorted(lengths, reverse=True):
        raise ValueError(f"padded_batch: lengths are {lengths}; wanted the longest first.")
    fig, ax = plt.subplots(figsize=(0.75 * lengths[0] + 1.6, 0.62 * len(words) + 1.3))
    packed = [(t, b) for t in range(lengths[0]) for b in range(len(words)) if t < lengths[b]]
    for t in range(lengths[0]):
        for b, word in enumerate(words):
            real = t < len(word)
            box = plt.Rectangle(
                (t - 0.45, b - 0.42),
                0.9,
                0.84,
                facecolor=SERIES[0] if real else "none",
                alpha=0.25 if real else 1.0,
                edgecolor=INK,
                hatch=None if real else "///",
                linewidth=0.8,
            )
            ax.add_patch(box)
            if real:
                ax.text(t, b, word[t], ha="center", va="center", fontsize=12)
                place = str(packed.index((t, b)))
                ax.text(t + 0.4, b + 0.36, place, ha="right", va="bottom", fontsize=7)
    sizes = [sum(t < n for n in lengths) for t in range(lengths[0])]
    ax.set_xticks(range(lengths[0]), [f"{n} real" for n in sizes], fontsize=8)
    ax.set_yticks(range(len(words)), [f"length {n}" for n in lengths], fontsize=8)
    ax.set(xlim=(-0.6, lengths[0] - 0.4), ylim=(len(words) - 0.45, -0.55))
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def dropout_places(steps: int = 4, *, title: str) -> Figure:
    """Two layers, unrolled: dashed arrows may have dropout, solid ones may not."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 3.6))
    names = ("x", "h^{(1)}", "h^{(2)}", "y")
    for t in range(steps):
        for row, name in enumerate(names):
            colour = SERIES[(1, 0, 0, 3)[row]]
            ax.text(
                t,
                row,
                f"${name}_{t + 1}$",
                ha="center",
                va="center",
                fontsize=11,
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "none", "edgecolor": colour},
            )
            if row:
                _arrow(ax, (t, row - 0.78), (t, row - 0.24), dropped=True)
            if t and row in (1, 2):
                _arrow(ax, (t - 0.74, row), (t - 0.28, row), dropped=False)
    ax.plot([], [], color=SERIES[4], linestyle=LINES[1], label="dropout may stand here")
    ax.plot([], [], color=INK, linestyle="-", label="recurrent: dropped nothing")
    fig.legend(loc="outside lower center", ncols=2, fontsize=8)
    ax.set(xlim=(-0.5, steps - 0.5), ylim=(-0.45, 3.45))
    ax.axis("off")
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def forecasts(
    years: Array, numbers: Array, lines: Mapping[str, Array], *, title: str, ylabel: str
) -> Figure:
    """What was measured, as points, and what each model had forecast the year before."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    ax.plot(years, numbers, marker="o", linestyle="none", markersize=3, color=INK, label="measured")
    for name, values in lines.items():
        ax.plot(years, values, linewidth=1.5, label=name)
    ax.set(xlabel="year", ylabel=ylabel)
    ax.legend(fontsize=8, ncols=len(lines) + 1, loc="upper center")
    ax.set_ylim(None, 1.25 * max(float(np.max(numbers)), *(float(v.max()) for v in lines.values())))
    ax.set_title(title)
    return fig


def bars(values: Mapping[str, float], *, title: str, xlabel: str) -> Figure:
    """One horizontal bar a name, the first at the top, each with its value."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 0.36 * len(values) + 1.1))
    drawn = ax.barh(range(len(values)), list(values.values()), color=SERIES[0], height=0.65)
    ax.bar_label(drawn, fmt=" %.3g", fontsize=8, color=INK)
    ax.set_yticks(range(len(values)), list(values))
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set(xlabel=xlabel, xlim=(0, 1.12 * max(values.values())))
    ax.set_title(title)
    return fig


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], *, dropped: bool
) -> None:
    colour, line = (SERIES[4], (0, (4, 2))) if dropped else (INK, "-")
    ax.annotate(
        "",
        end,
        start,
        arrowprops={"arrowstyle": "-|>", "color": colour, "linestyle": line, "linewidth": 1.6},
    )


def _levels(ax: Axes, levels: Mapping[str, float] | None, names_at: str) -> None:
    for name, level in (levels or {}).items():
        ax.axhline(level, color=INK, linewidth=1, linestyle="-")
        ax.annotate(
            name,
            (0.01 if names_at == "left" else 1, level),
            xycoords=("axes fraction", "data"),
            ha=names_at,
            va="bottom",
            fontsize=8,
        )
