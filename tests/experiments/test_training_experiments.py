"""Experiments that train: small budgets, wide margins, the verdicts that the chapters rest on."""

import math
from dataclasses import replace

import numpy as np
import pytest

from course_utils.data import tasks
from course_utils.data.text import KneserNey, Vocabulary, corpus_from_topics
from course_utils.experiments import ablation, cells, characters, remembering, truncation, windows
from course_utils.experiments.cells import GRU, LSTM_CHRONO, RNN, RNN_ORTHOGONAL, forget_bias
from course_utils.experiments.solving import Budget, loss_and_grads, measure, solve
from course_utils.nn.trees import tree_items

QUICK = Budget(steps=400, held_out=300, validate_every=50)


class TestSolving:
    @pytest.mark.parametrize("cell", [*cells.COMPARED, ablation.ablated("peepholes")])
    def test_gradients_are_those_of_the_loss(self, cell):
        rng = np.random.default_rng(0)
        batch = tasks.recall_stream(rng, 20, 3)
        model = cell.model(rng, 7, 4, 2, T=15)
        direction = {p: rng.standard_normal(leaf.shape) for p, leaf in tree_items(model)}
        _, grads = loss_and_grads(cell, model, batch)
        slope = sum((g * direction[path]).sum() for path, g in tree_items(grads))

        def loss_at(step):
            for path, leaf in tree_items(model):
                leaf += step * direction[path]
            loss, _ = loss_and_grads(cell, model, batch)
            for path, leaf in tree_items(model):
                leaf -= step * direction[path]
            return loss

        eps = 1e-6
        assert slope == pytest.approx(
            (loss_at(eps) - loss_at(-eps)) / (2 * eps), rel=1e-4, abs=1e-8
        )

    def test_an_untrained_model_is_no_better_than_chance(self):
        for make in (
            lambda r, b: tasks.temporal_order(r, 20, b),
            lambda r, b: tasks.adding(r, 20, b),
        ):
            batch = make(np.random.default_rng(0), 400)
            model = RNN.model(np.random.default_rng(1), batch.shape[2], 8, batch.outputs)
            loss, _ = loss_and_grads(RNN, model, batch)
            assert loss > batch.chance - 0.05
            assert not batch.success.met(measure(RNN, model, batch))

    def test_sequence_errors_count_sequences(self):
        batch = tasks.binary_addition(np.random.default_rng(0), 4, 200)
        model = RNN.model(np.random.default_rng(1), 2, 8, 2)
        by_sequence = measure(RNN, model, batch)
        by_step = replace(batch, success=replace(batch.success, metric="error rate"))
        assert by_sequence > measure(RNN, model, by_step)

    def test_one_seed_one_outcome(self):
        task, budget = (lambda rng, B: tasks.parity(rng, 5, B)), replace(QUICK, steps=60)
        first, again, other = (solve(RNN, task, seed=s, budget=budget) for s in (1, 1, 2))
        assert first.value == again.value
        assert (first.steps, first.cell) == (again.steps, "RNN")
        assert first.value != other.value


class TestWindows:
    @pytest.mark.parametrize(("word", "window"), [("steep", 1), ("steeeeep", 3)])
    def test_a_short_window_stops_at_its_bound(self, word, window):
        run = windows.train_window(word, window, steps=500)
        assert run.bound > 0.2
        assert run.bound < run.loss < run.bound + 2e-3
        assert run.accuracy == run.best_accuracy < 1
        assert not run.solved

    def test_two_characters_are_enough_for_steep(self):
        assert windows.train_window("steep", 2, steps=300).solved

    @pytest.mark.parametrize("word", ["steep", "steeeeep"])
    def test_a_state_spells_every_word(self, word):
        runs = [windows.train_recurrent(word, seed=seed) for seed in range(3)]
        assert all(run.solved for run in runs)
        assert max(run.steps for run in runs) < 100


class TestTruncation:
    def test_the_window_must_span_the_lag(self):
        short = truncation.train_with_window(3, lag=4, updates=500)
        long = truncation.train_with_window(8, lag=4, updates=500)
        assert short.loss > 0.6 * truncation.CHANCE
        assert short.solved_at is None
        assert long.loss < 0.05
        assert 50 < long.solved_at < 500


class TestRemembering:
    def test_chrono_remembers_where_the_default_rnn_does_not(self):
        budget = replace(QUICK, steps=300)
        chrono, plain = remembering.temporal_order(50, [LSTM_CHRONO, RNN], seeds=[0], budget=budget)
        assert chrono.solved
        assert chrono.steps <= 300
        assert not plain.solved
        assert plain.value > 0.4

    def test_short_sequences_are_no_trouble(self):
        budget = replace(QUICK, steps=1500)
        outcomes = remembering.temporal_order(20, [RNN_ORTHOGONAL], seeds=[0], budget=budget)
        assert outcomes[0].solved

    def test_adding_at_the_baseline_and_below(self):
        budget = replace(QUICK, steps=400)
        chrono, plain = remembering.adding(30, [LSTM_CHRONO, RNN], seeds=[0], budget=budget)
        assert chrono.value < 0.05
        assert plain.value == pytest.approx(1 / 6, abs=0.04)

    def test_long_reber_wants_a_gate(self):
        budget = replace(QUICK, held_out=200)
        gated, plain = remembering.long_reber(2, [forget_bias(3), RNN], seeds=[0], budget=budget)
        assert gated.solved
        assert not plain.solved

    def test_embedded_reber_does_not_separate_the_cells(self):
        outcomes = remembering.embedded_reber(
            [RNN],
            seeds=[0],
            budget=Budget(steps=2000, H=16, B=16, lr=0.02, validate_every=50, held_out=50),
        )
        assert outcomes[0].solved

    def test_agreement_and_copying_run(self):
        near, far = (
            remembering.agreement(n, [RNN_ORTHOGONAL], seeds=[0], budget=QUICK)[0] for n in (0, 3)
        )
        assert near.solved
        assert far.solved
        copied = remembering.copying(
            1, [GRU], length=1, symbols=3, seeds=[0], budget=replace(QUICK, lr=0.02)
        )
        assert copied[0].solved

    def test_rows_count_and_interval(self):
        outcomes = remembering.temporal_order(
            20, [RNN, GRU], seeds=[0, 1], budget=replace(QUICK, steps=2, H=2, held_out=20)
        )
        rows = remembering.summarise(outcomes)
        assert [(row.cell, row.solved, row.runs) for row in rows] == [("RNN", 0, 2), ("GRU", 0, 2)]
        assert rows[0].steps == ()

    @pytest.mark.parametrize(
        ("successes", "trials", "interval"),
        [(0, 3, (0.0, 0.5615)), (3, 3, (0.4385, 1.0)), (5, 10, (0.2366, 0.7634))],
    )
    def test_wilson_interval(self, successes, trials, interval):
        assert remembering.wilson_interval(successes, trials) == pytest.approx(interval, abs=1e-4)

    def test_wilson_wants_trials(self):
        with pytest.raises(ValueError, match="got 4 of 3"):
            remembering.wilson_interval(4, 3)
        with pytest.raises(ValueError, match="got 0 of 0"):
            remembering.wilson_interval(0, 0)


class TestAblation:
    def test_coupled_gates_add_and_a_missing_input_gate_hurts(self):
        budget = replace(QUICK, steps=250, lr=0.02)
        coupled, cut = ablation.adding(["coupled", "no input gate"], T=30, seeds=[0], budget=budget)
        assert coupled.value < 0.03
        assert cut.value > 0.1

    def test_without_a_forget_gate_the_cell_drifts_away(self):
        budget = Budget(steps=100, lr=0.01, validate_every=50, held_out=100)
        drifts = {
            name: ablation.recall_drift(name, stream=1500, B=4, budget=budget)
            for name in ("standard", "no forget gate")
        }
        assert drifts["standard"].largest_cell.max() < 60
        assert drifts["no forget gate"].largest_cell[-1] > 200
        assert drifts["standard"].solved_at <= 100
        assert drifts["standard"].errors.shape == (3,)

    def test_unknown_names_are_named(self):
        with pytest.raises(ValueError, match=r"name must be one of .*; got 'no gate'"):
            ablation.ablated("no gate")


@pytest.fixture(scope="module")
def rhymes():
    text = {
        f"topic {n}": " ".join(f"{a} {b} went up the hill {n}" for a in "xyz" for b in "uvw")
        for n in range(12)
    }
    return corpus_from_topics("rhymes", text)


class TestCharacters:
    SETTINGS = characters.CharacterSettings(H=24, embedding=8, B=4, T=20, lr=0.01)

    def test_a_character_model_learns_and_writes(self, rhymes):
        run = characters.train_characters(
            rhymes, updates=120, settings=self.SETTINGS, validate_every=40
        )
        unigram = KneserNey(rhymes.train, 1, Vocabulary.of(rhymes.text))
        assert run.bits < 0.7 * unigram.bits_per_character(rhymes.valid)
        assert run.history.valid[-1] == run.bits
        assert run.model["cell"].W_h.dtype == np.float32
        text = characters.write(run, 60, temperature=0.3, prompt="x ")
        assert len(text) == 60
        assert text == characters.write(run, 60, temperature=0.3, prompt="x ")
        assert set(text) <= set(run.vocabulary.characters)

    def test_an_untrained_model_costs_about_the_size_of_the_vocabulary(self, rhymes):
        cell, _ = characters.COMPARED["RNN"]
        vocabulary = Vocabulary.of(rhymes.text)
        rng = np.random.default_rng(0)
        model = characters.character_model(cell, rng, len(vocabulary), self.SETTINGS)
        bits = characters.bits_per_character(cell, model, vocabulary.encode(rhymes.valid))
        assert bits == pytest.approx(math.log2(len(vocabulary)), abs=1.0)

    def test_bits_do_not_hang_on_how_the_text_is_cut(self, rhymes):
        cell, _ = characters.COMPARED["GRU"]
        vocabulary = Vocabulary.of(rhymes.text)
        rng = np.random.default_rng(0)
        model = characters.character_model(cell, rng, len(vocabulary), self.SETTINGS)
        codes = vocabulary.encode(rhymes.train)[:241]
        short = characters.bits_per_character(cell, model, codes, B=2, T=20)
        assert characters.bits_per_character(cell, model, codes, B=2, T=120) == pytest.approx(
            short, abs=1e-4
        )

    def test_a_stopped_run_resumes_with_its_state(self, rhymes, tmp_path):
        from course_utils.data.text import ContiguousBatches
        from course_utils.nn.optimisers import Adam
        from course_utils.nn.training import fit

        cell, settings = characters.COMPARED["LSTM"][0], self.SETTINGS
        vocabulary = Vocabulary.of(rhymes.text)

        def train(steps, **options):
            rng = np.random.default_rng(0)
            model = characters.character_model(cell, rng, len(vocabulary), settings)
            batches = ContiguousBatches(vocabulary.encode(rhymes.train), settings.T, settings.B)
            loss = characters.CarriedLoss(cell)
            return fit(loss, model, batches, optimiser=Adam(0.01), steps=steps, **options)[1]

        whole = train(30)
        train(11, checkpoint=tmp_path / "run.npz")
        resumed = train(30, checkpoint=tmp_path / "run.npz")
        assert np.array_equal(whole.loss, resumed.loss)

    def test_kneser_ney_by_order(self, rhymes):
        bits = characters.kneser_ney(rhymes, range(1, 5))
        assert list(bits) == [1, 2, 3, 4]
        assert bits[4] < bits[2] < bits[1]
