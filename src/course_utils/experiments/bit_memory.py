"""One bit, then noise: how long can it be read from the state, and how long does a gradient last?

The same runs answer both questions, so that forward memory and backward gradient can be compared
(chapter 05).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.initialisation import orthogonal, with_spectral_radius
from course_utils.nn.jacobians import gradient_norm_by_lag
from course_utils.nn.rnn import RNNParams, rnn_backward, rnn_forward

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Memory:
    """What is left of a bit, by lag.

    Attributes
    ----------
    read : (K + 1,) share of held-out sequences whose bit a linear readout of the state gets right
    gradient : (K + 1,) norm of dL/dh_{T-k} for a random dL/dh_T, 1 at lag 0
    """

    read: Array
    gradient: Array


def latches(H: int, weight: float = 2.0) -> RNNParams:
    """H units that each feed only themselves, with a weight above 1: each holds a bit."""
    return RNNParams(np.eye(H), weight * np.eye(H), np.zeros(H))


def random_network(H: int, radius: float, *, seed: int = 0, spread: str = "gaussian") -> RNNParams:
    """A network with one input a unit whose W_h, "gaussian" or "orthogonal", has this radius."""
    rng = np.random.default_rng(seed)
    W = orthogonal(rng, H, H) if spread == "orthogonal" else rng.standard_normal((H, H))
    return RNNParams(np.eye(H), with_spectral_radius(W, radius), np.zeros(H))


def bit_memory(
    params: RNNParams, lags: int = 30, *, noise: float = 0.1, B: int = 2000, seed: int = 0
) -> Memory:
    """Show every unit one bit at the first step, then Gaussian noise for `lags` steps.

    Parameters
    ----------
    params : a network with as many inputs as units, run with tanh
    lags : steps after the bit
    noise : standard deviation of the input after the bit
    B : sequences; the readout is fitted on one half and judged on the other
    seed : of bits, noise and dL/dh_T
    """
    rng = np.random.default_rng(seed)
    H = params.b.size
    bits = rng.choice([-1.0, 1.0], B)
    x = noise * rng.standard_normal((lags + 1, B, H))
    x[0] = bits[:, None]
    h, tape = rnn_forward(x, params)
    norms = gradient_norm_by_lag(rnn_backward, tape, rng.standard_normal((B, H)))[:-1]
    return Memory(np.array([_share_read(h_t, bits) for h_t in h]), norms / norms[0])


def _share_read(h_t: Array, bits: Array) -> float:
    """Fit a linear readout (with a constant) on the first half, judge it on the second."""
    A, half = np.column_stack([h_t, np.ones(len(h_t))]), len(bits) // 2
    weights = np.linalg.lstsq(A[:half], bits[:half], rcond=None)[0]
    return float(np.mean((A[half:] @ weights > 0) == (bits[half:] > 0)))
