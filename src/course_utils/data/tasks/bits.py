"""Tasks over bits and symbols whose rule fits in a sentence: XOR, parity, addition, echo."""

from __future__ import annotations

import math

import numpy as np

from course_utils.data.arguments import generator, whole
from course_utils.data.tasks.batch import Batch, Criterion, one_hot

EVERY_STEP = Criterion("error rate", 0.01, "the course: under 1 % wrong steps")


def xor_in_time(rng: np.random.Generator, pairs: int = 1000, B: int = 1) -> Batch:
    """A stream of bits in which every third is the XOR of the two before it; predict the next bit.

    Elman (1990), Finding structure in time, used one stream of 3000 bits (`pairs=1000, B=1`): the
    error dips at every third step, because only that bit can be known.

    Parameters
    ----------
    rng : np.random.Generator
    pairs : int, number of random pairs; the stream has 3 * pairs bits
    B : int, number of independent streams

    Returns
    -------
    Batch with x (T, B, 1) of 0 and 1, targets (T, B), T = 3 * pairs - 1. Every step is scored;
    `judged` marks those whose target is the XOR (t % 3 == 1).

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    rng, pairs, B = generator(rng), whole("pairs", pairs), whole("B", B)
    first, second = rng.integers(0, 2, (2, pairs, B))
    stream = np.stack([first, second, first ^ second], axis=1).reshape(3 * pairs, B)
    T = 3 * pairs - 1
    return Batch(
        x=stream[:-1, :, None].astype(float),
        targets=stream[1:],
        mask=np.ones((T, B), bool),
        judged=np.repeat((np.arange(T) % 3 == 1)[:, None], B, axis=1),
        outputs=2,
        chance=math.log(2),
        floor=(1 - pairs / T) * math.log(2),
        difficulty=1,
        success=Criterion("error rate", 0.01, "the course: under 1 % wrong on the XOR bits"),
    )


def parity(rng: np.random.Generator, T: int, B: int) -> Batch:
    """Running parity: the target at step t is 1 when an odd number of ones has come by.

    Returns
    -------
    Batch with x (T, B, 1) of 0 and 1, targets (T, B).

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    rng, T, B = generator(rng), whole("T", T), whole("B", B)
    bits = rng.integers(0, 2, (T, B))
    return Batch(
        x=bits[:, :, None].astype(float),
        targets=np.cumsum(bits, axis=0) % 2,
        mask=np.ones((T, B), bool),
        outputs=2,
        chance=math.log(2),
        difficulty=T - 1,
        success=EVERY_STEP,
    )


def binary_addition(rng: np.random.Generator, bits: int, B: int) -> Batch:
    """Two `bits`-bit numbers, least significant bit first; the target is their sum, bit by bit.

    A last step with two zeros leaves room for the final carry. Blind, every sum bit is a fair coin
    except that carry, which is 1 with probability (1 - 2**-bits) / 2.

    Returns
    -------
    Batch with x (bits + 1, B, 2) of 0 and 1, targets (bits + 1, B).

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message; `bits` is at most 62, so that sums fit an int64.
    """
    rng, bits, B = generator(rng), whole("bits", bits, most=62), whole("B", B)
    summands = rng.integers(0, 2, (bits, B, 2))
    x = np.concatenate([summands, np.zeros((1, B, 2), int)])
    place = np.int64(1) << np.arange(bits, dtype=np.int64)
    total = np.tensordot(place, summands.sum(axis=2), axes=1)
    carry = (1 - 2.0**-bits) / 2
    carry_nats = -carry * math.log(carry) - (1 - carry) * math.log(1 - carry)
    return Batch(
        x=x.astype(float),
        targets=(total >> np.arange(bits + 1, dtype=np.int64)[:, None]) & 1,
        mask=np.ones((bits + 1, B), bool),
        outputs=2,
        chance=(bits * math.log(2) + carry_nats) / (bits + 1),
        difficulty=bits,
        success=Criterion("sequence error rate", 0.01, "the course: under 1 % wrong sums"),
    )


def echo(rng: np.random.Generator, T: int, B: int, lag: int, *, symbols: int = 2) -> Batch:
    """Say what was said `lag` steps ago: targets y_t = x_{t - lag}, scored from step `lag` on.

    Parameters
    ----------
    rng : np.random.Generator
    T, B : int, steps and sequences
    lag : int, 0 <= lag < T
    symbols : int, size of the alphabet

    Returns
    -------
    Batch with x (T, B, symbols) one-hot, targets (T, B).

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    rng, T, B = generator(rng), whole("T", T), whole("B", B)
    lag = whole("lag", lag, least=0, most=T - 1)
    symbols = whole("symbols", symbols, least=2)
    said = rng.integers(0, symbols, (T, B))
    targets = np.zeros_like(said)
    targets[lag:] = said[: T - lag]
    mask = np.zeros((T, B), bool)
    mask[lag:] = True
    return Batch(
        x=one_hot(said, symbols),
        targets=targets,
        mask=mask,
        outputs=symbols,
        chance=math.log(symbols),
        difficulty=lag,
        success=EVERY_STEP,
        symbols=tuple(str(s) for s in range(symbols)),
    )
