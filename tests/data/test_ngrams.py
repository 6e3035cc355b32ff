"""Kneser–Ney: a probability distribution, the textbook's arithmetic, and a fall-back that holds."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.text import KneserNey, UnknownCharacterError, Vocabulary

TEXTS = st.text("abcd", min_size=1, max_size=60)


def by_the_book(text, order, vocabulary):
    """P(character | context) by the definition, with dictionaries and recursion."""
    raw = {
        k: Counter(text[i : i + k] for i in range(len(text) - k + 1)) for k in range(1, order + 1)
    }
    varied = {
        k: {g: len({h[0] for h in raw[k + 1] if h[1:] == g}) for g in raw[k]}
        for k in range(1, order)
        if raw.get(k + 1)
    }
    discounts = {}
    tables = {}
    for k in range(1, order + 1):
        counts = raw[k] if k == order or k not in varied else varied[k]
        if not counts:
            break
        tables[k] = counts
        ones = sum(c == 1 for c in counts.values())
        twos = sum(c == 2 for c in counts.values())
        discounts[k] = ones / (ones + 2 * twos) if ones and twos else 0.5

    def probability(context, character):
        if context is None:
            return 1 / len(vocabulary)
        k = len(context) + 1
        shorter = context[1:] if context else None
        following = defaultdict(int, {g: c for g, c in tables[k].items() if g[:-1] == context})
        total = sum(following.values())
        if not total:
            return probability(shorter, character)
        discount = discounts[k]
        kinds = sum(c > 0 for c in following.values())
        kept = max(following[context + character] - discount, 0)
        return (kept + discount * kinds * probability(shorter, character)) / total

    return probability, max(tables)


@given(TEXTS, TEXTS, st.integers(1, 5))
@settings(max_examples=60)
def test_agrees_with_the_definition(train, valid, order):
    vocabulary = Vocabulary(tuple("abcde"))
    model = KneserNey(train, order, vocabulary)
    probability, highest = by_the_book(train, order, vocabulary)
    got = np.exp(model.log_likelihood(valid))
    wanted = [probability(valid[max(0, i - highest + 1) : i], valid[i]) for i in range(len(valid))]
    assert got == pytest.approx(wanted, abs=1e-12)


@given(TEXTS, st.text("abcde", max_size=8), st.integers(1, 6))
@settings(max_examples=60)
def test_probabilities_sum_to_one_after_any_context(train, context, order):
    model = KneserNey(train, order, Vocabulary(tuple("abcde")))
    for shorter in range(1, order + 1):
        p = model.probabilities(context, shorter)
        assert p.shape == (5,)
        assert (p > 0).all()
        assert p.sum() == pytest.approx(1, abs=1e-12)


def test_the_likelihood_is_that_of_its_own_probabilities():
    model = KneserNey("the cat sat on the mat and the rat sat on the hat", 4)
    text = "the hat sat"
    wanted = [
        math.log(model.probabilities(text[:i])[model.vocabulary.encode(c)[0]])
        for i, c in enumerate(text)
    ]
    assert model.log_likelihood(text) == pytest.approx(wanted, abs=1e-12)
    bits = -np.mean(wanted) / math.log(2)
    assert model.bits_per_character(text) == pytest.approx(bits, abs=1e-12)


def test_a_lower_order_of_a_model_is_the_model_of_that_order():
    train, valid = "abracadabra alakazam abra", "cadabra zam"
    tall = KneserNey(train, 5)
    for order in range(1, 6):
        low = KneserNey(train, order)
        assert tall.bits_per_character(valid, order) == low.bits_per_character(valid)


def test_all_orders_at_once_are_the_orders_one_by_one():
    model = KneserNey("abracadabra", 4)
    together = model.log_likelihoods("cadabra")
    one_by_one = [model.log_likelihood("cadabra", order) for order in range(1, 5)]
    assert np.array_equal(together, one_by_one)
    assert np.array_equal(model.log_likelihoods("cadabra", 2), together[:2])
    assert len(KneserNey("ab", 4).log_likelihoods("abab")) == 2


def test_more_context_helps_where_the_text_repeats():
    text = "abcbacb" * 30
    model = KneserNey(text, 6)
    costs = [model.bits_per_character(text, order) for order in range(1, 6)]
    assert costs[3] < costs[1] < costs[0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: KneserNey("", 3), ValueError, "at least one character"),
        (lambda: KneserNey("abc", 0), ValueError, "order must be .* at least 1; got 0"),
        (lambda: KneserNey("abc", "3"), TypeError, "order must be a whole number"),
        (lambda: KneserNey(["a"], 2), TypeError, "text must be a string; got list"),
        (lambda: KneserNey("abc", 2).log_likelihood(""), ValueError, "at least one character"),
        (
            lambda: KneserNey("abc", 2).log_likelihood("abd"),
            UnknownCharacterError,
            "'d' at pos.* 2",
        ),
        (
            lambda: KneserNey("abc", 2).probabilities("a", 3),
            ValueError,
            "order must be .* 2; got 3",
        ),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
