"""Character models against Kneser–Ney on the Python reference (chapters 03 and 08)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from course_utils.data.text import ContiguousBatches, Corpus, KneserNey, TextBatch, Vocabulary
from course_utils.data.text.sampling import generate
from course_utils.experiments.cells import GRU, RNN_ORTHOGONAL, Cell, lstm
from course_utils.nn.dense import dense_backward, dense_forward
from course_utils.nn.embedding import embedding_backward, embedding_forward, init_embedding
from course_utils.nn.history import History
from course_utils.nn.losses import softmax_cross_entropy
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit

Array = NDArray[Any]
Model = dict[str, Any]

LSTM = lstm("LSTM", forget_bias=1.0, recurrent="uniform")


@dataclass(frozen=True)
class CharacterSettings:
    """Sizes and learning rate of a character model.

    Attributes
    ----------
    H, embedding : units, and numbers a character is embedded in
    B, T : streams, and steps of a piece; the state is carried from piece to piece
    lr : of Adam, falling in a straight line to zero
    clip : largest global norm of a gradient
    dtype : of the weights; in double precision a short run is the same on every processor
    """

    H: int = 128
    embedding: int = 64
    B: int = 32
    T: int = 64
    lr: float = 0.004
    clip: float = 1.0
    dtype: DTypeLike = np.float32


@dataclass(frozen=True, eq=False)
class CharacterRun:
    """A trained character model, and how training went.

    Attributes
    ----------
    name : of the cell
    cell, model, vocabulary : to go on with: sample, probe, measure
    bits : held-out bits per character at the end
    history : of the run; its `valid` are held-out bits per character
    """

    name: str
    cell: Cell
    model: Model
    vocabulary: Vocabulary
    bits: float
    history: History


def train_characters(
    corpus: Corpus,
    cell: Cell = LSTM,
    *,
    updates: int = 3200,
    seed: int = 0,
    settings: CharacterSettings | None = None,
    validate_every: int = 400,
    progress: Callable[[str], None] | None = None,
) -> CharacterRun:
    """Train a character model with truncated backpropagation and carried state.

    3200 updates are about 20 passes over the training text.
    """
    s = settings or CharacterSettings()
    vocabulary = Vocabulary.of(corpus.text)
    batches = ContiguousBatches(vocabulary.encode(corpus.train), s.T, s.B)
    held_out = vocabulary.encode(corpus.valid)
    model = character_model(cell, np.random.default_rng(seed), len(vocabulary), s)
    model, history = fit(
        CarriedLoss(cell),
        model,
        batches,
        optimiser=Adam(lr=s.lr),
        steps=updates,
        clip=s.clip,
        schedule=lambda step: 1 - step / updates,
        validate=lambda params: bits_per_character(cell, params, held_out),
        validate_every=validate_every,
        progress=progress,
    )
    return CharacterRun(cell.name, cell, model, vocabulary, float(history.valid[-1]), history)


def character_model(
    cell: Cell, rng: np.random.Generator, V: int, settings: CharacterSettings
) -> Model:
    """Embedding, cell and readout for V characters."""
    s = settings
    embedding = init_embedding(rng, V, s.embedding, dtype=s.dtype)
    return {"embedding": embedding} | cell.model(rng, s.embedding, s.H, V, dtype=s.dtype)


class CarriedLoss:
    """Loss and gradients of one piece of the text, its first state that of the piece before.

    An objective for `fit`; checkpoints keep the carried state.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.carried: tuple[Array, ...] = ()

    def __call__(self, model: Model, batch: TextBatch) -> tuple[float, Model]:
        carried = self.carried if batch.continues else ()
        x, looked_up = embedding_forward(batch.x, model["embedding"])
        h, tape = self.cell.forward(x, model["cell"], carried or None)
        y, readout = dense_forward(h, model["readout"])
        loss, dy = softmax_cross_entropy(y, batch.targets)
        dreadout, dh = dense_backward(dy, readout)
        dcell, dx = self.cell.backward(dh, tape)
        self.carried = tuple(np.copy(state) for state in tape.final_state)
        dembedding = embedding_backward(dx, looked_up)
        return loss, {"embedding": dembedding, "cell": dcell, "readout": dreadout}

    def state(self) -> dict[str, Any]:
        """The carried state."""
        return {"carried": list(self.carried)}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a carried state."""
        self.carried = tuple(state["carried"])


def bits_per_character(
    cell: Cell, model: Model, codes: NDArray[np.int64], *, B: int = 8, T: int = 250
) -> float:
    """Mean cost of the characters of a text, bits, read as B streams with the state carried.

    The first character of every stream is read and not scored.
    """
    batches = ContiguousBatches(codes, min(T, (codes.size - 1) // B), B)
    nats, state = 0.0, None
    for batch in batches.once():
        x, _ = embedding_forward(batch.x, model["embedding"])
        h, tape = cell.forward(x, model["cell"], state)
        y, _ = dense_forward(h, model["readout"])
        nats += softmax_cross_entropy(y, batch.targets)[0]
        state = tape.final_state
    return nats / len(batches) / math.log(2)


def write(
    run: CharacterRun, length: int, *, seed: int = 0, prompt: str = "\n", **settings: Any
) -> str:
    """A text by the model; `settings` are temperature, top_k and nucleus."""

    def next_scores(
        state: tuple[Array, ...] | None, codes: NDArray[np.int64]
    ) -> tuple[Array, tuple[Array, ...]]:
        x, _ = embedding_forward(codes[None], run.model["embedding"])
        h, tape = run.cell.forward(x, run.model["cell"], state)
        y, _ = dense_forward(h[0], run.model["readout"])
        return y, tape.final_state

    rng = np.random.default_rng(seed)
    return generate(rng, next_scores, None, run.vocabulary, length, prompt=prompt, **settings)


def kneser_ney(corpus: Corpus, orders: range = range(1, 9)) -> dict[int, float]:
    """Held-out bits per character of interpolated Kneser–Ney, by order."""
    model = KneserNey(corpus.train, max(orders), Vocabulary.of(corpus.text))
    bits = -model.log_likelihoods(corpus.valid).mean(axis=1) / math.log(2)
    return {order: float(bits[order - 1]) for order in orders}


COMPARED = {
    "LSTM": (LSTM, CharacterSettings()),
    "GRU": (GRU, CharacterSettings()),
    "RNN": (RNN_ORTHOGONAL, CharacterSettings(lr=0.002)),
}
"""The three cells of the comparison, each with its own learning rate."""
