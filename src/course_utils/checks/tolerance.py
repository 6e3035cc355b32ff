"""How close is equal: four digits, whatever the type.

The scale is the largest wanted number, so that an array of tiny gradients is not equal to zeros.
Four digits and not fourteen, because a right answer may have been computed in float32. Its type
does not tell: ``loss.item()`` of a float32 tensor is a Python float, and what a function collects
in ``np.zeros`` is float64. Whole numbers are compared with scale 1: near is not equal.
"""

import numpy as np

FOUR_DIGITS = 1e-4


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
    """Mask of the entries of ``got`` that are not ``want`` (equal shapes, ``got`` finite).

    Wrong means ``|got - want| > tol * scale`` and more than ``least``; no number is equal to
    infinity or NaN. The scale is ``max|want|`` unless given, and 1 where every wanted number is 0.
    """
    if scale is None:
        scale = size(want)
    with np.errstate(over="ignore"):
        return ~(np.abs(got - want) <= max(tol * scale, least))


def size(want: np.ndarray) -> float:
    """The size of the largest finite entry, 1 where every entry is 0."""
    return float(np.abs(want).max(initial=0.0, where=np.isfinite(want))) or 1.0


def same(got: np.ndarray, want: np.ndarray, tol: float = FOUR_DIGITS) -> bool:
    """True where shapes agree and no entry differs."""
    return got.shape == want.shape and not differs(got, want, tol).any()
