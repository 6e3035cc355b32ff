"""How often training succeeds, by cell and by length, with honest intervals for few runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.figures.style import LINES, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from course_utils.experiments.remembering import Row
    from course_utils.nn.history import History

MARKERS = "os^Dv"


def success_by_length(tables: Mapping[int, Sequence[Row]], *, title: str) -> Figure:
    """Share of runs that solved the task against the length, one line a cell.

    `tables` maps a length to the rows of its table (`summarise`). Bars are 95 % Wilson intervals;
    the lines stand a little apart, so that the bars can be told from each other.

    Raises
    ------
    ValueError
        If there is no table, or more cells than the house style has lines for.
    """
    import matplotlib.pyplot as plt

    cells = list(dict.fromkeys(row.cell for rows in tables.values() for row in rows))
    if not 1 <= len(cells) <= len(SERIES):
        raise ValueError(
            f"success_by_length: tables hold {len(cells)} cells; wanted 1 to {len(SERIES)}."
        )
    fig, ax = plt.subplots()
    places = {length: place for place, length in enumerate(sorted(tables))}
    for number, cell in enumerate(cells):
        shift = 0.09 * (number - (len(cells) - 1) / 2)
        rows = {n: row for n in sorted(tables) for row in tables[n] if row.cell == cell}
        x = np.array([places[n] for n in rows]) + shift
        share = np.array([row.solved / row.runs for row in rows.values()])
        below = share - [row.low for row in rows.values()]
        above = np.array([row.high for row in rows.values()]) - share
        ax.errorbar(
            x,
            share,
            yerr=np.maximum([below, above], 0),
            label=cell,
            color=SERIES[number],
            linestyle=LINES[number],
            marker=MARKERS[number],
            elinewidth=1,
            capsize=2,
        )
    ax.set_xticks(list(places.values()), [str(n) for n in places])
    ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    ax.set(xlabel="length $T$ of the sequences", ylabel="runs that solve it", ylim=(-0.05, 1.05))
    fig.legend(loc="outside right upper", fontsize=8)
    ax.set_title(title)
    return fig


def learning_curves(
    histories: Mapping[str, History],
    *,
    title: str,
    ylabel: str,
    levels: Mapping[str, float] | None = None,
    smooth: int = 1,
) -> Figure:
    """Training loss against updates, one line a run; `levels` are named horizontal lines.

    `smooth` is the number of updates in the running mean.

    Raises
    ------
    ValueError
        If there is no run, or more than the house style has lines for.
    """
    import matplotlib.pyplot as plt

    if not 1 <= len(histories) <= len(SERIES):
        raise ValueError(
            f"learning_curves: histories holds {len(histories)} runs; wanted 1 to {len(SERIES)}."
        )
    fig, ax = plt.subplots()
    for name, history in histories.items():
        width = min(smooth, len(history))
        mean = np.convolve(history.loss, np.full(width, 1 / width), mode="valid")
        ax.plot(np.arange(width, len(history) + 1), mean, label=name)
    _draw_levels(ax, levels)
    ax.set(xlabel="updates", ylabel=ylabel, ylim=(0, None))
    ax.legend(fontsize=8)
    ax.set_title(title)
    return fig


def validation_by_seconds(
    histories: Mapping[str, History],
    *,
    title: str,
    ylabel: str = "held-out bits a character",
    levels: Mapping[str, float] | None = None,
) -> Figure:
    """Validation against CPU seconds, one line a run; `levels` are named horizontal lines.

    Raises
    ------
    ValueError
        If there is no run, or more than the house style has lines for.
    """
    import matplotlib.pyplot as plt

    if not 1 <= len(histories) <= len(SERIES):
        raise ValueError(
            f"validation_by_seconds: histories holds {len(histories)} runs; "
            f"wanted 1 to {len(SERIES)}."
        )
    fig, ax = plt.subplots()
    for (name, history), marker in zip(histories.items(), MARKERS, strict=False):
        seconds = history.seconds[history.valid_step - 1]
        ax.plot(seconds, history.valid, marker=marker, label=name)
    _draw_levels(ax, levels)
    ax.set(xlabel="CPU seconds", ylabel=ylabel)
    ax.legend(fontsize=8)
    ax.set_title(title)
    return fig


def _draw_levels(ax: object, levels: Mapping[str, float] | None) -> None:
    from course_utils.figures.style import INK

    for name, level in (levels or {}).items():
        ax.axhline(level, color=INK, linewidth=1, linestyle="-")  # type: ignore[attr-defined]
        ax.annotate(  # type: ignore[attr-defined]
            name,
            (1, level),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize=8,
        )
