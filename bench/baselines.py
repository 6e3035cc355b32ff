"""How it is usually written: what the numerical core is compared with, and nothing else.

Both are correct; they are slow in the two usual ways. Tests hold them to the core's numbers.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
GATES = "ifgo"


def textbook_lstm(x: Array, W_x: Array, W_h: Array, b: Array, dh: Array) -> tuple[Array, ...]:
    """An LSTM gate by gate and step by step, as the equations stand; ``(dW_x, dW_h, db, dx)``."""
    T, B, _ = x.shape
    H = W_h.shape[0]
    W, U, bias = (
        {
            k: np.ascontiguousarray(block)
            for k, block in zip(GATES, np.split(a, 4, axis=-1), strict=True)
        }
        for a in (W_x, W_h, b)
    )
    h, c = [np.zeros((B, H), x.dtype)], [np.zeros((B, H), x.dtype)]
    gates: list[dict[str, Array]] = []
    for t in range(T):
        a = {k: x[t] @ W[k] + h[-1] @ U[k] + bias[k] for k in GATES}
        y = {k: np.tanh(a[k]) if k == "g" else 1 / (1 + np.exp(-a[k])) for k in GATES}
        c.append(y["f"] * c[-1] + y["i"] * y["g"])
        h.append(y["o"] * np.tanh(c[-1]))
        gates.append(y)

    dW, dU, db = ({k: np.zeros_like(p[k]) for k in GATES} for p in (W, U, bias))
    dx = np.zeros_like(x)
    dh_next, dc_next = np.zeros((B, H), x.dtype), np.zeros((B, H), x.dtype)
    for t in reversed(range(T)):
        y = gates[t]
        dh_t = dh[t] + dh_next
        tanh_c = np.tanh(c[t + 1])
        dc = dc_next + dh_t * y["o"] * (1 - tanh_c**2)
        da = {
            "i": dc * y["g"] * y["i"] * (1 - y["i"]),
            "f": dc * c[t] * y["f"] * (1 - y["f"]),
            "g": dc * y["i"] * (1 - y["g"] ** 2),
            "o": dh_t * tanh_c * y["o"] * (1 - y["o"]),
        }
        dh_next = np.zeros((B, H), x.dtype)
        for k in GATES:
            dW[k] += x[t].T @ da[k]
            dU[k] += h[t].T @ da[k]
            db[k] += da[k].sum(axis=0)
            dx[t] += da[k] @ W[k].T
            dh_next += da[k] @ U[k].T
        dc_next = dc * y["f"]
    dW_x, dW_h = (np.concatenate([d[k] for k in GATES], axis=1) for d in (dW, dU))
    return dW_x, dW_h, np.concatenate([db[k] for k in GATES]), dx


def one_sequence_at_a_time_rnn(
    x: Array, W_x: Array, W_h: Array, b: Array, dh: Array
) -> tuple[Array, ...]:
    """A tanh network over column vectors, one sequence and one step at a time: batch 1 loops."""
    T, B, _ = x.shape
    H = W_h.shape[0]
    dW_x, dW_h, db = np.zeros_like(W_x), np.zeros_like(W_h), np.zeros_like(b)
    dx = np.zeros_like(x)
    for n in range(B):
        h = [np.zeros(H, x.dtype)]
        for t in range(T):
            h.append(np.tanh(W_x.T @ x[t, n] + W_h.T @ h[-1] + b))
        dh_next = np.zeros(H, x.dtype)
        for t in reversed(range(T)):
            da = (dh[t, n] + dh_next) * (1 - h[t + 1] ** 2)
            dW_x += np.outer(x[t, n], da)
            dW_h += np.outer(h[t], da)
            db += da
            dx[t, n] = W_x @ da
            dh_next = W_h @ da
    return dW_x, dW_h, db, dx
