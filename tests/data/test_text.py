"""Characters to numbers, numbers to batches, scores to characters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.text import (
    ContiguousBatches,
    RandomBatches,
    UnknownCharacterError,
    Vocabulary,
    generate,
    sample,
    sampling_distribution,
)


class TestVocabulary:
    @given(st.text(min_size=1, max_size=40))
    def test_there_and_back(self, text):
        vocabulary = Vocabulary.of(text)
        codes = vocabulary.encode(text)
        assert codes.dtype == np.int64
        assert codes.shape == (len(text),)
        assert vocabulary.decode(codes) == text
        assert len(vocabulary) == len(set(text))
        assert list(vocabulary.characters) == sorted(set(text))

    def test_a_miss_is_named_with_its_place(self):
        vocabulary = Vocabulary.of("abc")
        with pytest.raises(UnknownCharacterError, match=r"'x' at position 2.* \(2 such positions"):
            vocabulary.encode("abxcx")
        with pytest.raises(UnknownCharacterError, match="position 0"):
            vocabulary.encode("€")

    def test_unknown_characters_can_have_a_place(self):
        vocabulary = Vocabulary.of("abc", unknown="\ufffd")
        assert vocabulary.decode(vocabulary.encode("a€cx")) == "a\ufffdc\ufffd"

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: Vocabulary(()), ValueError, "at least one character"),
            (lambda: Vocabulary(("a", "a")), ValueError, "all be different"),
            (lambda: Vocabulary(("ab",)), TypeError, "single characters; got 'ab'"),
            (lambda: Vocabulary(("a",), "b"), ValueError, "unknown must be one of"),
            (lambda: Vocabulary.of(""), ValueError, "at least one character"),
            (lambda: Vocabulary.of(3), TypeError, "text must be a string; got int"),
            (lambda: Vocabulary.of("ab").decode(np.array([0, 2])), ValueError, r"0\.\.1; got 2"),
            (lambda: Vocabulary.of("ab").decode(np.array([-1])), ValueError, "got -1"),
            (lambda: Vocabulary.of("ab").decode(np.array([0.5])), TypeError, "whole numbers"),
            (lambda: Vocabulary.of("ab").decode(np.eye(2, dtype=int)), ValueError, "one-dim"),
        ],
    )
    def test_bad_arguments_are_named(self, make, error, message):
        with pytest.raises(error, match=message):
            make()


class TestContiguous:
    @given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 80))
    @settings(max_examples=60)
    def test_rows_read_the_text_without_a_gap(self, T, B, extra):
        codes = np.arange(T * B + 1 + extra)
        batches = ContiguousBatches(codes, T, B)
        one_pass = [next(batches) for _ in range(len(batches))]
        x = np.concatenate([batch.x for batch in one_pass])
        targets = np.concatenate([batch.targets for batch in one_pass])
        assert np.array_equal(targets, x + 1)
        assert np.array_equal(np.diff(x, axis=0), np.ones((len(x) - 1, B)))
        assert x[0].tolist() == [b * ((codes.size - 1) // B) for b in range(B)]
        assert [batch.continues for batch in one_pass] == [False] + [True] * (len(one_pass) - 1)
        again = next(batches)
        assert np.array_equal(again.x, one_pass[0].x)
        assert not again.continues

    def test_once_leaves_the_position_alone(self):
        batches = ContiguousBatches(np.arange(50), 4, 3)
        next(batches)
        assert len(list(batches.once())) == len(batches) == 4
        assert batches.position == 1

    def test_goes_on_from_a_state(self):
        batches = ContiguousBatches(np.arange(50), 4, 3)
        for _ in range(6):
            next(batches)
        state = batches.state()
        wanted = next(batches)
        other = ContiguousBatches(np.arange(50), 4, 3)
        other.load_state(state)
        assert np.array_equal(next(other).x, wanted.x)

    @pytest.mark.parametrize(
        ("codes", "error", "message"),
        [
            (np.arange(12), ValueError, "T . B . 1 = 13 characters for T = 4, B = 3; got 12"),
            (np.eye(5, dtype=int), ValueError, r"one-dimensional; got shape \(5, 5\)"),
            (np.zeros(50), TypeError, "whole numbers; got dtype float64"),
        ],
    )
    def test_bad_codes_are_named(self, codes, error, message):
        with pytest.raises(error, match=message):
            ContiguousBatches(codes, 4, 3)


class TestRandom:
    def test_pieces_stand_in_the_text_and_reach_both_ends(self):
        batches = RandomBatches(np.arange(20), 4, 500, np.random.default_rng(0))
        batch = next(batches)
        assert np.array_equal(batch.targets, batch.x + 1)
        assert np.array_equal(batch.x, batch.x[0] + np.arange(4)[:, None])
        assert batch.x.min() == 0
        assert batch.targets.max() == 19
        assert not batch.continues

    def test_goes_on_from_a_state(self):
        batches = RandomBatches(np.arange(100), 4, 3, np.random.default_rng(0))
        next(batches)
        state = batches.state()
        wanted = next(batches).x
        batches.load_state(state)
        assert np.array_equal(next(batches).x, wanted)

    def test_too_short_a_text_is_refused(self):
        with pytest.raises(ValueError, match=r"at least T \+ 1 = 5 characters; got 4"):
            RandomBatches(np.arange(4), 4, 3, np.random.default_rng(0))


SCORES = st.lists(st.floats(-20, 20), min_size=1, max_size=9)


class TestSampling:
    @given(SCORES, st.floats(0, 5), st.integers(1, 12), st.floats(0.01, 1))
    def test_always_a_distribution(self, scores, temperature, top_k, nucleus):
        p = sampling_distribution(
            np.array(scores), temperature=temperature, top_k=top_k, nucleus=nucleus
        )
        assert (p >= 0).all()
        assert p.sum() == pytest.approx(1)
        assert (p > 0).sum() <= top_k
        assert p[np.array(scores) > max(scores) - 1e-9].sum() > 0

    def test_temperature_one_is_softmax_and_zero_is_the_best(self):
        scores = np.log([0.5, 0.3, 0.2])
        assert sampling_distribution(scores) == pytest.approx([0.5, 0.3, 0.2])
        assert sampling_distribution(scores, temperature=0).tolist() == [1, 0, 0]
        assert sampling_distribution(np.zeros(3), temperature=0).tolist() == [1, 0, 0]

    def test_temperature_sharpens_and_flattens(self):
        scores = np.log([0.8, 0.2])
        cold = sampling_distribution(scores, temperature=0.5)
        assert cold == pytest.approx([16 / 17, 1 / 17])
        assert sampling_distribution(scores, temperature=1e9) == pytest.approx([0.5, 0.5])

    def test_top_k_keeps_k_even_among_ties(self):
        p = sampling_distribution(np.log([0.4, 0.2, 0.2, 0.2]), top_k=2)
        assert p == pytest.approx([2 / 3, 1 / 3, 0, 0])

    def test_nucleus_keeps_the_smallest_set_that_holds_its_share(self):
        scores = np.log([0.1, 0.5, 0.25, 0.15])
        assert sampling_distribution(scores, nucleus=0.5) == pytest.approx([0, 1, 0, 0])
        kept = sampling_distribution(scores, nucleus=0.51)
        assert kept == pytest.approx([0, 2 / 3, 1 / 3, 0])
        assert sampling_distribution(scores, nucleus=1.0) == pytest.approx(np.exp(scores))

    def test_rows_are_sampled_apart_and_at_their_probabilities(self):
        scores = np.tile(np.log([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]]), (10_000, 1, 1))
        drawn = sample(np.random.default_rng(0), scores)
        assert drawn.shape == (10_000, 2)
        for row, p in enumerate([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]]):
            share = np.bincount(drawn[:, row], minlength=3) / 10_000
            assert share == pytest.approx(p, abs=0.02)

    def test_what_has_no_probability_is_never_drawn(self):
        scores = np.array([-np.inf, 0.0, -np.inf])
        rng = np.random.default_rng(0)
        assert {int(sample(rng, scores)) for _ in range(50)} == {1}

    @pytest.mark.parametrize(
        ("scores", "settings", "error", "message"),
        [
            ([0, np.nan], {}, ValueError, "NaN"),
            ([0, np.inf], {}, ValueError, "inf"),
            ([-np.inf, -np.inf], {}, ValueError, "above -inf in every row"),
            ([], {}, ValueError, "V at least 1"),
            (["a"], {}, TypeError, "scores must be real numbers"),
            ([0, 1], {"temperature": -1}, ValueError, "temperature must be .* 0; got -1"),
            ([0, 1], {"temperature": np.nan}, ValueError, "temperature must be"),
            ([0, 1], {"top_k": 0}, ValueError, "top_k must be"),
            ([0, 1], {"nucleus": 0}, ValueError, "nucleus must be"),
            ([0, 1], {"nucleus": 1.1}, ValueError, "nucleus must be .*; got 1.1"),
        ],
    )
    def test_bad_arguments_are_named(self, scores, settings, error, message):
        with pytest.raises(error, match=message):
            sampling_distribution(np.array(scores), **settings)

    def test_generate_reads_the_prompt_and_goes_on(self):
        vocabulary = Vocabulary.of("abc")

        def alphabet(state, codes):
            return np.eye(3)[(codes + 1) % 3] * 50, (*state, int(codes[0]))

        rng = np.random.default_rng(0)
        assert generate(rng, alphabet, (), vocabulary, 7, prompt="ca") == "bcabcab"
        assert generate(rng, alphabet, (), vocabulary, 0, prompt="a") == ""

    def test_generate_wants_a_prompt_it_can_read(self):
        vocabulary = Vocabulary.of("abc")
        rng = np.random.default_rng(0)
        with pytest.raises(ValueError, match="prompt must hold at least one character"):
            generate(rng, lambda s, c: (np.zeros((1, 3)), s), None, vocabulary, 3, prompt="")
        with pytest.raises(UnknownCharacterError, match="'x'"):
            generate(rng, lambda s, c: (np.zeros((1, 3)), s), None, vocabulary, 3, prompt="x")
