"""Every backward pass against central differences and against the complex step."""

from itertools import product

import numpy as np
import pytest
from nn_cases import CELLS, MAIN, B, D, H, a_mask, gradients, run

from course_utils import nn

ALL_CASES = list(product(("last", "all"), (False, True), (False, True)))
PAIRS_OF_CASES = [  # every pair of settings occurs
    ("last", False, False),
    ("last", True, True),
    ("all", False, True),
    ("all", True, False),
]
CHECKED = [(name, T) for T in (1, 2, 6, 20) for name in CELLS]


@pytest.mark.parametrize(("name", "T"), CHECKED)
def test_backward_is_the_derivative_of_forward(name, T):
    cell = CELLS[name]
    for seed in range(5):
        rng = np.random.default_rng([seed, T])
        params, x = cell.params(rng), rng.standard_normal((T, B, D))
        for loss_on, with_mask, with_state in ALL_CASES if name in MAIN else PAIRS_OF_CASES:
            mask = a_mask(rng, T) if with_mask else None
            states = cell.initial(rng) if with_state else ()
            dh = np.zeros((T, B, H))
            steps = slice(T - 1, T) if loss_on == "last" else slice(T)
            dh[steps] = rng.standard_normal(dh[steps].shape)
            dc_T = rng.standard_normal((B, H)) if cell.states == 2 and with_state else None

            def loss(inputs, dh=dh, dc_T=dc_T, mask=mask):
                params, x, states = inputs
                h, c_T, _ = run(cell, x, params, states, mask)
                return (h * dh).sum() + (0 if dc_T is None else (c_T * dc_T).sum())

            _, _, tape = run(cell, x, params, states, mask)
            dparams, dx, dstates = gradients(cell, dh, dc_T, tape)
            got = dparams, dx, dstates if with_state else ()
            case = name, T, seed, loss_on, with_mask, with_state
            check = check_entries if T == 1 or (T, seed) in {(2, 0), (6, 0)} else check_directions
            check(got, loss, (params, x, states), case)


def check_entries(got, loss, at, case):
    """Entry by entry: 1e-12 of the array's largest entry, 1e-8 of the whole gradient's."""
    if "relu" not in str(case):  # relu compares, so it has no complex step
        exact = nn.compare_gradients(got, nn.complex_step_gradient(loss, at))
        assert exact.error < 1e-12, (case, str(exact))
    central = nn.numerical_gradient(loss, at, eps=1e-5)
    worst = nn.compare_gradients(_flat(got), _flat(central))
    assert worst.error < 1e-8, (case, str(worst))


def check_directions(got, loss, at, case):
    """Along random directions through everything at once: two evaluations stand for all entries."""
    rng = np.random.default_rng(99)
    for _ in range(2):
        direction = nn.tree_map(lambda a: rng.standard_normal(a.shape), at)
        length = np.linalg.norm(_flat(direction))

        def along(s, direction=direction, length=length):
            return loss(nn.tree_map(lambda a, d: a + s * d / length, at, direction))

        terms = _flat(got) * _flat(direction) / length
        scale = np.abs(terms).sum()
        if "relu" not in str(case):
            exact = nn.complex_step_gradient(along, np.zeros(()))
            assert abs(exact - terms.sum()) <= 1e-12 * scale, (case, exact, terms.sum())
        central = nn.numerical_gradient(along, np.zeros(()), eps=1e-5)
        assert abs(central - terms.sum()) <= 1e-8 * scale, (case, central, terms.sum())


def _flat(tree):
    return np.concatenate([leaf.ravel() for leaf in nn.tree_leaves(tree)])


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("with_mask", [False, True])
def test_a_whole_model_with_readout_and_cross_entropy(name, with_mask):
    cell, T, K = CELLS[name], 5, 3
    rng = np.random.default_rng(7)
    params = {"cell": cell.params(rng), "readout": nn.init_dense(rng, H, K)}
    x, targets = rng.standard_normal((T, B, D)), rng.integers(0, K, (T, B))
    mask = a_mask(rng, T) if with_mask else None

    def forward(params):
        h, _, tape = run(cell, x, params["cell"], (), mask)
        y, readout = nn.dense_forward(h, params["readout"])
        return *nn.softmax_cross_entropy(y, targets, mask), tape, readout

    _, dy, tape, readout = forward(params)
    dreadout, dh = nn.dense_backward(dy, readout)
    dcell, _, _ = gradients(cell, dh, None, tape)
    got = {"cell": dcell, "readout": dreadout}
    check_entries(got, lambda params: forward(params)[0], params, (name,))


@pytest.mark.parametrize("with_mask", [False, True])
@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "mingru scan"])
def test_stacked_layers_with_initial_states(name, with_mask):
    cell, T = CELLS[name], 5
    rng = np.random.default_rng(3)
    layers = [cell.params(rng), cell.params(rng, D=H, H=3)]
    states = [cell.initial(rng), cell.initial(rng, H=3)]
    x, dh = rng.standard_normal((T, B, D)), rng.standard_normal((T, B, 3))
    mask = a_mask(rng, T) if with_mask else None

    def forward(inputs):
        layers, x, states = inputs
        return nn.stacked_forward(x, layers, states, forward=cell.forward, mask=mask)

    _, tape = forward((layers, x, states))
    got = nn.stacked_backward(dh, tape, backward=cell.backward)
    at = layers, x, states
    check_entries(got, lambda inputs: (forward(inputs)[0] * dh).sum(), at, (name,))


@pytest.mark.parametrize("with_mask", [False, True])
@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "mingru scan"])
def test_bidirectional_with_initial_states(name, with_mask):
    cell, T = CELLS[name], 5
    rng = np.random.default_rng(4)
    params = nn.BidirectionalParams(cell.params(rng), cell.params(rng))
    states = cell.initial(rng), cell.initial(rng)
    x, dh = rng.standard_normal((T, B, D)), rng.standard_normal((T, B, 2 * H))
    mask = a_mask(rng, T) if with_mask else None

    def forward(inputs):
        params, x, ahead, back = inputs
        return nn.bidirectional_forward(x, params, ahead, back, forward=cell.forward, mask=mask)

    _, tape = forward((params, x, *states))
    got = nn.bidirectional_backward(dh, tape, backward=cell.backward)
    at = params, x, *states
    check_entries(got, lambda inputs: (forward(inputs)[0] * dh).sum(), at, (name,))


@pytest.mark.parametrize("with_mask", [False, True])
def test_attention(with_mask):
    rng = np.random.default_rng(5)
    T, Q, V = 4, 3, 3
    at = tuple(rng.standard_normal(shape) for shape in [(Q, B, H), (T, B, H), (T, B, V)])
    dcontext = rng.standard_normal((Q, B, V))
    mask = a_mask(rng, T) | (np.arange(T)[:, None] == 1) if with_mask else None
    _, _, tape = nn.attention_forward(*at, mask)
    got = nn.attention_backward(dcontext, tape)
    check_entries(got, lambda at: (nn.attention_forward(*at, mask)[0] * dcontext).sum(), at, ("",))


@pytest.mark.parametrize("m", [1, 2, 3, 7])
def test_window_language_model(m):
    rng = np.random.default_rng(6)
    V, T = 4, 5
    tokens, targets = rng.integers(0, V, (2, T, B))
    params = nn.tree_map(
        lambda a: a + 0.1 * rng.standard_normal(a.shape),
        nn.init_window_lm(rng, V, m, D, H),
    )

    def loss(params):
        return nn.softmax_cross_entropy(nn.window_lm_forward(tokens, params)[0], targets)[0]

    y, tape = nn.window_lm_forward(tokens, params)
    _, dy = nn.softmax_cross_entropy(y, targets)
    check_entries(nn.window_lm_backward(dy, tape), loss, params, (m,))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("layers", [[(1, 3)], [(2, 3)], [(3, 2), (2, 4)]])
def test_time_delay_network(layers, activation):
    rng = np.random.default_rng(8)
    at = nn.init_tdnn(rng, D, layers, activation=activation), rng.standard_normal((5, B, D))
    h, tape = nn.tdnn_forward(at[1], at[0])
    dh = rng.standard_normal(h.shape)
    got = nn.tdnn_backward(dh, tape)
    check_entries(got, lambda at: (nn.tdnn_forward(at[1], at[0])[0] * dh).sum(), at, ("",))


@pytest.mark.parametrize("with_mask", [False, True])
def test_losses_return_their_own_gradient(with_mask):
    rng = np.random.default_rng(9)
    y, real = rng.standard_normal((2, 4, B, 3))
    classes = rng.integers(0, 3, (4, B))
    mask = a_mask(rng, 4) if with_mask else None
    for loss, targets in [
        (nn.softmax_cross_entropy, classes),
        (nn.mean_squared_error, real),
    ]:
        _, dy = loss(y, targets, mask)
        check_entries(dy, lambda y, loss=loss, t=targets: loss(y, t, mask)[0], y, (loss.__name__,))


def test_every_earlier_state_has_the_gradient_that_a_shorter_run_from_it_has():
    for name, cell in CELLS.items():
        rng = np.random.default_rng(10)
        T = 5
        params, x = cell.params(rng), rng.standard_normal((T, B, D))
        states, mask = cell.initial(rng), a_mask(rng, T)
        dlast = cell.initial(rng)
        _, _, tape = run(cell, x, params, states, mask)
        by_lag = nn.state_gradients(cell.backward, tape, *dlast)
        assert len(by_lag) == T + 1
        for lag in range(1, T + 1):
            start = T - lag
            part = tape.steps(start, T)
            dh = nn.gradient_at_last_step(dlast[0], lag)
            *_, dstates = gradients(cell, dh, *(dlast[1:] or (None,)), part)
            assert nn.compare_gradients(by_lag[lag], dstates).error < 1e-12, (name, lag)
        norms = nn.gradient_norm_by_lag(cell.backward, tape, *dlast)
        np.testing.assert_allclose(norms, [np.sqrt((d[0] ** 2).sum()) for d in by_lag])


def test_truncated_gradient_is_that_of_the_pieces_run_one_by_one():
    for name, cell in CELLS.items():
        rng = np.random.default_rng(11)
        T = 7
        params, x = cell.params(rng), rng.standard_normal((T, B, D))
        dh, mask = rng.standard_normal((T, B, H)), a_mask(rng, T)
        _, _, tape = run(cell, x, params, (), mask)
        for window in (1, 3, 7, 50):
            state, total, dxs = (), None, []
            for x_w, dh_w, mask_w in nn.pieces(window, x, dh, mask):
                _, _, piece = run(cell, x_w, params, state, mask_w)
                dparams, dx, _ = gradients(cell, dh_w, None, piece)
                total = dparams if total is None else nn.tree_map(np.add, total, dparams)
                dxs.append(dx)
                state = piece.final_state
            got = nn.truncated_backward(cell.backward, dh, tape, window)
            wanted = total, np.concatenate(dxs)
            assert nn.compare_gradients(got, wanted).error < 1e-12, (name, window)
