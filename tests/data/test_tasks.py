"""Tasks: the rule holds on every sequence, and the chance level is what blind guesses cost."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data import tasks

MAKERS = {
    "xor_in_time": lambda rng, B: tasks.xor_in_time(rng, 20, B),
    "parity": lambda rng, B: tasks.parity(rng, 12, B),
    "binary_addition": lambda rng, B: tasks.binary_addition(rng, 5, B),
    "echo": lambda rng, B: tasks.echo(rng, 12, B, 3, symbols=4),
    "temporal_order": lambda rng, B: tasks.temporal_order(rng, 20, B),
    "adding": lambda rng, B: tasks.adding(rng, 12, B),
    "copy": lambda rng, B: tasks.copy(rng, 4, B, length=3, symbols=5),
    "recall_stream": lambda rng, B: tasks.recall_stream(rng, 60, B),
    "agreement": lambda rng, B: tasks.agreement(rng, 3, B),
    "agreement, language": lambda rng, B: tasks.agreement(rng, 0, B, "language"),
    "reber": tasks.reber,
    "long_reber": tasks.long_reber,
}


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


def test_shapes_fit_together(make):
    batch = make(np.random.default_rng(0), 7)
    T, B, D = batch.shape
    assert B == 7
    assert batch.x.shape == (T, B, D)
    assert batch.x.dtype == np.float64
    assert batch.targets.shape[:2] == batch.mask.shape == batch.judged.shape == (T, B)
    assert batch.lengths.shape == (B,)
    assert batch.lengths.max() == T
    assert not batch.symbols or len(batch.symbols) == D
    assert batch.mask.any(axis=0).all()
    assert not (batch.judged & ~batch.mask).any()
    assert (np.arange(T)[:, None] < batch.lengths)[batch.mask].all()


def test_one_seed_one_batch(make):
    first, again, other = (make(np.random.default_rng(seed), 9) for seed in (3, 3, 4))
    assert np.array_equal(first.x, again.x)
    assert np.array_equal(first.targets, again.targets)
    assert first.x.shape != other.x.shape or not np.array_equal(first.x, other.x)


def blind_loss(batch):
    """Loss of the best guess that knows only the step: per step, class frequencies or the mean."""
    total = 0.0
    for t in range(len(batch.mask)):
        targets = batch.targets[t][batch.mask[t]]
        if batch.loss == "squared error":
            total += float(((targets - targets.mean()) ** 2).sum()) if targets.size else 0.0
        elif targets.size:
            counts = np.bincount(targets, minlength=batch.outputs)
            seen = counts[counts > 0]
            total -= float((seen * np.log(seen / targets.size)).sum())
    return total / batch.mask.sum()


def test_chance_level_is_what_a_blind_guess_costs(make):
    batch = make(np.random.default_rng(1), 20_000)
    assert blind_loss(batch) == pytest.approx(batch.chance, abs=0.01)
    assert 0 <= batch.floor < batch.chance


def test_every_task_states_its_difficulty_and_its_criterion(make):
    batch = make(np.random.default_rng(0), 200)
    assert 1 <= batch.difficulty < len(batch.mask)
    assert batch.success.source
    assert not batch.success.met(1.0)
    assert not batch.success.met(math.nan)
    assert batch.success.met(0.0)


class TestSteep:
    def test_spells_the_word(self):
        batch = tasks.steep("steep")
        assert batch.symbols == ("s", "t", "e", "p")
        shown = "".join(batch.symbols[s] for s in batch.x[:, 0].argmax(axis=1))
        wanted = "".join(batch.symbols[s] for s in batch.targets[:, 0])
        assert (shown, wanted) == ("stee", "teep")

    def test_window_one_stops_at_half_a_coin_flip_and_three_in_four(self):
        assert tasks.window_bound("steep", 1) == pytest.approx(math.log(2) / 2, abs=1e-15)
        assert tasks.window_accuracy("steep", 1) == 0.75
        assert tasks.window_bound("steep", 2) == 0

    @pytest.mark.parametrize(
        ("window", "bound"), [(1, 0.3574), (2, 0.3213), (3, 0.2728), (4, 0.1980), (5, 0.0)]
    )
    def test_bounds_of_the_long_word(self, window, bound):
        assert tasks.window_bound("steeeeep", window) == pytest.approx(bound, abs=5e-5)

    @pytest.mark.parametrize(("word", "needed"), [("steep", 2), ("steeep", 3), ("steeeeep", 5)])
    def test_window_needed(self, word, needed):
        assert tasks.window_needed(word) == needed
        assert tasks.steep(word).difficulty == needed - 1

    @given(st.text("abc", min_size=2, max_size=12).filter(lambda w: len(set(w)) > 1))
    def test_longer_windows_never_cost_more(self, word):
        bounds = [tasks.window_bound(word, k) for k in range(len(word))]
        assert all(b <= a + 1e-12 for a, b in itertools.pairwise(bounds))
        assert bounds[tasks.window_needed(word)] == 0

    @pytest.mark.parametrize("word", ["", "e", "eee"])
    def test_refuses_a_word_without_anything_to_predict(self, word):
        with pytest.raises(ValueError, match="at least two different characters"):
            tasks.steep(word)

    def test_refuses_what_is_no_string(self):
        with pytest.raises(TypeError, match="word must be a string; got 5"):
            tasks.steep(5)
        with pytest.raises(ValueError, match="window must be a whole number of at least 0; got -1"):
            tasks.window_bound("steep", -1)


class TestBits:
    def test_every_third_bit_is_the_xor_of_the_two_before(self):
        batch = tasks.xor_in_time(np.random.default_rng(0), 40, 5)
        bits = np.concatenate([batch.x[:, :, 0], batch.targets[-1:]]).astype(int)
        assert np.array_equal(bits[2::3], bits[0::3] ^ bits[1::3])
        assert np.array_equal(batch.targets, bits[1:])
        assert np.array_equal(np.flatnonzero(batch.judged[:, 0]), np.arange(1, 119, 3))
        assert batch.floor == pytest.approx((1 - 40 / 119) * math.log(2))

    def test_parity_counts_ones(self):
        batch = tasks.parity(np.random.default_rng(0), 9, 6)
        for b in range(6):
            for t in range(9):
                assert batch.targets[t, b] == batch.x[: t + 1, b, 0].sum() % 2

    @given(st.integers(1, 62), st.integers(0, 2**32))
    @settings(max_examples=50)
    def test_addition_adds(self, bits, seed):
        batch = tasks.binary_addition(np.random.default_rng(seed), bits, 3)
        for b in range(3):
            place = [2**t for t in range(bits + 1)]
            numbers = [
                sum(p * int(v) for p, v in zip(place, batch.x[:, b, k], strict=True))
                for k in (0, 1)
            ]
            total = sum(p * int(v) for p, v in zip(place, batch.targets[:, b], strict=True))
            assert total == sum(numbers)

    def test_addition_refuses_more_bits_than_an_integer_holds(self):
        with pytest.raises(ValueError, match=r"bits must be .* at most 62; got 63"):
            tasks.binary_addition(np.random.default_rng(0), 63, 1)

    def test_echo_says_it_later(self):
        batch = tasks.echo(np.random.default_rng(0), 10, 4, 3, symbols=5)
        said = batch.x.argmax(axis=2)
        assert np.array_equal(batch.targets[3:], said[:-3])
        assert np.array_equal(batch.mask[:, 0], np.arange(10) >= 3)


class TestLags:
    @pytest.mark.parametrize("T", [10, 23, 50, 200])
    def test_temporal_order_has_its_marks_where_the_paper_puts_them(self, T):
        batch = tasks.temporal_order(np.random.default_rng(0), T, 500)
        symbols = batch.x.argmax(axis=2)
        for b in range(500):
            first, second = np.flatnonzero(symbols[:, b] < 2)
            assert T // 10 <= first < 2 * T // 10
            assert 4 * T // 10 <= second < 5 * T // 10
            assert batch.targets[-1, b] == 2 * symbols[first, b] + symbols[second, b]
        assert batch.mask[-1].all()
        assert not batch.mask[:-1].any()

    @pytest.mark.parametrize("T", [2, 7, 50])
    def test_adding_adds_what_is_marked(self, T):
        batch = tasks.adding(np.random.default_rng(0), T, 300)
        value, mark = batch.x[:, :, 0], batch.x[:, :, 1]
        assert np.array_equal(mark[: T // 2].sum(axis=0), np.ones(300))
        assert np.array_equal(mark[T // 2 :].sum(axis=0), np.ones(300))
        assert np.allclose(batch.targets[-1, :, 0], (value * mark).sum(axis=0), rtol=0, atol=1e-15)
        assert batch.chance == 1 / 6

    @pytest.mark.parametrize(("lag", "length"), [(1, 1), (5, 5), (20, 5)])
    def test_copy_says_the_word_after_the_go(self, lag, length):
        batch = tasks.copy(np.random.default_rng(0), lag, 50, length=length)
        shown = batch.x.argmax(axis=2)
        assert len(shown) == lag + 2 * length
        assert np.array_equal(batch.targets[-length:], shown[:length])
        assert (batch.targets[:-length] == 8).all()
        assert (shown[length + lag - 1] == 9).all()
        assert (shown[length : length + lag - 1] == 8).all()
        assert (shown[length + lag :] == 8).all()
        assert batch.chance == pytest.approx(length * math.log(8) / (lag + 2 * length))

    def test_copy_baseline_of_the_paper(self):
        batch = tasks.copy(np.random.default_rng(0), 100, 1)
        assert batch.chance == pytest.approx(10 * math.log(8) / 120)

    def test_recall_stream_asks_for_the_last_mark(self):
        batch = tasks.recall_stream(np.random.default_rng(0), 500, 8)
        symbols = batch.x.argmax(axis=2)
        for b in range(8):
            asked = np.flatnonzero(symbols[:, b] == 6)
            assert np.array_equal(asked, np.flatnonzero(batch.mask[:, b]))
            begin = 0
            for query in asked:
                assert 5 <= query - begin - 1 <= 15
                marks = np.flatnonzero(symbols[begin:query, b] < 2)
                assert marks.tolist() == [0]
                assert batch.targets[query, b] == symbols[begin, b]
                begin = query + 1

    def test_agreement_is_decided_by_the_first_word_alone(self):
        batch = tasks.agreement(np.random.default_rng(0), 3, 4000)
        words = batch.x.argmax(axis=2)
        assert np.array_equal(batch.targets[-1], words[0])
        nearest = (words[4] == batch.targets[-1]).mean()
        assert nearest == pytest.approx(1 / 4, abs=0.03)
        assert batch.symbols[words[-1, 0]] == "often"

    def test_agreement_names_the_lexicons(self):
        with pytest.raises(ValueError, match=r"one of \['language', 'subject'\]; got 'verbs'"):
            tasks.agreement(np.random.default_rng(0), 3, 4, "verbs")


class TestReber:
    def test_accepts_the_strings_of_the_literature_and_no_others(self):
        legal = ["BTSSXXTVVE", "BPVVE", "BTXXVPSE", "BPVPXVPXVPXVVE", "BTSXXVPSE"]
        illegal = ["BTSSPXSE", "BPTVVB", "BTXXVVSE", "BPVSPSE", "BTSSSE", "", "B", "BPVVEE"]
        assert all(tasks.accepts(tasks.REBER, text) for text in legal)
        assert not any(tasks.accepts(tasks.REBER, text) for text in illegal)

    @pytest.mark.parametrize("inner", [1, 3])
    def test_strings_belong_to_the_grammar_and_recall_their_second_symbol(self, inner):
        batch = tasks.reber(np.random.default_rng(0), 300, inner=inner)
        grammar = tasks.embedded(inner)
        for b, text in enumerate(batch.strings()):
            assert tasks.accepts(grammar, text)
            assert text[1] == text[-2]
            targets = "".join(batch.symbols[s] for s in batch.targets[batch.mask[:, b], b])
            assert targets == text[1:]
            assert np.flatnonzero(batch.judged[:, b]).tolist() == [len(text) - 3]
            assert text.count("E") == inner + 1

    def test_the_wrong_outer_symbol_is_refused(self):
        assert tasks.accepts(tasks.embedded(1), "BTBPVVETE")
        assert not tasks.accepts(tasks.embedded(1), "BTBPVVEPE")

    def test_targets_are_always_legal_and_padding_never(self):
        batch = tasks.reber(np.random.default_rng(0), 200)
        picked = np.take_along_axis(batch.legal, batch.targets[:, :, None], axis=2)[:, :, 0]
        assert np.array_equal(picked, batch.mask)
        assert batch.legal.sum(axis=2)[batch.mask].max() == 2
        assert not batch.x[~batch.mask].any()

    def test_the_floor_is_one_bit_wherever_two_symbols_are_legal(self):
        batch = tasks.reber(np.random.default_rng(0), 20_000)
        two = (batch.legal.sum(axis=2) == 2)[batch.mask]
        assert batch.floor == pytest.approx(two.mean() * math.log(2), abs=0.003)

    def test_difficulty_is_the_mean_lag(self):
        batch = tasks.long_reber(np.random.default_rng(0), 3000)
        assert (batch.lengths - 2).mean() == pytest.approx(batch.difficulty, abs=0.6)

    def test_refuses_another_score(self):
        with pytest.raises(ValueError, match="score must be 'all' or 'recall'; got 'some'"):
            tasks.reber(np.random.default_rng(0), 3, score="some")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda rng: tasks.parity(rng, 0, 3), ValueError, "T must be .* at least 1; got 0"),
        (lambda rng: tasks.parity(rng, 3, 2.5), TypeError, "B must be a whole number .*; got 2.5"),
        (lambda rng: tasks.parity(rng, True, 3), TypeError, "T must be .*; got True"),
        (lambda rng: tasks.parity(0, 3, 3), TypeError, "rng must be a np.random.Generator"),
        (lambda rng: tasks.echo(rng, 5, 2, 5), ValueError, "lag must be .* at most 4; got 5"),
        (lambda rng: tasks.echo(rng, 5, 2, 1, symbols=1), ValueError, "symbols must be"),
        (lambda rng: tasks.temporal_order(rng, 9, 2), ValueError, "T must be .* 10; got 9"),
        (lambda rng: tasks.adding(rng, 1, 2), ValueError, "T must be .* 2; got 1"),
        (lambda rng: tasks.copy(rng, 0, 2), ValueError, "lag must be .* 1; got 0"),
        (lambda rng: tasks.recall_stream(rng, 6, 2), ValueError, "T must be .* 7; got 6"),
        (lambda rng: tasks.recall_stream(rng, 60, 2, longest=4), ValueError, "longest must be"),
        (lambda rng: tasks.agreement(rng, -1, 2), ValueError, "phrases must be"),
        (lambda rng: tasks.reber(rng, 2, inner=0), ValueError, "inner must be"),
        (lambda rng: tasks.one_hot(np.array([0, 3]), 3), ValueError, r"in 0\.\.2; got 0\.\.3"),
        (lambda rng: tasks.one_hot(np.array([0.5]), 3), TypeError, "whole numbers; got .*float64"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call(np.random.default_rng(0))
