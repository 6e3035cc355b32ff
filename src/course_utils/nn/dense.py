"""A dense layer, applied to every time step alike: the readout of every model here."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from course_utils.nn.arguments import Array, check, check_gradient, check_kind
from course_utils.nn.initialisation import glorot
from course_utils.nn.products import bias_gradient, input_gradient, project, weight_gradient


@dataclass(frozen=True)
class DenseParams:
    """The weights ``W (D, K)`` and biases ``b (K,)`` of a dense layer."""

    SHAPES: ClassVar = {"W": "D K", "b": "K"}
    W: Array
    b: Array


@dataclass(frozen=True)
class DenseTape:
    """What `dense_backward` needs: the input and the parameters."""

    x: Array
    params: DenseParams


def init_dense(
    rng: np.random.Generator, D: int, K: int, *, dtype: npt.DTypeLike = np.float64
) -> DenseParams:
    """Glorot weights ``(D, K)`` and zero biases ``(K,)``."""
    return DenseParams(W=glorot(rng, D, K, dtype), b=np.zeros(K, dtype))


def dense_forward(x: Array, params: DenseParams) -> tuple[Array, DenseTape]:
    """``y = x W + b`` along the last axis: ``x (…, D)`` -> ``y (…, K)`` and the tape.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    dtype = check("dense_forward", DenseParams, params, x=(x, "… D"))
    return project(x, params.W, params.b, dtype), DenseTape(x, params)


def dense_backward(dy: Array, tape: DenseTape) -> tuple[DenseParams, Array]:
    """From ``dy (…, K)`` to the gradients of the parameters and ``dx (…, D)``.

    Raises TypeError or ValueError if ``dy`` or ``tape`` is not what `dense_forward` returned.
    """
    check_kind("dense_backward", "tape", tape, DenseTape)
    check_gradient("dense_backward", "dy", dy, (*tape.x.shape[:-1], tape.params.b.size))
    dparams = DenseParams(W=weight_gradient(tape.x, dy), b=bias_gradient(dy))
    return dparams, input_gradient(dy, tape.params.W)
