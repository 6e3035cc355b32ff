"""What problem set 4 says in its text: worked examples, and what its three broken sweeps do."""

import numpy as np
import pytest
from in_process import solved

from course_utils import nn

SET = "ps04_bptt"


@pytest.fixture(scope="module", name="solved")
def everything_solved():
    return solved(SET)


def test_the_worked_example_of_one_step(solved):
    W_h = np.array([[0.0, 1.0], [0.5, 0.0]])
    got = solved["rnn_step_backward"](
        np.ones((1, 2)), np.array([[2.0]]), np.array([[0.5, 0.0]]), np.array([[0.6, 0.0]]),
        np.ones((1, 2)), W_h,
    )  # fmt: skip
    np.testing.assert_allclose(got["dW_x"], [[1.28, 2]])
    np.testing.assert_allclose(got["dW_h"], [[0.32, 0.5], [0, 0]])
    np.testing.assert_allclose(got["dh_prev"], [[1, 0.32]])


def test_the_worked_example_of_the_sweep(solved):
    dh, h = np.array([0.0, 1.0])[:, None, None], np.array([0.6, 0.8])[:, None, None]
    one = np.ones((1, 1))
    got = solved["rnn_backward"](dh, 0 * dh, h, 0 * one, one, one)
    np.testing.assert_allclose(got["dW_h"], [[0.216]])
    np.testing.assert_allclose(got["db"], [0.5904])


def test_the_worked_example_of_measuring(solved):
    got = solved["numerical_gradient"](lambda w: w[0] ** 2 + 3 * w[1], np.array([2.0, 5.0]), 0.1)
    np.testing.assert_allclose(got, [4, 3])


def test_the_worked_example_of_going_forward(solved):
    one, ones = np.ones((1, 1)), np.ones((2, 1))
    got = solved["running_gradient"](0 * ones, np.array([0.5]), ones, one, one, np.zeros(1))
    np.testing.assert_allclose(got.ravel(), [0.393, 1.089], atol=5e-4)


def test_each_broken_sweep_is_right_at_one_step_and_wrong_at_two(solved):
    rng = np.random.default_rng(0)
    for T, same in ((1, True), (2, False)):
        h, dh, x = np.tanh(rng.normal(size=(3, T, 2, 4)))
        W = rng.normal(size=(4, 4))
        pairs = [
            ("columns", (dh[:, 0], x[:, 0], h[:, 0], W)),
            ("leaky", (dh, x, h, h[0], W, 0.3)),
            ("memory", (dh, h, W, 0.8)),
        ]
        for name, arguments in pairs:
            broken = solved[f"broken_{name}"](*arguments)
            mended = solved[f"mended_{name}"](*arguments)
            assert all(np.allclose(broken[key], mended[key]) for key in mended) == same, name


def test_the_verdicts_follow_from_the_curves_with_room_to_spare(solved):
    eps = 10.0 ** -np.arange(1, 11)
    curves = {
        who: solved["error_curve"](loss, solved["W_judged"], claimed, eps)
        for who, (loss, claimed) in solved["claims"].items()
    }
    assert curves["Ben"].min() < 1e-9
    assert 1e-6 < curves["Ada"].min() < 1e-4
    assert curves["Cleo"].min() > 1e-5
    assert curves["Dan"].min() > 0.05
    truth = nn.complex_step_gradient(solved["loss_fine"], solved["W_judged"])
    np.testing.assert_allclose(solved["claims"]["Cleo"][1], truth, rtol=1e-11)
    floor = curves["Ada"][(eps < 1e-4) & (eps > 1e-9)]
    assert floor.max() < 1.1 * floor.min()
