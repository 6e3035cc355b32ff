"""What does a trained character model keep in its cells? (chapters 06 and 08)

After Karpathy, Johnson and Fei-Fei (2015), arXiv 1506.02078: some units of a character LSTM can be
read, such as one that counts along the line. Units are chosen on one text and judged on another:
with many units, the best of them always looks good where it was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.experiments.characters import CharacterRun
from course_utils.nn.embedding import embedding_forward
from course_utils.nn.lstm import LSTMTape, split_gates

Array = NDArray[Any]


def read_gates(run: CharacterRun, text: str) -> dict[str, Array]:
    """Every gate and state of an LSTM while it reads `text`: i, f, g, o, c, h, each (T, H).

    Raises
    ------
    TypeError
        If the model's cell is not the LSTM.
    ValueError
        If `text` is empty or holds a character that the model does not know.
    """
    codes = run.vocabulary.encode(text)
    if not codes.size:
        raise ValueError("text must hold at least one character; got none")
    x, _ = embedding_forward(codes[:, None], run.model["embedding"])
    h, tape = run.cell.forward(x, run.model["cell"], None)
    if not isinstance(tape, LSTMTape):
        raise TypeError(f"run must be that of an LSTM; got the cell {run.cell.name!r}")
    gates = dict(zip("ifgo", split_gates(tape.gates), strict=True))
    return {name: array[:, 0] for name, array in {**gates, "c": tape.cs[1:], "h": h}.items()}


def text_features(text: str) -> dict[str, Array]:
    """What a reader of `text` may keep in mind after every character, each (T,) float64.

    "line position" counts the characters since the line began, "quotes" is 1 between double
    quotes on one line, "indentation" is the number of spaces the line began with.
    """
    features = {name: np.zeros(len(text)) for name in ("line position", "quotes", "indentation")}
    position, quoted, indentation, leading = 0, False, 0, True
    for t, character in enumerate(text):
        if character == "\n":
            position, quoted, indentation, leading = 0, False, 0, True
        else:
            position += 1
            leading = leading and character == " "
            indentation += leading
            quoted ^= character == '"'
        features["line position"][t] = position
        features["quotes"][t] = quoted
        features["indentation"][t] = indentation
    return features


@dataclass(frozen=True)
class Probe:
    """The unit that follows a feature best, and how well.

    Attributes
    ----------
    feature : name
    unit : index of the unit with the largest |correlation| where it was chosen
    chosen, judged : its correlation on the text where it was chosen, and on the other
    """

    feature: str
    unit: int
    chosen: float
    judged: float


def best_units(
    choose: tuple[Array, dict[str, Array]], judge: tuple[Array, dict[str, Array]]
) -> list[Probe]:
    """For every feature the unit that follows it best.

    Parameters
    ----------
    choose, judge : each states (T, H) and features (T,) of one text; units are chosen on the first
        and judged on the second

    Raises
    ------
    ValueError
        If states and features have not the same number of steps, or the texts other features.
    """
    if choose[1].keys() != judge[1].keys():
        raise ValueError(
            f"both texts must have the same features; got {sorted(choose[1])} "
            f"and {sorted(judge[1])}"
        )
    probes = []
    for name in choose[1]:
        chosen, judged = (
            _correlations(states, features[name]) for states, features in (choose, judge)
        )
        unit = int(np.abs(chosen).argmax())
        probes.append(Probe(name, unit, float(chosen[unit]), float(judged[unit])))
    return probes


def _correlations(states: Array, feature: Array) -> Array:
    """(H,) correlation of every unit with the feature; 0 where either never changes."""
    if states.ndim != 2 or len(states) != len(feature):
        raise ValueError(
            f"states must have shape (T, H) with T = {len(feature)}, one step a character; "
            f"got {states.shape}"
        )
    s = states - states.mean(axis=0, dtype=float)
    f = feature - feature.mean()
    size = np.sqrt((s**2).sum(axis=0) * (f**2).sum())
    return np.asarray(np.divide(f @ s, size, out=np.zeros(len(size)), where=size > 0))
