"""Chapter 07's broken backward passes: an LSTM's sweep with one statement gone wrong.

The mistakes are those of published code, as their users or a numerical check found them, written
anew on the course's own cell, so that each can be compared with the right gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.gradients import compare_gradients
from course_utils.nn.lstm import (
    LSTMParams,
    LSTMTape,
    init_lstm,
    lstm_backward,
    lstm_forward,
    split_gates,
)

Array = NDArray[Any]
BackwardPass = Callable[[Array, LSTMTape], LSTMParams]

MISTAKES = (
    "dc from the new dh",
    "carry of dh dropped",
    "carry of dc dropped",
    "dc carried without f",
    "overwritten, not added",
    "earlier losses left out",
    "σ for its slope",
    "1 - c² for 1 - tanh² c",
)
"""What `broken_lstm_backward` can do wrong: the last two show at once, the others need two steps.

"earlier losses left out" shows only where a step before the last has a loss.
"""


def broken_lstm_backward(mistake: str) -> BackwardPass:
    """A backward pass ``(dh (T, B, H), tape) -> LSTMParams`` that makes one of `MISTAKES`.

    Raises
    ------
    ValueError
        If there is no such mistake.
    """
    if mistake not in MISTAKES:
        raise ValueError(f"broken_lstm_backward: {mistake!r} is unknown; wanted one of {MISTAKES}.")
    return lambda dh, tape: _sweep(dh, tape, mistake)


def _sweep(dh: Array, tape: LSTMTape, mistake: str) -> LSTMParams:
    """The backward sweep, with one line gone wrong."""
    W_x, W_h, hs, cs = tape.params.W_x, tape.params.W_h, tape.hs, tape.cs
    dW_x, dW_h, db = np.zeros_like(W_x), np.zeros_like(W_h), np.zeros_like(tape.params.b)
    dh_next, dc_next = np.zeros_like(hs[0]), np.zeros_like(cs[0])
    for t in reversed(range(len(dh))):
        i, f, g, o = split_gates(tape.gates[t])
        tanh_c = tape.tanh_c[t]
        left_out = mistake == "earlier losses left out" and t < len(dh) - 1
        dh_t = dh_next if left_out else dh[t] + dh_next
        wrong_slope = mistake == "1 - c² for 1 - tanh² c"
        slope_c = 1 - (cs[t + 1] if wrong_slope else tanh_c) ** 2
        dc_t = dc_next + dh_t * o * slope_c
        da = np.hstack(
            [
                dc_t * g * _sigmoid_slope(i, mistake),
                dc_t * cs[t] * _sigmoid_slope(f, mistake),
                dc_t * i * (1 - g**2),
                dh_t * tanh_c * _sigmoid_slope(o, mistake),
            ]
        )
        if mistake == "overwritten, not added":
            dW_x, dW_h, db = tape.x[t].T @ da, hs[t].T @ da, da.sum(axis=0)
        else:
            dW_x += tape.x[t].T @ da
            dW_h += hs[t].T @ da
            db += da.sum(axis=0)
        dh_next = da @ W_h.T
        if mistake == "dc from the new dh":
            dc_t = dc_next + dh_next * o * slope_c
        dc_next = dc_t if mistake == "dc carried without f" else dc_t * f
        dh_next = 0 * dh_next if mistake == "carry of dh dropped" else dh_next
        dc_next = 0 * dc_next if mistake == "carry of dc dropped" else dc_next
    return LSTMParams(dW_x, dW_h, db)


def _sigmoid_slope(gate: Array, mistake: str) -> Array:
    return gate if mistake == "σ for its slope" else gate * (1 - gate)


def check_errors(
    lengths: Sequence[int],
    *,
    every_step: bool = True,
    seeds: Sequence[int] = range(3),
    mistakes: Sequence[str] = MISTAKES,
) -> Array:
    """The relative error of each mistake at each length: ``(mistakes, lengths)``.

    The largest over the seeds, against `lstm_backward`; networks of 5 units and 3 sequences start
    from zero states. ``every_step`` puts a loss on every step, otherwise on the last one alone.
    """
    errors = np.zeros((len(mistakes), len(lengths)))
    for column, T in enumerate(lengths):
        for seed in seeds:
            rng = np.random.default_rng(seed)
            h, _, tape = lstm_forward(rng.normal(size=(T, 3, 2)), init_lstm(rng, 2, 5))
            dh = rng.normal(size=h.shape)
            if not every_step:
                dh[:-1] = 0
            right = lstm_backward(dh, tape)[0]
            for row, mistake in enumerate(mistakes):
                wrong = broken_lstm_backward(mistake)(dh, tape)
                error = compare_gradients(wrong, right).error
                errors[row, column] = max(errors[row, column], error)
    return errors
