"""Functions that every processor rounds alike: of + − × / √ and powers of two, and nothing else.

IEEE 754 prescribes the last bit of these, but not of exp or tanh: libraries and vector units differ
there. Where a path hangs on the last bit of its start (the cliff of chapter 05), a picture of it
can only be the same everywhere if it is computed with these.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LOG2_E = 1.4426950408889634
# ln 2 in two parts; the first has so few bits that its product with a small integer is exact.
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
_COEFFICIENTS = tuple(1 / factorial(k) for k in range(13, -1, -1))


def exp(x: Any) -> Floats:
    """e to the power of each entry of `x`, within 2 units in the last place, for |x| ≤ 700."""
    x = np.asarray(x, float)
    n = np.rint(x * _LOG2_E)
    rest = (x - n * _LN2_HIGH) - n * _LN2_LOW  # |rest| ≤ ln 2 / 2
    series = np.zeros_like(rest)
    for coefficient in _COEFFICIENTS:  # Horner's rule
        series = series * rest + coefficient
    return np.ldexp(series, n.astype(int))


def sigmoid(x: Any) -> Floats:
    """1 / (1 + e^−x) for each entry; beyond ±700 it is 0 or 1 to every digit."""
    return np.asarray(1 / (1 + exp(-np.clip(x, -700, 700))))


def tanh(x: Any) -> Floats:
    """The hyperbolic tangent of each entry, within 3e-16."""
    return 2 * sigmoid(2 * np.asarray(x, float)) - 1


def product(x: Any, W: Any) -> NDArray[Any]:
    """The matrix product x W (..., H) of x (..., D) and W (D, H), added up from the first row on.

    Linear algebra libraries choose the order of the sum, and fused operations, by the processor.
    Complex entries are allowed, but processors do not multiply those alike.
    """
    return np.asarray((np.asarray(x)[..., :, None] * W).sum(axis=-2))


def length(x: Any, y: Any) -> Floats:
    """√(x² + y²) for each pair of entries."""
    return np.asarray(np.sqrt(np.square(x) + np.square(y)))
