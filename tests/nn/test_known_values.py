"""Numbers that can be worked out on paper, and facts that a formula promises."""

import math
from dataclasses import replace

import numpy as np
import pytest

from course_utils import nn
from course_utils.nn.activations import ACTIVATIONS
from course_utils.nn.initialisation import RECURRENT, recurrent_matrix


@pytest.fixture
def rng():
    """Each test has draws of its own, whichever tests ran before."""
    return np.random.default_rng(0)


def sigma(a):
    return 1 / (1 + math.exp(-a))


def test_activations_and_their_slopes():
    a = np.array([-3.0, -0.5, 0.25, 2.0])
    values = {
        "tanh": [math.tanh(v) for v in a],
        "sigmoid": [sigma(v) for v in a],
        "relu": [0, 0, 0.25, 2],
        "linear": a,
    }
    assert set(values) == set(ACTIVATIONS)
    for name, wanted in values.items():
        f = ACTIVATIONS[name]
        np.testing.assert_allclose(f.function(a), wanted, rtol=1e-14)
        slope = (f.function(a + 1e-6) - f.function(a - 1e-6)) / 2e-6
        np.testing.assert_allclose(f.slope(f.function(a)), slope, rtol=1e-8)
    np.testing.assert_allclose(nn.softplus(a), [math.log1p(math.exp(v)) for v in a], rtol=1e-14)


def test_activations_far_out_neither_overflow_nor_warn():
    far = np.array([-1e4, -800.0, 800.0, 1e4])
    np.testing.assert_array_equal(nn.sigmoid(far), [0, 0, 1, 1])
    np.testing.assert_array_equal(nn.softplus(far), [0, 0, 800, 1e4])
    np.testing.assert_allclose(nn.softplus(far + 1e-30j).imag * 1e30, [0, 0, 1, 1])
    assert nn.softplus(np.zeros(1))[0] == pytest.approx(math.log(2), rel=1e-15)


def test_two_units_and_two_steps_by_hand():
    params = nn.RNNParams(
        W_x=np.array([[1.0, -1.0]]), W_h=np.array([[0.5, 0.0], [1.0, -0.5]]), b=np.array([0.0, 0.5])
    )
    x = np.array([1.0, 2.0]).reshape(2, 1, 1)
    h, tape = nn.rnn_forward(x, params)
    first = math.tanh(1), math.tanh(-1 + 0.5)
    second = (
        math.tanh(2 + 0.5 * first[0] + 1.0 * first[1]),
        math.tanh(-2 - 0.5 * first[1] + 0.5),
    )
    np.testing.assert_allclose(h[:, 0], [first, second], rtol=1e-15)
    np.testing.assert_array_equal(tape.states[0], [[0, 0]])
    np.testing.assert_array_equal(tape.final_state[0], h[-1])


def test_one_lstm_unit_by_hand():
    params = nn.LSTMParams(
        W_x=np.array([[1.0, 2.0, 3.0, 4.0]]),
        W_h=np.array([[0.1, 0.2, 0.3, 0.4]]),
        b=np.array([0.5, 1.0, -0.5, -1.0]),
    )
    x, h_0, c_0 = -0.5, 0.2, 0.7
    i, f = sigma(1 * x + 0.1 * h_0 + 0.5), sigma(2 * x + 0.2 * h_0 + 1)
    g, o = math.tanh(3 * x + 0.3 * h_0 - 0.5), sigma(4 * x + 0.4 * h_0 - 1)
    c = f * c_0 + i * g
    arrays = [np.full((1, 1), v) for v in (x, h_0, c_0)]
    h_1, c_1 = nn.lstm_step(*arrays, params)
    assert c_1[0, 0] == pytest.approx(c, rel=1e-15)
    assert h_1[0, 0] == pytest.approx(o * math.tanh(c), rel=1e-15)
    h, cs, tape = nn.lstm_forward(arrays[0][None], params, *arrays[1:])
    assert h[0, 0, 0] == pytest.approx(o * math.tanh(c), rel=1e-15)
    assert cs[0, 0, 0] == pytest.approx(c, rel=1e-15)
    for gate, wanted in zip(nn.split_gates(tape.gates), (i, f, g, o), strict=True):
        assert gate[0, 0, 0] == pytest.approx(wanted, rel=1e-15)


def one_unit(variant, extra=None):
    a = np.array([[0.3, -0.2, 0.7, 0.4]])
    params = nn.LSTMVariantParams(nn.LSTMParams(a, np.zeros((1, 4)), np.zeros(4)), extra)
    h, c = nn.lstm_variant_step(
        np.ones((1, 1)), np.zeros((1, 1)), np.full((1, 1), 0.9), params, variant=variant
    )
    return h[0, 0], c[0, 0]


def test_one_unit_of_every_variant_by_hand():
    i, f, o = sigma(0.3), sigma(-0.2), sigma(0.4)
    g, c_0 = math.tanh(0.7), 0.9

    def lstm(i, f, o):
        c = f * c_0 + i * g
        return o * math.tanh(c), c

    c = sigma(-0.2 + 2 * 0.9) * c_0 + sigma(0.3 + 0.9) * g
    kept = f * c_0
    wanted = {
        "standard": lstm(i, f, o),
        "no_input_gate": lstm(1, f, o),
        "no_forget_gate": lstm(i, 1, o),
        "no_output_gate": lstm(i, f, 1),
        "coupled": lstm(1 - f, f, o),
        "peephole": (sigma(0.4 + 3 * c) * math.tanh(c), c),
        "use_gate": (o * math.tanh(2 * kept + 0.1), kept + i * g),
        "use_gate_without_weights": (o * math.tanh(kept), kept + i * g),
    }
    assert set(wanted) == set(nn.LSTM_VARIANTS)
    extras = {
        "peephole": nn.PeepholeParams(*(np.array([float(v)]) for v in (1, 2, 3))),
        "use_gate": nn.UseGateParams(np.array([[2.0]]), np.array([0.1])),
    }
    for name, numbers in wanted.items():
        assert one_unit(name, extras.get(name)) == pytest.approx(numbers, rel=1e-14), name
    assert one_unit(nn.with_gates_open("i", "o")) == pytest.approx(lstm(1, f, 1), rel=1e-14)


@pytest.mark.parametrize("variant", nn.LSTM_VARIANTS)
def test_a_complex_step_in_the_cell_passes_through_one_step_of_every_variant(rng, variant):
    params = nn.init_lstm_variant(rng, 2, 3, variant=variant)
    if params.extra is not None:
        params = replace(params, extra=nn.tree_map(lambda a: a + 0.5, params.extra))
    x, h_0, c_0 = (rng.normal(size=shape) for shape in ((1, 2, 2), (2, 3), (2, 3)))
    h, _, tape = nn.lstm_variant_forward(x, params, h_0, c_0, variant=variant)
    dc_0 = nn.lstm_variant_backward(np.ones_like(h), tape)[-1]
    eps = 1e-30
    h_t, _ = nn.lstm_variant_step(x[0], h_0, c_0 + 1j * eps, params, variant=variant)
    np.testing.assert_allclose(h_t.imag.sum(axis=1) / eps, dc_0.sum(axis=1), rtol=1e-12)


def test_the_standard_variant_is_the_lstm(rng):
    x, dh = rng.standard_normal((6, 3, 2)), rng.standard_normal((6, 3, 4))
    params = nn.init_lstm(rng, 2, 4)
    variant = nn.LSTMVariantParams(params)
    h, c, tape = nn.lstm_forward(x, params)
    h_v, c_v, tape_v = nn.lstm_variant_forward(x, variant)
    np.testing.assert_array_equal(h, h_v)
    np.testing.assert_array_equal(c, c_v)
    got, wanted = nn.lstm_variant_backward(dh, tape_v), nn.lstm_backward(dh, tape)
    assert nn.compare_gradients((got[0].gates, *got[1:]), wanted).error < 1e-14


def test_with_the_use_gate_the_present_candidate_never_reaches_the_state(rng):
    for variant, reaches in [("use_gate", False), ("standard", True)]:
        params = nn.init_lstm_variant(rng, 1, 3, variant=variant)
        other = nn.tree_map(np.copy, params)
        other.gates.b[6:9] += 1.0  # the candidate's bias
        states = rng.standard_normal((2, 1, 3))
        one, two = (
            nn.lstm_variant_step(np.ones((1, 1)), *states, p, variant=variant)
            for p in (params, other)
        )
        assert bool(np.abs(one[0] - two[0]).max() > 1e-3) is reaches
        assert np.abs(one[1] - two[1]).max() > 1e-3


def test_one_gru_unit_by_hand():
    params = nn.GRUParams(
        W_x=np.array([[1.0, 2.0, 3.0]]),
        W_h=np.array([[0.1, 0.2, 0.3]]),
        b=np.array([0.5, 1.0, -0.5]),
        b_m=np.array([0.7]),
    )
    x, h_0 = -0.5, 0.2
    r, z = sigma(x + 0.1 * h_0 + 0.5), sigma(2 * x + 0.2 * h_0 + 1)
    n = math.tanh(3 * x - 0.5 + r * (0.3 * h_0 + 0.7))
    h = nn.gru_step(np.full((1, 1), x), np.full((1, 1), h_0), params)
    assert h[0, 0] == pytest.approx((1 - z) * n + z * h_0, rel=1e-15)


def test_minimal_units_by_hand():
    one = np.ones((1, 1))
    params = nn.MinGRUParams(np.array([[0.4, -2.0]]), np.array([0.1, 0.5]))
    z, g = sigma(0.5), -1.5
    assert nn.mingru_step(one, 3 * one, params)[0, 0] == pytest.approx((1 - z) * 3 + z * g)
    params = nn.MinLSTMParams(np.array([[0.4, -0.3, -2.0]]), np.array([0.1, 0.2, 0.5]))
    f, i = sigma(0.5), sigma(-0.1)
    wanted = (f * 3 + i * g) / (f + i)
    assert nn.minlstm_step(one, 3 * one, params)[0, 0] == pytest.approx(wanted, rel=1e-14)


def test_minlstm_with_both_gates_shut_still_divides():
    W = np.zeros((1, 3))
    params = nn.MinLSTMParams(W, np.array([-900.0, -900.0, 2.0]))
    h, _ = nn.minlstm_forward(np.ones((1, 1, 1)), params, np.ones((1, 1)))
    assert h[0, 0, 0] == pytest.approx(0.5 * 1 + 0.5 * 2, rel=1e-14)


def test_cross_entropy_of_known_probabilities():
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]])
    loss, dy = nn.softmax_cross_entropy(np.log(p) + 3, np.array([0, 1]))
    assert loss == pytest.approx(-(math.log(0.5) + math.log(0.2)) / 2, rel=1e-14)
    np.testing.assert_allclose(dy, (p - [[1, 0, 0], [0, 1, 0]]) / 2, atol=1e-15)
    np.testing.assert_allclose(nn.softmax(np.log(p)), p, rtol=1e-14)
    uniform, _ = nn.softmax_cross_entropy(np.zeros((5, 2, 8)), np.zeros((5, 2), int))
    assert nn.bits_per_character(uniform) == pytest.approx(3, rel=1e-14)
    assert nn.perplexity(uniform) == pytest.approx(8, rel=1e-14)
    assert isinstance(uniform, float)
    certain, dy = nn.softmax_cross_entropy(
        np.ones((2, 1)), np.array([7, 0]), np.array([False, True])
    )
    assert certain == 0
    assert not dy.any()


def test_cross_entropy_of_huge_scores_is_finite():
    for dtype in (np.float32, np.float64):
        y = np.array([[1e4, 0.0, -1e4]], dtype)
        loss, dy = nn.softmax_cross_entropy(y, np.array([2]))
        assert loss == pytest.approx(2e4)
        np.testing.assert_allclose(dy, [[1, 0, -1]])
        assert dy.dtype == dtype
        scores = np.array([-1e4, 0.0], dtype)
        np.testing.assert_allclose(nn.log_softmax(scores), [-1e4, 0])


def test_squared_error_and_the_ends_of_perplexity():
    y, targets = np.array([[1.0, 2.0], [5.0, 5.0]]), np.array([[0.0, 4.0], [5.0, 6.0]])
    loss, dy = nn.mean_squared_error(y, targets)
    assert loss == pytest.approx((1 + 4 + 0 + 1) / 4)
    np.testing.assert_allclose(dy, [[0.5, -1.0], [0.0, -0.5]])
    loss, dy = nn.mean_squared_error(y, targets, np.array([True, False]))
    assert loss == pytest.approx(2.5)
    np.testing.assert_allclose(dy, [[1.0, -2.0], [0.0, 0.0]])
    assert nn.perplexity(0.0) == 1.0
    assert nn.bits_per_character(0.0) == 0.0
    assert nn.perplexity(1e5) == math.inf


def test_masks_and_last_steps(rng):
    np.testing.assert_array_equal(
        nn.mask_from_lengths([2, 0, 3], 3),
        [[True, False, True], [True, False, True], [False, False, True]],
    )
    last = rng.standard_normal((2, 3))
    dh = nn.gradient_at_last_step(last, 4)
    np.testing.assert_array_equal(dh[-1], last)
    assert dh.shape == (4, 2, 3)
    assert not dh[:-1].any()
    np.testing.assert_array_equal(nn.one_hot(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])
    assert nn.one_hot(np.array([2, 0]), 3, np.float32).dtype == np.float32


def test_pieces():
    x, y = np.arange(7), np.arange(7) * 10
    assert [tuple(map(list, piece)) for piece in nn.pieces(3, x, y)] == [
        ([0, 1, 2], [0, 10, 20]),
        ([3, 4, 5], [30, 40, 50]),
        ([6], [60]),
    ]


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3)])
def test_orthogonal(rng, shape):
    W = nn.orthogonal(rng, *shape)
    assert W.shape == shape
    small = W @ W.T if shape[0] <= shape[1] else W.T @ W
    np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-14)
    assert nn.orthogonal(rng, *shape, np.float32).dtype == np.float32


@pytest.mark.parametrize(("D", "H"), [(5, 5), (7, 3), (3, 7)])
def test_orthogonal_is_the_one_decomposition_with_a_positive_diagonal(D, H):
    gaussian = np.random.default_rng(1).standard_normal((max(D, H), min(D, H)))
    q = nn.orthogonal(np.random.default_rng(1), D, H)
    r = (q if D >= H else q.T).T @ gaussian
    np.testing.assert_allclose(r, np.triu(r), atol=1e-14)
    assert (np.diag(r) > 0).all()


@pytest.mark.parametrize(
    ("draw", "bound"),
    [(nn.glorot, math.sqrt(6 / 500)), (nn.uniform, 1 / math.sqrt(300))],
)
def test_uniform_starts_fill_their_interval(rng, draw, bound):
    W = draw(rng, 200, 300)
    assert W.shape == (200, 300)
    assert 0.999 * bound < W.max() <= bound
    assert -bound <= W.min() < -0.999 * bound
    assert W.std() == pytest.approx(bound / math.sqrt(3), rel=0.01)
    assert draw(rng, 2, 3, np.float32).dtype == np.float32


def test_spectral_radius_of_a_rotation_and_after_scaling(rng):
    rotation = np.array([[0.0, -2.0], [2.0, 0.0]])
    assert nn.spectral_radius(rotation) == pytest.approx(2)
    W = rng.standard_normal((8, 8))
    for radius in (0.5, 1.0, 4.0):
        scaled = nn.with_spectral_radius(W, radius)
        assert nn.spectral_radius(scaled) == pytest.approx(radius, rel=1e-12)
        np.testing.assert_allclose(scaled / scaled[0, 0], W / W[0, 0])
    assert nn.with_spectral_radius(W.astype(np.float32), 1.0).dtype == np.float32
    assert not nn.with_spectral_radius(W, 0.0).any()
    np.testing.assert_array_equal(nn.identity(3, 0.5), np.eye(3) / 2)
    big = nn.uniform(rng, 120, 120)
    assert nn.spectral_radius(big) == pytest.approx(1 / math.sqrt(3), rel=0.15)


def test_recurrent_kinds(rng):
    draws = {kind: recurrent_matrix(np.random.default_rng(1), 6, kind) for kind in RECURRENT}
    again = np.random.default_rng
    np.testing.assert_array_equal(draws["glorot"], nn.glorot(again(1), 6, 6))
    np.testing.assert_array_equal(draws["uniform"], nn.uniform(again(1), 6, 6))
    np.testing.assert_array_equal(draws["orthogonal"], nn.orthogonal(again(1), 6, 6))
    np.testing.assert_array_equal(draws["identity"], np.eye(6))
    for init in (nn.init_rnn, nn.init_lstm, nn.init_gru):
        params = init(rng, 2, 3, recurrent="identity", dtype=np.float32)
        np.testing.assert_array_equal(params.W_h, np.hstack([np.eye(3)] * (params.b.size // 3)))
        assert {leaf.dtype for leaf in nn.tree_leaves(params)} == {np.dtype(np.float32)}
        default = init(np.random.default_rng(2), 2, 3)
        glorot = init(np.random.default_rng(2), 2, 3, recurrent="glorot")
        np.testing.assert_array_equal(default.W_h, glorot.W_h)


def test_every_gate_block_is_drawn_for_itself(rng):
    bound = math.sqrt(6 / (30 + 20))
    for init, blocks in [(nn.init_lstm, 4), (nn.init_gru, 3)]:
        params = init(rng, 30, 20)
        assert params.W_x.shape == (30, 20 * blocks)
        assert 0.95 * bound < np.abs(params.W_x).max() <= bound
        orthogonal = init(rng, 30, 20, recurrent="orthogonal").W_h
        for block in np.split(orthogonal, blocks, axis=1):
            np.testing.assert_allclose(block @ block.T, np.eye(20), atol=1e-13)
        assert not np.allclose(orthogonal[:, :20], orthogonal[:, 20:40])
    for init, blocks in [(nn.init_mingru, 2), (nn.init_minlstm, 3)]:
        params = init(rng, 30, 20, dtype=np.float32)
        assert params.W.shape == (30, 20 * blocks)
        assert params.W.dtype == params.b.dtype == np.float32
        assert not params.b.any()
        assert not np.allclose(params.W[:, :20], params.W[:, 20:40])


def test_biases_that_remember(rng):
    i, f, g, o = nn.split_gates(nn.init_lstm(rng, 2, 3).b)
    assert (f == 1).all()
    assert not np.concatenate([i, g, o]).any()
    assert (nn.split_gates(nn.init_lstm(rng, 2, 3, forget_bias=-2.5).b)[1] == -2.5).all()
    i, f, g, o = nn.split_gates(nn.init_lstm(rng, 2, 3, chrono=3).b)
    np.testing.assert_array_equal(i, -f)
    assert (f > 0).all()
    assert (f < math.log(2)).all()
    i, f, g, o = nn.split_gates(nn.init_lstm(rng, 2, 400, chrono=100).b)
    np.testing.assert_array_equal(i, -f)
    assert not np.concatenate([g, o]).any()
    spans = np.exp(nn.chrono_bias(rng, 5000, 100))
    assert spans.shape == (5000,)
    assert 1 <= spans.min() < 1.5
    assert 98.5 < spans.max() <= 99
    assert spans.mean() == pytest.approx(50, rel=0.02)
    assert np.exp(f).mean() == pytest.approx(50, rel=0.1)
    r, z, n = np.split(nn.init_gru(rng, 2, 3, update_bias=3).b, 3)
    assert (z == 3).all()
    assert not np.concatenate([r, n]).any()
    assert not nn.init_gru(rng, 2, 3).b.any()
    assert not nn.init_gru(rng, 2, 3).b_m.any()
    chrono = np.split(nn.init_gru(rng, 2, 500, chrono=100).b, 3)[1]
    assert 95 < np.exp(chrono).max() <= 99
    f, i, g = np.split(nn.init_minlstm(rng, 2, 3, forget_bias=2).b, 3)
    assert (f == 2).all()
    assert not np.concatenate([i, g]).any()
    peephole = nn.init_lstm_variant(rng, 2, 3, variant="peephole", forget_bias=3.0, dtype="f4")
    assert (nn.split_gates(peephole.gates.b)[1] == 3).all()
    assert not any(leaf.any() for leaf in nn.tree_leaves(peephole.extra))
    use = nn.init_lstm_variant(rng, 2, 3, variant="use_gate", dtype="f4")
    assert use.extra.W_u.shape == (3, 3)
    assert use.extra.W_u.any()
    assert not use.extra.b_u.any()
    leaves = nn.tree_leaves((peephole, use))
    assert {leaf.dtype for leaf in leaves} == {np.dtype(np.float32)}


def test_other_starts(rng):
    dense = nn.init_dense(rng, 40, 60)
    assert dense.W.shape == (40, 60)
    assert 0.95 * math.sqrt(6 / 100) < np.abs(dense.W).max() <= math.sqrt(6 / 100)
    assert not dense.b.any()
    embedding = nn.init_embedding(rng, 200, 100, dtype=np.float32)
    assert embedding.E.shape == (200, 100)
    assert embedding.E.dtype == np.float32
    assert embedding.E.std() == pytest.approx(1, rel=0.02)
    layers = nn.init_tdnn(rng, 2, [(3, 4), (2, 5)], activation="relu", dtype=np.float32)
    assert [layer.dense.W.shape for layer in layers] == [(6, 4), (8, 5)]
    assert [(layer.m, layer.activation) for layer in layers] == [(3, "relu"), (2, "relu")]
    assert layers[0].dense.W.dtype == np.float32
    lm = nn.init_window_lm(rng, 7, 3, 2, 5, dtype=np.float32)
    shapes = [leaf.shape for leaf in nn.tree_leaves(lm)]
    assert shapes == [(7, 2), (6, 5), (5,), (5, 7), (7,)]
    assert {leaf.dtype for leaf in nn.tree_leaves(lm)} == {np.dtype(np.float32)}


def test_a_time_delay_net_sees_so_far_and_no_further(rng):
    layers = nn.init_tdnn(rng, 1, [(3, 4), (2, 3)])
    x = rng.standard_normal((9, 1, 1))
    h, _ = nn.tdnn_forward(x, layers)
    for age, seen in [(0, True), (3, True), (4, False), (-1, False)]:
        other = x.copy()
        other[6 - age] += 1.0
        change = np.abs(nn.tdnn_forward(other, layers)[0][6] - h[6]).max()
        assert bool(change > 1e-6) is seen, age


def test_the_window_model_is_the_embedding_window_and_two_layers(rng):
    params = nn.init_window_lm(rng, 5, 2, 3, 4)
    tokens = np.array([[1], [4], [2]])
    y, _ = nn.window_lm_forward(tokens, params)
    E = params.embedding.E
    for t, window in enumerate([np.r_[np.zeros(3), E[1]], np.r_[E[1], E[4]], np.r_[E[4], E[2]]]):
        h = np.tanh(window @ params.hidden.W + params.hidden.b)
        np.testing.assert_allclose(y[t, 0], h @ params.readout.W + params.readout.b, rtol=1e-13)


def test_jacobians_three_ways(rng):
    T, B, H = 5, 3, 4
    for activation in ("tanh", "sigmoid", "linear"):
        params = nn.init_rnn(rng, 2, H)
        x, mask = rng.standard_normal((T, B, 2)), nn.mask_from_lengths([5, 2, 4], T)
        mask[0, 1] = False
        _, tape = nn.rnn_forward(x, params, activation=activation, mask=mask)
        J = nn.rnn_jacobians(tape)
        for t in range(T):
            step = nn.step_jacobian(
                lambda h, x_t=x[t], p=params, a=activation: nn.rnn_step(x_t, h, p, activation=a),
                tape.states[t],
            )
            wanted = np.where(mask[t][:, None, None], step, np.eye(H))
            np.testing.assert_allclose(J[t], wanted, rtol=1e-12, atol=1e-15)
        dh = rng.standard_normal((B, H))
        by_lag = nn.state_gradients(nn.rnn_backward, tape, dh)
        for lag in range(T + 1):
            np.testing.assert_allclose(by_lag[lag][0], dh, rtol=1e-11, atol=1e-13)
            dh = np.einsum("bk,bkj->bj", dh, J[T - 1 - lag]) if lag < T else dh


def test_the_linear_network_shrinks_by_exactly_the_spectral_radius(rng):
    W_h = 0.9 * nn.orthogonal(rng, 6, 6)
    params = nn.RNNParams(nn.glorot(rng, 1, 6), W_h, np.zeros(6))
    _, tape = nn.rnn_forward(rng.standard_normal((20, 2, 1)), params, activation="linear")
    norms = nn.gradient_norm_by_lag(nn.rnn_backward, tape, rng.standard_normal((2, 6)))
    np.testing.assert_allclose(norms, norms[0] * 0.9 ** np.arange(21), rtol=1e-12)


def test_along_the_cell_alone_the_gradient_is_the_product_of_forget_gates(rng):
    T, mask = 4, nn.mask_from_lengths([4, 2], 4)
    params = nn.init_lstm(rng, 2, 3)
    _, _, tape = nn.lstm_forward(rng.standard_normal((T, 2, 2)), params, mask=mask)
    path = nn.cell_path_by_lag(tape)
    f = nn.split_gates(tape.gates)[1]
    assert path.shape == (T + 1, 2, 3)
    np.testing.assert_array_equal(path[0], np.ones((2, 3)))
    np.testing.assert_allclose(path[:, 0], np.cumprod(np.r_[np.ones((1, 3)), f[::-1, 0]], axis=0))
    np.testing.assert_allclose(path[2, 1], np.ones(3))
    np.testing.assert_allclose(path[4, 1], f[0, 1] * f[1, 1])
    blind = nn.LSTMParams(np.zeros((2, 12)), np.zeros((3, 12)), params.b)
    _, _, tape = nn.lstm_forward(rng.standard_normal((T, 2, 2)), blind)
    np.testing.assert_allclose(nn.cell_path_by_lag(tape)[3], sigma(1) ** 3, rtol=1e-14)


def test_the_worst_entry_is_named():
    wanted = {"W_h": np.array([[1.0, 2.0], [4.0, -10.0]]), "b": np.zeros(2)}
    got = {"W_h": wanted["W_h"] + [[0, 0], [0.5, 0.1]], "b": np.zeros(2)}
    worst = nn.compare_gradients(got, wanted)
    assert (worst.where, worst.got, worst.wanted) == ("W_h[1, 0]", 4.5, 4.0)
    assert worst.error == pytest.approx(0.05)
    assert str(worst) == "largest relative error 5.0e-02 at W_h[1, 0]: got 4.5, wanted 4"
    alike = nn.compare_gradients(wanted, wanted)
    assert (alike.error, alike.where, alike.got, alike.wanted) == (0, "W_h[0, 0]", 1.0, 1.0)
    tie = nn.compare_gradients(
        [np.array([2.0, 4.0]), np.array([4.0])], [np.array([4.0, 4.0]), np.array([2.0])]
    )
    assert (tie.error, tie.where) == (0.5, "0[0]")
    tiny = nn.compare_gradients(np.array([1e-9, 2e-9]), np.array([1e-9, 1e-9]))
    assert tiny.error == pytest.approx(0.5)
    broken = {"W_h": wanted["W_h"], "b": np.array([0, np.nan])}
    worst = nn.compare_gradients(broken, wanted)
    assert worst.where == "b[1]"
    assert worst.error == math.inf
    assert nn.compare_gradients(np.zeros(()), np.ones(())).where == "params"
    half = nn.compare_gradients(np.array([0.0, 1.0]), np.array([0.0, 2.0]))
    assert half.error == pytest.approx(0.5)
    assert nn.compare_gradients(np.array([3.0]), np.array([1.0])).error == pytest.approx(2 / 3)


def test_measured_gradients_of_a_known_function():
    at = {"a": np.array([1.0, -2.0]), "b": np.array(3.0)}
    before = nn.tree_map(np.copy, at)

    def loss(tree):
        return (tree["a"] ** 3).sum() * tree["b"]

    wanted = {"a": np.array([9.0, 36.0]), "b": np.array(-7.0)}
    assert nn.compare_gradients(nn.complex_step_gradient(loss, at), wanted).error < 1e-15
    assert nn.compare_gradients(nn.numerical_gradient(loss, at), wanted).error < 1e-9
    rough = nn.complex_step_gradient(loss, at, eps=0.1)["a"]
    np.testing.assert_allclose(rough, wanted["a"] - 3 * 0.1**2, rtol=1e-10)
    rough = nn.numerical_gradient(loss, at, eps=0.1)["a"]
    np.testing.assert_allclose(rough, wanted["a"] + 3 * 0.1**2, rtol=1e-10)
    for name, array in before.items():
        np.testing.assert_array_equal(at[name], array)


def test_state_is_carried_between_batches_by_the_objective(rng):
    params = nn.init_lstm(rng, 2, 3)
    x = rng.standard_normal((6, 4, 2))

    def piece(params, x, carried):
        h, _, tape = nn.lstm_forward(x, params, *carried)
        grads, *_ = nn.lstm_backward(np.ones_like(h), tape)
        return h.sum(), grads, tape.final_state

    objective = nn.TruncatedBPTT(piece)
    assert objective.carried == ()
    losses = [objective(params, x_w)[0] for (x_w,) in nn.pieces(2, x)]
    h, c, _ = nn.lstm_forward(x, params)
    np.testing.assert_allclose(losses, h.reshape(3, -1).sum(axis=1))
    np.testing.assert_allclose(objective.carried[0], h[-1])
    np.testing.assert_allclose(objective.carried[1], c[-1])
    assert all(array.base is None for array in objective.carried)  # no tape is kept alive
    saved = objective.state()
    other = nn.TruncatedBPTT(piece)
    other.load_state(saved)
    assert other(params, x[:2])[0] == objective(params, x[:2])[0]
    objective.forget()
    assert objective(params, x[:2])[0] == losses[0]
