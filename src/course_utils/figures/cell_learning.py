"""Chapter 07's pictures: the branches of a step backward, and what became of many runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_utils.figures.style import INK, SEQUENTIAL, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from course_utils.experiments.ablation import Drift
    from course_utils.experiments.remembering import Row

Array = NDArray[Any]
Point = tuple[float, float]
MARKS = ("o", "s", "^", "D", "v")
CELL, HIDDEN, GATE, CANDIDATE = SERIES[2], SERIES[1], SERIES[0], SERIES[3]
"""The colours of chapter 06's drawings: the cell, h, the gates, the candidate."""


def branches(*, title: str) -> Figure:
    """One step of the cell with the gradient walking back through it, from right to left."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(7.2, 4.5))
    ax.set(xlim=(-0.9, 8.7), ylim=(-1.75, 3.15), aspect="equal")
    ax.axis("off")
    places = {"f": (1.4, 0), "i": (2.9, 0), "g": (4.4, 0), "o": (6.0, 0)}
    for name, place in places.items():
        colour = CANDIDATE if name == "g" else GATE
        slope = "1 - g^2" if name == "g" else f"{name}(1-{name})"
        _box(ax, place, f"${name}_t$", colour)
        ax.text(place[0] + 0.12, -0.62, f"${slope}$", fontsize=8, ha="left", va="center")
        _blame(ax, (place[0], -0.34), (place[0], -1.0), colour)
        ax.text(place[0], -1.2, f"$da_t^{{({name})}}$", ha="center", va="center")
    for place, sign in (
        ((1.4, 2.4), "×"),
        ((3.65, 2.4), "+"),
        ((3.65, 1.25), "×"),
        ((7.0, 1.0), "×"),
    ):
        _circle(ax, place, sign)
    _circle(ax, (6.0, 1.7), "tanh", radius=0.36)
    _box(ax, (6.0, 2.4), "$c_t$", CELL)
    _box(ax, (0.0, 2.4), "$c_{t-1}$", CELL, half=0.45)
    _box(ax, (8.1, 1.0), "$h_t$", HIDDEN)

    for start, end, colour, factor, at, align in (
        ((7.8, 1.0), (7.25, 1.0), HIDDEN, "$dh_t$", (7.5, 1.22), "center"),
        ((6.85, 1.2), (6.36, 1.55), HIDDEN, "$o_t$", (6.75, 1.5), "left"),
        ((6.85, 0.82), (6.2, 0.36), HIDDEN, r"$\tanh c_t$", (6.72, 0.48), "left"),
        ((6.0, 2.0), (6.0, 2.1), CELL, r"$1 - \tanh^2 c_t$", (5.55, 1.72), "right"),
        ((8.1, 2.4), (6.34, 2.4), CELL, "from later", (7.3, 2.6), "center"),
        ((5.7, 2.4), (3.9, 2.4), CELL, "$dc_t$", (4.9, 2.62), "center"),
        ((3.4, 2.4), (1.65, 2.4), CELL, "1", (2.5, 2.62), "center"),
        ((3.65, 2.15), (3.65, 1.5), CELL, "1", (3.8, 1.82), "left"),
        ((3.5, 1.05), (3.0, 0.36), CELL, "$g_t$", (3.0, 0.8), "right"),
        ((3.8, 1.05), (4.3, 0.36), CELL, "$i_t$", (4.3, 0.8), "left"),
        ((1.4, 2.15), (1.4, 0.36), CELL, "$c_{t-1}$", (1.5, 1.3), "left"),
        ((1.15, 2.4), (0.5, 2.4), CELL, "$f_t$", (0.85, 2.62), "center"),
    ):
        _blame(ax, start, end, colour)
        ax.text(*at, factor, fontsize=9, ha=align, va="center")
    ax.text(
        3.7, -1.6, r"all four go on to $x_t$, to $h_{t-1}$ and to the weights",
        ha="center", va="center", fontsize=9,
    )  # fmt: skip
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def _box(ax: Axes, centre: Point, label: str, colour: str, *, half: float = 0.32) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = (centre[0] - half, centre[1] - 0.3)
    style = {"facecolor": "none", "edgecolor": colour, "linewidth": 2}
    ax.add_patch(
        FancyBboxPatch(corner, 2 * half, 0.6, boxstyle="round,pad=0,rounding_size=0.1", **style)
    )
    ax.text(*centre, label, ha="center", va="center", fontsize=11)


def _circle(ax: Axes, centre: Point, sign: str, *, radius: float = 0.23) -> None:
    from matplotlib.patches import Ellipse

    ax.add_patch(Ellipse(centre, 2 * radius, 0.46, facecolor="none", edgecolor=INK, linewidth=1.4))
    ax.text(*centre, sign, ha="center", va="center", fontsize=9 if len(sign) > 1 else 11)


def _blame(ax: Axes, start: Point, end: Point, colour: str) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0, "linewidth": 1.8}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)


def success_grid(tables: Mapping[str, Sequence[Row]], *, title: str) -> Figure:
    """Runs that solved a task, of how many, and below it the 95 % Wilson interval of the chance.

    `tables` maps the name of a column to its rows (`summarise`); every column has the same cells.

    Raises
    ------
    ValueError
        If the columns do not have the same cells in the same order.
    """
    import matplotlib.pyplot as plt

    names = [[row.cell for row in rows] for rows in tables.values()]
    if not names or any(other != names[0] for other in names):
        raise ValueError("success_grid: every column of tables must have the same cells.")
    cells = names[0]
    share = np.array([[row.solved / row.runs for row in rows] for rows in tables.values()]).T
    fig, ax = plt.subplots(figsize=(7.0, 0.9 + 0.42 * len(cells)))
    ax.imshow(share, cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
    for column, rows in enumerate(tables.values()):
        for line, row in enumerate(rows):
            colour = "#ffffff" if row.solved < 0.55 * row.runs else "#14181e"
            text = f"{row.solved} of {row.runs}   ({row.low:.0%}–{row.high:.0%})"
            ax.text(column, line, text, ha="center", va="center", fontsize=8, color=colour)
    ax.set_xticks(range(len(tables)), list(tables))
    ax.set_yticks(range(len(cells)), cells)
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def reach_by_unit(reaches: Mapping[str, Array], *, title: str, mark: float | None = None) -> Figure:
    """How long each unit keeps at its start: reaches (H,), sorted, on a logarithmic axis.

    `mark` is a span that should be remembered, drawn as a line.
    """
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    for (name, steps), sign in zip(reaches.items(), MARKS, strict=False):
        ax.semilogy(np.sort(steps), label=name, marker=sign, markersize=3, linewidth=1.2)
    if mark is not None:
        ax.axhline(mark, color=INK, linewidth=1, linestyle=":")
        ax.annotate(f"$T = {mark:g}$", (0, mark), xycoords=("axes fraction", "data"), va="bottom")
    ax.minorticks_off()
    ax.set(xlabel="units, sorted", ylabel="steps that a unit keeps")
    fig.legend(loc="outside right upper", fontsize=8)
    ax.set_title(title)
    return fig


def errors_by_part(
    errors: Mapping[str, Array], *, title: str, xlabel: str, levels: Mapping[str, float]
) -> Figure:
    """One line of dots a variant: the error (seeds,) of each run, on a logarithmic axis."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.6, 0.9 + 0.33 * len(errors)))
    for line, values in enumerate(errors.values()):
        ax.semilogx(values, np.full(len(values), line), "o", color=SERIES[0], alpha=0.8)
    for name, level in levels.items():
        ax.axvline(level, color=INK, linewidth=1, linestyle=":")
        place = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "bottom"}
        ax.annotate(name, (level, 1.0), fontsize=8, **place)
    ax.set_yticks(range(len(errors)), list(errors))
    ax.invert_yaxis()
    ax.minorticks_off()
    ax.set(xlabel=xlabel)
    fig.suptitle(title, x=0.01, ha="left")
    return fig


def drift(drifts: Sequence[Drift], *, stretch: int, title: str) -> Figure:
    """Left the largest |c| along an endless stream, right the share of wrong answers."""
    import matplotlib.pyplot as plt

    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2))
    for found, sign in zip(drifts, MARKS, strict=False):
        steps = stretch * np.arange(1, len(found.errors) + 1)
        left.plot(steps, found.largest_cell, label=found.name, marker=sign, markersize=3)
        right.plot(steps, 100 * found.errors, label=found.name, marker=sign, markersize=3)
    worst = max(100 * float(found.errors.max()) for found in drifts)
    left.set(xlabel="steps of the stream", ylabel="largest $|c|$")
    right.set(xlabel="steps of the stream", ylabel="wrong answers (%)", ylim=(-0.1, worst + 2))
    left.legend(fontsize=8)
    fig.suptitle(title, x=0.01, ha="left")
    return fig
