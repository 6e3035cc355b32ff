"""Pieces of a text, contiguous or random, with the state carried or not (chapter 03)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.text import ContiguousBatches, RandomBatches, TextBatch, sample
from course_utils.experiments.cells import RNN_ORTHOGONAL, Model
from course_utils.experiments.characters import CarriedLoss, CharacterSettings, character_model
from course_utils.nn.dense import dense_forward
from course_utils.nn.embedding import embedding_forward
from course_utils.nn.losses import log_softmax
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit

Array = NDArray[Any]
Ints = NDArray[np.int64]
State = tuple[Array, ...] | None

SMALL = CharacterSettings(H=64, embedding=32, B=32, T=16, lr=0.004)
"""A network that trains in seconds, on pieces short enough that their beginnings matter."""


def train_on_pieces(
    codes: Ints,
    V: int,
    *,
    contiguous: bool,
    carry: bool,
    updates: int,
    seed: int = 0,
    settings: CharacterSettings = SMALL,
) -> Model:
    """An RNN trained on a text (N,) of V characters, cut into pieces.

    Parameters
    ----------
    contiguous : streams that go on from piece to piece, or pieces from random places
    carry : begin a piece with the state that the piece before ended with, whether or not the
        text goes on there; from zeros otherwise
    """
    s, rng = settings, np.random.default_rng(seed)
    model = character_model(RNN_ORTHOGONAL, rng, V, s)
    pieces: Iterable[TextBatch]
    pieces = (
        ContiguousBatches(codes, s.T, s.B) if contiguous else RandomBatches(codes, s.T, s.B, rng)
    )
    model, _ = fit(
        CarriedLoss(RNN_ORTHOGONAL),
        model,
        _told(islice(pieces, updates), carry=carry),
        optimiser=Adam(lr=s.lr),
        steps=updates,
        clip=s.clip,
        schedule=lambda step: 1 - step / updates,
    )
    return model


def _told(batches: Iterable[TextBatch], *, carry: bool) -> Iterator[TextBatch]:
    """The batches, with the word of the caller on whether they continue."""
    for number, batch in enumerate(batches):
        yield replace(batch, continues=carry and number > 0)


def read(model: Model, codes: Array, state: State = None) -> tuple[Array, tuple[Array, ...]]:
    """Scores (T, B, V) after every character of `codes` (T, B), and the last state."""
    x, _ = embedding_forward(codes, model["embedding"])
    h, tape = RNN_ORTHOGONAL.forward(x, model["cell"], state)
    return dense_forward(h, model["readout"])[0], tape.final_state


def cost_by_position(
    model: Model, codes: Ints, *, T: int, carry: bool, B: int = 32
) -> NDArray[np.float64]:
    """Bits that the character at each place of a piece costs, on average: (T,).

    The text is read as B streams in pieces of T; the first piece of each is not counted.
    """
    costs, state = [], None
    for batch in ContiguousBatches(codes, T, B).once():
        y, final = read(model, batch.x, state)
        log_p = np.take_along_axis(log_softmax(y), batch.targets[..., None], axis=-1)[..., 0]
        costs.append(-log_p.mean(axis=1))
        state = final if carry else None
    return np.mean(costs[1:], axis=0) / math.log(2)


def right_guesses(
    model: Model, codes: Ints, *, steps: int, lead: int = 60, B: int = 200
) -> dict[str, NDArray[np.float64]]:
    """Share of places where the likeliest character is the right one, for each step: (steps,).

    From B places the network reads `lead` characters. Then it goes on from the true characters
    ("the text"), or from its own guesses ("its own guesses").
    """
    starts = np.linspace(0, codes.size - lead - steps - 1, B).astype(int)
    text = codes[starts + np.arange(lead + steps)[:, None]]
    truth = text[lead:]
    forced = read(model, text[:-1])[0][lead - 1 :].argmax(axis=-1)
    y, state = read(model, text[:lead])
    free = [y[-1].argmax(axis=-1)]
    for _ in range(steps - 1):
        y, state = read(model, free[-1][None], state)
        free.append(y[0].argmax(axis=-1))
    return {
        "the text": (forced == truth).mean(axis=1),
        "its own guesses": (np.array(free) == truth).mean(axis=1),
    }


def write(
    model: Model, prompt: Ints, length: int, *, seed: int = 0, temperature: float = 1.0
) -> Ints:
    """The codes of a text of `length` characters that goes on after `prompt` (at least one)."""
    rng = np.random.default_rng(seed)
    y, state = read(model, prompt[:, None])
    written = []
    for _ in range(length):
        code = sample(rng, y[-1], temperature=temperature)
        written.append(int(code[0]))
        y, state = read(model, code[None], state)
    return np.array(written)
