"""What problem set 9 says in its text: worked examples, and what its measurements must show."""

import numpy as np
import pytest
from in_process import solved

from course_utils import nn

SET = "ps09_beyond"


@pytest.fixture(scope="module", name="solved")
def everything_solved():
    return solved(SET)


QUERY = np.array([[[2.0, 2.0, 0.0, 0.0]]])
KEYS = np.array([[[1.0, 1.0, 0.0, 0.0]], [[1.0, -1.0, 0.0, 0.0]]])
VALUES = np.array([[[1.0]], [[-1.0]]])


def test_the_worked_example_of_the_lookup(solved):
    got = solved["attend"](QUERY, KEYS, VALUES)
    np.testing.assert_allclose(got["weights"].ravel(), [0.881, 0.119], atol=5e-4)
    np.testing.assert_allclose(got["found"].ravel(), [0.762], atol=5e-4)


def test_the_worked_example_of_the_backward_pass(solved):
    values, weights = np.array([[[1.0]], [[3.0]]]), np.full((1, 2, 1), 0.5)
    one = np.ones((1, 1, 1))
    got = solved["attend_backward"](one, one, np.ones((2, 1, 1)), values, weights)
    # With H = 1, keys of 1 and a query of 1 the scores' gradients are those of the keys.
    np.testing.assert_allclose(got["dkeys"].ravel(), [-0.5, 0.5])
    np.testing.assert_allclose(got["dqueries"].ravel(), [0.0])


def test_the_broken_lookup_gets_the_masked_example_right_and_the_open_one_wrong(solved):
    broken, mended = solved["masked_attend_broken"], solved["masked_attend"]
    padding, open_ = np.array([[True], [False]]), np.array([[True], [True]])
    np.testing.assert_allclose(broken(QUERY, KEYS, VALUES, padding).ravel(), [1.0])
    np.testing.assert_allclose(mended(QUERY, KEYS, VALUES, padding).ravel(), [1.0])
    np.testing.assert_allclose(mended(QUERY, KEYS, VALUES, open_).ravel(), [0.762], atol=5e-4)
    assert abs(broken(QUERY, KEYS, VALUES, open_).item() - 0.762) > 0.1


def test_the_first_step_of_a_causal_layer_is_its_own_value(solved):
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(4, 2, 3)), [rng.normal(size=(3, 5)) for _ in range(3)]
    np.testing.assert_allclose(solved["causal_self_attention"](x, *W)[0], x[0] @ W[2])


def test_the_worked_example_of_the_positions(solved):
    rows = solved["position_vectors"](3, 2)
    np.testing.assert_allclose(rows, [[0, 1], [np.sin(1), np.cos(1)], [np.sin(2), np.cos(2)]])


def test_the_worked_example_of_the_scan(solved):
    half, one = np.full((4, 1, 1), 0.5), np.ones((4, 1, 1))
    seen = solved["scan_sweeps"](half, one)[:, :, 0, 0]
    np.testing.assert_allclose(seen, [[1, 1, 1, 1], [1, 1.5, 1.5, 1.5], [1, 1.5, 1.75, 1.875]])


def test_the_last_sweep_is_the_loop(solved):
    rng = np.random.default_rng(0)
    k, u = rng.uniform(-1, 1, (37, 2, 3)), rng.normal(size=(37, 2, 3))
    loop = nn.recurrence_by_loop(k, u, np.zeros((2, 3)))
    np.testing.assert_allclose(solved["scan_sweeps"](k, u)[-1], loop, atol=1e-12)


def test_the_worked_example_of_the_gate(solved):
    zeros, x, start = np.zeros((1, 1)), np.ones((4, 1, 1)), np.zeros((1, 1))
    got = solved["mingru_states"](x, zeros, np.zeros(1), zeros, np.array([8.0]), start)
    np.testing.assert_allclose(got.ravel(), [4, 6, 7, 7.5])


def test_the_matrix_memory_with_open_gates_is_linear_attention(solved):
    rng = np.random.default_rng(0)
    q, k, v = (rng.normal(size=(5, 2, 3)) for _ in range(3))
    open_, shut = np.ones((5, 2)), np.zeros((5, 2))
    table = np.einsum("qbh,tbh->qtb", q, k)
    past = np.tri(5)[:, :, None]
    want = np.einsum("qtb,tbv->qbv", table * past, v)
    np.testing.assert_allclose(solved["matrix_memory"](q, k, v, open_, open_), want)
    alone = (q * k).sum(axis=-1, keepdims=True) * v
    np.testing.assert_allclose(solved["matrix_memory"](q, k, v, shut, open_), alone)


def test_the_judgements_are_what_the_numbers_say(solved):
    narrow, wide, lookup = (np.array(solved["shares"][n]) for n in ("narrow", "wide", "lookup"))
    assert np.all(wide[1:] > narrow[:-1] - 0.01)  # twice as long, at least as well
    assert np.all(wide[1:4] > narrow[1:4] + 0.1)
    assert np.all(np.diff(narrow) < -0.05)
    assert narrow[-1] < 0.3
    assert lookup[-1] > 0.8  # a blind guess is 1/8
    costs = lookup[:-1] - lookup[1:]  # of each doubling
    assert costs[2:4].min() > 0.02
    assert costs[-1] < 0.5 * costs[-2] < 0.5 * costs[-3]
    early, late = solved["ends"]
    assert early < 0.3 < 0.6 < late


def test_the_gradients_are_measured_ones(solved):
    rng = np.random.default_rng(3)
    x, dh, h_0 = rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 2, 2)), rng.normal(size=(2, 2))
    params = [rng.normal(size=shape) for shape in ((3, 2), (2,), (3, 2), (2,))]
    got = solved["mingru_gradients"](dh, x, *params, h_0)
    names = ("dx", "dW_z", "db_z", "dW_g", "db_g", "dh_0")
    arrays = (x, *params, h_0)

    def loss(tree):
        return np.sum(dh * solved["mingru_states"](*tree))

    for name, wanted in zip(names, nn.numerical_gradient(loss, arrays), strict=True):
        np.testing.assert_allclose(got[name], wanted, atol=1e-7)
