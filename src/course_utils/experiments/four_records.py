"""Four training runs of a character LSTM, each ill in its own way: the records of problem set 8."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from course_utils.data.text import Corpus
from course_utils.experiments.characters import CharacterSettings, train_characters

Array = NDArray[np.float64]

EVERY = 50
"""Updates between two rows of a record."""


@dataclass(frozen=True)
class Setting:
    """`learn` characters are trained on; `leak` takes the held-out text from among them."""

    learn: int
    H: int = 64
    lr: float = 0.01
    updates: int = 400
    leak: bool = False


SETTINGS = {
    "A": Setting(learn=100_000, updates=150),
    "B": Setting(learn=12_000, H=128),
    "C": Setting(learn=100_000, lr=1.0),
    "D": Setting(learn=12_000, H=128, leak=True),
}
"""Stopped too early, too little text, a rate too large, and a held-out text that is none."""


def train(setting: Setting, corpus: Corpus, held_out: int = 8000) -> tuple[Array, Array]:
    """Bits per character on the training text and held out, one number every `EVERY` updates."""
    learn = corpus.train[: setting.learn]
    judge = learn[-held_out:] if setting.leak else corpus.valid[:held_out]
    text = Corpus("a part", corpus.raw, learn + judge, learn, judge, corpus.sha256)
    history = train_characters(
        text,
        updates=setting.updates,
        validate_every=EVERY,
        settings=CharacterSettings(H=setting.H, embedding=32, B=16, T=40, lr=setting.lr),
    ).history
    training = history.loss.reshape(-1, EVERY).mean(axis=1) / math.log(2)
    return training, history.valid
