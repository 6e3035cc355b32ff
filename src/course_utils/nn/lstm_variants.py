"""The LSTM with parts removed, tied together or added: what does each part do?

The loop over time is the LSTM's. A variant says only how one step's pre-activations ``a (B, 4H)``
and the old cell ``c_prev (B, H)`` make the new state, and how the gradients go back through that:

    forward(a, c_prev, extra) -> (h, c, memory)
    backward(dh, dc, memory, extra) -> (da, dc_prev, dextra)

``extra`` are parameters that the standard cell does not have, or None. The backward functions of
the simple variants are the standard one: a gate held at 1 has the slope ``1 (1 - 1) = 0``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from course_utils.nn.activations import sigmoid
from course_utils.nn.arguments import (
    Array,
    Parameters,
    check,
    check_choice,
    check_gradient,
    check_kind,
)
from course_utils.nn.initialisation import glorot
from course_utils.nn.lstm import (
    LSTMParams,
    activate_gates,
    gate_slopes,
    init_lstm,
    split_gates,
)
from course_utils.nn.products import bias_gradient, input_gradient, project, weight_gradient
from course_utils.nn.sequences import room_for_states, skip_masked, split_masked
from course_utils.nn.trees import tree_map


@dataclass(frozen=True)
class PeepholeParams:
    """One weight per unit with which each gate sees the cell: ``p_i``, ``p_f``, ``p_o (H,)``."""

    SHAPES: ClassVar = {"p_i": "H", "p_f": "H", "p_o": "H"}
    p_i: Array
    p_f: Array
    p_o: Array


@dataclass(frozen=True)
class UseGateParams:
    """The dense layer that the use gate puts on the long-term memory: ``W_u (H, H)``, ``b_u``."""

    SHAPES: ClassVar = {"W_u": "H H", "b_u": "H"}
    W_u: Array
    b_u: Array


class Memory(NamedTuple):
    """What a step keeps for its way back: i, f, g, o ``(B, 4H)``, the old cell, ``tanh(c)``."""

    gates: Array
    c_prev: Array
    tanh_c: Array


@dataclass(frozen=True)
class LSTMVariant:
    """A cell: its step, the step back, and what parameters it has beside the standard ones."""

    forward: Callable[[Array, Array, Any], tuple[Array, Array, Any]]
    backward: Callable[[Array, Array, Any, Any], tuple[Array, Array, Any]]
    extra: type[Parameters] | None = None


@dataclass(frozen=True)
class LSTMVariantParams:
    """The standard parameters, ``gates``, and the variant's own, ``extra`` (or None)."""

    gates: LSTMParams
    extra: PeepholeParams | UseGateParams | None = None


@dataclass(frozen=True)
class LSTMVariantTape:
    """What `lstm_variant_backward` needs."""

    x: Array
    params: LSTMVariantParams
    variant: LSTMVariant
    memories: list[Any]
    hs: Array
    cs: Array
    mask: Array | None

    @property
    def final_state(self) -> tuple[Array, Array]:
        """``(h_T, c_T)``, the state to carry into the next piece of the same sequences."""
        return self.hs[-1], self.cs[-1]

    def steps(self, start: int, stop: int) -> "LSTMVariantTape":
        """The tape of steps ``start`` to ``stop - 1`` alone, as if run from their first state."""
        span, states = slice(start, stop), slice(start, stop + 1)
        return replace(
            self,
            x=self.x[span],
            memories=self.memories[span],
            hs=self.hs[states],
            cs=self.cs[states],
            mask=None if self.mask is None else self.mask[span],
        )


def with_gates_open(*names: str) -> LSTMVariant:
    """The LSTM with the gates ``"i"``, ``"f"``, ``"o"`` named here held at 1; none: the standard.

    With ``"f"`` held it is the cell of 1997, which can add to its state and never clear it.
    Raises ValueError for another name.
    """
    for name in names:
        check_choice("with_gates_open", "a gate", name, "ifo")

    def forward(a: Array, c_prev: Array, _: None) -> tuple[Array, Array, Memory]:
        i, f, g, o = blocks = activate_gates(a)
        for name, block in zip("ifgo", blocks, strict=True):
            if name in names:
                block[...] = 1
        c = f * c_prev + i * g
        tanh_c = np.tanh(c)
        return o * tanh_c, c, Memory(a, c_prev, tanh_c)

    return LSTMVariant(forward, _standard_backward)


def _standard_backward(dh: Array, dc: Array, memory: Memory, _: Any) -> tuple[Array, Array, None]:
    """Back through ``c = f c_prev + i g`` and ``h = o tanh(c)``, whatever the gates were."""
    i, f, g, o = split_gates(memory.gates)
    da = gate_slopes(memory.gates)
    da_i, da_f, da_g, da_o = split_gates(da)
    dc = dc + dh * o * (1 - memory.tanh_c**2)
    da_i *= dc * g
    da_f *= dc * memory.c_prev
    da_g *= dc * i
    da_o *= dh * memory.tanh_c
    return da, dc * f, None


def _coupled_forward(a: Array, c_prev: Array, _: None) -> tuple[Array, Array, Memory]:
    """One gate decides both: what is not kept is replaced, ``i = 1 - f``."""
    i, f, g, o = activate_gates(a)
    i[...] = 1 - f
    c = f * c_prev + i * g
    tanh_c = np.tanh(c)
    return o * tanh_c, c, Memory(a, c_prev, tanh_c)


def _coupled_backward(
    dh: Array, dc: Array, memory: Memory, extra: None
) -> tuple[Array, Array, None]:
    """``i`` is a function of ``a_f`` now, with ``di/da_f = -f (1 - f)``: minus i's own slope."""
    da, dc_prev, nothing = _standard_backward(dh, dc, memory, extra)
    da_i, da_f, _, _ = split_gates(da)
    da_f -= da_i
    da_i[...] = 0
    return da, dc_prev, nothing


def _peephole_forward(
    a: Array, c_prev: Array, p: PeepholeParams
) -> tuple[Array, Array, tuple[Memory, Array]]:
    """i and f look at the old cell, o at the new one (Gers and Schmidhuber 2000)."""
    a_i, a_f, a_g, a_o = split_gates(a)
    a_i += p.p_i * c_prev
    a_f += p.p_f * c_prev
    c = sigmoid(a_f) * c_prev + sigmoid(a_i) * np.tanh(a_g)
    a_o += p.p_o * c
    *_, o = activate_gates(a)
    tanh_c = np.tanh(c)
    return o * tanh_c, c, (Memory(a, c_prev, tanh_c), c)


def _peephole_backward(
    dh: Array, dc: Array, memory: tuple[Memory, Array], p: PeepholeParams
) -> tuple[Array, Array, PeepholeParams]:
    """The cell is also told what o saw of it, and the old cell what i and f saw."""
    standard, c = memory
    *_, o = split_gates(standard.gates)
    da_o = dh * standard.tanh_c * o * (1 - o)
    da, dc_prev, _ = _standard_backward(dh, dc + da_o * p.p_o, standard, None)
    da_i, da_f, _, _ = split_gates(da)
    dc_prev = dc_prev + da_i * p.p_i + da_f * p.p_f
    c_prev = standard.c_prev
    dp = PeepholeParams(
        p_i=(da_i * c_prev).sum(axis=0),
        p_f=(da_f * c_prev).sum(axis=0),
        p_o=(da_o * c).sum(axis=0),
    )
    return da, dc_prev, dp


class UseMemory(NamedTuple):
    """What a use-gate step keeps: the gates, the old cell, what was kept of it, and ``U``."""

    gates: Array
    c_prev: Array
    kept: Array
    u: Array


def _use_gate_forward(
    a: Array, c_prev: Array, p: UseGateParams | None
) -> tuple[Array, Array, UseMemory]:
    """``h = o tanh((f c_prev) W_u + b_u)``: the candidate reaches c, but this step's h never.

    In the words of the course that teaches it so: c is the long-term memory and h the short-term
    one, ``i g`` is learned, ``f c_prev`` not forgotten, their sum remembered, and ``u`` used.
    With no parameters, ``h = o tanh(f c_prev)``.
    """
    i, f, g, o = activate_gates(a)
    kept = f * c_prev
    u = np.tanh(kept if p is None else kept @ p.W_u + p.b_u)
    return o * u, kept + i * g, UseMemory(a, c_prev, kept, u)


def _use_gate_backward(
    dh: Array, dc: Array, memory: UseMemory, p: UseGateParams | None
) -> tuple[Array, Array, UseGateParams | None]:
    """``kept`` is used twice, by c and by U; the candidate once."""
    i, f, g, o = split_gates(memory.gates)
    da_u = dh * o * (1 - memory.u**2)
    dkept = dc + (da_u if p is None else da_u @ p.W_u.T)
    da = gate_slopes(memory.gates)
    da_i, da_f, da_g, da_o = split_gates(da)
    da_i *= dc * g
    da_f *= dkept * memory.c_prev
    da_g *= dc * i
    da_o *= dh * memory.u
    dp = None if p is None else UseGateParams(W_u=memory.kept.T @ da_u, b_u=da_u.sum(axis=0))
    return da, dkept * f, dp


LSTM_VARIANTS = {
    "standard": with_gates_open(),
    "no_input_gate": with_gates_open("i"),
    "no_forget_gate": with_gates_open("f"),
    "no_output_gate": with_gates_open("o"),
    "coupled": LSTMVariant(_coupled_forward, _coupled_backward),
    "peephole": LSTMVariant(_peephole_forward, _peephole_backward, PeepholeParams),
    "use_gate": LSTMVariant(_use_gate_forward, _use_gate_backward, UseGateParams),
    "use_gate_without_weights": LSTMVariant(_use_gate_forward, _use_gate_backward),
}


def init_lstm_variant(
    rng: np.random.Generator,
    D: int,
    H: int,
    *,
    variant: str | LSTMVariant = "standard",
    dtype: npt.DTypeLike = np.float64,
    **options: Any,
) -> LSTMVariantParams:
    """The start of `init_lstm`, which takes ``options``, and of the variant's own parameters.

    Peepholes and biases start at zero, ``W_u`` as Glorot. Raises ValueError for an unknown variant.
    """
    extra = lstm_variant_named(variant, "init_lstm_variant").extra
    gates = init_lstm(rng, D, H, dtype=dtype, **options)
    if extra is PeepholeParams:
        return LSTMVariantParams(gates, PeepholeParams(*np.zeros((3, H), dtype)))
    if extra is UseGateParams:
        return LSTMVariantParams(gates, UseGateParams(glorot(rng, H, H, dtype), np.zeros(H, dtype)))
    return LSTMVariantParams(gates)


def lstm_variant_named(variant: str | LSTMVariant, where: str) -> LSTMVariant:
    """The variant of this name; a variant is returned as it is. Raises ValueError otherwise."""
    if isinstance(variant, LSTMVariant):
        return variant
    check_choice(where, "variant", variant, LSTM_VARIANTS)
    return LSTM_VARIANTS[variant]


def lstm_variant_step(
    x_t: Array,
    h_prev: Array,
    c_prev: Array,
    params: LSTMVariantParams,
    *,
    variant: str | LSTMVariant = "standard",
) -> tuple[Array, Array]:
    """One step: ``x_t (B, D)``, ``h_prev (B, H)``, ``c_prev (B, H)`` -> ``h_t, c_t (B, H)``.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    cell = lstm_variant_named(variant, "lstm_variant_step")
    arrays = {"x_t": (x_t, "B D"), "h_prev": (h_prev, "B H"), "c_prev": (c_prev, "B H")}
    dtype = _check_params("lstm_variant_step", params, cell, arrays)
    gates = params.gates
    a = (x_t @ gates.W_x + h_prev @ gates.W_h + gates.b).astype(dtype, copy=False)
    h_t, c_t, _ = cell.forward(a, c_prev, params.extra)
    return h_t, c_t


def lstm_variant_forward(
    x: Array,
    params: LSTMVariantParams,
    h_0: Array | None = None,
    c_0: Array | None = None,
    *,
    variant: str | LSTMVariant = "standard",
    mask: Array | None = None,
) -> tuple[Array, Array, LSTMVariantTape]:
    """`lstm_forward` with another cell: ``x (T, B, D)`` -> ``h, c (T, B, H)`` and the tape.

    ``variant`` is a name in `LSTM_VARIANTS` or an `LSTMVariant`. States and mask: as there.
    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    cell = lstm_variant_named(variant, "lstm_variant_forward")
    arrays = {"x": (x, "T B D"), "h_0": (h_0, "B H"), "c_0": (c_0, "B H"), "mask": (mask, "T B")}
    dtype = _check_params("lstm_variant_forward", params, cell, arrays)
    T, B, _ = x.shape
    gates = params.gates
    H = gates.W_h.shape[0]
    a = project(x, gates.W_x, gates.b, dtype)
    hs = room_for_states(T, B, H, h_0, dtype)
    cs = room_for_states(T, B, H, c_0, dtype)
    memories = []
    for t in range(T):
        a[t] += hs[t] @ gates.W_h
        hs[t + 1], cs[t + 1], memory = cell.forward(a[t], cs[t], params.extra)
        skip_masked(mask, t, hs, cs)
        memories.append(memory)
    return hs[1:], cs[1:], LSTMVariantTape(x, params, cell, memories, hs, cs, mask)


def lstm_variant_backward(
    dh: Array, tape: LSTMVariantTape, dc_T: Array | None = None
) -> tuple[LSTMVariantParams, Array, Array, Array]:
    """`lstm_backward` for any variant: ``dh (T, B, H)`` -> gradients like the parameters, ``dx``,
    ``dh_0`` and ``dc_0``.

    Raises TypeError or ValueError if ``dh``, ``dc_T`` or ``tape`` does not fit the forward pass.
    """
    where = "lstm_variant_backward"
    check_kind(where, "tape", tape, LSTMVariantTape)
    x, hs, gates, extra = tape.x, tape.hs, tape.params.gates, tape.params.extra
    check_gradient(where, "dh", dh, hs[1:].shape)
    dh_next, dc_next = np.zeros_like(hs[0]), np.zeros_like(hs[0])
    if dc_T is not None:
        check_gradient(where, "dc_T", dc_T, hs.shape[1:])
        dc_next = dc_T
    W_h_T = np.ascontiguousarray(gates.W_h.T)
    da = np.empty((*x.shape[:2], gates.b.size), hs.dtype)
    dextra = tree_map(np.zeros_like, extra)
    for t in reversed(range(len(x))):
        dh_t, dh_past = split_masked(dh[t] + dh_next, tape.mask, t)
        dc_t, dc_past = split_masked(dc_next, tape.mask, t)
        da[t], dc_prev, dextra_t = tape.variant.backward(dh_t, dc_t, tape.memories[t], extra)
        dextra = tree_map(np.add, dextra, dextra_t)
        dc_next = dc_prev + dc_past
        dh_next = da[t] @ W_h_T + dh_past
    dgates = LSTMParams(
        W_x=weight_gradient(x, da), W_h=weight_gradient(hs[:-1], da), b=bias_gradient(da)
    )
    return LSTMVariantParams(dgates, dextra), input_gradient(da, gates.W_x), dh_next, dc_next


def _check_params(
    where: str, params: Any, cell: LSTMVariant, arrays: dict[str, Any]
) -> np.dtype[Any]:
    """Check the standard parameters and the variant's own against the arrays of the call."""
    check_kind(where, "params", params, LSTMVariantParams)
    if cell.extra is None:
        check_kind(where, "params.extra", params.extra, type(None))
        return check(where, LSTMParams, params.gates, **arrays)
    check_kind(where, "params.extra", params.extra, cell.extra)
    own = {name: (getattr(params.extra, name), dims) for name, dims in cell.extra.SHAPES.items()}
    return check(where, LSTMParams, params.gates, **own, **arrays)
