"""The gate explorer: drag the four pre-activations of one LSTM cell, and let time pass."""

from __future__ import annotations

from math import isfinite

import numpy as np

from course_utils.figures.widgets.mount import Interactive
from course_utils.nn.activations import sigmoid

PRESETS = {
    "write": (6.0, -6.0, 0.5, -6.0),
    "hold": (-6.0, 6.0, 0.5, -6.0),
    "show": (-6.0, 6.0, 0.5, 6.0),
    "clear": (-6.0, -6.0, 0.5, -6.0),
}
"""Pre-activations of input gate, forget gate, candidate and output gate, by what they do."""


def gates(c: float = 0.0) -> Interactive:
    """Show one cell, from the cell state ``c`` on: four sliders, its next step, and its past.

    Raises:
        ValueError: ``c`` is not finite.
    """
    if not isfinite(c):
        raise ValueError(f"gates: c is {c}; wanted a finite number.")
    data = {"c": float(c), "presets": {name: list(a) for name, a in PRESETS.items()}}
    alt = "One LSTM cell with sliders for its input gate, forget gate, candidate and output gate."
    return Interactive("gates", data, _table(0.5), alt)


def step(
    a: tuple[float, float, float, float], c: float
) -> tuple[float, float, float, float, float, float]:
    """i, f, g, o and the new c and h of one cell with the pre-activations a_i, a_f, a_g, a_o."""
    i, f, o = (float(sigmoid(np.array(value))) for value in (a[0], a[1], a[3]))
    g = float(np.tanh(a[2]))
    new = f * c + i * g
    return i, f, g, o, new, o * float(np.tanh(new))


def _table(c: float) -> str:
    """The still version: what each setting makes of one and the same cell."""
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in (
            "setting",
            "<i>i</i>",
            "<i>f</i>",
            "<i>g</i>",
            "<i>o</i>",
            "new <i>c</i>",
            "<i>h</i>",
        )
    )
    body = "\n".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f"<td>{value:.2f}</td>".replace("-", "−") for value in step(a, c))
        + "</tr>"
        for name, a in PRESETS.items()
    )
    return (
        f"<table>\n<caption>One step of a cell that holds {c:g}, with four settings of its gates."
        f"</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
