"""Walk along a text and see gates and states of single units of an LSTM that reads it."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from course_utils.figures.widgets.mount import Interactive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

SHOWN = ("i", "f", "o", "c", "h")
"""The traces of a unit: three gates, the cell, and what it shows."""


def trace(text: str, units: Mapping[str, Mapping[str, ArrayLike]]) -> Interactive:
    """Show gates and states over a text: a slider chooses the character, buttons the unit.

    Args:
        text: what was read; T characters.
        units: for each unit's name its traces "i", "f", "o", "c" and "h", each ``(T,)``.

    Raises:
        ValueError: there is no unit or no text, a trace is missing or has another length, or a
            value is not finite.
    """
    if not text or not units:
        raise ValueError("trace: wanted a text and at least one unit.")
    rows = {name: _checked(name, traces, len(text)) for name, traces in units.items()}
    data = {
        "text": text,
        "units": {
            name: {key: (np.round(values, 3) + 0.0).tolist() for key, values in traces.items()}
            for name, traces in rows.items()
        },
    }
    alt = f"Gates and states of {len(rows)} units over “{text}”."
    return Interactive("trace", data, _table(text, rows), alt)


def _checked(name: str, traces: Mapping[str, ArrayLike], length: int) -> dict[str, np.ndarray]:
    """The traces of one unit as arrays (T,)."""
    found = {}
    for key in SHOWN:
        if key not in traces:
            raise ValueError(f"trace: units[{name!r}] has no {key!r}; wanted {', '.join(SHOWN)}.")
        values = np.asarray(traces[key], dtype=float)
        if values.shape != (length,):
            raise ValueError(
                f"trace: units[{name!r}][{key!r}] has shape {values.shape}; expected ({length},), "
                "one number for each character."
            )
        if not np.isfinite(values).all():
            raise ValueError(f"trace: units[{name!r}][{key!r}] holds values that are not finite.")
        found[key] = values
    return found


def _table(text: str, rows: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """The still version: forget gate and cell behind every word, for each unit."""
    words = [(match.group(), match.end() - 1) for match in re.finditer(r"\S+", text)]
    head = "".join(
        f'<th scope="col"><i>{key}</i>, {escape(name)}</th>' for name in rows for key in ("f", "c")
    )
    body = "\n".join(
        f'<tr><th scope="row">{escape(word)}</th>'
        + "".join(
            f"<td>{traces[key][end]:.2f}</td>".replace("-", "−")
            for traces in rows.values()
            for key in ("f", "c")
        )
        + "</tr>"
        for word, end in words
    )
    return (
        "<table>\n<caption>Forget gate and cell at the last character of every word.</caption>\n"
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
