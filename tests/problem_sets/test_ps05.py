"""What problem set 5 says in its text: worked examples, and where its four logs come from."""

import numpy as np
import pytest
from in_process import solved

from course_utils.experiments.four_logs import SETTINGS, train

SET = "ps05_vanishing_exploding"


@pytest.fixture(scope="module", name="solved")
def everything_solved():
    return solved(SET)


def test_the_worked_example_of_the_jacobian(solved):
    J = solved["step_jacobian"](np.array([[0, 0.5]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.testing.assert_allclose(J, [[[1, 3], [1.5, 3]]])


def test_the_worked_example_of_the_norms(solved):
    h, W_h = np.array([0.5, 0.0]).reshape(2, 1, 1), np.array([[2.0]])
    np.testing.assert_allclose(solved["gradient_norms"](h, W_h, np.ones((1, 1))), [1, 2, 3])
    assert solved["jacobian_over"](h, W_h, 1).ravel() == 2
    assert solved["jacobian_over"](h, W_h, 2).ravel() == 3
    assert solved["jacobian_over_broken"](h, W_h, 2).ravel() == 2


def test_the_worked_examples_of_the_factor(solved):
    factor = solved["factor_per_step"]
    np.testing.assert_allclose(factor(np.array([8.0, 4, 2, 1]), 0), 0.5)
    np.testing.assert_allclose(factor(np.array([16.0, 4, 2, 1]), 1), 0.5)


def test_the_worked_examples_of_the_starts(solved):
    turn = np.array([[0.0, -2.0], [2.0, 0.0]])
    np.testing.assert_allclose(solved["scale_to_radius"](turn, 1.0), turn / 2)
    np.testing.assert_allclose(solved["orthogonal_from"](np.array([[-3.0]])), [[-1]])


def test_the_worked_example_of_clipping(solved):
    grads = {"W": np.array([3.0, 4.0]), "b": np.array([12.0])}
    clipped, norm = solved["clip_by_global_norm"](grads, 1.3)
    np.testing.assert_allclose(clipped["W"], [0.3, 0.4])
    np.testing.assert_allclose(clipped["b"], [1.2])
    assert norm == 13


def critical(solved, rng, T, B, H, noise):
    W, x = rng.normal(size=(H, H)), noise * rng.normal(size=(T, B, H))
    radius = solved["critical_radius"](W, x, rng.normal(size=(B, H)))
    return radius, np.linalg.norm(solved["scale_to_radius"](W, radius), 2)


def test_at_the_critical_radius_of_tanh_the_spectral_norm_is_above_one(solved):
    rng = np.random.default_rng(0)
    for noise in (0.05, 0.3, 0.6):
        radius, norm = critical(solved, rng, 10, 4, 16, noise)
        assert radius > 1
        assert norm > 1
    # Over a single step the radius itself may be below 1, as the hint says.
    steps = np.array([critical(solved, rng, 1, 3, 12, 0.3) for _ in range(20)])
    assert steps[:, 0].min() < 1
    assert steps[:, 1].min() > 1


@pytest.mark.parametrize("name", SETTINGS)
def test_the_logs_are_what_training_prints(solved, name):
    shown, setting = solved["logs"][name], SETTINGS[name]
    log = train(setting)
    assert shown["clip"] == setting.clip
    np.testing.assert_allclose(shown["by_lag"], log.by_lag[::3], rtol=0.06)
    known = 1 if name == "C" else None  # after the explosion the last digit decides
    np.testing.assert_allclose(shown["loss"][:known], log.loss[:known], atol=0.02)
    np.testing.assert_allclose(shown["norm"][:known], log.norm[:known], rtol=0.03)
    assert log.loss[-1] > 1.3  # nothing was learned


def test_the_far_gradient_of_log_d_is_cut_and_not_small(solved):
    logs = solved["logs"]
    heard = np.array(logs["D"]["by_lag"]) > 0
    np.testing.assert_array_equal(np.array(logs["B"]["by_lag"])[heard], logs["D"]["by_lag"][:4])
    assert min(logs["A"]["by_lag"]) > 0
