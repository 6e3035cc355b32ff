"""How close is equal: five digits in double precision, four in single.

The scale is the largest wanted number, so that an array of tiny gradients is not equal to zeros.
Five digits and not fourteen, because a right answer may have been computed in float32 (by torch,
for one) and stored in a float64 array. Whole numbers are compared with scale 1: near is not equal.
"""

import numpy as np

DOUBLE = 1e-5
SINGLE = 1e-4


def relative(dtype: np.dtype, tol: float | None) -> float:
    """The relative tolerance for an answer of ``dtype``; ``tol`` replaces the double one."""
    double = DOUBLE if tol is None else tol
    single = dtype.kind == "f" and dtype.itemsize == 4
    return max(double, SINGLE) if single else double


def smallest(dtype: np.dtype) -> float:
    """The smallest normal number of a float dtype: below it, digits are lost."""
    return float(np.finfo(dtype).tiny) if dtype.kind == "f" else 0.0


def differs(
    got: np.ndarray,
    want: np.ndarray,
    tol: float,
    scale: float | None = None,
    least: float = 0.0,
) -> np.ndarray:
    """Mask of the entries of ``got`` that are not ``want`` (equal shapes, finite numbers).

    Wrong means ``|got - want| > tol * scale`` and more than ``least``. The scale is ``max|want|``
    unless given, and 1 where every wanted number is 0.
    """
    if scale is None:
        scale = np.abs(want).max(initial=0.0) or 1.0
    with np.errstate(over="ignore"):
        return np.abs(got - want) > max(tol * scale, least)


def same(got: np.ndarray, want: np.ndarray, tol: float) -> bool:
    """True where shapes agree and no entry differs."""
    return got.shape == want.shape and not differs(got, want, tol).any()
