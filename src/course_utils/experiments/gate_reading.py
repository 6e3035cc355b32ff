"""What the gates of a trained character model do while it reads (chapter 06)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.text import Corpus, python_reference
from course_utils.experiments.character_runs import stored_model
from course_utils.experiments.characters import (
    LSTM,
    CharacterRun,
    CharacterSettings,
    train_characters,
)
from course_utils.nn.embedding import embedding_forward
from course_utils.nn.lstm import lstm_forward, split_gates

Array = NDArray[Any]

SMALL = CharacterSettings(H=64, embedding=24, B=32, T=48, lr=0.01)
"""An LSTM that learns to spell in seconds."""

READER = "reader"


@dataclass(frozen=True, eq=False)
class Reading:
    """Gates and states of one LSTM layer at every character of a text; each array is (T, H).

    Attributes
    ----------
    text : the T characters
    i, f, g, o : gates and candidate
    c, h : the states after each character
    """

    text: str
    i: Array
    f: Array
    g: Array
    o: Array
    c: Array
    h: Array

    def between(self, start: int, stop: int) -> Reading:
        """The same reading, of the characters `start` to `stop - 1` alone."""
        span = slice(start, stop)
        arrays = (getattr(self, name)[span] for name in ("i", "f", "g", "o", "c", "h"))
        return Reading(self.text[span], *arrays)

    def at(self, characters: str) -> NDArray[np.bool_]:
        """(T,) True where the text has one of these characters."""
        return np.isin(list(self.text), list(characters))


def train_reader(
    updates: int = 700, *, corpus: Corpus | None = None, settings: CharacterSettings = SMALL
) -> CharacterRun:
    """A small character LSTM on the Python reference, or on another corpus."""
    corpus = corpus or python_reference()
    return train_characters(
        corpus, LSTM, updates=updates, settings=settings, validate_every=updates
    )


def stored_reader() -> CharacterRun:
    """What `train_reader` gave once, as it is kept with the course, in float64.

    Its numbers are then the same on every machine: a training amplifies the last bits of its sums,
    reading a text does not.
    """
    return stored_model(READER, np.float64)


def read_gates(run: CharacterRun, text: str) -> Reading:
    """Read a text from zero states with a trained LSTM, and keep what its gates did."""
    x, _ = embedding_forward(run.vocabulary.encode(text)[:, None], run.model["embedding"])
    h, c, tape = lstm_forward(x, run.model["cell"])
    i, f, g, o = split_gates(tape.gates)
    return Reading(text, *(np.asarray(array[:, 0]) for array in (i, f, g, o, c, h)))
