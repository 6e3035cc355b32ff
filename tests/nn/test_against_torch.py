"""The same numbers as PyTorch, in float64 to rounding, and the conversions both ways."""

import numpy as np
import pytest

from course_utils import nn

pytest.importorskip("torch", reason="PyTorch is absent")

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_utils.nn.pytorch import from_torch, gradients_from_torch, to_torch

B, D, H = 3, 4, 5
PAIRS = {
    "rnn": (lambda *a, **k: torch.nn.RNN(*a, **k), nn.rnn_forward, nn.rnn_backward),
    "lstm": (lambda *a, **k: torch.nn.LSTM(*a, **k), nn.lstm_forward, nn.lstm_backward),
    "gru": (lambda *a, **k: torch.nn.GRU(*a, **k), nn.gru_forward, nn.gru_backward),
}


def tensor(array, grad=False):
    return torch.from_numpy(np.ascontiguousarray(array)).requires_grad_(grad)


def relative(got, wanted):
    return np.abs(got - wanted).max() / np.abs(wanted).max()


@pytest.fixture
def rng():
    torch.manual_seed(0)
    return np.random.default_rng(0)


@pytest.mark.parametrize("T", [1, 2, 6, 20, 200])
@pytest.mark.parametrize("name", PAIRS)
def test_forward_and_all_gradients(rng, name, T):
    make, forward, backward = PAIRS[name]
    module = make(D, H).double()
    x = tensor(rng.standard_normal((T, B, D)), grad=True)
    states = [tensor(rng.standard_normal((1, B, H)), grad=True) for _ in "hc"]
    states = states if name == "lstm" else states[:1]
    dh, dc_T = rng.standard_normal((T, B, H)), rng.standard_normal((B, H))
    wanted, last = module(x, tuple(states) if name == "lstm" else states[0])
    loss = (wanted * tensor(dh)).sum()
    if name == "lstm":
        loss = loss + (last[1][0] * tensor(dc_T)).sum()
    loss.backward()

    initial = [state.detach().numpy()[0] for state in states]
    h, *_, tape = forward(x.detach().numpy(), from_torch(module), *initial)
    dparams, dx, *dstates = backward(dh, tape, *([dc_T] if name == "lstm" else []))
    assert relative(h, wanted.detach().numpy()) < 1e-13
    if name == "lstm":
        assert relative(tape.final_state[1], last[1][0].detach().numpy()) < 1e-13
    got = dparams, dx, dstates
    theirs = gradients_from_torch(module), x.grad.numpy(), [s.grad.numpy()[0] for s in states]
    worst = nn.compare_gradients(got, theirs)
    assert worst.error < 1e-12, str(worst)


def test_relu_network(rng):
    module = torch.nn.RNN(D, H, nonlinearity="relu").double()
    x = rng.standard_normal((20, B, D))
    wanted, _ = module(tensor(x))
    h, _ = nn.rnn_forward(x, from_torch(module), activation="relu")
    assert relative(h, wanted.detach().numpy()) < 1e-13


@pytest.mark.parametrize("name", PAIRS)
def test_float32_stays_float32_and_close(rng, name):
    make, forward, backward = PAIRS[name]
    module = make(D, H)
    x = rng.standard_normal((50, B, D)).astype(np.float32)
    dh = rng.standard_normal((50, B, H)).astype(np.float32)
    params = from_torch(module)
    h, *_, tape = forward(x, params)
    dparams, dx, *_ = backward(dh, tape)
    double = nn.tree_map(lambda a: a.astype(np.float64), params)
    h64, *_, tape64 = forward(x.astype(np.float64), double)
    dparams64, dx64, *_ = backward(dh.astype(np.float64), tape64)
    for leaf in [h, *nn.tree_leaves((dparams, dx))]:
        assert leaf.dtype == np.float32
    assert relative(h, h64) < 2e-6
    assert nn.compare_gradients((dparams, dx), (dparams64, dx64)).error < 1e-5


@pytest.mark.parametrize("name", PAIRS)
def test_stacked_and_bidirectional(rng, name):
    make, forward, _ = PAIRS[name]
    x = rng.standard_normal((6, B, D))

    stacked = make(D, H, num_layers=2).double()
    h, tape = nn.stacked_forward(
        x, [from_torch(stacked, layer) for layer in (0, 1)], forward=forward
    )
    wanted, last = stacked(tensor(x))
    assert relative(h, wanted.detach().numpy()) < 1e-13
    lasts = torch.stack(last) if name == "lstm" else last[None]  # (states, layers, B, H)
    for layer, state in enumerate(tape.final_state):
        for got, theirs in zip(state, lasts[:, layer], strict=True):
            assert relative(got, theirs.detach().numpy()) < 1e-13

    both = make(D, H, bidirectional=True).double()
    params = nn.BidirectionalParams(from_torch(both), from_torch(both, reverse=True))
    h, tape = nn.bidirectional_forward(x, params, forward=forward)
    wanted, last = both(tensor(x))
    assert relative(h, wanted.detach().numpy()) < 1e-13
    lasts = torch.stack(last) if name == "lstm" else last[None]
    for direction, state in enumerate(tape.final_state):
        for got, theirs in zip(state, lasts[:, direction], strict=True):
            assert relative(got, theirs.detach().numpy()) < 1e-13


@pytest.mark.parametrize("name", PAIRS)
def test_a_mask_does_what_packed_sequences_do(rng, name):
    make, forward, backward = PAIRS[name]
    T, lengths = 6, np.array([6, 2, 4])
    module = make(D, H).double()
    x = tensor(rng.standard_normal((T, B, D)), grad=True)
    mask = nn.mask_from_lengths(lengths, T)
    packed = pack_padded_sequence(x, torch.from_numpy(lengths), enforce_sorted=False)
    out, last = module(packed)
    wanted, _ = pad_packed_sequence(out, total_length=T)
    dh = rng.standard_normal((T, B, H)) * mask[..., None]
    (wanted * tensor(dh)).sum().backward()

    h, *_, tape = forward(x.detach().numpy(), from_torch(module), mask=mask)
    assert relative(h * mask[..., None], wanted.detach().numpy()) < 1e-13
    h_last = last[0] if name == "lstm" else last
    assert relative(h[-1], h_last[0].detach().numpy()) < 1e-13
    dparams, dx, *_ = backward(dh, tape)
    worst = nn.compare_gradients((dparams, dx), (gradients_from_torch(module), x.grad.numpy()))
    assert worst.error < 1e-12, str(worst)


def test_losses(rng):
    y = tensor(10 * rng.standard_normal((4, B, 7)), grad=True)
    classes, mask = rng.integers(0, 7, (4, B)), rng.random((4, B)) > 0.3
    loss, dy = nn.softmax_cross_entropy(y.detach().numpy(), classes, mask)
    ignored = torch.from_numpy(np.where(mask, classes, -100))
    wanted = torch.nn.functional.cross_entropy(y.flatten(0, 1), ignored.flatten())
    wanted.backward()
    assert abs(loss - wanted.item()) < 1e-13 * loss
    assert relative(dy, y.grad.numpy()) < 1e-13

    y.grad = None
    targets = rng.standard_normal(y.shape)
    loss, dy = nn.mean_squared_error(y.detach().numpy(), targets)
    wanted = torch.nn.functional.mse_loss(y, tensor(targets))
    wanted.backward()
    assert abs(loss - wanted.item()) < 1e-13 * loss
    assert relative(dy, y.grad.numpy()) < 1e-13


def test_attention_is_scaled_dot_product_attention(rng):
    q, k, v = (rng.standard_normal(s) for s in [(2, B, H), (6, B, H), (6, B, 3)])
    mask = nn.mask_from_lengths([6, 1, 4], 6)
    context, _, _ = nn.attention_forward(q, k, v, mask)
    wanted = torch.nn.functional.scaled_dot_product_attention(
        *(tensor(a.swapaxes(0, 1)) for a in (q, k, v)),
        attn_mask=torch.from_numpy(mask.T[:, None, :].copy()),
    )
    assert relative(context, wanted.numpy().swapaxes(0, 1)) < 1e-13


def test_embedding(rng):
    module = torch.nn.Embedding(7, D).double()
    tokens = rng.integers(0, 7, (5, B))
    dx = rng.standard_normal((5, B, D))
    wanted = module(torch.from_numpy(tokens))
    (wanted * tensor(dx)).sum().backward()
    x, tape = nn.embedding_forward(tokens, from_torch(module))
    assert np.array_equal(x, wanted.detach().numpy())
    worst = nn.compare_gradients(nn.embedding_backward(dx, tape), gradients_from_torch(module))
    assert worst.error < 1e-13


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_to_torch_and_back_is_exact(rng, dtype):
    for params in [
        nn.init_rnn(rng, D, H, dtype=dtype),
        nn.init_lstm(rng, D, H, dtype=dtype),
        nn.init_gru(rng, D, H, dtype=dtype),
        nn.init_dense(rng, D, H, dtype=dtype),
        nn.init_embedding(rng, D, H, dtype=dtype),
    ]:
        params = nn.tree_map(lambda a: (a + rng.standard_normal(a.shape)).astype(dtype), params)
        again = from_torch(to_torch(params))
        assert type(again) is type(params)
        for before, after in zip(nn.tree_leaves(params), nn.tree_leaves(again), strict=True):
            assert after.dtype == dtype
            assert np.array_equal(before, after)


def test_to_torch_runs_alike_and_shares_no_memory(rng):
    x = rng.standard_normal((6, B, D))
    params = nn.init_gru(rng, D, H)
    params = nn.tree_map(lambda a: a + rng.standard_normal(a.shape), params)
    wanted, _ = nn.gru_forward(x, params)
    module = to_torch(params)
    nn.tree_map(lambda a: a.fill(0), params)
    assert relative(module(tensor(x))[0].detach().numpy(), wanted) < 1e-13
    relu = to_torch(nn.init_rnn(rng, D, H), activation="relu")
    assert relu.nonlinearity == "relu"


def test_modules_without_bias(rng):
    for name, (make, forward, _) in PAIRS.items():
        module = make(D, H, bias=False).double()
        x = rng.standard_normal((6, B, D))
        h, *_ = forward(x, from_torch(module))
        assert relative(h, module(tensor(x))[0].detach().numpy()) < 1e-13, name
    dense = from_torch(torch.nn.Linear(D, H, bias=False))
    assert dense.b.shape == (H,)
    assert not dense.b.any()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: from_torch(torch.nn.Conv1d(1, 1, 1)), TypeError, "module is a Conv1d; wanted"),
        (lambda: from_torch(torch.nn.RNN(2, 2), 1), ValueError, "layer is 1; .* layers 0 to 0"),
        (lambda: from_torch(torch.nn.RNN(2, 2), -1), ValueError, "layer is -1"),
        (lambda: from_torch(torch.nn.RNN(2, 2), reverse=True), ValueError, "not bidirectional"),
        (lambda: from_torch(torch.nn.LSTM(2, 3, proj_size=2)), ValueError, "proj_size"),
        (lambda: gradients_from_torch(torch.nn.RNN(2, 2)), ValueError, "no gradient; call"),
        (lambda: to_torch({"W": 1}), TypeError, "params is a dict; wanted RNNParams"),
        (
            lambda: to_torch(nn.init_rnn(np.random.default_rng(0), 2, 2), activation="sigmoid"),
            ValueError,
            "activation is 'sigmoid'",
        ),
    ],
)
def test_what_cannot_be_converted_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
