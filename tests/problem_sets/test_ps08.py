"""What problem set 8 says in its text: worked examples, its records, and its example."""

import numpy as np
import pytest
from in_process import solved

from course_utils.data.text import find_leaks, python_reference
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


@pytest.mark.parametrize("name", SETTINGS)
def test_the_records_are_what_training_prints(solved, name):
    corpus, shown = python_reference(accept_unknown=True), solved["records"][name]
    training, held_out = train(SETTINGS[name], corpus)
    known = slice(None, 4) if name == "C" else slice(None)  # a wild run differs between machines
    np.testing.assert_allclose(shown["training"][known], training[known], atol=0.25)
    np.testing.assert_allclose(shown["held_out"][known], held_out[known], atol=0.25)


def test_each_record_shows_its_illness(solved):
    records = solved["records"]
    blind, counting = np.log2(103), 2.9
    assert round(blind, 2) == 6.69
    assert np.all(np.diff(records["A"]["held_out"]) < 0)
    assert records["A"]["held_out"][-1] > counting
    assert solved["rise"]["B"] > 0.5 > 5 * max(solved["rise"][name] for name in "ACD")
    assert solved["gap"]["B"] > 3
    assert records["C"]["training"][0] > blind
    assert records["D"]["held_out"][-1] < counting / 3


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
