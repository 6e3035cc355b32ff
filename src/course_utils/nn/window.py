"""Finite memory: nets that see the last ``m`` inputs and nothing before them.

A *window* lays the last ``m`` inputs side by side. A dense layer on windows, the same at every time
step, is a time-delay layer (Waibel et al. 1989); an embedding, a window, a tanh layer and a softmax
readout are the neural probabilistic language model of Bengio et al. (2003).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from course_utils.nn.activations import activation_named
from course_utils.nn.arguments import (
    Array,
    check_arrays,
    check_gradient,
    check_kind,
    check_size,
)
from course_utils.nn.dense import (
    DenseParams,
    DenseTape,
    dense_backward,
    dense_forward,
    init_dense,
)
from course_utils.nn.embedding import (
    EmbeddingParams,
    EmbeddingTape,
    embedding_backward,
    embedding_forward,
    init_embedding,
)


def windows(x: Array, m: int) -> Array:
    """The last ``m`` inputs of every step side by side: ``x (T, B, D)`` -> ``(T, B, m·D)``.

    The oldest comes first, the present last; before the first step there are zeros.
    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    check_arrays("windows", {"x": (x, "T B D")})
    check_size("windows", "m", m)
    T, B, D = x.shape
    padded = np.concatenate([np.zeros((m - 1, B, D), x.dtype), x])
    return np.concatenate([padded[k : k + T] for k in range(m)], axis=-1)


def windows_backward(dw: Array, m: int) -> Array:
    """From ``dw (T, B, m·D)`` to ``dx (T, B, D)``: every input is part of up to ``m`` windows.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    check_size("windows_backward", "m", m)
    check_arrays("windows_backward", {"dw": (dw, f"T B {m}D")})
    T, B, mD = dw.shape
    D = mD // m
    dpadded = np.zeros((T + m - 1, B, D), dw.dtype)
    for k in range(m):
        dpadded[k : k + T] += dw[..., k * D : (k + 1) * D]
    return dpadded[m - 1 :]


@dataclass(frozen=True)
class TDNNLayer:
    """A dense layer ``(m·D, H)`` on windows of ``m`` inputs, and its activation."""

    dense: DenseParams
    m: int
    activation: str = "tanh"


@dataclass(frozen=True)
class TDNNTape:
    """For each layer, lowest first: the tape of its dense part, its output, and the layer."""

    layers: tuple[tuple[DenseTape, Array, TDNNLayer], ...]


def init_tdnn(
    rng: np.random.Generator,
    D: int,
    layers: Sequence[tuple[int, int]],
    *,
    activation: str = "tanh",
    dtype: npt.DTypeLike = np.float64,
) -> tuple[TDNNLayer, ...]:
    """Glorot layers, given as pairs ``(m, H)``: window and width, the lowest first.

    The net as a whole sees the last ``1 + Σ (m - 1)`` inputs. Raises ValueError if there is none.
    """
    if not layers:
        raise ValueError("init_tdnn: layers is empty; wanted at least one pair (m, H).")
    made = []
    for m, H in layers:
        check_size("init_tdnn", "m", m)
        made.append(TDNNLayer(init_dense(rng, m * D, H, dtype=dtype), m, activation))
        D = H
    return tuple(made)


def tdnn_forward(x: Array, layers: Sequence[TDNNLayer]) -> tuple[Array, TDNNTape]:
    """A time-delay network: ``x (T, B, D)`` -> ``h (T, B, H)`` of the top layer, and the tape.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    if not layers:
        raise ValueError("tdnn_forward: layers is empty; wanted at least one TDNNLayer.")
    tapes = []
    for layer in layers:
        check_kind("tdnn_forward", "a layer", layer, TDNNLayer)
        a, tape = dense_forward(windows(x, layer.m), layer.dense)
        x = activation_named(layer.activation, "tdnn_forward").function(a)
        tapes.append((tape, x, layer))
    return x, TDNNTape(tuple(tapes))


def tdnn_backward(dh: Array, tape: TDNNTape) -> tuple[tuple[TDNNLayer, ...], Array]:
    """From ``dh (T, B, H)`` to every layer's gradients and ``dx (T, B, D)``.

    Raises TypeError or ValueError if ``dh`` or ``tape`` is not what `tdnn_forward` returned.
    """
    check_kind("tdnn_backward", "tape", tape, TDNNTape)
    dlayers = []
    for dense, h, layer in reversed(tape.layers):
        check_gradient("tdnn_backward", "dh", dh, h.shape)
        da = dh * activation_named(layer.activation, "tdnn_backward").slope(h)
        ddense, dwindows = dense_backward(da, dense)
        dh = windows_backward(dwindows, layer.m)
        dlayers.append(TDNNLayer(ddense, layer.m, layer.activation))
    return tuple(dlayers[::-1]), dh


@dataclass(frozen=True)
class WindowLMParams:
    """Embedding ``(V, D)``, hidden layer ``(m·D, H)`` and readout ``(H, V)``."""

    embedding: EmbeddingParams
    hidden: DenseParams
    readout: DenseParams


@dataclass(frozen=True)
class WindowLMTape:
    """What `window_lm_backward` needs."""

    embedding: EmbeddingTape
    hidden: DenseTape
    h: Array
    readout: DenseTape


def init_window_lm(
    rng: np.random.Generator,
    V: int,
    m: int,
    D: int,
    H: int,
    *,
    dtype: npt.DTypeLike = np.float64,
) -> WindowLMParams:
    """A window of ``m`` symbols out of ``V``, each embedded in ``D`` numbers; ``H`` units."""
    check_size("init_window_lm", "m", m)
    return WindowLMParams(
        embedding=init_embedding(rng, V, D, dtype=dtype),
        hidden=init_dense(rng, m * D, H, dtype=dtype),
        readout=init_dense(rng, H, V, dtype=dtype),
    )


def window_lm_forward(tokens: Array, params: WindowLMParams) -> tuple[Array, WindowLMTape]:
    """Scores for the next symbol after every step: integer ``tokens (T, B)`` -> ``y (T, B, V)``.

    ``m`` follows from the shapes of the parameters. Before the first symbol the window holds zero
    vectors. Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    where = "window_lm_forward"
    check_kind(where, "params", params, WindowLMParams)
    if np.ndim(tokens) != 2:
        raise ValueError(f"{where}: tokens has shape {np.shape(tokens)}; wanted (T, B).")
    e, embedding = embedding_forward(tokens, params.embedding)
    w = windows(e, _window_length(where, params))
    a, hidden = dense_forward(w, params.hidden)
    h = np.tanh(a)
    y, readout = dense_forward(h, params.readout)
    return y, WindowLMTape(embedding, hidden, h, readout)


def window_lm_backward(dy: Array, tape: WindowLMTape) -> WindowLMParams:
    """From ``dy (T, B, V)`` to the gradients of all parameters.

    Raises TypeError or ValueError if ``dy`` or ``tape`` is not what `window_lm_forward` returned.
    """
    check_kind("window_lm_backward", "tape", tape, WindowLMTape)
    dreadout, dh = dense_backward(dy, tape.readout)
    dhidden, dw = dense_backward(dh * (1 - tape.h**2), tape.hidden)
    de = windows_backward(dw, dw.shape[-1] // tape.embedding.params.E.shape[1])
    return WindowLMParams(embedding_backward(de, tape.embedding), dhidden, dreadout)


def _window_length(where: str, params: WindowLMParams) -> int:
    rows, D = params.hidden.W.shape[0], params.embedding.E.shape[1]
    if rows % D:
        raise ValueError(
            f"{where}: params.hidden.W has {rows} rows; wanted a multiple of D = {D},"
            " the width of params.embedding.E."
        )
    return int(rows // D)
