"""`steep` and its cousins: a window stops at its entropy bound, a state does not (chapter 01)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils.data.tasks import steep, window_accuracy, window_bound
from course_utils.experiments.cells import rnn
from course_utils.experiments.solving import Budget, Outcome, solve
from course_utils.nn.history import History
from course_utils.nn.losses import softmax_cross_entropy
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit
from course_utils.nn.window import (
    WindowLMParams,
    init_window_lm,
    window_lm_backward,
    window_lm_forward,
)


@dataclass(frozen=True)
class WindowRun:
    """How a window network ended on a word.

    Attributes
    ----------
    window, seed : of the run
    loss : mean cross-entropy at the end, nats
    accuracy : share of the characters that are right at the end
    bound, best_accuracy : the best that any predictor with this window can reach
    history : of the run
    """

    window: int
    seed: int
    loss: float
    accuracy: float
    bound: float
    best_accuracy: float
    history: History

    @property
    def solved(self) -> bool:
        """Whether every character is right."""
        return self.accuracy == 1


def train_window(
    word: str, window: int, *, seed: int = 0, steps: int = 800, H: int = 8, lr: float = 0.03
) -> WindowRun:
    """Train a window language model (embedding, tanh layer, readout) on the whole word with Adam.

    The learning rate falls in a straight line to zero, so that the loss settles on its bound.
    """
    batch = steep(word)
    tokens = batch.x.argmax(axis=2)
    V = batch.outputs

    def loss_and_grads(params: WindowLMParams, targets: np.ndarray) -> tuple[float, WindowLMParams]:
        y, tape = window_lm_forward(tokens, params)
        loss, dy = softmax_cross_entropy(y, targets)
        return loss, window_lm_backward(dy, tape)

    params, history = fit(
        loss_and_grads,
        init_window_lm(np.random.default_rng(seed), V, window, V, H),
        [batch.targets],
        optimiser=Adam(lr=lr),
        steps=steps,
        schedule=lambda step: 1 - step / steps,
    )
    y, _ = window_lm_forward(tokens, params)
    return WindowRun(
        window,
        seed,
        softmax_cross_entropy(y, batch.targets)[0],
        float((y.argmax(axis=2) == batch.targets).mean()),
        window_bound(word, window),
        window_accuracy(word, window),
        history,
    )


def train_recurrent(word: str, *, seed: int = 0, steps: int = 300, H: int = 8) -> Outcome:
    """Train a simple recurrent network on the word until it spells it; `steps` says how long."""
    budget = Budget(steps=steps, H=H, lr=0.03, validate_every=1, held_out=1, dtype=np.float64)
    cell = rnn("RNN", recurrent="glorot")
    return solve(cell, lambda rng, B: steep(word), seed=seed, budget=budget)
