"""Unroll a recurrent network over a word, step by step, and look into its state."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from course_utils.figures.widgets.mount import Interactive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


def unroll(
    word: str,
    h: ArrayLike,
    *,
    h_0: ArrayLike | None = None,
    units: Sequence[str] | None = None,
) -> Interactive:
    """Show the network that read ``word``: a slider unrolls it, a click on a step shows its state.

    Args:
        word: what was read, one character a step; T characters.
        h: hidden states ``(T, H)`` or, for a batch of one, ``(T, 1, H)``; ``h[0]`` is h_1.
        h_0: the state before the first input ``(H,)``; zeros if not given.
        units: a name for each of the H units; "unit 0", … if not given.

    Raises:
        ValueError: shapes do not fit each other, or a state is not finite.
    """
    states = _states(word, h)
    start = np.zeros(states.shape[1]) if h_0 is None else np.asarray(h_0, dtype=float).reshape(-1)
    names = [f"unit {k}" for k in range(states.shape[1])] if units is None else list(units)
    for name, length in (("h_0", len(start)), ("units", len(names))):
        if length != states.shape[1]:
            raise ValueError(f"unroll: {name} has {length} entries; h has {states.shape[1]} units.")
    rows = np.round(np.vstack([start, states]), 3) + 0.0  # no negative zeros
    data = {"word": word, "h": rows.tolist(), "units": names}
    alt = f"Hidden state of {len(names)} units after each character of “{word}”."
    return Interactive("unroll", data, _table(word, rows, names), alt)


def _states(word: str, h: ArrayLike) -> np.ndarray:
    states = np.asarray(h, dtype=float)
    if states.ndim == 3 and states.shape[1] == 1:
        states = states[:, 0]
    if states.ndim != 2 or len(states) != len(word) or states.size == 0:
        raise ValueError(
            f"unroll: h has shape {np.shape(h)}; expected ({len(word)}, H), "
            f"one state for each character of {word!r}."
        )
    if not np.isfinite(states).all():
        raise ValueError("unroll: h holds values that are not finite.")
    return states


def _table(word: str, rows: np.ndarray, names: Sequence[str]) -> str:
    """The still version: one column a step, one row a unit."""
    steps = ["<i>h</i><sub>0</sub>"]
    steps += [f"<i>h</i><sub>{t}</sub> “{escape(c)}”" for t, c in enumerate(word, 1)]
    head = "".join(f'<th scope="col">{step}</th>' for step in steps)
    body = "\n".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{value:.2f}</td>".replace("-", "−") for value in values)
        + "</tr>"
        for name, values in zip(names, rows.T, strict=True)
    )
    return (
        f"<table>\n<caption>The state after each character of “{escape(word)}”.</caption>\n"
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
