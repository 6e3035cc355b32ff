"""The project of problem set 8: what a model and a trigram pay for a student's own text.

`make_example` trains the example that the set's solution hands in: a small LSTM on the source of
two modules of the standard library.
"""

from __future__ import annotations

import importlib
import inspect
import math
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.text import ContiguousBatches, Corpus, Vocabulary, deduplicate
from course_utils.experiments.characters import (
    LSTM,
    CarriedLoss,
    CharacterSettings,
    character_model,
)
from course_utils.nn.losses import log_softmax
from course_utils.nn.lstm import LSTMParams, lstm_forward
from course_utils.nn.optimisers import Adam
from course_utils.nn.schedules import linear_decay
from course_utils.nn.training import fit

Array = NDArray[Any]

MODULES = ("shutil", "fnmatch")
STRENGTH = 2.0
"""How many characters of evidence a shorter context counts for, in `trigram_bits`."""


def trigram_bits(train: str, valid: str, characters: str) -> float:
    """Mean bits per character of `valid`, from its third on, by a smoothed trigram of `train`.

    Every estimate leans on that of the context one shorter with the weight of `STRENGTH`
    characters, the shortest on one imagined occurrence of each of `characters` (MacKay and Peto
    1995, with a fixed strength).

    Raises
    ------
    ValueError
        If `valid` has fewer than three characters.
    """
    if len(valid) < 3:
        raise ValueError(f"valid must hold at least three characters; got {len(valid)}")
    one, two = Counter(train), Counter(pairwise(train))
    three = Counter(zip(train, train[1:], train[2:], strict=False))
    before, pairs = Counter(train[:-1]), Counter(pairwise(train[:-1]))
    nats = 0.0
    for a, b, c in zip(valid, valid[1:], valid[2:], strict=False):
        p = (one[c] + 1) / (len(train) + len(characters))
        p = (two[b, c] + STRENGTH * p) / (before[b] + STRENGTH)
        p = (three[a, b, c] + STRENGTH * p) / (pairs[a, b] + STRENGTH)
        nats -= math.log(p)
    return nats / (len(valid) - 2) / math.log(2)


def lstm_bits(params: dict[str, Array], codes: NDArray[np.int64]) -> float:
    """Mean bits of `codes[1:]` by the set's LSTM (E, W_x, W_h, b, W_y, b_y), read as one stream."""
    cell = LSTMParams(params["W_x"], params["W_h"], params["b"])
    h, _, _ = lstm_forward(params["E"][codes[:-1, None]], cell)
    log_p = log_softmax(h[:, 0] @ params["W_y"] + params["b_y"])
    return float(-log_p[np.arange(codes.size - 1), codes[1:]].mean() / math.log(2))


def example_text() -> tuple[str, str]:
    """(train, valid): the source of `MODULES`, without repeated paragraphs; valid is the end."""
    source = "\n\n".join(inspect.getsource(importlib.import_module(name)) for name in MODULES)
    source = "".join(c for c in source if c == "\n" or " " <= c <= "~")
    paragraphs = [p.strip("\n") for p in deduplicate([source])[0].split("\n\n") if p.strip()]
    total, last = sum(map(len, paragraphs)), len(paragraphs)
    while sum(map(len, paragraphs[last:])) < 0.08 * total:
        last -= 1
    return "\n\n".join(paragraphs[:last]), "\n\n".join(paragraphs[last:])


def make_example(updates: int = 1200) -> tuple[dict[str, Array], str, tuple[str, str]]:
    """The example: (parameters, characters, (train, valid)); a few seconds of CPU time."""
    train, valid = example_text()
    vocabulary = Vocabulary.of(train + valid)
    settings = CharacterSettings(H=32, embedding=16, B=16, T=50, lr=0.008)
    model, _ = fit(
        CarriedLoss(LSTM),
        character_model(LSTM, np.random.default_rng(0), len(vocabulary), settings),
        ContiguousBatches(vocabulary.encode(train), settings.T, settings.B),
        optimiser=Adam(lr=settings.lr),
        steps=updates,
        clip=settings.clip,
        schedule=linear_decay(updates),
    )
    cell, readout = model["cell"], model["readout"]
    params = {"E": model["embedding"].E, "W_x": cell.W_x, "W_h": cell.W_h, "b": cell.b}
    params |= {"W_y": readout.W, "b_y": readout.b}
    return params, "".join(vocabulary.characters), (train, valid)


def corpus_of(train: str, valid: str) -> Corpus:
    """A `Corpus` of a text of one's own, for `train_characters`."""
    return Corpus("own text", train + valid, train + valid, train, valid, "")
