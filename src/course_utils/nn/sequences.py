"""Small things about sequences that every recurrent model shares."""

from typing import Any

import numpy as np

from .arguments import Array, check_dtype, check_size


def mask_from_lengths(lengths: Any, T: int) -> Array:
    """A boolean mask ``(T, B)``, True where step ``t`` lies inside sequence ``b``.

    ``lengths (B,)`` are integers from 0 to ``T``. Raises TypeError or ValueError otherwise.
    """
    check_size("mask_from_lengths", "T", T)
    lengths = np.asarray(lengths)
    check_dtype("mask_from_lengths", "lengths", lengths, "integer")
    if lengths.ndim != 1 or lengths.size == 0:
        raise ValueError(f"mask_from_lengths: lengths has shape {lengths.shape}; wanted (B,).")
    outside = (lengths < 0) | (lengths > T)
    if outside.any():
        b = int(np.argmax(outside))
        raise ValueError(
            f"mask_from_lengths: lengths[{b}] is {lengths[b]}; wanted 0 to T = {T} steps."
        )
    return np.asarray(np.arange(T)[:, None] < lengths)


def gradient_at_last_step(dh_T: Array, T: int) -> Array:
    """``dh (T, B, H)`` for a loss on the last state only: zeros, and ``dh_T (B, H)`` at the end."""
    check_size("gradient_at_last_step", "T", T)
    check_dtype("gradient_at_last_step", "dh_T", dh_T, "floating")
    dh = np.zeros((T, *dh_T.shape), dh_T.dtype)
    dh[-1] = dh_T
    return dh
