"""The training behind `character_runs`: minutes of CPU time, taken up where it was broken off.

Needs the extra ``torch``; ``make long-experiments`` runs it. Every run starts from weights that
NumPy drew, keeps a checkpoint, and goes on from it bit for bit.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.data.text import ContiguousBatches, Corpus, Vocabulary
from course_utils.experiments.cells import GRU, RNN_ORTHOGONAL, Cell
from course_utils.experiments.character_runs import as_run, sample_of
from course_utils.experiments.characters import LSTM, CharacterSettings, character_model
from course_utils.nn.checkpoints import load_checkpoint
from course_utils.nn.history import History
from course_utils.nn.pytorch import CharacterModel, TorchLearner, TruncatedBPTT
from course_utils.nn.pytorch.characters import (
    adam,
    count_parameters,
    mean_bits,
    next_character_loss,
    parameters_of,
    seed_dropout,
    start_from,
)
from course_utils.nn.schedules import linear_decay
from course_utils.nn.training import train

CELLS: dict[str, Cell] = {"rnn": RNN_ORTHOGONAL, "gru": GRU, "lstm": LSTM}
VALIDATE_EVERY = 100
SAMPLED_AT = (100, 400, 1600, 3200)


@dataclass(frozen=True)
class Settings:
    """One run; `updates` are 20 epochs.

    `cell` is "rnn" (orthogonal start), "gru" or "lstm"; with `decay` the learning rate falls in a
    straight line to zero.
    """

    label: str
    cell: str
    H: int
    lr: float
    layers: int = 1
    dropout: float = 0.0
    embedding: int = 64
    B: int = 32
    T: int = 64
    clip: float = 1.0
    updates: int = 3200
    decay: bool = True
    seed: int = 0


RUNS = {
    "rnn128": Settings("RNN, 128 units", "rnn", 128, 0.002),
    "gru128": Settings("GRU, 128 units", "gru", 128, 0.004),
    "lstm128": Settings("LSTM, 128 units", "lstm", 128, 0.004),
    "lstm128constant": Settings("LSTM, 128 units, constant rate", "lstm", 128, 0.004, decay=False),
    "lstm2x128": Settings("LSTM, 2 × 128 units, dropout", "lstm", 128, 0.004, 2, 0.3),
    "lstm256plain": Settings("LSTM, 256 units", "lstm", 256, 0.003),
    "lstm256": Settings("LSTM, 256 units, dropout", "lstm", 256, 0.003, 1, 0.3),
}
"""The runs of chapter 08, by the name of their files."""


def fresh_model(settings: Settings, V: int) -> CharacterModel:
    """A PyTorch model with the weights that the NumPy model of the same seed starts from."""
    seed_dropout(settings.seed)
    model = CharacterModel(
        V,
        settings.embedding,
        settings.H,
        cell=settings.cell,
        layers=settings.layers,
        dropout=settings.dropout,
    )
    cell, rng = CELLS[settings.cell], np.random.default_rng(settings.seed)
    sizes = CharacterSettings(H=settings.H, embedding=settings.embedding)
    start = character_model(cell, rng, V, sizes)
    above = [
        cell.init(rng, settings.H, settings.H, 1, np.float32) for _ in range(settings.layers - 1)
    ]
    start_from(model, start["embedding"], [start["cell"], *above], start["readout"])
    return model


def train_run(
    settings: Settings,
    corpus: Corpus,
    *,
    steps: int | None = None,
    checkpoint: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[CharacterModel, History]:
    """Train up to update `steps` (all of them by default), with the schedule of the whole run."""
    vocabulary = Vocabulary.of(corpus.text)
    model = fresh_model(settings, len(vocabulary))
    held_out = ContiguousBatches(vocabulary.encode(corpus.valid), 250, 8)
    history = train(
        TorchLearner(
            TruncatedBPTT(next_character_loss), model, adam(model, settings.lr), settings.clip
        ),
        ContiguousBatches(vocabulary.encode(corpus.train), settings.T, settings.B),
        steps=settings.updates if steps is None else steps,
        schedule=linear_decay(settings.updates) if settings.decay else None,
        validate=lambda model: mean_bits(model, held_out.once()),
        validate_every=VALIDATE_EVERY,
        checkpoint=checkpoint,
        checkpoint_every=VALIDATE_EVERY,
        progress=progress,
        report_every=10,
    )
    return model, history


def updates_done(checkpoint: Path) -> int:
    """How far a run has come: the update of its checkpoint, 0 without one."""
    return int(load_checkpoint(checkpoint)["step"]) if checkpoint.exists() else 0


def finish_run(
    name: str, corpus: Corpus, folder: Path, progress: Callable[[str], None] | None = None
) -> tuple[dict[str, Any], CharacterModel]:
    """Run `name` to its end, from its checkpoint if there is one; its record and its model.

    The texts that the model writes on the way are kept beside the checkpoint.
    """
    settings, vocabulary = RUNS[name], Vocabulary.of(corpus.text)
    checkpoint, written = folder / f"{name}.npz", folder / f"{name}.samples.json"
    samples = json.loads(written.read_text(encoding="utf-8")) if written.exists() else {}
    for steps in SAMPLED_AT:
        model, history = train_run(
            settings, corpus, steps=steps, checkpoint=checkpoint, progress=progress
        )
        if str(steps) not in samples and settings.layers == 1:
            run = as_run(CELLS[settings.cell], parameters_of(model), vocabulary)
            samples[str(steps)] = sample_of(run)
            part = written.with_suffix(".part")
            part.write_text(json.dumps(samples, ensure_ascii=False), encoding="utf-8")
            part.replace(written)
    return _record(settings, corpus, model, history, samples), model


def _record(
    settings: Settings,
    corpus: Corpus,
    model: CharacterModel,
    history: History,
    samples: dict[str, str],
) -> dict[str, Any]:
    pieces = history.loss.reshape(-1, VALIDATE_EVERY).mean(axis=1) / math.log(2)
    return {
        "settings": asdict(settings),
        "parameters": count_parameters(model),
        "step": history.valid_step.tolist(),
        "held_out": history.valid.round(4).tolist(),
        "training": pieces.round(4).tolist(),
        "seconds": history.seconds[history.valid_step - 1].round(1).tolist(),
        "samples": {int(step): text for step, text in samples.items()},
        "text": {"name": corpus.name, "sha256": corpus.sha256},
        "made_with": {
            "python": platform.python_version(),
            **{name: version(name).split("+")[0] for name in ("numpy", "torch")},
        },
    }
