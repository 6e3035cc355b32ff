"""The longer runs: what is kept agrees with itself, starts reproduce, and a broken run goes on."""

from dataclasses import asdict, replace
from importlib import import_module

import numpy as np
import pytest

from course_utils.data.text import Corpus, find_leaks, python_reference
from course_utils.experiments import character_runs as kept
from course_utils.experiments.characters import bits_per_character, kneser_ney

WORDS = "\nThe state keeps what the gate lets through and the rest is gone. "
TINY = Corpus("tiny", "", WORDS * 40, WORDS * 30, WORDS[::-1] * 40, "0")


MARGIN = 0.03  # bits by which a number may differ between processors


@pytest.fixture(scope="module")
def corpus():
    """The text of the records."""
    return python_reference()


@pytest.fixture
def training(torch):
    """The module that trains: it needs PyTorch."""
    return import_module("course_utils.experiments.character_runs.training")


def test_every_run_is_kept_with_its_settings(training):
    records = kept.records()
    assert list(records) == list(training.RUNS)
    for name, record in records.items():
        assert record.settings == asdict(training.RUNS[name])
        assert record.step[-1] == record.settings["updates"]
        assert len(record.step) == len(record.held_out) == len(record.training)
        assert np.all(np.diff(record.seconds) > 0)
        assert record.seconds[-1] < 600  # minutes, not hours


def test_the_stored_weights_cost_what_is_stored():
    run = kept.trained_model()
    bits = bits_per_character(run.cell, run.model, run.vocabulary.encode(kept.held_out_text()))
    assert bits == pytest.approx(run.bits, abs=2e-4)
    assert bits == pytest.approx(kept.records()["lstm256"].held_out[-1], abs=2e-3)  # float16


def test_the_stored_weights_write_the_stored_text():
    run = kept.trained_model()
    written = kept.sample_of(run)
    assert len(written) == kept.SAMPLE_LENGTH
    # float16 weights and another CPU may throw one die differently, and then all that follow.
    assert written[:20] == kept.records()["lstm256"].samples[3200][:20]


def test_the_held_out_text_is_that_of_the_reference(corpus):
    assert kept.held_out_text() == corpus.valid
    assert find_leaks(corpus.train, kept.held_out_text()).share < 0.03


def test_the_counts_reproduce(corpus):
    counted = kneser_ney(corpus, range(1, 6))
    stored = kept.kneser_ney()
    assert counted == pytest.approx({order: stored[order] for order in range(1, 6)}, abs=1e-6)


@pytest.mark.parametrize("name", ["rnn128", "lstm128"])
def test_the_first_evaluation_reproduces(corpus, training, name):
    _, history = training.train_run(training.RUNS[name], corpus, steps=100)
    record = kept.records()[name]
    assert history.valid_step.tolist() == record.step[:1].tolist()
    assert history.valid[0] == pytest.approx(record.held_out[0], abs=MARGIN)


@pytest.fixture
def tiny_runs(monkeypatch, training):
    """One small run with dropout, evaluated every 5 updates."""
    tiny = replace(training.RUNS["lstm256"], H=6, embedding=4, B=3, T=7, updates=20)
    monkeypatch.setattr(training, "RUNS", {"tiny": tiny})
    monkeypatch.setattr(training, "VALIDATE_EVERY", 5)
    monkeypatch.setattr(training, "SAMPLED_AT", (10, 20))


class PowerCutError(Exception):
    """Somebody pulls the plug."""


@pytest.mark.usefixtures("tiny_runs")
def test_a_run_that_is_broken_off_goes_on_bit_for_bit(tmp_path, training):
    def cut(line):
        if line.startswith("step 20/"):
            raise PowerCutError

    whole, model = training.finish_run("tiny", TINY, tmp_path / "whole")
    with pytest.raises(PowerCutError):
        training.finish_run("tiny", TINY, tmp_path / "cut", cut)
    assert training.updates_done(tmp_path / "cut/tiny.npz") == 15
    resumed, again = training.finish_run("tiny", TINY, tmp_path / "cut")
    assert {**resumed, "seconds": []} == {**whole, "seconds": []}
    for name, tensor in model.state_dict().items():
        assert np.array_equal(tensor.numpy(), again.state_dict()[name].numpy())
    assert sorted(whole["samples"]) == [10, 20]


@pytest.mark.usefixtures("tiny_runs")
def test_a_finished_run_is_not_trained_again(tmp_path, training):
    first, _ = training.finish_run("tiny", TINY, tmp_path)
    lines = []
    second, _ = training.finish_run("tiny", TINY, tmp_path, lines.append)
    assert second == first
    assert lines == []


def test_a_stack_starts_from_numpy_weights(training):
    model = training.fresh_model(replace(training.RUNS["lstm2x128"], H=5, embedding=3), V=7)
    again = training.fresh_model(replace(training.RUNS["lstm2x128"], H=5, embedding=3), V=7)
    for name, tensor in model.state_dict().items():
        assert np.array_equal(tensor.numpy(), again.state_dict()[name].numpy())
    assert float(model.recurrent.bias_ih_l1.detach()[5:10].min()) == 1.0  # open forget gates
