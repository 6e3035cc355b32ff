"""The memo stream of chapter 06, and gates read over a text."""

import numpy as np
import pytest

from course_utils.data.text import corpus_from_topics, python_reference
from course_utils.experiments.characters import CharacterSettings, bits_per_character
from course_utils.experiments.gate_reading import Reading, read_gates, stored_reader, train_reader
from course_utils.experiments.memo import READ, VALUE, WRITE, memo_stream
from course_utils.nn import LSTMParams, lstm_step
from course_utils.nn.embedding import embedding_forward


def test_a_stream_keeps_the_last_number_that_was_to_be_kept():
    stream = memo_stream(np.random.default_rng(0), 9, 4, writes=[5, 2], reads=[3, 8])
    value = stream.x[..., VALUE]
    assert stream.x.shape == (9, 4, 3)
    assert np.abs(value).max() < 1
    assert (stream.kept[:2] == 0).all()
    assert (stream.kept[2:5] == value[2]).all()
    assert (stream.kept[5:] == value[5]).all()
    assert stream.reads.nonzero()[0].tolist() == [3, 8]
    assert stream.x[:, 1, WRITE].nonzero()[0].tolist() == [2, 5]
    np.testing.assert_array_equal(stream.target[[3, 8]], value[[2, 5]])
    assert (stream.target[~stream.reads] == 0).all()
    assert not np.signbit(stream.target[~stream.reads]).any()
    assert (stream.x[:, :, READ] == stream.reads[:, None]).all()


def test_the_same_seed_gives_the_same_stream():
    one, two = (memo_stream(np.random.default_rng(3), 5, 2, writes=[0], reads=[4]) for _ in "ab")
    np.testing.assert_array_equal(one.x, two.x)


@pytest.mark.parametrize(
    ("T", "B", "writes", "reads", "message"),
    [
        (0, 1, [], [], "T is 0 and B is 1; wanted at least 1"),
        (4, 0, [], [], "T is 4 and B is 0"),
        (4, 1, [4], [], r"writes is \[4\]; wanted steps from 0 to 3"),
        (4, 1, [0], [-1], r"reads is \[-1\]"),
        (4, 1, [2], [1], "a read comes before the first write"),
        (4, 1, [], [1], "a read comes before the first write"),
    ],
)
def test_streams_that_cannot_be_are_refused(T, B, writes, reads, message):
    with pytest.raises(ValueError, match=message):
        memo_stream(np.random.default_rng(0), T, B, writes=writes, reads=reads)


@pytest.fixture(scope="module")
def run():
    topics = {
        str(k): f"{word} follows {word} in line {k}\n" * 3
        for k, word in enumerate(["one", "two", "three"] * 20)
    }
    corpus = corpus_from_topics("lines", topics)
    small = CharacterSettings(H=6, embedding=4, B=4, T=8, lr=0.02)
    return train_reader(3, corpus=corpus, settings=small), corpus


def test_a_reading_is_what_the_steps_give(run):
    trained, corpus = run
    text = corpus.train[:12]
    reading = read_gates(trained, text)
    x, _ = embedding_forward(trained.vocabulary.encode(text)[:, None], trained.model["embedding"])
    assert isinstance(trained.model["cell"], LSTMParams)
    h = c = np.zeros((1, 6), np.float32)
    for t in range(12):
        before = c
        h, c = lstm_step(x[t], h, c, trained.model["cell"])
        np.testing.assert_allclose(reading.c[t], c[0], atol=1e-6)
        np.testing.assert_allclose(reading.h[t], h[0], atol=1e-6)
        written = reading.f[t] * before[0] + reading.i[t] * reading.g[t]
        np.testing.assert_allclose(written, c[0], atol=1e-6)
        np.testing.assert_allclose(reading.o[t] * np.tanh(c[0]), h[0], atol=1e-6)


def test_the_stored_reader_is_what_its_training_gives():
    stored = stored_reader()
    corpus = python_reference()
    bits = bits_per_character(stored.cell, stored.model, stored.vocabulary.encode(corpus.valid))
    assert bits == pytest.approx(stored.bits, abs=1e-4)
    assert train_reader().bits == pytest.approx(stored.bits, abs=0.05)


def test_a_piece_of_a_reading_and_its_characters():
    arrays = [np.arange(10.0).reshape(5, 2) + k for k in range(6)]
    reading = Reading("a b b", *arrays)
    piece = reading.between(1, 4)
    assert piece.text == " b "
    for name in "ifgoch":
        np.testing.assert_array_equal(getattr(piece, name), getattr(reading, name)[1:4])
    assert reading.at(" ").tolist() == [False, True, False, True, False]
    assert reading.at("ab").tolist() == [True, False, True, False, True]
