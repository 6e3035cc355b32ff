"""Repeat after me: a word goes through an encoder and comes out of a decoder (chapter 09).

Two networks, from the course's own cells. They differ in one thing: what the decoder gets.

    handover   the decoder starts in the encoder's last state, and has nothing else
    lookup     the decoder starts from zeros; its readout sees only what attention finds among
               *all* states of the encoder

Encoder and decoder are GRUs with weights of their own. During training the decoder reads the
letters that it should have written (teacher forcing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from course_utils.nn.attention import attention_backward, attention_forward, attention_step
from course_utils.nn.batches import Sampled
from course_utils.nn.dense import DenseParams, dense_backward, dense_forward, init_dense
from course_utils.nn.embedding import one_hot
from course_utils.nn.gru import GRUParams, gru_backward, gru_forward, gru_step, init_gru
from course_utils.nn.history import History
from course_utils.nn.losses import softmax_cross_entropy
from course_utils.nn.optimisers import Adam
from course_utils.nn.sequences import gradient_at_last_step
from course_utils.nn.training import fit

Array = NDArray[Any]
LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Words:
    """Words to repeat, all of one length T.

    ``x (T, B, K)`` are the letters that the encoder reads, one-hot. ``previous (T, B, K + 1)`` is
    what the decoder reads: a start sign, then the word without its last letter. ``targets (T, B)``
    are the letters to be written.
    """

    x: Array
    previous: Array
    targets: NDArray[np.int64]


@dataclass(frozen=True)
class Repeater:
    """Parameters of both networks, and whether the decoder looks things up."""

    encoder: GRUParams
    decoder: GRUParams
    readout: DenseParams


def draw_words(rng: np.random.Generator, T: int, B: int, K: int = len(LETTERS)) -> Words:
    """B random words of T letters from an alphabet of K, in float32."""
    letters = rng.integers(0, K, (T, B))
    x = one_hot(letters, K, np.float32)
    previous = np.zeros((T, B, K + 1), np.float32)
    previous[0, :, K] = 1
    previous[1:, :, :K] = x[:-1]
    return Words(x, previous, letters)


def init_repeater(
    rng: np.random.Generator, H: int = 32, K: int = len(LETTERS), dtype: DTypeLike = np.float32
) -> Repeater:
    """Fresh parameters: GRUs of H units with orthogonal recurrent matrices."""
    return Repeater(
        encoder=init_gru(rng, K, H, recurrent="orthogonal", dtype=dtype),
        decoder=init_gru(rng, K + 1, H, recurrent="orthogonal", dtype=dtype),
        readout=init_dense(rng, H, K, dtype=dtype),
    )


def run(network: Repeater, words: Words, *, lookup: bool) -> tuple[Array, Array | None, Any]:
    """Scores ``y (T, B, K)``, weights ``(Q, T, B)`` (None without lookup), and the tapes."""
    h, encoder_tape = gru_forward(words.x, network.encoder)
    start = None if lookup else h[-1]
    s, decoder_tape = gru_forward(words.previous, network.decoder, start)
    found, weights, attention_tape = attention_forward(s, h, h) if lookup else (s, None, None)
    y, readout_tape = dense_forward(found, network.readout)
    return y, weights, (encoder_tape, decoder_tape, attention_tape, readout_tape)


def loss_and_grads(network: Repeater, words: Words, *, lookup: bool) -> tuple[float, Repeater]:
    """Mean cross-entropy (nats a letter) and its gradients, one backward function after another."""
    y, _, (encoder_tape, decoder_tape, attention_tape, readout_tape) = run(
        network, words, lookup=lookup
    )
    loss, dy = softmax_cross_entropy(y, words.targets)
    dreadout, ds = dense_backward(dy, readout_tape)
    if lookup:
        ds, dkeys, dvalues = attention_backward(ds, attention_tape)
        ddecoder, _, _ = gru_backward(ds, decoder_tape)
        dh = dkeys + dvalues  # every state is a key and a value
    else:
        ddecoder, _, dstart = gru_backward(ds, decoder_tape)
        dh = gradient_at_last_step(dstart, len(words.x))
    dencoder, _, _ = gru_backward(dh, encoder_tape)
    return loss, Repeater(dencoder, ddecoder, dreadout)


def train_repeater(
    T: int,
    *,
    lookup: bool,
    H: int = 32,
    seed: int = 0,
    steps: int = 600,
    dtype: DTypeLike = np.float32,
) -> tuple[Repeater, History]:
    """Train on fresh words of T letters, 32 at a time: Adam at 0.01, gradients clipped at 1."""
    init_rng, word_rng = np.random.default_rng(seed).spawn(2)
    return fit(
        lambda network, words: loss_and_grads(network, words, lookup=lookup),
        init_repeater(init_rng, H, dtype=dtype),
        Sampled(lambda rng: draw_words(rng, T, 32), word_rng),
        optimiser=Adam(lr=0.01),
        steps=steps,
        clip=1.0,
    )


def share_right(network: Repeater, T: int, *, lookup: bool, seed: int = 1000) -> float:
    """Share of right letters in 500 fresh words of T letters."""
    words = draw_words(np.random.default_rng(seed), T, 500)
    y, _, _ = run(network, words, lookup=lookup)
    return float(np.mean(y.argmax(axis=-1) == words.targets))


def write_freely(network: Repeater, words: Words, *, lookup: bool) -> NDArray[np.int64]:
    """Letters (T, B) that the decoder writes when it reads its own letters, one after another."""
    h, _ = gru_forward(words.x, network.encoder)
    s = np.zeros_like(h[-1]) if lookup else h[-1]
    previous, written = words.previous[0], []
    for _ in words.targets:
        s = gru_step(previous, s, network.decoder)
        found = attention_step(s, h, h)[0] if lookup else s
        y, _ = dense_forward(found, network.readout)
        written.append(y.argmax(axis=-1))
        previous = one_hot(written[-1], previous.shape[-1], np.float32)
    return np.stack(written)
