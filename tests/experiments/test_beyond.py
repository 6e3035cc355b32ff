"""Chapter 09's experiments: the repeater's gradients, what it is given, and counting ones."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils import nn
from course_utils.experiments import repeated_words, seq2seq, state_tracking
from course_utils.experiments.seq2seq import Repeater, Words


def small(seed: int = 0) -> tuple[Repeater, Words]:
    """A repeater of 3 units for 4 letters, and two words of 5 letters, in float64."""
    rng = np.random.default_rng(seed)
    network = Repeater(
        encoder=nn.init_gru(rng, 4, 3),
        decoder=nn.init_gru(rng, 5, 3),
        readout=nn.init_dense(rng, 3, 4),
    )
    words = seq2seq.draw_words(rng, 5, 2, K=4)
    return network, Words(words.x.astype(float), words.previous.astype(float), words.targets)


def test_the_decoder_reads_a_start_sign_and_then_the_word_one_late():
    words = seq2seq.draw_words(np.random.default_rng(0), 6, 3)
    np.testing.assert_array_equal(words.x.argmax(axis=-1), words.targets)
    assert np.all(words.previous[0].argmax(axis=-1) == 8)
    np.testing.assert_array_equal(words.previous[1:].argmax(axis=-1), words.targets[:-1])
    assert np.all(words.previous.sum(axis=-1) == 1)


@pytest.mark.parametrize("lookup", [False, True])
def test_the_gradients_are_measured_ones(lookup):
    network, words = small()
    _, grads = seq2seq.loss_and_grads(network, words, lookup=lookup)
    measured = nn.complex_step_gradient(lambda params: _loss(params, words, lookup=lookup), network)
    assert nn.compare_gradients(grads, measured).error < 1e-11


def _loss(network: Repeater, words: Words, *, lookup: bool) -> complex:
    y, _, _ = seq2seq.run(network, words, lookup=lookup)
    shifted = y - y.real.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, words.targets[..., None], axis=-1).mean()


def test_a_handover_knows_the_last_state_alone_and_a_lookup_knows_all():
    network, words = small()
    h, _ = nn.gru_forward(words.x, network.encoder)
    y, weights, _ = seq2seq.run(network, words, lookup=False)
    s, _ = nn.gru_forward(words.previous, network.decoder, h[-1])
    np.testing.assert_allclose(y, nn.dense_forward(s, network.readout)[0])
    assert weights is None
    _, weights, _ = seq2seq.run(network, words, lookup=True)
    assert weights.shape == (5, 5, 2)
    np.testing.assert_allclose(weights.sum(axis=1), 1)


@pytest.mark.parametrize("lookup", [False, True])
def test_writing_freely_is_reading_ones_own_letters(lookup):
    network, words = small(seed=2)
    letters = seq2seq.write_freely(network, words, lookup=lookup)
    own = np.concatenate([words.previous[:1], np.eye(5)[letters[:-1]]])
    y, _, _ = seq2seq.run(network, Words(words.x, own, letters), lookup=lookup)
    np.testing.assert_array_equal(y.argmax(axis=-1), letters)


def test_a_short_word_is_learned_by_both():
    for lookup in (False, True):
        network, history = seq2seq.train_repeater(2, lookup=lookup, steps=150)
        assert history.loss[-1] < history.loss[0] / 4
        assert seq2seq.share_right(network, 2, lookup=lookup) > 0.9


def test_only_the_gates_that_see_the_state_follow_parity():
    minimal, full = state_tracking.running_parity(12, seeds=[0])
    assert (minimal.cell, minimal.solved) == ("minGRU", False)
    assert (full.cell, full.solved) == ("GRU", True)


def test_a_recorded_repeater_is_what_its_training_gives():
    setting = repeated_words.Setting(8, lookup=True)
    assert repeated_words.measure(setting) == pytest.approx(
        repeated_words.stored()[setting], abs=0.02
    )
    assert set(repeated_words.stored()) == set(repeated_words.SETTINGS)
