"""How far back a gradient reaches: choose the spectral radius and the activation."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from course_utils.figures.widgets.mount import Interactive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike


def reach(radii: Sequence[float], norms: Mapping[str, ArrayLike]) -> Interactive:
    """Show the gradient's norm by lag: a slider chooses the radius, buttons the activation.

    Args:
        radii: the R spectral radii, rising.
        norms: for each activation an array ``(R, K + 1)``: norm of dL/dh_{T-k}, 1 at lag 0.

    Raises:
        ValueError: shapes do not fit each other, or a norm is not above 0.
    """
    if not radii or not norms:
        raise ValueError("reach: wanted at least one radius and one activation.")
    logs = {name: _logarithms(name, values, len(radii)) for name, values in norms.items()}
    data = {
        "radii": [round(float(radius), 3) for radius in radii],
        "log10": {name: np.round(rows, 2).tolist() for name, rows in logs.items()},
    }
    alt = "Norm of the gradient against the lag, by spectral radius and activation."
    return Interactive("reach", data, _table(data["radii"], logs), alt)


def _logarithms(name: str, values: ArrayLike, radii: int) -> np.ndarray:
    rows = np.asarray(values, dtype=float)
    if rows.ndim != 2 or len(rows) != radii or rows.shape[1] < 2:
        raise ValueError(
            f"reach: norms[{name!r}] has shape {rows.shape}; expected ({radii}, K + 1), "
            "one row for each radius."
        )
    if not (np.isfinite(rows) & (rows > 0)).all():
        raise ValueError(f"reach: norms[{name!r}] holds a norm that is not above 0.")
    return np.log10(rows) + 0.0


def _table(radii: Sequence[float], logs: Mapping[str, np.ndarray]) -> str:
    """The still version: what is left of the gradient at the longest lag."""
    lags = next(iter(logs.values())).shape[1] - 1
    head = "".join(f'<th scope="col">ρ = {radius:g}</th>' for radius in radii)
    body = "\n".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>10<sup>{row[-1]:.0f}</sup></td>".replace("-", "−") for row in rows)
        + "</tr>"
        for name, rows in logs.items()
    )
    caption = f"What is left of the gradient after {lags} steps back, to the nearest power of ten."
    return (
        f"<table>\n<caption>{caption}</caption>\n"
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
