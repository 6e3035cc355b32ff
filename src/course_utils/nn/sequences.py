"""What every recurrent model needs to know about sequences: where they start and where they end.

States are stored one longer than the input, ``(T + 1, B, H)``: ``states[t]`` is the state before
``x[t]`` is read, ``states[t + 1]`` the state after it. So ``states[t]`` is the ``h_t`` of the
equations, and ``states[0]`` is ``h_0``.

Where a mask is False a step does not happen: the state is carried through unchanged, and so is the
gradient on its way back.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.nn.arguments import FLOATING, Array, check_dtype, check_size


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
    check_dtype("gradient_at_last_step", "dh_T", dh_T, FLOATING)
    dh = np.zeros((T, *dh_T.shape), dh_T.dtype)
    dh[-1] = dh_T
    return dh


def room_for_states(T: int, B: int, H: int, first: Array | None, dtype: npt.DTypeLike) -> Array:
    """States ``(T + 1, B, H)`` that begin with ``first (B, H)``, or with zeros."""
    states = np.empty((T + 1, B, H), dtype)
    states[0] = 0 if first is None else first
    return states


def skip_masked(mask: Array | None, t: int, *states: Array) -> None:
    """Where ``mask[t]`` is False, put the state before step ``t`` in the place of the one after."""
    if mask is not None:
        for state in states:
            state[t + 1] = np.where(mask[t, :, None], state[t + 1], state[t])


def split_masked(d: Array, mask: Array | None, t: int) -> tuple[Array, Array | int]:
    """The gradient ``(B, H)`` of the state after step ``t``, parted in two.

    The first part goes back through the step; the second, where ``mask[t]`` is False, goes past it.
    """
    if mask is None:
        return d, 0
    taken = mask[t, :, None]
    return np.where(taken, d, 0), np.where(taken, 0, d)
