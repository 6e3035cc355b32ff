"""A window network and Kneser–Ney: their likelihoods line up, and a mixture is their mean."""

import numpy as np
import pytest

from course_utils.data.text import KneserNey, Vocabulary, corpus_from_topics
from course_utils.experiments import mixtures
from course_utils.nn import init_window_lm, log_softmax, window_lm_forward


@pytest.fixture(scope="module")
def corpus():
    rng = np.random.default_rng(0)
    words = ("one", "two", "three", "four", "five", "six")
    topics = {
        f"topic {n}": "\n\n".join(" ".join(rng.choice(words, 40)) for _ in range(3))
        for n in range(30)
    }
    return corpus_from_topics("words", topics)


@pytest.fixture(scope="module")
def trained(corpus):
    return mixtures.train_window_model(corpus, 3, D=8, H=24, updates=200)


def test_the_likelihood_is_that_of_the_next_character(corpus):
    vocabulary = Vocabulary.of(corpus.text)
    codes = vocabulary.encode(corpus.valid[:50])
    params = init_window_lm(np.random.default_rng(1), len(vocabulary), 3, 4, 5)
    log_p = mixtures.log_likelihood(params, codes)
    y, _ = window_lm_forward(codes[:, None], params)
    for t in (0, 1, 17, 48):
        assert np.isclose(log_p[t], log_softmax(y[t, 0])[codes[t + 1]])
    assert log_p.shape == (49,)


def test_training_beats_chance_and_repeats(corpus, trained):
    found = mixtures.mix_with_kneser_ney(trained, corpus, 3, characters=800)
    assert 1 < found.network < len(Vocabulary.of(corpus.text)) / 3
    again = mixtures.train_window_model(corpus, 3, D=8, H=24, updates=200)
    assert np.array_equal(again.hidden.W, trained.hidden.W)


def test_the_mixture_is_the_mean_of_two_probabilities(corpus, trained):
    found = mixtures.mix_with_kneser_ney(trained, corpus, 2, characters=600)
    vocabulary = Vocabulary.of(corpus.text)
    text = corpus.valid[:600]
    p = np.exp(mixtures.log_likelihood(trained, vocabulary.encode(text)).astype(float))
    q = np.exp(KneserNey(corpus.train, 2, vocabulary).log_likelihood(text)[1:])
    assert np.isclose(found.network, np.exp(-np.log(p).mean()))
    assert np.isclose(found.ngram, np.exp(-np.log(q).mean()))
    assert np.isclose(found.mixed, np.exp(-np.log((p + q) / 2).mean()))
