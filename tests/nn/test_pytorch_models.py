"""PyTorch models in the course's training loop."""

import numpy as np
import pytest

from course_utils import nn

pytest.importorskip("torch", reason="PyTorch is absent")

import torch

from course_utils.nn.pytorch import CharacterModel, ManyToOne, TorchLearner, TruncatedBPTT


def batches(n=4, T=7, B=3, V=5):
    rng = np.random.default_rng(0)
    return [tuple(torch.from_numpy(rng.integers(0, V, (2, T, B)))) for _ in range(n)]


def stream_loss(model, batch, state):
    x, targets = batch
    y, state = model(x, state)
    return torch.nn.functional.cross_entropy(y.flatten(0, 1), targets.flatten()), state


def a_learner(cell="lstm", **options):
    torch.manual_seed(1)
    model = CharacterModel(5, 4, 6, cell=cell, layers=2, dropout=0.2)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    return TorchLearner(TruncatedBPTT(stream_loss), model, optimiser, **options)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_run_resumed_from_a_checkpoint_is_the_same_bit_for_bit(cell, tmp_path):
    whole = a_learner(cell, clip=1.0)
    history = nn.train(whole, batches(), steps=12)
    first = a_learner(cell, clip=1.0)
    nn.train(first, batches(), steps=5, checkpoint=tmp_path / "run")
    second = a_learner(cell, clip=1.0)
    torch.manual_seed(99)  # the checkpoint must bring the random state back
    resumed = nn.train(second, batches(), steps=12, checkpoint=tmp_path / "run")
    assert np.array_equal(resumed.loss, history.loss)
    for name, array in whole.weights().items():
        assert np.array_equal(array, second.weights()[name])


def test_the_state_is_carried_and_forgotten():
    torch.manual_seed(0)
    model = CharacterModel(5, 4, 6).eval()
    (x, y), *_ = batches()
    loss = TruncatedBPTT(stream_loss)
    fresh = loss(model, (x, y)).item()
    carried = loss.carried
    assert not carried[0].requires_grad
    second = loss(model, (x, y)).item()
    assert second != fresh
    assert second == stream_loss(model, (x, y), carried)[0].item()
    loss.forget()
    assert loss(model, (x, y)).item() == fresh


def test_pieces_with_carried_state_are_the_whole_sequence():
    torch.manual_seed(0)
    model = CharacterModel(5, 4, 6, cell="gru", layers=2).double().eval()
    x, _ = batches(T=9)[0]
    whole, _ = model(x)
    state, parts = None, []
    for piece in (x[:4], x[4:8], x[8:]):
        y, state = model(piece, state)
        parts.append(y)
    assert whole.shape == (9, 3, 5)
    torch.testing.assert_close(torch.cat(parts), whole, rtol=0, atol=1e-14)


def test_clip_and_schedule():
    history = nn.train(
        a_learner(clip=1e-9), batches(), steps=3, schedule=lambda step: 1.0 if step else 0.0
    )
    assert min(history.grad_norm) > 1e-3  # the norm before clipping
    still, moved = a_learner(), a_learner()
    start = still.weights()
    nn.train(still, batches(), steps=1, schedule=lambda step: 0.0)
    nn.train(moved, batches(), steps=1)
    assert all(np.array_equal(start[name], still.weights()[name]) for name in start)
    assert any(not np.array_equal(start[name], moved.weights()[name]) for name in start)
    one = a_learner(clip=0.1)
    one.step(batches()[0], 1.0)
    norm = np.sqrt(sum(float((p.grad**2).sum()) for p in one.model.parameters()))
    assert norm == pytest.approx(0.1, rel=1e-4)
    assert one.params is one.model


def test_a_diverged_loss_leaves_the_weights_alone():
    learner = a_learner()
    learner.loss = lambda model, batch: next(model.parameters()).sum() * float("nan")
    before = learner.weights()
    with pytest.raises(nn.DivergenceError):
        nn.train(learner, batches(), steps=1)
    assert all(np.array_equal(before[name], learner.weights()[name]) for name in before)


def test_weights_of_another_model_are_refused():
    learner = a_learner()
    weights = learner.weights()
    weights["readout.weight"] = weights["readout.weight"][:, :2]
    with pytest.raises(nn.CheckpointError, match=r"another model: \['readout.weight'\] differ"):
        learner.load_weights(weights)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_many_to_one_looks_at_the_last_true_step(cell, bidirectional):
    torch.manual_seed(0)
    model = ManyToOne(2, 4, 3, cell=cell, layers=2, bidirectional=bidirectional).double().eval()
    x = torch.randn(6, 3, 2, dtype=torch.float64)
    lengths = torch.tensor([6, 2, 4])
    y = model(x, lengths)
    assert y.shape == (3, 3)
    for b, length in enumerate(lengths):
        alone = model(x[:length, b : b + 1])
        torch.testing.assert_close(y[b : b + 1], alone, rtol=0, atol=1e-13)
    assert not torch.allclose(y[1:2], model(x[:, 1:2]))


def test_an_unknown_cell_is_named():
    with pytest.raises(ValueError, match="cell is 'lsm'; wanted one of 'rnn', 'lstm', 'gru'"):
        CharacterModel(5, 4, 6, cell="lsm")
