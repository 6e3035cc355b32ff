"""Arguments checked once, with one kind of sentence: what came, what was wanted."""

from __future__ import annotations

import math
import operator

import numpy as np


def whole(name: str, value: object, *, least: int = 1, most: int | None = None) -> int:
    """`value` as an int in `least..most`.

    Raises
    ------
    TypeError, ValueError
        If it is no whole number, or out of range; the message names the argument.
    """
    wanted = f"a whole number of at least {least}" + (
        "" if most is None else f" and at most {most}"
    )
    if isinstance(value, bool):
        raise TypeError(f"{name} must be {wanted}; got {value!r}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be {wanted}; got {value!r}") from None
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name} must be {wanted}; got {number}")
    return number


def real(
    name: str,
    value: object,
    *,
    above: float | None = None,
    low: float = -math.inf,
    high: float = math.inf,
) -> float:
    """`value` as a finite float in `low..high` (and strictly `above`, if given).

    Raises
    ------
    TypeError, ValueError
        If it is no finite real number, or out of range; the message names the argument.
    """
    wanted = "a finite number"
    if above is not None:
        wanted += f" above {above:g}"
    if low > -math.inf:
        wanted += f" of at least {low:g}"
    if high < math.inf:
        wanted += f" of at most {high:g}"
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be {wanted}; got {value!r}")
    number = float(value)
    in_range = low <= number <= high and (above is None or number > above)
    if not (math.isfinite(number) and in_range):
        raise ValueError(f"{name} must be {wanted}; got {number}")
    return number


def generator(rng: object) -> np.random.Generator:
    """`rng`, if it is a `np.random.Generator`.

    Raises
    ------
    TypeError
        For anything else: a seed or a legacy RandomState would make results hard to repeat.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    raise TypeError(
        f"rng must be a np.random.Generator, such as np.random.default_rng(0); got {rng!r}"
    )
