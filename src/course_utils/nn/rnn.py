"""The simple recurrent network of Elman (1990): one state, carried from step to step.

    a_t = x_t W_x + h_{t-1} W_h + b
    h_t = activation(a_t)

Arrays are time-major, ``(T, B, D)``; `sequences` says how states and masks are laid out.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from course_utils.nn.activations import activation_named
from course_utils.nn.arguments import Array, check, check_gradient, check_kind
from course_utils.nn.initialisation import glorot, recurrent_matrix
from course_utils.nn.products import bias_gradient, input_gradient, project, weight_gradient
from course_utils.nn.sequences import room_for_states, skip_masked, split_masked


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

    def steps(self, start: int, stop: int) -> "RNNTape":
        """The tape of steps ``start`` to ``stop - 1`` alone, as if run from ``states[start]``."""
        mask = None if self.mask is None else self.mask[start:stop]
        states = self.states[start : stop + 1]
        return replace(self, x=self.x[start:stop], states=states, mask=mask)


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
    a = project(x, params.W_x, params.b, dtype)  # the part of every a_t that needs no state
    states = room_for_states(T, B, params.b.size, h_0, dtype)
    for t in range(T):
        a[t] += states[t] @ params.W_h
        states[t + 1] = f.function(a[t])
        skip_masked(mask, t, states)
    return states[1:], RNNTape(x, params, states, activation, mask)


def rnn_backward(dh: Array, tape: RNNTape) -> tuple[RNNParams, Array, Array]:
    """Backpropagation through time: one sweep from the last step to the first.

    ``dh (T, B, H)`` is the gradient of the loss with respect to every ``h_t`` from outside the
    recurrence; for a loss on the last step it is zero but for ``dh[-1]``. Returns the gradients of
    the parameters, of ``x (T, B, D)`` and of ``h_0 (B, H)``.

    Raises TypeError or ValueError if ``dh`` or ``tape`` is not what `rnn_forward` returned.
    """
    check_kind("rnn_backward", "tape", tape, RNNTape)
    x, params, states = tape.x, tape.params, tape.states
    check_gradient("rnn_backward", "dh", dh, states[1:].shape)
    W_h_T = np.ascontiguousarray(params.W_h.T)
    da = activation_named(tape.activation, "rnn_backward").slope(states[1:])  # dh_t/da_t, every t
    dh_next = np.zeros_like(states[0])  # what reaches h_t from the steps after it
    for t in reversed(range(len(x))):
        dh_t, dh_past = split_masked(dh[t] + dh_next, tape.mask, t)
        da[t] *= dh_t
        dh_next = da[t] @ W_h_T + dh_past
    dparams = RNNParams(
        W_x=weight_gradient(x, da), W_h=weight_gradient(states[:-1], da), b=bias_gradient(da)
    )
    return dparams, input_gradient(da, params.W_x), dh_next
