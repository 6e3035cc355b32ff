"""Chapter 04's pictures: where blame travels, what a check can see, and what it all costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import INK, SEQUENTIAL, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from course_utils.experiments.credit import Formulas

Array = NDArray[Any]
MARKS = ("o", "s", "^", "D", "v")


def paths_of_blame(*, title: str) -> Figure:
    """Three steps of a network, the copies of W_h below, and the three paths from L_3 to them."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.6, 3.7))
    ax.set(xlim=(-1.2, 5.5), ylim=(-1.75, 1.7), aspect="equal")
    ax.axis("off")
    for t in range(4):
        x = 1.5 * t
        _box(ax, (x, 0), f"$h_{t}$", SERIES[1], dashed=t == 0)
        if t:
            _box(ax, (x, 1.25), f"$L_{t}$", SERIES[3])
            _box(ax, (x - 0.75, -1.35), f"$W_h^{{({t})}}$", INK, half=0.4)
            _arrow(ax, (x - 0.62, -1.03), (x - 0.12, -0.31), INK)
            _arrow(ax, (x - 1.2, 0), (x - 0.3, 0), INK)
            _arrow(ax, (x, 0.3), (x, 0.95), INK)
    for t, colour, shift in ((3, SERIES[0], 0.09), (2, SERIES[2], 0.17), (1, SERIES[4], 0.25)):
        _arrow(ax, (4.5 + shift, 0.95), (4.5 + shift, 0.3), colour)
        for j in range(3, t, -1):
            _arrow(ax, (1.5 * j - 0.3, -shift), (1.5 * j - 1.2, -shift), colour)
        _arrow(ax, (1.5 * t + 0.1, -0.31), (1.5 * t - 0.4, -1.03), colour)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def _box(
    ax: Any, centre: tuple[float, float], label: str, colour: str, *, dashed: bool = False,
    half: float = 0.3,
) -> None:  # fmt: skip
    from matplotlib.patches import FancyBboxPatch

    patch = FancyBboxPatch(
        (centre[0] - half, centre[1] - 0.3), 2 * half, 0.6,
        boxstyle="round,pad=0,rounding_size=0.12", facecolor="none", edgecolor=colour,
        linewidth=2, linestyle="--" if dashed else "-",
    )  # fmt: skip
    ax.add_patch(patch)
    ax.text(*centre, label, ha="center", va="center", fontsize=11)


def _arrow(ax: Any, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0, "linewidth": 1.4}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)


def training_losses(losses: Mapping[str, Array], *, level: float, title: str) -> Figure:
    """Loss by update, smoothed over 10, for runs whose labels are the keys."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for label, loss in losses.items():
        smooth = np.convolve(loss, np.full(10, 0.1), mode="valid")
        ax.plot(np.arange(10, len(loss) + 1), smooth, label=label)
    ax.axhline(level, color=INK, linestyle=":", linewidth=1)
    ax.text(len(loss), level + 0.015, "ln 2: a coin", color=INK, fontsize=9, ha="right")
    ax.set(xlabel="update", ylabel="loss (nats)", ylim=(-0.02, 0.82))
    ax.legend(loc="center right")
    ax.set_title(title)
    return fig


def error_by_step(eps: Array, errors: Mapping[str, Array], *, title: str) -> Figure:
    """The relative error of measured gradients against the step, both on logarithmic axes.

    Errors below 1e-14 are drawn there: they are rounding alone, another on every processor.
    """
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, error), mark in zip(errors.items(), MARKS, strict=False):
        ax.loglog(eps, np.maximum(error, 1e-14), marker=mark, label=label)
    ax.set(xlabel=r"step $\varepsilon$", ylabel=r"largest relative error (from $10^{-14}$ on)")
    ax.legend()
    ax.set_title(title)
    return fig


def what_a_check_sees(
    errors: Mapping[str, Array], mistakes: Sequence[str], lengths: Sequence[int], *, title: str
) -> Figure:
    """Two tables (mistakes by lengths), one for each kind of loss: ✓ passes, else the error."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, len(errors), figsize=(7.4, 3.9), sharey=True, squeeze=False)
    for ax, (name, table) in zip(axes[0], errors.items(), strict=True):
        seen = np.where(table > 1e-7, np.minimum(table, 2.0), np.nan)
        ax.imshow(seen, cmap=SEQUENTIAL, vmin=0, vmax=2, aspect="auto")
        for row, column in np.ndindex(table.shape):
            wrong = table[row, column] > 1e-7
            text = f"{table[row, column]:.1f}" if wrong else "passes"
            colour = INK if not wrong else "#ffffff" if table[row, column] < 1 else "#14181e"
            ax.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
        ax.set_xticks(range(len(lengths)), [f"$T={T}$" for T in lengths])
        ax.set_yticks(range(len(mistakes)), mistakes)
        ax.set_title(name, loc="center", fontsize=10, fontweight="normal")
        ax.grid(visible=False)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def memory_by_length(lengths: Sequence[int], kept: Mapping[str, Array], *, title: str) -> Figure:
    """The states that are kept at once, by the length of the sequence."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, states), mark in zip(kept.items(), MARKS, strict=False):
        ax.loglog(lengths, states, marker=mark, label=label)
    ax.set(xlabel="steps $T$", ylabel="states kept at once")
    ax.legend()
    ax.set_title(title)
    return fig


def loss_by_window(windows: Sequence[int], losses: Array, *, level: float, title: str) -> Figure:
    """The final losses (windows, seeds) of truncated training, with the level of a coin."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    places = np.arange(len(windows))
    for seed, (loss, mark) in enumerate(zip(losses.T, MARKS, strict=False)):
        label = f"start {seed + 1}"
        beside = 0.12 * (seed - (losses.shape[1] - 1) / 2)
        ax.plot(places + beside, loss, mark, color=SERIES[seed], label=label)
    ax.axhline(level, color=INK, linestyle=":", linewidth=1)
    ax.text(places[-1] + 0.4, level + 0.015, "ln 2", color=INK, fontsize=9, ha="right")
    ax.set_xticks(places, windows)
    ax.set(xlabel="window of the backward pass (steps)", ylabel="loss (nats)", ylim=(-0.03, 0.8))
    ax.legend()
    ax.set_title(title)
    return fig


def formulas_against_truth(found: Formulas, *, title: str) -> Figure:
    """Cosine with the true gradient, and how much too large, by the number of steps."""
    import matplotlib.pyplot as plt

    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.1))
    left.plot(found.lengths, found.cosine_twice, marker="o", label="a factor twice")
    left.plot(found.lengths, found.cosine_total, marker="s", label="total inside the sum")
    left.set(xlabel="steps $T$", ylabel="cosine with the truth", ylim=(0, 1.05))
    left.legend(fontsize=8)
    right.plot(found.lengths, found.ratio_total, marker="s", color=SERIES[1], linestyle="--")
    right.set(xlabel="steps $T$", ylabel="norm / true norm", ylim=(0, None))
    right.set_title("total inside the sum", loc="center", fontsize=10, fontweight="normal")
    fig.suptitle(title, x=0.01, ha="left")
    return fig
