"""A window network and Kneser–Ney, each alone and mixed half and half (paper ledger).

The network of Bengio et al. (2003) was at its best in a mixture with an n-gram model. A mixture of
two predictions is their mean; it helps when they err in different places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.text import ContiguousBatches, Corpus, KneserNey, TextBatch, Vocabulary
from course_utils.nn.losses import log_softmax, softmax_cross_entropy
from course_utils.nn.optimisers import Adam
from course_utils.nn.schedules import linear_decay
from course_utils.nn.training import fit
from course_utils.nn.window import (
    WindowLMParams,
    init_window_lm,
    window_lm_backward,
    window_lm_forward,
)

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Mixture:
    """Perplexity a character on held-out text: of the network, of the n-gram model, of both."""

    network: float
    ngram: float
    mixed: float


def train_window_model(
    corpus: Corpus,
    m: int,
    *,
    D: int = 24,
    H: int = 96,
    updates: int = 1500,
    seed: int = 0,
) -> WindowLMParams:
    """The window model of chapter 01 on a text: m characters, each embedded in D numbers, H units.

    Adam at 0.01, falling in a straight line to zero; 512 predictions an update.
    """
    vocabulary = Vocabulary.of(corpus.text)

    def loss_and_grads(params: WindowLMParams, batch: TextBatch) -> tuple[Any, WindowLMParams]:
        y, tape = window_lm_forward(batch.x, params)
        loss, dy = softmax_cross_entropy(y, batch.targets)
        return loss, window_lm_backward(dy, tape)

    rng = np.random.default_rng(seed)
    params, _ = fit(
        loss_and_grads,
        init_window_lm(rng, len(vocabulary), m, D, H, dtype=np.float32),
        ContiguousBatches(vocabulary.encode(corpus.train), 16, 32),
        optimiser=Adam(lr=0.01),
        steps=updates,
        clip=1.0,
        schedule=linear_decay(updates),
    )
    return params


def log_likelihood(params: WindowLMParams, codes: Ints) -> Floats:
    """(N - 1,) logarithm of the probability of every character but the first, given those before.

    `codes (N,)` are read as one sequence.
    """
    y, _ = window_lm_forward(codes[:-1, None], params)
    return np.asarray(np.take_along_axis(log_softmax(y[:, 0]), codes[1:, None], axis=1)[:, 0])


def mix_with_kneser_ney(
    params: WindowLMParams, corpus: Corpus, order: int, *, characters: int = 10_000
) -> Mixture:
    """The network and Kneser–Ney of this order on the first `characters` of the held-out text."""
    vocabulary = Vocabulary.of(corpus.text)
    text = corpus.valid[:characters]
    network = log_likelihood(params, vocabulary.encode(text)).astype(float)
    ngram = KneserNey(corpus.train, order, vocabulary).log_likelihood(text)[1:]
    mixed = np.logaddexp(network, ngram) - math.log(2)
    return Mixture(*(float(np.exp(-log_p.mean())) for log_p in (network, ngram, mixed)))
