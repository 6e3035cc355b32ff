"""The simple recurrent network of Elman (1990): one state, carried from step to step.

    a_t = x_t W_x + h_{t-1} W_h + b
    h_t = activation(a_t)

Arrays are time-major, ``(T, B, D)``. A tape keeps all states as ``(T + 1, B, H)``, so that index
``t`` is the ``t`` of the equations: ``states[0]`` is ``h_0``, the state before the first input.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .activations import activation_named
from .arguments import Array, check, check_gradient, check_kind
from .initialisation import glorot, recurrent_matrix
from .products import bias_gradient, input_gradient, project, weight_gradient


@dataclass(frozen=True)
class RNNParams:
    """Input weights ``W_x (D, H)``, recurrent weights ``W_h (H, H)``, biases ``b (H,)``."""

    SHAPES: ClassVar = {"W_x": "D H", "W_h": "H H", "b": "H"}
    W_x: Array
    W_h: Array
    b: Array


@dataclass(frozen=True)
class RNNTape:
    """What `rnn_backward` needs. ``states (T + 1, B, H)`` holds ``h_0`` and every ``h_t``."""

    x: Array
    params: RNNParams
    states: Array
    activation: str
    mask: Array | None

    @property
    def final_state(self) -> tuple[Array]:
        """``(h_T,)``, the state to carry into the next piece of the same sequences."""
        return (self.states[-1],)


def init_rnn(
    rng: np.random.Generator,
    D: int,
    H: int,
    *,
    recurrent: str = "glorot",
    dtype: npt.DTypeLike = np.float64,
) -> RNNParams:
    """Glorot input weights, zero biases, and a recurrent matrix of the kind asked for.

    ``recurrent``: ``"glorot"``, ``"uniform"`` (PyTorch's start), ``"orthogonal"`` or ``"identity"``
    (with relu: the IRNN of Le, Jaitly and Hinton 2015). Raises ValueError for any other.
    """
    return RNNParams(
        W_x=glorot(rng, D, H, dtype),
        W_h=recurrent_matrix(rng, H, recurrent, dtype),
        b=np.zeros(H, dtype),
    )


def rnn_step(x_t: Array, h_prev: Array, params: RNNParams, *, activation: str = "tanh") -> Array:
    """One step: ``x_t (B, D)`` and ``h_prev (B, H)`` -> ``h_t (B, H)``.

    ``activation``: ``"tanh"``, ``"relu"``, ``"sigmoid"`` or ``"linear"``.
    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    f = activation_named(activation, "rnn_step")
    check("rnn_step", RNNParams, params, x_t=(x_t, "B D"), h_prev=(h_prev, "B H"))
    return f.function(x_t @ params.W_x + h_prev @ params.W_h + params.b)


def rnn_forward(
    x: Array,
    params: RNNParams,
    h_0: Array | None = None,
    *,
    activation: str = "tanh",
    mask: Array | None = None,
) -> tuple[Array, RNNTape]:
    """Run over whole sequences: ``x (T, B, D)`` -> ``h (T, B, H)`` and the tape.

    ``h_0 (B, H)`` is the state before the first input, zeros if not given. Where the boolean
    ``mask (T, B)`` is False the step does not happen: the state is carried through unchanged, so
    that ``h[-1]`` is each sequence's last true state. (PyTorch's packed sequences put zeros there.)
    ``h`` is the tape's own memory: copy it before you change it.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    f = activation_named(activation, "rnn_forward")
    dtype = check(
        "rnn_forward", RNNParams, params, x=(x, "T B D"), h_0=(h_0, "B H"), mask=(mask, "T B")
    )
    T, B, _ = x.shape
    a = project(x, params.W_x, params.b)  # the part of every a_t that needs no state
    states = np.zeros((T + 1, B, params.b.size), dtype)
    if h_0 is not None:
        states[0] = h_0
    for t in range(1, T + 1):
        states[t] = f.function(a[t - 1] + states[t - 1] @ params.W_h)
        if mask is not None:
            states[t] = np.where(mask[t - 1, :, None], states[t], states[t - 1])
    return states[1:], RNNTape(x, params, states, activation, mask)


def rnn_backward(dh: Array, tape: RNNTape) -> tuple[RNNParams, Array, Array]:
    """Backpropagation through time: one sweep from the last step to the first.

    ``dh (T, B, H)`` is the gradient of the loss with respect to every ``h_t`` from outside the
    recurrence; for a loss on the last step it is zero but for ``dh[-1]``. Returns the gradients of
    the parameters, of ``x (T, B, D)`` and of ``h_0 (B, H)``.

    Raises TypeError or ValueError if ``dh`` or ``tape`` is not what `rnn_forward` returned.
    """
    check_kind("rnn_backward", "tape", tape, RNNTape)
    x, params, states, mask = tape.x, tape.params, tape.states, tape.mask
    h = states[1:]
    check_gradient("rnn_backward", "dh", dh, h.shape)
    W_h_T = np.ascontiguousarray(params.W_h.T)
    da = activation_named(tape.activation, "rnn_backward").slope(h)  # dh_t/da_t, all steps at once
    dh_next = np.zeros_like(h[0])  # what reaches h_t from the steps after it
    for t in reversed(range(len(h))):
        dh_t = dh[t] + dh_next
        da[t] *= dh_t
        if mask is None:
            dh_next = da[t] @ W_h_T
        else:
            da[t] *= mask[t, :, None]
            dh_next = da[t] @ W_h_T + np.where(mask[t, :, None], 0, dh_t)
    dparams = RNNParams(
        W_x=weight_gradient(x, da), W_h=weight_gradient(states[:-1], da), b=bias_gradient(da)
    )
    return dparams, input_gradient(da, params.W_x), dh_next
