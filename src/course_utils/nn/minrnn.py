"""minGRU and minLSTM (Feng et al. 2024): gates that never look at the state.

    minGRU    z_t = σ(x_t W_z + b_z)          h_t = (1 - z_t) * h_{t-1} + z_t * g_t
    minLSTM   f_t = σ(x_t W_f + b_f)          h_t = f'_t * h_{t-1} + i'_t * g_t
              i_t = σ(x_t W_i + b_i)          f' = f / (f + i),  i' = i / (f + i)
    both      g_t = x_t W_g + b_g             no tanh, no other state than h

Given the inputs, each is a *linear* recurrence ``h_t = k_t * h_{t-1} + u_t``, with all ``k_t`` and
``u_t`` known beforehand. It can run as a loop, or as a parallel scan in ``log2 T`` sweeps; the
gradient is a linear recurrence too, backwards in time. As in the paper, minGRU's z *replaces*: 1
takes the candidate, where the z of `gru` would keep the state.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from course_utils.nn.activations import sigmoid, softplus
from course_utils.nn.arguments import (
    Array,
    check,
    check_choice,
    check_gradient,
    check_kind,
)
from course_utils.nn.initialisation import glorot
from course_utils.nn.products import bias_gradient, input_gradient, project, weight_gradient
from course_utils.nn.sequences import room_for_states


def recurrence_by_loop(k: Array, u: Array, h_0: Array) -> Array:
    """``h_t = k_t h_{t-1} + u_t``, step after step: ``k, u (T, B, H)``, ``h_0 (B, H)`` -> ``h``."""
    h = np.empty_like(u)
    for t in range(len(u)):
        h_0 = h[t] = k[t] * h_0 + u[t]
    return h


def recurrence_by_scan(k: Array, u: Array, h_0: Array) -> Array:
    """The same as `recurrence_by_loop` in ``log2 T`` sweeps over whole arrays.

    Two steps in a row are again one such step, ``h -> k2 (k1 h + u1) + u2``. After the sweep with
    ``span`` every entry stands for the last ``2 span`` steps (Hillis and Steele 1986). It does more
    arithmetic than the loop, but each sweep could run on all steps at once.
    """
    k, u = k.copy(), u.copy()
    u[0] += k[0] * h_0
    span = 1
    while span < len(u):
        u[span:] += k[span:] * u[:-span]
        k[span:] = k[span:] * k[:-span]
        span *= 2
    return u


RECURRENCES = {"loop": recurrence_by_loop, "scan": recurrence_by_scan}


@dataclass(frozen=True)
class MinGRUParams:
    """``W (D, 2H)`` and ``b (2H,)``, blocks in the order z, g."""

    SHAPES: ClassVar = {"W": "D 2H", "b": "2H"}
    W: Array
    b: Array


@dataclass(frozen=True)
class MinLSTMParams:
    """``W (D, 3H)`` and ``b (3H,)``, blocks in the order f, i, g."""

    SHAPES: ClassVar = {"W": "D 3H", "b": "3H"}
    W: Array
    b: Array


@dataclass(frozen=True)
class MinRNNTape:
    """What the backward functions need.

    ``gates (T, B, ·)`` are the activated blocks, ``k (T, B, H)`` the factor of the old state where
    the step happens, ``states (T + 1, B, H)`` ``h_0`` and every ``h_t``.
    """

    x: Array
    params: MinGRUParams | MinLSTMParams
    gates: tuple[Array, ...]
    k: Array
    states: Array
    mask: Array | None
    recurrence: str

    @property
    def final_state(self) -> tuple[Array]:
        """``(h_T,)``, the state to carry into the next piece of the same sequences."""
        return (self.states[-1],)

    def steps(self, start: int, stop: int) -> "MinRNNTape":
        """The tape of steps ``start`` to ``stop - 1`` alone, as if run from ``states[start]``."""
        span = slice(start, stop)
        return replace(
            self,
            x=self.x[span],
            gates=tuple(gate[span] for gate in self.gates),
            k=self.k[span],
            states=self.states[start : stop + 1],
            mask=None if self.mask is None else self.mask[span],
        )


def init_mingru(
    rng: np.random.Generator, D: int, H: int, *, dtype: npt.DTypeLike = np.float64
) -> MinGRUParams:
    """Glorot weights and zero biases."""
    W = np.hstack([glorot(rng, D, H, dtype) for _ in range(2)])
    return MinGRUParams(W, np.zeros(2 * H, dtype))


def init_minlstm(
    rng: np.random.Generator,
    D: int,
    H: int,
    *,
    forget_bias: float = 0.0,
    dtype: npt.DTypeLike = np.float64,
) -> MinLSTMParams:
    """Glorot weights and zero biases, but for the forget gate's."""
    W = np.hstack([glorot(rng, D, H, dtype) for _ in range(3)])
    b = np.zeros(3 * H, dtype)
    b[:H] = forget_bias
    return MinLSTMParams(W, b)


def mingru_step(x_t: Array, h_prev: Array, params: MinGRUParams) -> Array:
    """One step: ``x_t (B, D)`` and ``h_prev (B, H)`` -> ``h_t (B, H)``.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    check("mingru_step", MinGRUParams, params, x_t=(x_t, "B D"), h_prev=(h_prev, "B H"))
    a_z, g = np.split(x_t @ params.W + params.b, 2, axis=1)
    z = sigmoid(a_z)
    h_t: Array = (1 - z) * h_prev + z * g
    return h_t


def minlstm_step(x_t: Array, h_prev: Array, params: MinLSTMParams) -> Array:
    """One step: ``x_t (B, D)`` and ``h_prev (B, H)`` -> ``h_t (B, H)``.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    check("minlstm_step", MinLSTMParams, params, x_t=(x_t, "B D"), h_prev=(h_prev, "B H"))
    a_f, a_i, g = np.split(x_t @ params.W + params.b, 3, axis=1)
    keep = _share_of_the_first(a_f, a_i)
    h_t: Array = keep * h_prev + (1 - keep) * g
    return h_t


def mingru_forward(
    x: Array,
    params: MinGRUParams,
    h_0: Array | None = None,
    *,
    mask: Array | None = None,
    recurrence: str = "scan",
) -> tuple[Array, MinRNNTape]:
    """Run over whole sequences: ``x (T, B, D)`` -> ``h (T, B, H)`` and the tape.

    ``h_0`` and ``mask``: as in `rnn_forward`. ``recurrence`` is ``"scan"`` or ``"loop"``: two ways
    to the same numbers.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    dtype = _check_call("mingru_forward", MinGRUParams, params, x, h_0, mask, recurrence)
    a_z, g = np.split(project(x, params.W, params.b, dtype), 2, axis=-1)
    z = sigmoid(a_z)
    k, states = _run(1 - z, z * g, h_0, mask, recurrence)
    return states[1:], MinRNNTape(x, params, (z, g), k, states, mask, recurrence)


def mingru_backward(dh: Array, tape: MinRNNTape) -> tuple[MinGRUParams, Array, Array]:
    """From ``dh (T, B, H)`` to the gradients of the parameters, ``dx`` and ``dh_0``.

    Raises TypeError or ValueError if ``dh`` or ``tape`` is not what `mingru_forward` returned.
    """
    _check_tape("mingru_backward", dh, tape, MinGRUParams)
    z, g = tape.gates
    dk, du, dh_0 = _run_back(dh, tape)
    da_z = (du * g - dk) * z * (1 - z)
    da = np.concatenate([da_z, du * z], axis=-1)
    dparams = MinGRUParams(W=weight_gradient(tape.x, da), b=bias_gradient(da))
    return dparams, input_gradient(da, tape.params.W), dh_0


def minlstm_forward(
    x: Array,
    params: MinLSTMParams,
    h_0: Array | None = None,
    *,
    mask: Array | None = None,
    recurrence: str = "scan",
) -> tuple[Array, MinRNNTape]:
    """Run over whole sequences: ``x (T, B, D)`` -> ``h (T, B, H)`` and the tape.

    ``h_0`` and ``mask``: as in `rnn_forward`. ``recurrence`` is ``"scan"`` or ``"loop"``: two ways
    to the same numbers.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    dtype = _check_call("minlstm_forward", MinLSTMParams, params, x, h_0, mask, recurrence)
    a_f, a_i, g = np.split(project(x, params.W, params.b, dtype), 3, axis=-1)
    keep = _share_of_the_first(a_f, a_i)
    k, states = _run(keep, (1 - keep) * g, h_0, mask, recurrence)
    gates = (sigmoid(a_f), sigmoid(a_i), g, keep)
    return states[1:], MinRNNTape(x, params, gates, k, states, mask, recurrence)


def minlstm_backward(dh: Array, tape: MinRNNTape) -> tuple[MinLSTMParams, Array, Array]:
    """From ``dh (T, B, H)`` to the gradients of the parameters, ``dx`` and ``dh_0``.

    Raises TypeError or ValueError if ``dh`` or ``tape`` is not what `minlstm_forward` returned.
    """
    _check_tape("minlstm_backward", dh, tape, MinLSTMParams)
    f, i, g, keep = tape.gates
    dk, du, dh_0 = _run_back(dh, tape)
    dq = (dk - du * g) * keep * (1 - keep)  # keep = σ(q), see _share_of_the_first
    da = np.concatenate([dq * (1 - f), -dq * (1 - i), du * (1 - keep)], axis=-1)
    dparams = MinLSTMParams(W=weight_gradient(tape.x, da), b=bias_gradient(da))
    return dparams, input_gradient(da, tape.params.W), dh_0


def _share_of_the_first(a_f: Array, a_i: Array) -> Array:
    """``σ(a_f) / (σ(a_f) + σ(a_i))`` as ``σ(q)``, ``q = log σ(a_f) - log σ(a_i)``: never 0/0."""
    return sigmoid(softplus(-a_i) - softplus(-a_f))


def _run(
    k: Array, u: Array, h_0: Array | None, mask: Array | None, recurrence: str
) -> tuple[Array, Array]:
    """All states ``(T + 1, B, H)``, and the factors used: a masked step is ``1 h + 0``."""
    if mask is not None:
        k, u = np.where(mask[..., None], k, 1), np.where(mask[..., None], u, 0)
    T, B, H = k.shape
    states = room_for_states(T, B, H, h_0, k.dtype)
    states[1:] = RECURRENCES[recurrence](k, u, states[0])
    return k, states


def _run_back(dh: Array, tape: MinRNNTape) -> tuple[Array, Array, Array]:
    """Gradients of ``k``, ``u`` and ``h_0``: ``d_t = dh_t + k_{t+1} d_{t+1}``, last step first."""
    k, states = tape.k, tape.states
    k_next = np.concatenate([k[1:], np.zeros_like(k[:1])])
    nothing = np.zeros_like(states[0])
    du = RECURRENCES[tape.recurrence](k_next[::-1], dh[::-1], nothing)[::-1]
    dk, dh_0 = du * states[:-1], k[0] * du[0]
    if tape.mask is not None:
        taken = tape.mask[..., None]
        dk, du = np.where(taken, dk, 0), np.where(taken, du, 0)
    return dk, du, dh_0


def _check_call(
    where: str,
    kind: type[Any],
    params: Any,
    x: Any,
    h_0: Any,
    mask: Any,
    recurrence: str,
) -> np.dtype[Any]:
    check_choice(where, "recurrence", recurrence, RECURRENCES)
    return check(where, kind, params, x=(x, "T B D"), h_0=(h_0, "B H"), mask=(mask, "T B"))


def _check_tape(where: str, dh: Any, tape: Any, kind: type[Any]) -> None:
    check_kind(where, "tape", tape, MinRNNTape)
    check_kind(where, "tape.params", tape.params, kind)
    check_gradient(where, "dh", dh, tape.k.shape)
