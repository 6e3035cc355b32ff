"""Pieces of a text: what is carried, what is counted, and that each way reads what it should."""

from itertools import islice

import numpy as np
import pytest

from course_utils.data.text import ContiguousBatches, Vocabulary
from course_utils.experiments import streams
from course_utils.experiments.characters import CharacterSettings
from course_utils.nn.losses import softmax_cross_entropy

TINY = CharacterSettings(H=16, embedding=8, B=4, T=8, lr=0.02)


@pytest.fixture(scope="module")
def codes():
    text = "the cat sat on the mat. the dog sat on the log. " * 60
    return Vocabulary.of(text).encode(text)


@pytest.fixture(scope="module")
def model(codes):
    return streams.train_on_pieces(
        codes, codes.max() + 1, contiguous=True, carry=True, updates=150, settings=TINY
    )


def test_training_is_repeatable_and_the_way_of_cutting_matters(codes):
    def trained(**way):
        return streams.train_on_pieces(codes, codes.max() + 1, updates=5, settings=TINY, **way)

    once, again = (trained(contiguous=True, carry=True) for _ in range(2))
    np.testing.assert_array_equal(once["cell"].W_h, again["cell"].W_h)
    for way in ({"contiguous": True, "carry": False}, {"contiguous": False, "carry": False}):
        assert not np.array_equal(trained(**way)["cell"].W_h, once["cell"].W_h)


@pytest.mark.parametrize("carry", [True, False])
def test_batches_are_told_whether_to_carry(codes, carry):
    told = list(streams._told(islice(ContiguousBatches(codes, 8, 4), 3), carry=carry))
    assert [batch.continues for batch in told] == [False, carry, carry]


def test_reading_in_pieces_is_reading_the_whole(codes, model):
    stream = codes[:96].reshape(2, 48).T
    whole, final = streams.read(model, stream)
    first, state = streams.read(model, stream[:20])
    second, last = streams.read(model, stream[20:], state)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, atol=1e-5)
    np.testing.assert_allclose(last[0], final[0], atol=1e-5)


def test_the_cost_by_position_is_the_cost_of_those_positions(codes, model):
    cost = streams.cost_by_position(model, codes, T=8, carry=False, B=4)
    assert cost.shape == (8,)
    batches = list(ContiguousBatches(codes, 8, 4).once())[1:]
    first = [
        softmax_cross_entropy(streams.read(model, b.x[:1])[0], b.targets[:1])[0] for b in batches
    ]
    np.testing.assert_allclose(cost[0], np.mean(first) / np.log(2), rtol=1e-5)
    assert streams.cost_by_position(model, codes, T=8, carry=True, B=4)[0] < cost[0] - 0.3


def test_forced_and_free_begin_alike(codes, model):
    right = streams.right_guesses(model, codes, steps=6, lead=20, B=30)
    forced, free = right["the text"], right["its own guesses"]
    assert forced.shape == free.shape == (6,)
    assert forced[0] == free[0]
    assert forced.mean() > 0.6


def test_writing_depends_on_the_seed_and_goes_cold(codes, model):
    def written(**settings):
        return streams.write(model, codes[:10], 40, **settings)

    np.testing.assert_array_equal(written(seed=1), written(seed=1))
    assert not np.array_equal(written(seed=1, temperature=2.0), written(seed=2, temperature=2.0))
    np.testing.assert_array_equal(
        written(seed=1, temperature=0.0), written(seed=2, temperature=0.0)
    )
