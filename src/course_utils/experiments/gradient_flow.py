"""How fast a gradient fades or grows on its way back through time (chapters 05 and 06)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.initialisation import orthogonal, uniform, with_spectral_radius
from course_utils.nn.jacobians import cell_path_by_lag, gradient_norm_by_lag
from course_utils.nn.lstm import LSTMParams, lstm_backward, lstm_forward
from course_utils.nn.rnn import RNNParams, rnn_backward, rnn_forward

Floats = NDArray[np.float64]

SETTLING = 20  # steps


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The norm of dL/dh_{T-k} for a random dL/dh_T, by lag k.

    Attributes
    ----------
    name : what was measured
    norms : (K + 1,) geometric mean over seeds, 1 at lag 0
    """

    name: str
    norms: Floats

    @property
    def factor(self) -> float:
        """By how much one step multiplies the gradient, from a line through log norm against lag.

        The first tenth of the lags is left out: there the random start still shows.
        """
        lags = np.arange(len(self.norms) // 10, len(self.norms))
        return float(np.exp(np.polyfit(lags, np.log(self.norms[lags]), 1)[0]))


def rnn_flow(
    radius: float = 1.0,
    activation: str = "tanh",
    *,
    weights: Literal["gaussian", "orthogonal"] = "gaussian",
    noise: float = 0.5,
    H: int = 64,
    lags: int = 50,
    B: int = 16,
    seeds: Sequence[int] = range(5),
) -> GradientFlow:
    """The gradient in a simple recurrent network that is fed Gaussian noise.

    Parameters
    ----------
    radius : spectral radius of W_h
    activation : "tanh", "sigmoid", "linear", "relu"
    weights : how W_h is drawn before it is scaled
    noise : standard deviation of the input to every unit
    H, lags, B : units, steps back, sequences
    seeds : each is one network; norms are averaged over them
    """

    def norms(rng: np.random.Generator) -> Floats:
        W = orthogonal(rng, H, H) if weights == "orthogonal" else rng.standard_normal((H, H))
        params = RNNParams(noise * np.eye(H), with_spectral_radius(W, radius), np.zeros(H))
        _, tape = rnn_forward(_settled(rng, lags, B, H), params, activation=activation)
        return gradient_norm_by_lag(rnn_backward, tape, rng.standard_normal((B, H)))

    kind = "orthogonal" if weights == "orthogonal" else f"ρ = {radius:g}"
    return GradientFlow(f"{activation}, {kind}", _mean_norms(norms, lags, seeds))


def lstm_flow(
    forget_bias: float = 1.0,
    *,
    path: Literal["all", "cell"] = "all",
    noise: float = 0.5,
    H: int = 64,
    lags: int = 50,
    B: int = 16,
    seeds: Sequence[int] = range(5),
) -> GradientFlow:
    """The gradient in an LSTM at its start, as PyTorch draws its weights, for a forget-gate bias.

    `path` "all" follows dL/dh through everything; "cell" only ∂c_T/∂c_{T-k} with the gates held
    fixed, the product of the forget gates. Other parameters as in `rnn_flow`.
    """

    def norms(rng: np.random.Generator) -> Floats:
        b = np.zeros((4, H))
        b[1] = forget_bias
        W_x, W_h = (np.hstack([uniform(rng, H, H) for _ in range(4)]) for _ in range(2))
        params = LSTMParams(W_x, W_h, b.ravel())
        _, _, tape = lstm_forward(noise * _settled(rng, lags, B, H), params)
        if path == "cell":
            path_left = cell_path_by_lag(tape).reshape(len(tape.x) + 1, -1)
            return np.asarray(np.linalg.norm(path_left, axis=1))
        dh = rng.standard_normal((B, H))
        return gradient_norm_by_lag(lstm_backward, tape, dh, np.zeros_like(dh))

    name = f"LSTM, b_f = {forget_bias:g}" + (", cell alone" if path == "cell" else "")
    return GradientFlow(name, _mean_norms(norms, lags, seeds))


def _settled(rng: np.random.Generator, lags: int, B: int, H: int) -> Floats:
    """Noise for `lags` steps and some before them, so that the state has forgotten its start.

    Not more than are needed: at ρ = 4 the states are chaotic, and each step makes the rounding of
    the first one half as large again.
    """
    return rng.standard_normal((SETTLING + lags, B, H))


def _mean_norms(
    norms: Callable[[np.random.Generator], Any], lags: int, seeds: Sequence[int]
) -> Floats:
    runs = np.array([norms(np.random.default_rng(seed))[: lags + 1] for seed in seeds])
    return np.asarray(np.exp(np.log(runs / runs[:, :1]).mean(axis=0)))
