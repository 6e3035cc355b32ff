"""Products over whole sequences: every time step and batch row in one matrix product.

``(T, B, D) @ (D, H)`` in NumPy is T small products; flattened to ``(T·B, D)`` it is a single large
one, which is where the hardware is fast.
"""

import numpy as np
import numpy.typing as npt

from course_utils.nn.arguments import Array


def rows(x: Array) -> Array:
    """``(…, D)`` seen as ``(N, D)``: one row per time step and batch row."""
    return x.reshape(-1, x.shape[-1])


def project(x: Array, W: Array, b: Array, dtype: npt.DTypeLike) -> Array:
    """A new array ``x W + b``: ``(…, D), (D, H), (H,)`` -> ``(…, H)`` of ``dtype``."""
    y = (rows(x) @ W).astype(dtype, copy=False)
    y += b
    return y.reshape(*x.shape[:-1], W.shape[1])


def weight_gradient(x: Array, da: Array) -> Array:
    """The gradient of ``W`` in ``a = x W``: ``(…, D), (…, H)`` -> ``(D, H)``, summed over rows."""
    return rows(x).T @ rows(da)


def input_gradient(da: Array, W: Array) -> Array:
    """The gradient of ``x`` in ``a = x W``: ``(…, H), (D, H)`` -> ``(…, D)``."""
    return (rows(da) @ W.T).reshape(*da.shape[:-1], W.shape[0])


def bias_gradient(da: Array) -> Array:
    """The gradient of ``b``, summed over time and batch: ``(…, H)`` -> ``(H,)``."""
    return np.asarray(rows(da).sum(axis=0))
