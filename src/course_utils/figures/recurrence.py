"""Chapter 02's plots: plain arrays in, and a title, the claim that the calling cell asserts."""

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
MARKS = ("o", "s", "^", "D")


def windows_at_their_floors(floors: Array, losses: Array, *, title: str) -> Figure:
    """The exact floors (K,) of windows 1 to K as bars, and what trained nets (K,) reached."""
    import matplotlib.pyplot as plt

    windows = np.arange(1, len(floors) + 1)
    fig, ax = plt.subplots()
    ax.hlines(floors, windows - 0.4, windows + 0.4, color=SERIES[1], label="floor, exact")
    ax.plot(windows, losses, "o", color=SERIES[0], label="trained window net")
    ax.set(xlabel="window (letters)", ylabel="loss (nats a letter)", ylim=(-0.02, None))
    ax.set_xticks(windows)
    ax.legend()
    ax.set_title(title)
    return fig


def state_path(h: Array, x: Sequence[float], *, title: str) -> Figure:
    """The path (T + 1, 2) of a two-unit state from h_0 on, with the input of each move."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(4.6, 4.2))
    for t in range(1, len(h)):
        arrow = {"arrowstyle": "-|>", "color": SERIES[1], "linewidth": 2, "shrinkB": 4}
        ax.annotate("", xy=h[t], xytext=h[t - 1], arrowprops=arrow)
        place = h[t - 1] + 0.3 * (h[t] - h[t - 1])
        label = f"$x_{t}={x[t - 1]:g}$"
        ax.annotate(label, place, (8, 2), textcoords="offset points", color=SERIES[0], fontsize=9)
    ax.plot(*h.T, "o", color=SERIES[1])
    for t, (x_place, y_place) in enumerate(h):
        if t + 1 < len(h):  # points: on the side that the next arrow does not take
            ahead = h[t + 1] - h[t]
            below = -14 if y_place > -0.5 else -2  # not onto the frame
            offset = (-18 if ahead[0] > 0 else 8, below if ahead[1] > 0 else 8)
        else:
            offset = (-16 if x_place < 0 else 8, -14 if y_place < 0 else 7)  # outwards
        ax.annotate(f"$h_{t}$", (x_place, y_place), offset, textcoords="offset points")
    ax.set(xlim=(-1, 1), ylim=(-1, 1), xlabel="unit 0", ylabel="unit 1", aspect="equal")
    ax.set(xticks=[-1, -0.5, 0, 0.5, 1], yticks=[-1, -0.5, 0, 0.5, 1])
    ax.set_title(title)
    return fig


def states_over_word(word: str, h: Array, *, title: str) -> Figure:
    """The states (T, H) as a heat map: one column a letter, one row a unit."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 3.0))
    image = ax.imshow(h.T, cmap=DIVERGING, vmin=-1, vmax=1, aspect="auto")
    ax.set_xticks(range(len(word)), [f"{c}\n$h_{{{t}}}$" for t, c in enumerate(word, 1)])
    ax.set_yticks(range(h.shape[1]))
    ax.set_ylabel("unit")
    ax.grid(visible=False)
    fig.colorbar(image, ax=ax, label="state", shrink=0.9)
    ax.set_title(title)
    return fig


def latch_traces(x: Array, traces: Mapping[str, Array], *, title: str) -> Figure:
    """The pulses x (T,) below, and above them the state (T,) of each latch."""
    import matplotlib.pyplot as plt

    fig, (top, bottom) = plt.subplots(
        2, 1, sharex=True, height_ratios=(3, 1), figsize=(6.4, 3.6)
    )  # fmt: skip
    steps = np.arange(1, len(x) + 1)
    for label, h in traces.items():
        top.step(steps, h, where="mid", label=label)
    top.set(ylabel="state $h_t$", yticks=[-1, 0, 1], ylim=(-1.75, 1.15))
    top.legend(loc="lower right", ncols=len(traces))
    bottom.stem(steps, x, linefmt=SERIES[0], markerfmt=" ", basefmt=" ")
    bottom.set(ylabel="pulse $x_t$", xlabel="step", yticks=[-1, 0, 1], ylim=(-1.4, 1.4))
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def memory_profiles(accuracies: Mapping[str, Array], units: int, *, title: str) -> Figure:
    """The share of right guesses about x_{t-k}, by lag k, for several states of `units` units."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, accuracy), mark in zip(accuracies.items(), MARKS, strict=False):
        ax.plot(accuracy, marker=mark, label=label)
    ax.axhline(0.5, color=INK, linestyle=":", linewidth=1)
    ax.axvline(units - 0.5, color=INK, linestyle=":", linewidth=1)
    ax.text(units - 0.3, 0.97, f"{units} units", color=INK, fontsize=9, va="top")
    ax.text(len(accuracy) - 1, 0.48, "coin flip", color=INK, fontsize=9, ha="right", va="top")
    ax.set(xlabel="lag $k$ (steps back)", ylabel="$x_{t-k}$ guessed right", ylim=(0.43, 1.03))
    ax.set_xticks(range(0, len(accuracy), 2))
    ax.legend(loc="upper right", bbox_to_anchor=(1.0, 0.92))
    ax.set_title(title)
    return fig


def who_sees_what(moved: Mapping[str, Array], *, title: str) -> Figure:
    """For each model a map (T, T): how far state t (column) moves when input s (row) changes."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, len(moved), figsize=(7.2, 3.0), sharey=True)
    for ax, (name, change) in zip(axes, moved.items(), strict=True):
        image = _map_of_changes(ax, change)
        ax.set_title(name, loc="center", fontsize=10, fontweight="normal")
    axes[0].set_ylabel("changed input $x_s$")
    fig.colorbar(image, ax=axes, label="change of $h_t$", shrink=0.8)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def _map_of_changes(ax: Axes, change: Array) -> Any:
    """Zero is left empty, so that "cannot see" looks different from "hardly sees"."""
    T = len(change)
    image = ax.imshow(np.where(change > 0, change, np.nan), cmap=SEQUENTIAL, vmin=0, vmax=2)
    ax.set_xticks(range(1, T, 2), range(2, T + 1, 2))
    ax.set_yticks(range(1, T, 2), range(2, T + 1, 2))
    ax.set_xlabel("state $h_t$")
    ax.grid(visible=False)
    return image


def loss_by_step(losses: Mapping[str, Array], levels: Mapping[str, float], *, title: str) -> Figure:
    """The loss (T,) of each prediction of a stream for several networks, with level lines."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (label, loss), mark in zip(losses.items(), MARKS, strict=False):
        ax.plot(np.arange(1, len(loss) + 1), loss, marker=mark, label=label)
    for label, level in levels.items():
        ax.axhline(level, color=INK, linestyle=":", linewidth=1)
        ax.annotate(
            label, (1.01, level), xycoords=("axes fraction", "data"), color=INK, fontsize=9,
            va="center",
        )  # fmt: skip
    ax.set(xlabel="step $t$", ylabel="loss (nats)", ylim=(-0.03, 1.0))
    ax.set_xticks(range(2, len(loss) + 1, 3))
    ax.legend(loc="upper center", ncols=len(losses))
    ax.set_title(title)
    return fig


def training_below_floors(
    losses: Sequence[Array], floors: Sequence[float], *, title: str
) -> Figure:
    """Training losses of several runs; the floors of windows 1, 2, … as lines across them."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for run, loss in enumerate(losses):
        label = f"RNN, {len(losses)} starts" if run == 0 else None
        ax.plot(loss, color=SERIES[0], linestyle="-", linewidth=1.2, alpha=0.8, label=label)
    for window, floor in enumerate(floors, 1):
        label = f"floors of windows 1 to {len(floors)}" if window == 1 else None
        ax.axhline(floor, color=SERIES[1], linestyle="--", linewidth=1.2, label=label)
    ax.set(xlabel="update", ylabel="loss (nats a letter)", ylim=(0, None))
    ax.legend()
    ax.set_title(title)
    return fig
