"""Every recurrent cell of the course behind one face, for tests that hold for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from course_utils import nn

B, D, H = 3, 1, 2  # all different, so that no axis can stand in for another


@dataclass(frozen=True)
class Cell:
    """A cell under test: how it starts, runs and goes back, and how many states it carries."""

    init: Callable[..., Any]
    step: Callable[..., Any]
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    states: int = 1

    def params(self, rng: np.random.Generator, D: int = D, H: int = H) -> Any:
        """Parameters without a zero in them, so that no term of a gradient can hide."""
        return nn.tree_map(lambda a: a + 0.4 * rng.standard_normal(a.shape), self.init(rng, D, H))

    def initial(self, rng: np.random.Generator, B: int = B, H: int = H) -> tuple:
        return tuple(rng.standard_normal((B, H)) for _ in range(self.states))


def _rnn(activation: str) -> Cell:
    return Cell(
        nn.init_rnn,
        partial(nn.rnn_step, activation=activation),
        partial(nn.rnn_forward, activation=activation),
        nn.rnn_backward,
    )


def _variant(name: str) -> Cell:
    return Cell(
        partial(nn.init_lstm_variant, variant=name),
        partial(nn.lstm_variant_step, variant=name),
        partial(nn.lstm_variant_forward, variant=name),
        nn.lstm_variant_backward,
        states=2,
    )


def _minimal(name: str, recurrence: str) -> Cell:
    init, step = getattr(nn, f"init_{name}"), getattr(nn, f"{name}_step")
    forward = partial(getattr(nn, f"{name}_forward"), recurrence=recurrence)
    return Cell(init, step, forward, getattr(nn, f"{name}_backward"))


MAIN = {
    "rnn": _rnn("tanh"),
    "lstm": Cell(nn.init_lstm, nn.lstm_step, nn.lstm_forward, nn.lstm_backward, states=2),
    "gru": Cell(nn.init_gru, nn.gru_step, nn.gru_forward, nn.gru_backward),
}
OTHERS = {
    "rnn sigmoid": _rnn("sigmoid"),
    "rnn relu": _rnn("relu"),
    "rnn linear": _rnn("linear"),
    "mingru scan": _minimal("mingru", "scan"),
    "mingru loop": _minimal("mingru", "loop"),
    "minlstm scan": _minimal("minlstm", "scan"),
    "minlstm loop": _minimal("minlstm", "loop"),
    **{f"lstm {name}": _variant(name) for name in nn.LSTM_VARIANTS},
}
CELLS = MAIN | OTHERS


def a_mask(rng: np.random.Generator, T: int, B: int = B) -> np.ndarray:
    """About a quarter of the steps do not happen, anywhere in the sequence, but not all."""
    mask = rng.random((T, B)) > 0.25
    mask[rng.integers(T), rng.integers(B)] = True
    return mask


def run(cell: Cell, x: Any, params: Any, states: tuple, mask: Any) -> tuple:
    """``h``, the last cell state (or None) and the tape, whatever the cell."""
    h, *c, tape = cell.forward(x, params, *states, mask=mask)
    return h, (c[0][-1] if c else None), tape


def gradients(cell: Cell, dh: Any, dc_T: Any, tape: Any) -> tuple:
    """``(dparams, dx, dstates)`` of any cell."""
    dparams, dx, *dstates = cell.backward(dh, tape, *(() if dc_T is None else (dc_T,)))
    return dparams, dx, tuple(dstates)
