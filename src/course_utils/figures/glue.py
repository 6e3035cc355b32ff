"""Store a run's values so that the prose can quote them."""

from __future__ import annotations

from typing import Any

PREFIX = "application/papermill.record/"
"""Mime prefix under which myst-nb looks for glued values."""


def glue(**values: Any) -> None:
    """Store each value under its name for ``{glue:text}`` in the prose; the cell shows nothing.

    Numbers may be Python or NumPy scalars (or arrays of size one) and can be quoted with a format,
    as in ``{glue:text}`loss:.2f```. Floats keep twelve significant digits: the last bits of a sum
    differ between processors. Raises TypeError for anything but numbers, booleans and strings.
    """
    from IPython.display import display

    for name, value in values.items():
        record = {f"{PREFIX}text/plain": repr(_scalar(name, value))}
        display(record, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": PREFIX}})


def _scalar(name: str, value: Any) -> bool | int | float | str:
    if getattr(value, "size", None) == 1 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, bool | int | str):
        return value
    raise TypeError(
        f"glue: {name} is {type(value).__name__}; expected a number, a boolean or a string. "
        "Glue one value for each thing that the prose quotes."
    )
