"""Every recurrent cell of the course behind one face, so that one experiment can compare them.

A `Cell` draws parameters, runs over a sequence, and takes gradients back. A model is a cell with a
dense readout: `{"cell": ..., "readout": DenseParams}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from course_utils.nn.dense import init_dense
from course_utils.nn.gru import gru_backward, gru_forward, init_gru
from course_utils.nn.lstm import init_lstm, lstm_backward, lstm_forward
from course_utils.nn.lstm_variants import (
    init_lstm_variant,
    lstm_variant_backward,
    lstm_variant_forward,
)
from course_utils.nn.rnn import init_rnn, rnn_backward, rnn_forward

Array = NDArray[Any]
State = tuple[Array, ...]
Model = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One kind of recurrent network, with the start that it is given.

    Attributes
    ----------
    name : for tables and figures
    init : `(rng, D, H, T, dtype) -> params`; T is the span to be remembered (chrono uses it)
    forward : `(x (T, B, D), params, state or None) -> (h (T, B, H), tape)`; a tape knows its
        `final_state`
    backward : `(dh (T, B, H), tape) -> (dparams, dx)`
    """

    name: str
    init: Callable[[np.random.Generator, int, int, int, DTypeLike], Any]
    forward: Callable[[Array, Any, State | None], tuple[Array, Any]]
    backward: Callable[[Array, Any], tuple[Any, Array]]

    def model(
        self,
        rng: np.random.Generator,
        D: int,
        H: int,
        K: int,
        *,
        T: int = 3,
        dtype: DTypeLike = np.float64,
    ) -> Model:
        """Fresh parameters: the cell's (D inputs, H units) and a readout to K outputs."""
        cell = self.init(rng, D, H, T, dtype)
        return {"cell": cell, "readout": init_dense(rng, H, K, dtype=dtype)}


def rnn(name: str, *, recurrent: str = "uniform", activation: str = "tanh") -> Cell:
    """A simple recurrent network; `recurrent` and `activation` as in `init_rnn`, `rnn_forward`."""

    def forward(x: Array, params: Any, state: State | None) -> tuple[Array, Any]:
        return rnn_forward(x, params, *(state or ()), activation=activation)

    return Cell(
        name,
        lambda rng, D, H, T, dtype: init_rnn(rng, D, H, recurrent=recurrent, dtype=dtype),
        forward,
        lambda dh, tape: rnn_backward(dh, tape)[:2],
    )


def lstm(name: str, *, chrono: bool = False, **options: Any) -> Cell:
    """An LSTM; `options` as in `init_lstm`, with `chrono=True` for the span of the task."""

    def init(rng: np.random.Generator, D: int, H: int, T: int, dtype: DTypeLike) -> Any:
        return init_lstm(rng, D, H, chrono=T if chrono else None, dtype=dtype, **options)

    def forward(x: Array, params: Any, state: State | None) -> tuple[Array, Any]:
        h, _, tape = lstm_forward(x, params, *(state or ()))
        return h, tape

    return Cell(name, init, forward, lambda dh, tape: lstm_backward(dh, tape)[:2])


def gru(name: str, **options: Any) -> Cell:
    """A gated recurrent unit; `options` as in `init_gru`."""

    def forward(x: Array, params: Any, state: State | None) -> tuple[Array, Any]:
        return gru_forward(x, params, *(state or ()))

    return Cell(
        name,
        lambda rng, D, H, T, dtype: init_gru(rng, D, H, dtype=dtype, **options),
        forward,
        lambda dh, tape: gru_backward(dh, tape)[:2],
    )


def lstm_variant(name: str, variant: str, **options: Any) -> Cell:
    """An LSTM with a part changed: `variant` is a name in `LSTM_VARIANTS`."""

    def init(rng: np.random.Generator, D: int, H: int, T: int, dtype: DTypeLike) -> Any:
        return init_lstm_variant(rng, D, H, variant=variant, dtype=dtype, **options)

    def forward(x: Array, params: Any, state: State | None) -> tuple[Array, Any]:
        h, _, tape = lstm_variant_forward(x, params, *(state or ()), variant=variant)
        return h, tape

    return Cell(name, init, forward, lambda dh, tape: lstm_variant_backward(dh, tape)[:2])


def forget_bias(bias: float) -> Cell:
    """An LSTM whose forget gates start at this bias."""
    return lstm(f"LSTM, b_f = {bias:g}", forget_bias=bias, recurrent="uniform")


RNN = rnn("RNN")
RNN_ORTHOGONAL = rnn("RNN, orthogonal", recurrent="orthogonal")
IRNN = rnn("IRNN", recurrent="identity", activation="relu")
LSTM_CHRONO = lstm("LSTM, chrono", chrono=True, recurrent="uniform")
GRU = gru("GRU", recurrent="uniform")
GRU_KEEPS = gru("GRU, b_z = 3", update_bias=3.0, recurrent="uniform")

COMPARED = (
    RNN,
    RNN_ORTHOGONAL,
    IRNN,
    forget_bias(0),
    forget_bias(1),
    forget_bias(3),
    forget_bias(5),
    LSTM_CHRONO,
    GRU,
    GRU_KEEPS,
)
"""The columns of chapter 07's table."""
