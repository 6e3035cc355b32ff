"""What must hold for every cell, every size and every mask: found by hypothesis, not by us."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nn_cases import CELLS, a_mask, gradients, run

from course_utils import nn

sizes = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=15, derandomize=True)
every_cell = pytest.mark.parametrize("name", CELLS)


def close(got, wanted):
    np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-12)


def alike(got, wanted):
    for g, w in zip(nn.tree_leaves(got), nn.tree_leaves(wanted), strict=True):
        close(g, w)


def setting(name, seed, T, B, D, H):
    cell, rng = CELLS[name], np.random.default_rng(seed)
    params, x = cell.params(rng, D, H), rng.standard_normal((T, B, D))
    return cell, rng, params, x, cell.initial(rng, B, H)


@every_cell
@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_shapes_and_dtypes(name, seed, T, B, D, H):
    cell, rng, params, x, states = setting(name, seed, T, B, D, H)
    h, c_T, tape = run(cell, x, params, states, a_mask(rng, T, B))
    dparams, dx, dstates = gradients(cell, rng.standard_normal(h.shape), c_T, tape)
    assert h.shape == (T, B, H)
    assert dx.shape == x.shape
    assert [d.shape for d in dstates] == [(B, H)] * cell.states
    assert [state.shape for state in tape.final_state] == [(B, H)] * cell.states
    assert type(dparams) is type(params)
    for (path, d), (wanted, p) in zip(nn.tree_items(dparams), nn.tree_items(params), strict=True):
        assert (path, d.shape, d.dtype) == (wanted, p.shape, p.dtype)


@every_cell
@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_nothing_that_came_in_is_changed(name, seed, T, B, D, H):
    cell, rng, params, x, states = setting(name, seed, T, B, D, H)
    mask, dh = a_mask(rng, T, B), rng.standard_normal((T, B, H))
    before = nn.tree_map(np.copy, (params, x, states, mask, dh))
    h, c_T, tape = run(cell, x, params, states, mask)
    kept = h.copy()
    first = gradients(cell, dh, c_T, tape)
    second = gradients(cell, dh, c_T, tape)  # a tape can be used twice
    for a, b in zip(nn.tree_leaves(first), nn.tree_leaves(second), strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(h, kept)
    after = nn.tree_leaves((params, x, states, mask, dh))
    for a, b in zip(nn.tree_leaves(before), after, strict=True):
        assert np.array_equal(a, b)


@every_cell
@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_steps_one_by_one_are_the_forward_pass(name, seed, T, B, D, H):
    cell, _, params, x, states = setting(name, seed, T, B, D, H)
    h, c_T, _ = run(cell, x, params, states, None)
    for t in range(T):
        out = cell.step(x[t], *states, params)
        states = out if isinstance(out, tuple) else (out,)
        close(states[0], h[t])
    if c_T is not None:
        close(states[1], c_T)


@every_cell
@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_each_sequence_of_a_batch_goes_its_own_way(name, seed, T, B, D, H):
    cell, rng, params, x, states = setting(name, seed, T, B, D, H)
    mask, dh = a_mask(rng, T, B), rng.standard_normal((T, B, H))
    h, c_T, tape = run(cell, x, params, states, mask)
    dparams, dx, dstates = gradients(cell, dh, c_T, tape)
    total = nn.tree_map(np.zeros_like, params)
    for b in range(B):
        one = slice(b, b + 1)
        alone, c_alone, tape = run(cell, x[:, one], params, [s[one] for s in states], mask[:, one])
        close(alone, h[:, one])
        dalone, dx_alone, dstates_alone = gradients(cell, dh[:, one], c_alone, tape)
        close(dx_alone, dx[:, one])
        alike(dstates_alone, tuple(d[one] for d in dstates))
        total = nn.tree_map(np.add, total, dalone)
    alike(dparams, total)


@every_cell
@few
@given(seeds, st.integers(2, 6), sizes, sizes, sizes, st.data())
def test_a_run_can_be_cut_and_continued_anywhere(name, seed, T, B, D, H, data):
    cell, rng, params, x, states = setting(name, seed, T, B, D, H)
    cut = data.draw(st.integers(1, T - 1))
    mask = a_mask(rng, T, B)
    h, c_T, _ = run(cell, x, params, states, mask)
    first, _, tape = run(cell, x[:cut], params, states, mask[:cut])
    rest, c_rest, _ = run(cell, x[cut:], params, tape.final_state, mask[cut:])
    close(np.concatenate([first, rest]), h)
    if c_T is not None:
        close(c_rest, c_T)


@every_cell
@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_a_mask_is_the_same_as_leaving_the_steps_out(name, seed, T, B, D, H):
    cell, rng, params, x, states = setting(name, seed, T, B, D, H)
    mask = rng.random((T, B)) > 0.4
    dh = rng.standard_normal((T, B, H))
    h, c_T, tape = run(cell, x, params, states, mask)
    dparams, dx, dstates = gradients(cell, dh, c_T, tape)
    total = nn.tree_map(np.zeros_like, params)
    for b in range(B):
        one, happens = slice(b, b + 1), mask[:, b]
        start = [s[one] for s in states]
        seen = np.cumsum(happens)  # after step t the state is that after `seen[t]` true steps
        steps = np.flatnonzero(happens)
        if not len(steps):
            close(h[:, b], np.repeat(states[0][one], T, axis=0))
            close(dstates[0][one], dh[:, b].sum(axis=0, keepdims=True))
            assert not dx[:, b].any()
            continue
        short, c_short, tape = run(cell, x[steps][:, one], params, start, None)
        path = np.concatenate([start[0][None], short])[:, 0]
        close(h[:, b], path[seen])
        dshort = np.zeros_like(path)
        np.add.at(dshort, seen, dh[:, b])
        dalone, dx_short, dstart = gradients(cell, dshort[1:, None], c_short, tape)
        close(dx[steps][:, one], dx_short)
        assert not dx[~happens, b].any()
        close(dstates[0][one], dstart[0] + dshort[:1])
        alike(dstates[1:] and (dstates[1][one],), dstart[1:])
        total = nn.tree_map(np.add, total, dalone)
    alike(dparams, total)


@every_cell
@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_float32_comes_out_as_float32(name, seed, T, B, D, H):
    cell, rng, params, x, states = setting(name, seed, T, B, D, H)
    params, x, states = nn.tree_map(lambda a: a.astype(np.float32), (params, x, states))
    h, c_T, tape = run(cell, x, params, states, a_mask(rng, T, B))
    leaves = nn.tree_leaves((h, gradients(cell, np.ones_like(h), c_T, tape)))
    assert {leaf.dtype for leaf in leaves} == {np.dtype(np.float32)}


@few
@given(seeds, st.integers(1, 40), sizes, sizes)
def test_the_scan_is_the_loop(seed, T, B, H):
    rng = np.random.default_rng(seed)
    k, u = rng.standard_normal((2, T, B, H))
    h_0 = rng.standard_normal((B, H))
    before = k.copy(), u.copy(), h_0.copy()
    close(nn.recurrence_by_scan(k, u, h_0), nn.recurrence_by_loop(k, u, h_0))
    for a, b in zip(before, (k, u, h_0), strict=True):
        assert np.array_equal(a, b)


@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_composed_layers_are_the_layers_run_by_hand(seed, T, B, D, H):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((T, B, D))
    layers = [nn.init_lstm(rng, D, H), nn.init_lstm(rng, H, 3), nn.init_lstm(rng, 3, 2)]
    h, tape = nn.stacked_forward(x, layers, forward=nn.lstm_forward)
    by_hand = x
    for params, last in zip(layers, tape.final_state, strict=True):
        by_hand, c, _ = nn.lstm_forward(by_hand, params)
        close(last[0], by_hand[-1])
        close(last[1], c[-1])
    close(h, by_hand)

    both = nn.BidirectionalParams(nn.init_gru(rng, D, H), nn.init_gru(rng, D, H))
    h, _ = nn.bidirectional_forward(x, both, forward=nn.gru_forward)
    close(h[..., :H], nn.gru_forward(x, both.forwards)[0])
    close(h[::-1, :, H:], nn.gru_forward(x[::-1], both.backwards)[0])


@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_a_masked_sequence_is_read_both_ways_as_if_it_were_alone(seed, T, B, D, H):
    rng = np.random.default_rng(seed)
    x, lengths = rng.standard_normal((T, B, D)), rng.integers(1, T + 1, B)
    both = nn.BidirectionalParams(nn.init_gru(rng, D, H), nn.init_gru(rng, D, H))
    mask = nn.mask_from_lengths(lengths, T)
    h, _ = nn.bidirectional_forward(x, both, forward=nn.gru_forward, mask=mask)
    for b, length in enumerate(lengths):
        alone, _ = nn.bidirectional_forward(x[:length, [b]], both, forward=nn.gru_forward)
        close(h[:length, [b]], alone)


@few
@given(seeds, sizes, sizes, sizes, st.integers(1, 7))
def test_windows_hold_the_last_inputs(seed, T, B, D, m):
    x = np.random.default_rng(seed).standard_normal((T, B, D))
    w = nn.windows(x, m)
    assert w.shape == (T, B, m * D)
    for t in range(T):
        for age in range(m):  # 0 is the present, and stands last
            block = w[t, :, (m - 1 - age) * D : (m - age) * D]
            close(block, x[t - age] if age <= t else np.zeros((B, D)))
    dw = np.random.default_rng(seed + 1).standard_normal(w.shape)
    close((nn.windows_backward(dw, m) * x).sum(), (dw * w).sum())  # the adjoint of a linear map


@few
@given(seeds, sizes, sizes, sizes, sizes)
def test_attention_weights_and_steps(seed, T, B, Q, V):
    rng = np.random.default_rng(seed)
    queries, keys = rng.standard_normal((Q, B, 3)), rng.standard_normal((T, B, 3))
    values = rng.standard_normal((T, B, V))
    mask = rng.random((T, B)) > 0.4
    mask[rng.integers(T)] = True
    context, weights, _ = nn.attention_forward(queries, keys, values, mask)
    assert weights.shape == (Q, T, B)
    close(weights.sum(axis=1), np.ones((Q, B)))
    assert not weights[:, ~mask].any()
    close(context, np.einsum("qtb,tbv->qbv", weights, values))
    for q in range(Q):
        one, its_weights = nn.attention_step(queries[q], keys, values, mask)
        close(one, context[q])
        close(its_weights, weights[q])


@few
@given(seeds, sizes, sizes, sizes)
def test_an_embedding_is_one_hot_times_its_matrix(seed, T, B, D):
    rng = np.random.default_rng(seed)
    V = 4
    params, tokens = nn.init_embedding(rng, V, D), rng.integers(0, V, (T, B))
    x, tape = nn.embedding_forward(tokens, params)
    hot = nn.one_hot(tokens, V)
    close(x, hot @ params.E)
    dx = rng.standard_normal(x.shape)
    close(nn.embedding_backward(dx, tape).E, np.einsum("tbv,tbd->vd", hot, dx))


@few
@given(seeds, sizes, sizes, st.integers(2, 6))
def test_cross_entropy_counts_what_the_mask_says(seed, T, B, K):
    rng = np.random.default_rng(seed)
    y, targets = 5 * rng.standard_normal((T, B, K)), rng.integers(0, K, (T, B))
    mask = a_mask(rng, T, B)
    loss, dy = nn.softmax_cross_entropy(y, targets, mask)
    kept, dkept = nn.softmax_cross_entropy(y[mask], targets[mask])
    close(loss, kept)
    close(dy[mask], dkept)
    assert not dy[~mask].any()
    close(dy.sum(axis=-1), np.zeros((T, B)))
    masked = np.where(mask, targets, -1)  # what stands under the mask does not matter
    assert nn.softmax_cross_entropy(y, masked, mask)[0] == loss
    shifted, _ = nn.softmax_cross_entropy(y + 1e3, targets, mask)
    np.testing.assert_allclose(shifted, loss, rtol=1e-9)

    real = rng.standard_normal(y.shape)
    loss, dy = nn.mean_squared_error(y, real, mask)
    kept, dkept = nn.mean_squared_error(y[mask], real[mask])
    close(loss, kept)
    close(dy[mask], dkept)
    assert not dy[~mask].any()
