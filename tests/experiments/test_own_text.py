"""What a trigram and the set's LSTM pay for a text, against slow and other ways to compute it."""

import math
from itertools import pairwise

import numpy as np
import pytest

from course_utils.experiments import own_text
from course_utils.nn import lstm_step, softmax
from course_utils.nn.lstm import LSTMParams


def test_the_trigram_by_hand():
    # p(a) = 3/6, p(a|b) = (1 + 2/2) / (1 + 2), p(a|ab) = (1 + 2 · 2/3) / (1 + 2)
    assert own_text.trigram_bits("abab", "aba", "ab") == pytest.approx(math.log2(9 / 7))


def test_the_trigram_is_a_distribution():
    train, characters = "the cat sat on the mat", "abcdehimnost "
    for context in ("th", "zz", "at", "t "):
        total = sum(2 ** -own_text.trigram_bits(train, context + c, characters) for c in characters)
        assert total == pytest.approx(1)


def test_a_short_text_is_refused():
    with pytest.raises(ValueError, match="at least three characters; got 2"):
        own_text.trigram_bits("abc", "ab", "abc")


def test_the_lstm_step_by_step():
    rng = np.random.default_rng(0)
    shapes = {"E": (5, 3), "W_x": (3, 16), "W_h": (4, 16), "b": (16,), "W_y": (4, 5), "b_y": (5,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    codes = rng.integers(5, size=30)
    h = c = np.zeros((1, 4))
    bits = []
    for code, follows in pairwise(codes):
        cell = LSTMParams(params["W_x"], params["W_h"], params["b"])
        h, c = lstm_step(params["E"][[code]], h, c, cell)
        bits.append(-np.log2(softmax(h @ params["W_y"] + params["b_y"])[0, follows]))
    assert own_text.lstm_bits(params, codes) == pytest.approx(np.mean(bits))


def test_the_example_learns():
    params, characters, (train, valid) = own_text.make_example(updates=30)
    assert characters == "".join(sorted(set(train + valid)))
    assert {name: array.dtype for name, array in params.items()} == dict.fromkeys(
        ("E", "W_x", "W_h", "b", "W_y", "b_y"), np.dtype(np.float32)
    )
    codes = np.array([characters.index(c) for c in valid])
    assert own_text.lstm_bits(params, codes) < 0.8 * math.log2(len(characters))
