"""How far a gradient reaches: Jacobians of a step, and the gradient's norm against the lag.

A Jacobian ``J (…, H, H)`` has the output in its rows: ``J[k, j] = ∂h_t[k] / ∂h_{t-1}[j]``. A
gradient goes one step back as ``dh_{t-1} = dh_t J``, and over many steps as a product of them.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.nn.activations import activation_named
from course_utils.nn.arguments import FLOATING, Array, check_dtype, check_finite, check_kind
from course_utils.nn.lstm import LSTMTape, split_gates
from course_utils.nn.rnn import RNNTape


def rnn_jacobians(tape: RNNTape) -> Array:
    """``diag(activation'(a_t)) W_hᵀ`` for every step and sequence: ``(T, B, H, H)``.

    A masked step is the identity. Raises TypeError if ``tape`` is not that of `rnn_forward`.
    """
    check_kind("rnn_jacobians", "tape", tape, RNNTape)
    slope = activation_named(tape.activation, "rnn_jacobians").slope(tape.states[1:])
    J = slope[..., None] * tape.params.W_h.T
    if tape.mask is not None:
        J = np.where(tape.mask[..., None, None], J, np.eye(J.shape[-1]))
    return np.asarray(J)


def step_jacobian(step: Callable[[Array], Array], h_prev: Array) -> Array:
    """The Jacobian ``(B, H, H)`` of any step ``h_t = step(h_prev)`` at ``h_prev (B, H)``.

    By complex step, exact to rounding: ``step`` must take complex arrays, and treat every sequence
    of the batch by itself. For an LSTM lay both states side by side, ``(B, 2H)``.
    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    check_dtype("step_jacobian", "h_prev", h_prev, FLOATING)
    if h_prev.ndim != 2:
        raise ValueError(f"step_jacobian: h_prev has shape {h_prev.shape}; wanted (B, H).")
    check_finite("step_jacobian", "h_prev", h_prev)
    tiny = 1e-30
    columns = []
    for unit in np.eye(h_prev.shape[1]):
        h_t = step(h_prev + 1j * tiny * unit)
        if not np.iscomplexobj(h_t):
            raise TypeError(
                "step_jacobian: step returned real numbers for a complex state; wanted complex"
                " ones: something in it drops the imaginary part."
            )
        columns.append(h_t.imag / tiny)
    return np.stack(columns, axis=-1)


def state_gradients(
    backward: Callable[..., Any], tape: Any, *dstate_T: Array
) -> list[tuple[Array, ...]]:
    """The gradient of every earlier state, by lag, from that of the last one.

    ``dstate_T`` is ``dh_T (B, H)`` (for an LSTM ``dh_T, dc_T``). Entry ``k`` of the result is
    ``dL/dh_{T-k}`` (and ``dL/dc_{T-k}``): entry 0 is ``dstate_T``, entry ``T`` that of ``h_0``.
    ``tape`` is that of any forward function here whose tapes have ``steps``; ``backward`` the
    function that belongs to it.
    """
    gradients = [dstate_T]
    for t in reversed(range(len(tape.x))):
        dh_t, *rest = gradients[-1]
        _, _, *dstate = backward(dh_t[None], tape.steps(t, t + 1), *rest)
        gradients.append(tuple(dstate))
    return gradients


def gradient_norm_by_lag(backward: Callable[..., Any], tape: Any, *dstate_T: Array) -> Array:
    """The norm of ``dL/dh_{T-k}`` over the whole batch, for ``k`` = 0 … T: ``(T + 1,)``.

    Arguments as in `state_gradients`; for an LSTM this is the norm of h's gradient alone.
    """
    return np.array([np.linalg.norm(dh) for dh, *_ in state_gradients(backward, tape, *dstate_T)])


def cell_path_by_lag(tape: LSTMTape) -> Array:
    """What is left of a gradient on ``c_T`` along the cell alone, ``∏ f``: ``(T + 1, B, H)``.

    Entry ``k`` is ``∂c_T / ∂c_{T-k}`` with every gate held fixed, the path that the LSTM was built
    for. Entry 0 is 1. Masked steps keep everything.
    Raises TypeError if ``tape`` is not that of `lstm_forward`.
    """
    check_kind("cell_path_by_lag", "tape", tape, LSTMTape)
    _, f, _, _ = split_gates(tape.gates)
    if tape.mask is not None:
        f = np.where(tape.mask[..., None], f, 1)
    return np.cumprod(np.concatenate([np.ones_like(f[:1]), f[::-1]]), axis=0)
