"""The tiny tasks of the five shapes: right shapes, right letters, and learnable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from course_utils.experiments import number_words as words
from course_utils.experiments import recurrence as lab
from course_utils.nn.trees import tree_items, tree_rebuild

PAIR = ("ab", "c")


def test_spelling_has_one_input_and_letters_up_to_the_end_sign():
    task = words.spelling(PAIR)
    assert task.symbols == (".", "a", "b", "c")
    assert task.x.shape == (3, 2, 2)
    assert task.x[0].tolist() == [[1, 0], [0, 1]]
    assert not task.x[1:].any()
    assert task.targets.T.tolist() == [[1, 2, 0], [3, 0, 0]]
    assert task.mask.T.tolist() == [[True, True, True], [True, True, False]]


def test_reading_is_scored_at_each_words_own_last_letter():
    task = words.reading(PAIR)
    assert task.x.shape == (2, 2, 3)
    assert task.lengths.tolist() == [2, 1]
    assert task.mask.T.tolist() == [[False, True], [True, False]]
    assert not task.x[1, 1].any()
    assert task.targets[task.mask].tolist() == [1, 0]


def test_translating_keeps_the_two_lengths_apart():
    task = words.translating()
    assert task.x.shape[0] == max(map(len, words.ENGLISH))
    assert task.targets.shape == (max(map(len, words.GERMAN)) + 1, 10)
    perfect = np.eye(len(task.symbols))[task.targets]
    assert task.read(perfect) == list(words.GERMAN)


@pytest.mark.parametrize("seed", range(3))
def test_every_start_learns_to_spell_and_to_read(seed):
    spelling, reading = words.spelling(), words.reading()
    speller, _ = lab.train([spelling], 10, 16, len(spelling.symbols), seed=seed, steps=150)
    reader, _ = lab.train([reading], reading.x.shape[2], 16, 10, seed=seed, steps=150)
    assert spelling.read(speller.scores(spelling.x)) == list(words.ENGLISH)
    assert lab.spelled_right(reader, reading)


@pytest.mark.parametrize("seed", range(2))
def test_every_start_learns_to_translate(seed):
    task = words.translating()
    network = words.train_translator(task, seed=seed, steps=200)
    assert task.read(network.scores(task)) == list(words.GERMAN)


def test_the_translators_gradients_are_those_of_its_loss():
    task = words.translating(("ab", "c"), ("d", "ef"))
    network = words.train_translator(task, H=3, steps=1)
    _, grads = words.translator_loss_and_grads(network, task)
    leaves = [leaf for _, leaf in tree_items(network)]
    for place, (path, gradient) in enumerate(tree_items(grads)):
        index = np.unravel_index(gradient.size // 2, gradient.shape)
        loss = []
        for step in (1e-5, -1e-5):
            moved = [leaf.copy() for leaf in leaves]
            moved[place][index] += step
            loss.append(words.translator_loss_and_grads(tree_rebuild(network, moved), task)[0])
        assert (loss[0] - loss[1]) / 2e-5 == pytest.approx(gradient[index], abs=1e-8), path


def test_padding_after_a_word_does_not_reach_the_decoder():
    task = words.translating()
    network = words.train_translator(task, steps=1)
    padded = task.x.copy()
    row = words.ENGLISH.index("one")
    padded[3:, row, 0] = 1.0  # letters after the end of "one"
    assert np.array_equal(
        network.scores(task)[:, row], network.scores(replace(task, x=padded))[:, row]
    )
