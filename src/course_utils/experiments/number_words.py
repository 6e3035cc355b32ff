"""Three of chapter 02's five shapes on one tiny subject: the names of the numbers one to ten.

Ten words are learnt by heart; nothing here says anything about unseen words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.tasks import one_hot
from course_utils.nn import (
    DenseParams,
    RNNParams,
    dense_backward,
    dense_forward,
    gradient_at_last_step,
    init_dense,
    init_rnn,
    rnn_backward,
    rnn_forward,
    softmax_cross_entropy,
)
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit

Array = NDArray[Any]
ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
GERMAN = ("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn")
END = "."
"""Says that the word is over."""


@dataclass(frozen=True, eq=False)
class WordTask:
    """`x (T, B, D)`, `targets (T, B)`, `mask (T, B)` of scored steps, and what classes stand for.

    `lengths (B,)` counts the real steps of each input; what follows is zeros.
    """

    x: Array
    targets: Array
    mask: Array
    symbols: tuple[str, ...]
    lengths: Array

    def read(self, scores: Array) -> list[str]:
        """What the highest of scores (T, B, K) say: one string a sequence, up to the end sign."""
        best = scores.argmax(axis=-1).T
        return ["".join(self.symbols[k] for k in row).split(END)[0] for row in best]


def spelling(words: tuple[str, ...] = ENGLISH) -> WordTask:
    """One to many: the number comes in at the first step, its name comes out letter by letter."""
    symbols = alphabet(words)
    targets, mask = _letters_out(words, symbols)
    x = np.zeros((len(targets), len(words), len(words)))
    x[0] = np.eye(len(words))
    return WordTask(x, targets, mask, symbols, np.ones(len(words), int))


def reading(words: tuple[str, ...] = ENGLISH) -> WordTask:
    """Many to one: the name comes in letter by letter, the number is asked for at the last."""
    x, lengths = _letters_in(words, alphabet(words)[1:])
    numbers = np.arange(len(words))
    targets = np.zeros(x.shape[:2], int)
    mask = np.zeros(x.shape[:2], bool)
    targets[lengths - 1, numbers] = numbers
    mask[lengths - 1, numbers] = True
    symbols = tuple(str(n + 1) for n in numbers)
    return WordTask(x, targets, mask, symbols, lengths)


def translating(source: tuple[str, ...] = ENGLISH, target: tuple[str, ...] = GERMAN) -> WordTask:
    """Encoder-decoder: a name in one language in, then its name in another out.

    `x (T, B, D)` and `targets (S, B)` have their own lengths T and S: the output begins when the
    input is over.
    """
    x, lengths = _letters_in(source, alphabet(source)[1:])
    symbols = alphabet(target)
    targets, mask = _letters_out(target, symbols)
    return WordTask(x, targets, mask, symbols, lengths)


def alphabet(words: tuple[str, ...]) -> tuple[str, ...]:
    """The end sign and the letters of the words, in alphabetical order."""
    return (END, *sorted(set("".join(words))))


@dataclass(frozen=True)
class EncoderDecoder:
    """Two recurrences with weights of their own; the second starts where the first has stopped."""

    encoder: RNNParams
    decoder: RNNParams
    readout: DenseParams

    def scores(self, task: WordTask) -> Array:
        """The scores y (S, B, K) of a task's targets."""
        y, *_ = _run(self, task)
        return y


def train_translator(
    task: WordTask, H: int = 16, *, seed: int = 0, steps: int = 300, lr: float = 0.02
) -> EncoderDecoder:
    """Train a fresh encoder-decoder with Adam, gradients clipped at 1."""
    rng = np.random.default_rng(seed)
    start = EncoderDecoder(
        encoder=init_rnn(rng, task.x.shape[2], H),
        decoder=init_rnn(rng, 1, H),
        readout=init_dense(rng, H, len(task.symbols)),
    )
    network, _ = fit(
        translator_loss_and_grads, start, [task], optimiser=Adam(lr=lr), steps=steps, clip=1.0
    )
    return network


def translator_loss_and_grads(
    network: EncoderDecoder, task: WordTask
) -> tuple[float, EncoderDecoder]:
    """Mean cross-entropy (nats) over the letters of the output, and its gradients."""
    y, encoder_tape, decoder_tape, readout_tape = _run(network, task)
    loss, dy = softmax_cross_entropy(y, task.targets, task.mask)
    dreadout, dh = dense_backward(dy, readout_tape)
    ddecoder, _, dcontext = rnn_backward(dh, decoder_tape)
    dencoder, *_ = rnn_backward(gradient_at_last_step(dcontext, len(task.x)), encoder_tape)
    return loss, EncoderDecoder(dencoder, ddecoder, dreadout)


def _run(network: EncoderDecoder, task: WordTask) -> tuple[Array, Any, Any, Any]:
    """Encode, hand the last state over, decode. The decoder has no input of its own: zeros."""
    T, B, _ = task.x.shape
    real = np.arange(T)[:, None] < task.lengths
    h, encoder_tape = rnn_forward(task.x, network.encoder, mask=real)
    nothing = np.zeros((len(task.targets), B, 1))
    g, decoder_tape = rnn_forward(nothing, network.decoder, h[-1])
    y, readout_tape = dense_forward(g, network.readout)
    return y, encoder_tape, decoder_tape, readout_tape


def _letters_in(words: tuple[str, ...], letters: tuple[str, ...]) -> tuple[Array, Array]:
    """The words as one-hot letters (T, B, D), zeros after their end, and their lengths (B,)."""
    lengths = np.array([len(word) for word in words])
    x = np.zeros((lengths.max(), len(words), len(letters)))
    for row, word in enumerate(words):
        codes = np.array([letters.index(c) for c in word])
        x[: len(word), row] = one_hot(codes, len(letters))
    return x, lengths


def _letters_out(words: tuple[str, ...], symbols: tuple[str, ...]) -> tuple[Array, Array]:
    """The words and their end signs as targets (S, B), and a mask of the steps that count."""
    longest = max(map(len, words)) + 1
    padded = [word.ljust(longest, END) for word in words]
    targets = np.array([[symbols.index(c) for c in word] for word in padded]).T
    mask = np.arange(longest)[:, None] <= np.array([len(word) for word in words])
    return targets, mask
