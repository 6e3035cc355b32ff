"""Store a run's values so that the prose can quote them."""

from __future__ import annotations

from typing import Any

PREFIX = "application/papermill.record/"
"""Mime prefix under which myst-nb looks for glued values."""


def glue(**values: Any) -> None:
    """Store each value under its name for ``{glue:text}`` in the prose; the cell shows nothing.

    What is stored is what the page prints: a word, a whole number, or a number already written with
    its digits, as in ``glue(loss=f"{loss:.2f}")``. Raises TypeError for anything else; a bare
    float has bits that differ between processors.
    """
    from IPython.display import display

    for name, value in values.items():
        record = {f"{PREFIX}text/plain": repr(_plain(name, value))}
        display(record, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": PREFIX}})


def _plain(name: str, value: Any) -> bool | int | str:
    if getattr(value, "size", None) == 1 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        raise TypeError(
            f"glue: {name} is the float {value:.6g}; write the digits that the page prints, "
            f'as in {name}=f"{{{name}:.2f}}".'
        )
    raise TypeError(
        f"glue: {name} is {type(value).__name__}; expected a whole number, a boolean or a string. "
        "Glue one value for each thing that the prose quotes."
    )
