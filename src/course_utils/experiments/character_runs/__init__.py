"""Longer training runs on the Python reference, kept with the course (chapter 08).

``make long-experiments`` trains them (`training`, which needs PyTorch) and writes what stands in
``files``: a record of every run, and the weights of the best. Reading them back takes NumPy alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.text import Corpus, Vocabulary, python_reference
from course_utils.experiments.cells import Cell
from course_utils.experiments.characters import LSTM, CharacterRun, bits_per_character, write
from course_utils.nn.dense import DenseParams
from course_utils.nn.embedding import EmbeddingParams
from course_utils.nn.history import History
from course_utils.nn.lstm import LSTMParams
from course_utils.nn.safetensors import load_weights, save_weights
from course_utils.nn.trees import tree_map

Array = NDArray[Any]

FILES = "course_utils.experiments.character_runs"
SAMPLE_LENGTH = 400
TEMPERATURE = 0.7


@dataclass(frozen=True, eq=False)
class Record:
    """How one run went.

    Attributes
    ----------
    label : for figures
    parameters : how many numbers were trained
    step : (M,) updates at each evaluation
    held_out : (M,) bits per character of the held-out text there
    training : (M,) bits per character over the updates since the evaluation before, with dropout
    seconds : (M,) CPU seconds up to there, evaluations included
    samples : texts that the model wrote, by update (runs of one layer)
    settings : everything that the run was given
    """

    label: str
    parameters: int
    step: NDArray[np.int64]
    held_out: Array
    training: Array
    seconds: Array
    samples: dict[int, str]
    settings: dict[str, Any]


def records() -> dict[str, Record]:
    """Every run, by name, in the order in which they were trained."""
    return {
        name: Record(
            label=run["settings"]["label"],
            parameters=run["parameters"],
            step=np.array(run["step"]),
            held_out=np.array(run["held_out"]),
            training=np.array(run["training"]),
            seconds=np.array(run["seconds"]),
            samples={int(step): text for step, text in run["samples"].items()},
            settings=run["settings"],
        )
        for name, run in _json()["runs"].items()
    }


def kneser_ney() -> dict[int, float]:
    """Held-out bits per character of interpolated Kneser–Ney on the same split, by order."""
    return {int(order): bits for order, bits in _json()["kneser_ney"].items()}


def held_out_text() -> str:
    """The held-out text of the runs: whole topics of the reference of Python 3.11.7."""
    return python_reference().valid


def trained_model() -> CharacterRun:
    """The LSTM of 256 units with dropout, as float32 from the float16 of its file."""
    return stored_model("lstm256")


def stored_model(name: str, dtype: Any = np.float32) -> CharacterRun:
    """A trained character LSTM of one layer, by the name of its file in ``files``."""
    with as_file(files(FILES).joinpath(f"files/{name}.safetensors")) as path:
        arrays, notes = load_weights(path)
    w = {name: array.astype(dtype) for name, array in arrays.items()}
    parameters = (
        EmbeddingParams(w["embedding"]),
        [LSTMParams(w["W_x"], w["W_h"], w["b"])],
        DenseParams(w["W_y"], w["b_y"]),
    )
    vocabulary = Vocabulary(tuple(json.loads(notes["characters"])))
    return as_run(LSTM, parameters, vocabulary, bits=float(notes["held_out_bits"]))


def store_model(path: Path, run: CharacterRun, corpus: Corpus) -> float:
    """Write an LSTM's weights as float16 to ``path``; its held-out bits as written."""
    halves = tree_map(lambda array: array.astype(np.float16), run.model)
    written = tree_map(lambda array: array.astype(np.float32), halves)
    bits = bits_per_character(LSTM, written, run.vocabulary.encode(corpus.valid))
    embedding, cell, readout = (halves[name] for name in ("embedding", "cell", "readout"))
    arrays = {"embedding": embedding.E, "W_x": cell.W_x, "W_h": cell.W_h, "b": cell.b}
    notes = {
        "model": "character LSTM: embedding, one layer (gates i, f, g, o), readout; rows go in",
        "characters": json.dumps(list(run.vocabulary.characters), ensure_ascii=False),
        "held_out_bits": f"{bits:.6f}",
        "trained_on": f"{corpus.name}, sha256 {corpus.sha256}; PSF licence",
    }
    save_weights(path, arrays | {"W_y": readout.W, "b_y": readout.b}, notes)
    return bits


def as_run(
    cell: Cell,
    parameters: tuple[Any, Sequence[Any], Any],
    vocabulary: Vocabulary,
    bits: float = float("nan"),
) -> CharacterRun:
    """A `CharacterRun` of one layer from the parameters of embedding, layers and readout."""
    embedding, (layer,), readout = parameters
    model = {"embedding": embedding, "cell": layer, "readout": readout}
    nothing = np.zeros(0)
    history = History(
        nothing, nothing, nothing, nothing, nothing.astype(int), nothing, "loaded", -1
    )
    return CharacterRun(cell.name, cell, model, vocabulary, bits, history)


def sample_of(run: CharacterRun) -> str:
    """The text that a model is asked to write: always from the same seed and prompt."""
    return write(run, SAMPLE_LENGTH, seed=0, prompt="\nThe ", temperature=TEMPERATURE)


def _json() -> Any:
    return json.loads(files(FILES).joinpath("files/runs.json").read_text(encoding="utf-8"))
