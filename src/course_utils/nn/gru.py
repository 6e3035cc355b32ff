"""The gated recurrent unit (Cho et al. 2014), in PyTorch's convention.

    r_t = σ(x_t W_xr + h_{t-1} W_hr + b_r)                reset gate
    z_t = σ(x_t W_xz + h_{t-1} W_hz + b_z)                update gate, which *keeps*
    m_t = h_{t-1} W_hn + b_m                              what the candidate sees of the past
    n_t = tanh(x_t W_xn + b_n + r_t * m_t)                the candidate
    h_t = (1 - z_t) * n_t + z_t * h_{t-1}

Like the LSTM's f, z = 1 holds the state; Chung et al. (2014) write z for what we call 1 - z. The
reset gate multiplies *after* the product with W_hn (the published paper: before it), which needs
the second bias b_m. Blocks stand in the order r, z, n.
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
class GRUParams:
    """``W_x (D, 3H)``, ``W_h (H, 3H)``, ``b (3H,)`` in the order r, z, n; ``b_m (H,)``."""

    SHAPES: ClassVar = {"W_x": "D 3H", "W_h": "H 3H", "b": "3H", "b_m": "H"}
    W_x: Array
    W_h: Array
    b: Array
    b_m: Array


@dataclass(frozen=True)
class GRUTape:
    """What `gru_backward` needs.

    ``rz (T, B, 2H)`` holds both gates, ``n`` and ``m (T, B, H)`` the candidate and what it saw of
    the past, ``states (T + 1, B, H)`` ``h_0`` and every ``h_t``.
    """

    x: Array
    params: GRUParams
    rz: Array
    n: Array
    m: Array
    states: Array
    mask: Array | None

    @property
    def final_state(self) -> tuple[Array]:
        """``(h_T,)``, the state to carry into the next piece of the same sequences."""
        return (self.states[-1],)

    def steps(self, start: int, stop: int) -> "GRUTape":
        """The tape of steps ``start`` to ``stop - 1`` alone, as if run from ``states[start]``."""
        span = slice(start, stop)
        return replace(
            self,
            x=self.x[span],
            rz=self.rz[span],
            n=self.n[span],
            m=self.m[span],
            states=self.states[start : stop + 1],
            mask=None if self.mask is None else self.mask[span],
        )


def init_gru(
    rng: np.random.Generator,
    D: int,
    H: int,
    *,
    recurrent: str = "glorot",
    update_bias: float = 0.0,
    chrono: int | None = None,
    dtype: npt.DTypeLike = np.float64,
) -> GRUParams:
    """Glorot input weights, recurrent blocks of the kind asked for, zero biases but for z's.

    ``update_bias`` is z's; above 0 the unit starts by remembering. With ``chrono=T`` z's biases are
    drawn by `chrono_bias` instead. Raises ValueError for a kind or a ``T`` that does not exist.
    """
    W_x = np.hstack([glorot(rng, D, H, dtype) for _ in range(3)])
    W_h = np.hstack([recurrent_matrix(rng, H, recurrent, dtype) for _ in range(3)])
    b = np.zeros(3 * H, dtype)
    b[H : 2 * H] = update_bias if chrono is None else chrono_bias(rng, H, chrono)
    return GRUParams(W_x, W_h, b, b_m=np.zeros(H, dtype))


def gru_step(x_t: Array, h_prev: Array, params: GRUParams) -> Array:
    """One step: ``x_t (B, D)`` and ``h_prev (B, H)`` -> ``h_t (B, H)``.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    check("gru_step", GRUParams, params, x_t=(x_t, "B D"), h_prev=(h_prev, "B H"))
    x_r, x_z, x_n = np.split(x_t @ params.W_x + params.b, 3, axis=1)
    h_r, h_z, h_n = np.split(h_prev @ params.W_h, 3, axis=1)
    r = sigmoid(x_r + h_r)
    z = sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * (h_n + params.b_m))
    h_t: Array = (1 - z) * n + z * h_prev
    return h_t


def gru_forward(
    x: Array, params: GRUParams, h_0: Array | None = None, *, mask: Array | None = None
) -> tuple[Array, GRUTape]:
    """Run over whole sequences: ``x (T, B, D)`` -> ``h (T, B, H)`` and the tape.

    ``h_0 (B, H)`` is the state before the first input, zeros if not given. Where the boolean
    ``mask (T, B)`` is False the step does not happen: the state is carried through unchanged.
    ``h`` is the tape's own memory: copy it before you change it.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    dtype = check(
        "gru_forward", GRUParams, params, x=(x, "T B D"), h_0=(h_0, "B H"), mask=(mask, "T B")
    )
    T, B, _ = x.shape
    H = params.b_m.size
    rz = project(x, params.W_x[:, : 2 * H], params.b[: 2 * H], dtype)
    n = project(x, params.W_x[:, 2 * H :], params.b[2 * H :], dtype)
    m = np.empty((T, B, H), dtype)
    states = room_for_states(T, B, H, h_0, dtype)
    for t in range(T):
        recurrent = states[t] @ params.W_h
        rz[t] = sigmoid(rz[t] + recurrent[:, : 2 * H])
        r, z = rz[t, :, :H], rz[t, :, H:]
        m[t] = recurrent[:, 2 * H :] + params.b_m
        n[t] = np.tanh(n[t] + r * m[t])
        states[t + 1] = (1 - z) * n[t] + z * states[t]
        skip_masked(mask, t, states)
    return states[1:], GRUTape(x, params, rz, n, m, states, mask)


def gru_backward(dh: Array, tape: GRUTape) -> tuple[GRUParams, Array, Array]:
    """Backpropagation through time: one sweep from the last step to the first.

    ``dh (T, B, H)`` is the gradient of the loss with respect to every ``h_t`` from outside the
    recurrence; for a loss on the last step it is zero but for ``dh[-1]``. Returns the gradients of
    the parameters, of ``x (T, B, D)`` and of ``h_0 (B, H)``.

    Raises TypeError or ValueError if ``dh`` or ``tape`` is not what `gru_forward` returned.
    """
    check_kind("gru_backward", "tape", tape, GRUTape)
    x, params, states, n, m = tape.x, tape.params, tape.states, tape.n, tape.m
    check_gradient("gru_backward", "dh", dh, states[1:].shape)
    T, B, H = n.shape
    W_h_T = np.ascontiguousarray(params.W_h.T)
    dh_next = np.zeros_like(states[0])
    da = np.empty((T, B, 3 * H), n.dtype)  # by the pre-activations of r, z and n
    du = np.empty((T, B, 3 * H), n.dtype)  # by h_{t-1} W_h: the same for r and z, but not for n
    for t in reversed(range(T)):
        r, z = tape.rz[t, :, :H], tape.rz[t, :, H:]
        dh_t, dh_past = split_masked(dh[t] + dh_next, tape.mask, t)
        da_n = dh_t * (1 - z) * (1 - n[t] ** 2)
        da[t, :, :H] = da_n * m[t] * r * (1 - r)
        da[t, :, H : 2 * H] = dh_t * (states[t] - n[t]) * z * (1 - z)
        da[t, :, 2 * H :] = da_n
        du[t, :, : 2 * H] = da[t, :, : 2 * H]
        du[t, :, 2 * H :] = da_n * r
        dh_next = du[t] @ W_h_T + dh_t * z + dh_past
    dparams = GRUParams(
        W_x=weight_gradient(x, da),
        W_h=weight_gradient(states[:-1], du),
        b=bias_gradient(da),
        b_m=bias_gradient(du[..., 2 * H :]),
    )
    return dparams, input_gradient(da, params.W_x), dh_next
