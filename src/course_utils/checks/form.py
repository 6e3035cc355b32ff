"""Require an array of a certain form, whatever its numbers: for weights that are free to choose."""

from typing import Any

import numpy as np

from course_utils.checks.failure import CheckFailed, sentence
from course_utils.checks.reading import read

_MOST_ENTRIES = 100_000


def form(
    got: Any,
    shape: tuple[int | None, ...],
    *,
    name: str = "the answer",
    largest: float | None = None,
    longest: int | None = None,
) -> np.ndarray:
    """Require finite real numbers in an array of ``shape``, where None stands for any length.

    ``largest`` bounds the size of every entry, ``longest`` the lengths that are free, which are
    then at least 1. Returns the answer as a float64 array, for the check cell to compute with.
    Raises `CheckFailed`.
    """
    wanted = f"an array of shape {_shape_text(shape)}"
    found = read(got, name=name, wanted=wanted, limit=_MOST_ENTRIES)
    if len(found.shape) != len(shape) or any(
        length not in (None, came) for length, came in zip(shape, found.shape, strict=True)
    ):
        raise CheckFailed(sentence(name, f"wrong shape. Wanted {wanted}; got shape {found.shape}."))
    if longest is not None and not 1 <= min(found.shape) <= max(found.shape) <= longest:
        complaint = f"every length must lie between 1 and {longest}; got shape {found.shape}."
        raise CheckFailed(sentence(name, complaint))
    if found.size > _MOST_ENTRIES:
        raise CheckFailed(sentence(name, f"{found.size} entries are more than this task needs."))
    if found.dtype.kind not in "iuf":
        raise CheckFailed(sentence(name, f"wanted real numbers, but got {found.dtype.name}."))
    numbers = found.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise CheckFailed(sentence(name, "an entry is not finite (nan or inf)."))
    if largest is not None and np.abs(numbers).max(initial=0.0) > largest:
        raise CheckFailed(sentence(name, f"an entry is larger than {largest:g} in size."))
    return numbers


def _shape_text(shape: tuple[int | None, ...]) -> str:
    lengths = ["any" if length is None else str(length) for length in shape]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"
