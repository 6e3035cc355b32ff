"""What problem set 8 says in its text: worked examples, its records, and its example."""

import numpy as np
import pytest
from in_process import solved

from course_utils.data.text import KneserNey, Vocabulary, find_leaks, python_reference
from course_utils.experiments import own_text
from course_utils.experiments.four_records import SETTINGS, train
from course_utils.nn.gradients import compare_gradients, numerical_gradient

SET = "ps08_char_lstm"


@pytest.fixture(scope="module", name="solved")
def everything_solved():
    return solved(SET)


def test_the_worked_example_of_the_split(solved):
    paragraphs = ["one", " two ", "one", "", "three"]
    assert solved["split_text"](paragraphs, 0.4) == ("one\n\ntwo", "three")
    assert solved["split_text"](paragraphs, 0.5) == ("one", "two\n\nthree")


def test_the_worked_example_of_the_trigram(solved):
    bits = solved["trigram_bits"]("abab", "aba", "ab")
    assert bits == pytest.approx(np.log2(9 / 7))
    assert round(bits, 3) == 0.363


def test_the_worked_example_of_the_model(solved):
    params = solved["new_params"](np.random.default_rng(0), 5, 3, 4)
    params["W_y"] = 0 * params["W_y"]
    assert solved["model_bits"](params, np.arange(5)) == pytest.approx(np.log2(5))


def test_the_worked_example_of_padding(solved):
    log_p = -np.log(2) * np.array([[1.0, 4], [2, 9], [3, 9]])
    assert solved["masked_bits"](log_p, np.array([3, 1])) == pytest.approx(2.5)


def test_the_worked_example_of_stopping_and_its_three_bugs(solved):
    costs = [5, 4, 6, 2, 2, 7, 1]
    assert solved["stop_early"](costs, 2) == (3, 5)
    assert solved["stop_early_broken"](costs, 2) != (3, 5)


def test_the_worked_example_of_writing(solved):
    params = solved["new_params"](np.random.default_rng(0), 3, 2, 2)
    params["W_y"] = 0 * params["W_y"]
    write, u = solved["write_text"], [0.1, 0.4, 0.9]
    assert write(params, "abc", "a", u, 1.0) == "abc"
    params["b_y"] = np.log([1.0, 1, 2])
    assert write(params, "abc", "a", u, 1.0) == "abc"
    assert write(params, "abc", "a", u, 0.5) == "acc"


def test_the_given_gradient_is_right(solved):
    rng = np.random.default_rng(0)
    params = solved["new_params"](rng, 4, 3, 5)
    x, targets = rng.integers(4, size=(2, 6, 2))
    h, c = rng.normal(size=(2, 2, 5))
    _, grads, _, _ = solved["lstm_loss"](params, x, targets, h, c)
    for name, array in params.items():

        def loss(value, name=name):
            return solved["lstm_loss"](params | {name: value}, x, targets, h, c)[0]

        assert compare_gradients(grads[name], numerical_gradient(loss, array)).error < 1e-8


def test_a_run_depends_on_every_part_of_its_checkpoint(solved):
    rng = np.random.default_rng(0)
    streams = rng.integers(4, size=(40, 2))
    x, targets = streams[:-1], streams[1:]
    begin, advance = solved["begin_run"](rng, 4, 3, 4, 2), solved["advance"]
    _, run = advance(begin, x, targets, 3)
    right, _ = advance(run, x, targets, 4)
    for part in run:
        losses, _ = advance(run | {part: begin[part]}, x, targets, 4)
        assert np.abs(losses - right).max() > 1e-4, part


@pytest.fixture(scope="module", name="trained")
def records_trained_here():
    """The four records again, made on this machine."""
    corpus = python_reference()
    runs = {name: train(setting, corpus) for name, setting in SETTINGS.items()}
    return {
        name: dict(zip(("training", "held_out"), run, strict=True)) for name, run in runs.items()
    }


@pytest.mark.parametrize("name", ["A", "B", "D"])
def test_three_records_are_what_training_prints(solved, trained, name):
    for part, shown in solved["records"][name].items():
        np.testing.assert_allclose(shown, trained[name][part], atol=0.25)


@pytest.mark.parametrize("made", ["stored", "here"])
def test_each_record_shows_its_illness_on_any_machine(solved, trained, made):
    """What is said of the records; the digits of C are others on another machine."""
    records = solved["records"] if made == "stored" else trained
    A, B, C, D = ({part: np.array(row) for part, row in records[name].items()} for name in "ABCD")
    blind, counting, counting_in_little = np.log2(103), 2.8, 3.65
    assert np.all(np.diff(A["training"]) < -0.05)  # too soon: both fall to the end
    assert np.all(np.diff(A["held_out"]) < -0.05)
    assert A["held_out"][-1] > counting
    assert B["training"][-1] < 1  # by heart: one falls, the other rises
    assert B["held_out"][-1] > B["held_out"].min() + 0.4
    assert B["held_out"][-1] > B["training"][-1] + 3
    assert C["training"][0] > blind + 0.3  # the rate: worse than blind, then far behind
    assert C["training"][2] > A["training"][2] + 1  # after as many updates
    assert C["training"][-1] > A["training"][-1]  # and after 250 more
    assert C["held_out"][-1] > A["held_out"][-1] + 0.1
    assert len(C["training"]) == 8
    assert len(A["training"]) == 3
    assert D["held_out"][-1] < counting_in_little / 3  # the leak: far below counting
    assert abs(D["held_out"][-1] - D["training"][-1]) < 0.3
    for other in (A, C, D):
        assert other["held_out"][-1] < other["held_out"].min() + 0.1
        assert other["held_out"][-1] < other["training"][-1] + 1


def test_what_the_text_says_of_the_records_holds(solved):
    corpus = python_reference()
    held_out = corpus.valid[:8000]
    vocabulary = Vocabulary.of(corpus.text)
    assert round(np.log2(103), 2) == 6.69
    assert np.log2(len(vocabulary)) == pytest.approx(6.69, abs=0.05)  # by Python's version
    everything, little = (
        KneserNey(part, 3, vocabulary).bits_per_character(held_out)
        for part in (corpus.train, corpus.train[:12_000])
    )
    assert everything == pytest.approx(2.8, abs=0.12)
    assert little == pytest.approx(3.65, abs=0.12)


def test_an_echo_costs_a_trigram_three_or_four_times_as_much_as_necessary(solved):
    for letters, dots in (("abcd", 4), ("xyz", 5), ("klmn", 3)):
        rng = np.random.default_rng(0)
        text, fresh = (solved["echoes"](rng, words, letters, dots) for words in (1200, 150))
        counting = own_text.trigram_bits(text, fresh, letters + ". ")
        possible = np.log2(len(letters)) / (dots + 3)
        assert 2.75 < counting / possible < 4.4
        # Whoever guesses the second letter anew does not pass.
        assert 2 * possible > possible + (counting - possible) / 4 + 0.02


def test_what_is_packed_comes_back(solved):
    params = solved["new_params"](np.random.default_rng(0), 3, 2, 4)
    again, characters = solved["unpack_model"](solved["pack_model"](params, "aé\n"))
    assert characters == "aé\n"
    for name, array in params.items():
        np.testing.assert_allclose(again[name], array, rtol=1e-3, atol=1e-4)
    assert solved["unpack_text"](solved["pack_text"]("train é", "valid")) == ("train é", "valid")


@pytest.mark.parametrize("signs", ["", "a", "~~~~~", "\x00", 7, None, "é", "0" * 2_000_001])
def test_what_was_not_packed_is_a_value_error(solved, signs):
    for unpack in (solved["unpack_model"], solved["unpack_text"]):
        with pytest.raises(ValueError, match=r"."):
            unpack(signs)


@pytest.mark.parametrize(
    "data",
    [
        b"\x02\x00\x00\x00[]",
        b"\xff\xff\xff\xff",
        b'\x10\x00\x00\x00[1, 1, 1, "a"]  ',
        b'\x12\x00\x00\x00[-1, 1, 1, "a"]   ',
        b"\x04\x00\x00\x00null",
        b"[" * 100,
    ],
)
def test_a_hostile_model_is_a_value_error(solved, data):
    with pytest.raises(ValueError, match=r"."):
        solved["unpack_model"](solved["in_letters"](data))


def test_a_bomb_is_not_unpacked(solved):
    with pytest.raises(ValueError, match="more than the 1000000 bytes"):
        solved["unpack_model"](solved["in_letters"](bytes(50_000_000)))


def test_the_example_is_the_documented_one(solved):
    train_text, valid = solved["unpack_text"](solved["handed_in"]["text"])
    params, characters = solved["unpack_model"](solved["handed_in"]["model"])
    assert train_text.startswith('"""Utility functions for copying and archiving files')
    assert len(params["W_h"]) == 32
    assert (len(train_text), len(valid)) == (56056, 4874)
    assert find_leaks(train_text, valid).share < 0.03
    codes = np.array([characters.index(c) for c in valid])
    assert own_text.lstm_bits(params, codes) == pytest.approx(3.05, abs=0.01)
    assert own_text.trigram_bits(train_text, valid, characters) == pytest.approx(3.44, abs=0.01)
