"""Long short-term memory: a state that is added to, and gates that decide what and how much.

    a_t = x_t W_x + h_{t-1} W_h + b             four blocks of H columns: i, f, g, o
    i_t, f_t, o_t = σ(a_i), σ(a_f), σ(a_o)      input, forget and output gate, in (0, 1)
    g_t = tanh(a_g)                             the candidate, which is not a gate
    c_t = f_t * c_{t-1} + i_t * g_t             f *keeps*: 1 holds the cell, 0 clears it
    h_t = o_t * tanh(c_t)

Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).
Gates stand in PyTorch's order. `sequences` says how states and masks are laid out.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from course_utils.nn.activations import sigmoid
from course_utils.nn.arguments import Array, check, check_gradient, check_kind
from course_utils.nn.initialisation import chrono_bias, glorot, recurrent_matrix
from course_utils.nn.products import bias_gradient, input_gradient, project, weight_gradient
from course_utils.nn.sequences import room_for_states, skip_masked, split_masked


@dataclass(frozen=True)
class LSTMParams:
    """``W_x (D, 4H)``, ``W_h (H, 4H)``, ``b (4H,)``, each with blocks in the order i, f, g, o."""

    SHAPES: ClassVar = {"W_x": "D 4H", "W_h": "H 4H", "b": "4H"}
    W_x: Array
    W_h: Array
    b: Array


@dataclass(frozen=True)
class LSTMTape:
    """What `lstm_backward` needs.

    ``gates (T, B, 4H)`` holds i, f, g, o of every step; ``hs`` and ``cs (T + 1, B, H)`` the states
    with ``h_0`` and ``c_0`` in front; ``tanh_c (T, B, H)`` is ``tanh(c_t)`` as h saw it.
    """

    x: Array
    params: LSTMParams
    gates: Array
    hs: Array
    cs: Array
    tanh_c: Array
    mask: Array | None

    @property
    def final_state(self) -> tuple[Array, Array]:
        """``(h_T, c_T)``, the state to carry into the next piece of the same sequences."""
        return self.hs[-1], self.cs[-1]

    def steps(self, start: int, stop: int) -> "LSTMTape":
        """The tape of steps ``start`` to ``stop - 1`` alone, as if run from their first state."""
        span, states = slice(start, stop), slice(start, stop + 1)
        return replace(
            self,
            x=self.x[span],
            gates=self.gates[span],
            hs=self.hs[states],
            cs=self.cs[states],
            tanh_c=self.tanh_c[span],
            mask=None if self.mask is None else self.mask[span],
        )


def init_lstm(
    rng: np.random.Generator,
    D: int,
    H: int,
    *,
    recurrent: str = "glorot",
    forget_bias: float = 1.0,
    chrono: int | None = None,
    dtype: npt.DTypeLike = np.float64,
) -> LSTMParams:
    """Glorot input weights, recurrent blocks of the kind asked for, and biases that remember.

    Biases are zero but for the forget gate's: ``forget_bias`` (1 is the advice of Jozefowicz,
    Zaremba and Sutskever 2015), or with ``chrono=T`` those for dependencies of up to ``T`` steps:
    ``b_f`` drawn by `chrono_bias` and ``b_i = -b_f`` (Tallec and Ollivier 2018).
    ``recurrent``: as in `init_rnn`. Raises ValueError for a kind or a ``T`` that does not exist.
    """
    W_x = np.hstack([glorot(rng, D, H, dtype) for _ in range(4)])
    W_h = np.hstack([recurrent_matrix(rng, H, recurrent, dtype) for _ in range(4)])
    b = np.zeros(4 * H, dtype)
    b_i, b_f, _, _ = split_gates(b)
    if chrono is None:
        b_f[:] = forget_bias
    else:
        b_f[:] = chrono_bias(rng, H, chrono)
        b_i[:] = -b_f
    return LSTMParams(W_x, W_h, b)


def split_gates(a: Array) -> tuple[Array, Array, Array, Array]:
    """Views of the four blocks of the last axis, i, f, g, o: ``(…, 4H)`` -> four of ``(…, H)``."""
    H = a.shape[-1] // 4
    return a[..., :H], a[..., H : 2 * H], a[..., 2 * H : 3 * H], a[..., 3 * H :]


def lstm_step(x_t: Array, h_prev: Array, c_prev: Array, params: LSTMParams) -> tuple[Array, Array]:
    """One step: ``x_t (B, D)``, ``h_prev (B, H)``, ``c_prev (B, H)`` -> ``h_t, c_t (B, H)``.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    states = {"h_prev": (h_prev, "B H"), "c_prev": (c_prev, "B H")}
    check("lstm_step", LSTMParams, params, x_t=(x_t, "B D"), **states)
    a_i, a_f, a_g, a_o = split_gates(x_t @ params.W_x + h_prev @ params.W_h + params.b)
    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
    g = np.tanh(a_g)
    c_t = f * c_prev + i * g
    h_t = o * np.tanh(c_t)
    return h_t, c_t


def activate_gates(a: Array) -> tuple[Array, Array, Array, Array]:
    """Turn pre-activations ``a (B, 4H)`` into i, f, g, o *in place*, and return the four blocks.

    ``σ(a) = ½ + ½ tanh(½ a)``, so one sweep of tanh over contiguous memory serves all four: with
    ``s`` = ½ for the gates and 1 for the candidate, each is ``(1 - s) + s tanh(s a)``.
    """
    s = np.repeat(np.array([0.5, 0.5, 1, 0.5], a.real.dtype), a.shape[1] // 4)
    a *= s
    np.tanh(a, out=a)
    a *= s
    a += 1 - s
    return split_gates(a)


def gate_slopes(gates: Array) -> Array:
    """The derivative of each gate by its pre-activation, from its output: ``(…, 4H)`` alike.

    ``y (1 - y)`` for the sigmoids i, f, o; ``1 - y²``, that is ``(1 + y)(1 - y)``, for tanh.
    """
    slopes = 1 - gates
    i, f, g, o = split_gates(gates)
    slope_i, slope_f, slope_g, slope_o = split_gates(slopes)
    slope_i *= i
    slope_f *= f
    slope_g *= 1 + g
    slope_o *= o
    return slopes


def lstm_forward(
    x: Array,
    params: LSTMParams,
    h_0: Array | None = None,
    c_0: Array | None = None,
    *,
    mask: Array | None = None,
) -> tuple[Array, Array, LSTMTape]:
    """Run over whole sequences: ``x (T, B, D)`` -> ``h (T, B, H)``, ``c (T, B, H)`` and the tape.

    ``h_0`` and ``c_0 (B, H)`` are the states before the first input, zeros if not given. Where the
    boolean ``mask (T, B)`` is False the step does not happen: both states are carried through
    unchanged. ``h`` and ``c`` are the tape's own memory: copy them before you change them.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    states = {"h_0": (h_0, "B H"), "c_0": (c_0, "B H")}
    dtype = check("lstm_forward", LSTMParams, params, x=(x, "T B D"), **states, mask=(mask, "T B"))
    T, B, _ = x.shape
    H = params.W_h.shape[0]
    gates = project(x, params.W_x, params.b, dtype)  # the part of every a_t that needs no state
    hs = room_for_states(T, B, H, h_0, dtype)
    cs = room_for_states(T, B, H, c_0, dtype)
    tanh_c = np.empty((T, B, H), dtype)
    for t in range(T):
        gates[t] += hs[t] @ params.W_h
        i, f, g, o = activate_gates(gates[t])
        cs[t + 1] = f * cs[t] + i * g
        tanh_c[t] = np.tanh(cs[t + 1])
        hs[t + 1] = o * tanh_c[t]
        skip_masked(mask, t, hs, cs)
    return hs[1:], cs[1:], LSTMTape(x, params, gates, hs, cs, tanh_c, mask)


def lstm_backward(
    dh: Array, tape: LSTMTape, dc_T: Array | None = None
) -> tuple[LSTMParams, Array, Array, Array]:
    """Backpropagation through time: one sweep from the last step to the first.

    ``dh (T, B, H)`` is the gradient of the loss with respect to every ``h_t`` from outside the
    recurrence (for a loss on the last step: zero but for ``dh[-1]``), and ``dc_T (B, H)`` the same
    for the last cell state, zero if not given. Returns the gradients of the parameters, of
    ``x (T, B, D)``, of ``h_0`` and of ``c_0 (B, H)``.

    Raises TypeError or ValueError if ``dh``, ``dc_T`` or ``tape`` does not fit `lstm_forward`.
    """
    check_kind("lstm_backward", "tape", tape, LSTMTape)
    x, params, hs, cs = tape.x, tape.params, tape.hs, tape.cs
    check_gradient("lstm_backward", "dh", dh, hs[1:].shape)
    dh_next, dc_next = np.zeros_like(hs[0]), np.zeros_like(cs[0])
    if dc_T is not None:
        check_gradient("lstm_backward", "dc_T", dc_T, cs.shape[1:])
        dc_next = dc_T
    W_h_T = np.ascontiguousarray(params.W_h.T)
    da = gate_slopes(tape.gates)
    for t in reversed(range(len(x))):
        i, f, g, o = split_gates(tape.gates[t])
        da_i, da_f, da_g, da_o = split_gates(da[t])
        dh_t, dh_past = split_masked(dh[t] + dh_next, tape.mask, t)
        dc_t, dc_past = split_masked(dc_next, tape.mask, t)
        dc_t = dc_t + dh_t * o * (1 - tape.tanh_c[t] ** 2)
        da_i *= dc_t * g
        da_f *= dc_t * cs[t]
        da_g *= dc_t * i
        da_o *= dh_t * tape.tanh_c[t]
        dc_next = dc_t * f + dc_past
        dh_next = da[t] @ W_h_T + dh_past
    dparams = LSTMParams(
        W_x=weight_gradient(x, da), W_h=weight_gradient(hs[:-1], da), b=bias_gradient(da)
    )
    return dparams, input_gradient(da, params.W_x), dh_next, dc_next
