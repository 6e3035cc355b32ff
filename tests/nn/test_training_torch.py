"""PyTorch models in the same loop, with the same checkpoints."""

import numpy as np
import pytest

from course_utils.nn.batches import Sampled
from course_utils.nn.training import DivergenceError, train

pytest.importorskip("torch", reason="PyTorch is absent")

import torch

from course_utils.nn.pytorch.learner import TorchLearner


def make_batch(rng):
    x = rng.normal(size=(16, 3)).astype(np.float32)
    return x, x.sum(axis=1, keepdims=True)


def learner(clip=1.0):
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1)
    )

    def loss(model, batch):
        x, y = map(torch.from_numpy, batch)
        return ((model(x) - y) ** 2).mean()

    return TorchLearner(loss, model, torch.optim.Adam(model.parameters(), lr=0.02), clip)


def test_it_learns_in_the_loop_of_numpy_models():
    model = learner()
    history = train(model, Sampled(make_batch, 0), steps=150)
    assert history.loss[-20:].mean() < 0.3 * history.loss[:5].mean()
    assert (history.grad_norm > 0).all()


@pytest.mark.parametrize("stopped_at", [1, 13])
def test_a_resumed_run_is_the_same_run_bit_for_bit_with_dropout(tmp_path, stopped_at):
    schedule = lambda step: 1 - step / 40  # noqa: E731
    whole = learner()
    history = train(whole, Sampled(make_batch, 0), steps=30, schedule=schedule)
    file = tmp_path / "run.npz"
    train(learner(), Sampled(make_batch, 0), steps=stopped_at, schedule=schedule, checkpoint=file)
    resumed = learner()
    after = train(resumed, Sampled(make_batch, 0), steps=30, schedule=schedule, checkpoint=file)
    assert np.array_equal(history.loss, after.loss)
    weights, wanted = resumed.weights(), whole.weights()
    assert all(np.array_equal(weights[name], wanted[name]) for name in wanted)


def test_patience_puts_the_best_weights_back():
    model = learner()
    values = iter([3.0, 1.0, 2.0, 2.0])
    kept = []

    def validate(module):
        kept.append(model.weights())
        return next(values)

    history = train(
        model, Sampled(make_batch, 0), steps=99, validate=validate, validate_every=5, patience=2
    )
    assert history.stopped == "patience"
    weights = model.weights()
    assert all(np.array_equal(weights[name], kept[1][name]) for name in weights)


def test_divergence_is_seen_before_the_update():
    model = learner()
    before = model.weights()
    bad = np.full((2, 3), np.inf, np.float32), np.zeros((2, 1), np.float32)
    with pytest.raises(DivergenceError, match="update 1: the loss is"):
        train(model, [bad], steps=3)
    after = model.weights()
    assert all(np.array_equal(after[name], before[name]) for name in before)
