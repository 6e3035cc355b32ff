"""Probes: features are those of the text, a planted unit is found, and judged on another text."""

import numpy as np
import pytest

from course_utils.data.text import Vocabulary
from course_utils.experiments.characters import (
    COMPARED,
    CharacterRun,
    CharacterSettings,
    character_model,
)
from course_utils.experiments.probing import best_units, read_gates, text_features
from course_utils.nn.history import Recorder
from course_utils.nn.lstm import lstm_step

TEXT = 'if a:\n  "b c" d\n    "e\n'


def run_of(name):
    cell, _ = COMPARED[name]
    vocabulary = Vocabulary.of(TEXT)
    settings = CharacterSettings(H=5, embedding=3)
    model = character_model(cell, np.random.default_rng(0), len(vocabulary), settings)
    return CharacterRun(name, cell, model, vocabulary, 5.0, Recorder().freeze("steps"))


def test_features_by_hand():
    features = text_features(TEXT)
    assert features["line position"][:8].tolist() == [1, 2, 3, 4, 5, 0, 1, 2]
    quoted = "".join(c for c, q in zip(TEXT, features["quotes"], strict=True) if q)
    assert quoted == '"b c"e'  # from the opening quote to the closing one, or the end of the line
    assert features["indentation"][[4, 8, 15, 20, 21]].tolist() == [0, 2, 0, 4, 4]


def test_gates_are_those_of_the_step():
    run = run_of("LSTM")
    read = read_gates(run, TEXT)
    h = c = np.zeros((1, 5), np.float32)
    for t, code in enumerate(run.vocabulary.encode(TEXT)):
        h, c = lstm_step(run.model["embedding"].E[[code]], h, c, run.model["cell"])
        assert read["h"][t] == pytest.approx(h[0], abs=1e-6)
        assert read["c"][t] == pytest.approx(c[0], abs=1e-6)
    assert ((read["f"] > 0) & (read["f"] < 1)).all()
    previous = np.concatenate([np.zeros((1, 5)), read["c"][:-1]])
    assert read["c"] == pytest.approx(read["f"] * previous + read["i"] * read["g"], abs=1e-6)
    assert read["h"] == pytest.approx(read["o"] * np.tanh(read["c"]), abs=1e-6)


def test_a_planted_unit_is_found_and_judged_elsewhere():
    rng = np.random.default_rng(0)
    texts = []
    for _ in range(2):
        features = {"a": rng.normal(size=300), "b": rng.normal(size=300), "never": np.zeros(300)}
        states = rng.normal(size=(300, 8))
        states[:, 3] = -2 * features["a"] + 1 + 0.1 * rng.normal(size=300)
        states[:, 6] = 5.0
        texts.append((states, features))
    first, second, third = best_units(*texts)
    assert (first.feature, first.unit) == ("a", 3)
    assert first.chosen == pytest.approx(-1, abs=0.01)
    assert first.judged == pytest.approx(-1, abs=0.01)
    assert abs(second.judged) < 0.2
    assert third.chosen == third.judged == 0


def test_what_does_not_fit_is_named():
    with pytest.raises(TypeError, match="run must be that of an LSTM; got the cell 'GRU'"):
        read_gates(run_of("GRU"), TEXT)
    with pytest.raises(ValueError, match="at least one character"):
        read_gates(run_of("LSTM"), "")
    states, features = np.ones((4, 2)), {"a": np.ones(5)}
    with pytest.raises(ValueError, match=r"\(T, H\) with T = 5, .*; got \(4, 2\)"):
        best_units((states, features), (states, features))
    with pytest.raises(ValueError, match="the same features"):
        best_units((states, {"a": np.ones(4)}), (states, {"b": np.ones(4)}))
