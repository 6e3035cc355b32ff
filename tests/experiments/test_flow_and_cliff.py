"""Experiments without training: gradient factors and the cliff, at the numbers measured before."""

import numpy as np
import pytest

from course_utils.experiments import cliff
from course_utils.experiments.gradient_flow import GradientFlow, lstm_flow, rnn_flow

FEW = {"seeds": range(2), "B": 8}


@pytest.mark.parametrize(
    ("radius", "activation", "measured"),
    [
        (0.5, "tanh", 0.40),
        (0.9, "tanh", 0.68),
        (1.5, "tanh", 0.96),
        (4.0, "tanh", 1.48),
        (0.9, "sigmoid", 0.20),
        (4.0, "sigmoid", 0.62),
    ],
)
def test_factor_of_a_simple_network(radius, activation, measured):
    assert rnn_flow(radius, activation, **FEW).factor == pytest.approx(measured, abs=0.04)


def test_a_linear_network_multiplies_by_its_spectral_radius():
    for radius in (0.9, 1.1):
        flow = rnn_flow(radius, "linear", lags=100, **FEW)
        assert flow.factor == pytest.approx(radius, rel=0.01)


def test_an_orthogonal_network_keeps_what_tanh_leaves():
    noisy = rnn_flow(weights="orthogonal", **FEW).factor
    quiet = rnn_flow(weights="orthogonal", noise=0.05, **FEW).factor
    assert noisy == pytest.approx(0.76, abs=0.03)
    assert quiet > 0.95


@pytest.mark.parametrize(("bias", "measured"), [(0, 0.60), (1, 0.81), (3, 1.00), (5, 1.02)])
def test_forget_bias_decides_how_far_the_gradient_reaches(bias, measured):
    assert lstm_flow(bias, **FEW).factor == pytest.approx(measured, abs=0.05)


@pytest.mark.parametrize("bias", [0, 2, 5])
def test_the_cell_alone_keeps_the_sigmoid_of_its_bias(bias):
    flow = lstm_flow(bias, path="cell", **FEW)
    assert flow.factor == pytest.approx(1 / (1 + np.exp(-bias)), abs=0.01)


def test_factor_is_the_slope_of_the_logarithm():
    flow = GradientFlow("made", 3.0 * 0.5 ** np.arange(41))
    assert flow.factor == pytest.approx(0.5)
    assert rnn_flow(0.9, lags=20, **FEW).norms.shape == (21,)
    assert rnn_flow(0.9, lags=20, **FEW).norms[0] == 1


class TestCliff:
    def test_gradient_is_that_of_the_loss(self):
        w, b = np.array([4.9, 5.3, 3.0]), np.array([-2.6, -2.75, 1.0])
        _, dw, db = cliff.loss_and_gradient(w, b, steps=12)
        eps = 1e-6
        for got, (sw, sb) in ((dw, (eps, 0)), (db, (0, eps))):
            up, down = (
                cliff.loss_and_gradient(w + s * sw, b + s * sb, steps=12)[0] for s in (1, -1)
            )
            assert got == pytest.approx((up - down) / (2 * eps), rel=1e-6, abs=1e-9)

    def test_steepest_point_measured(self):
        _, dw, db = cliff.loss_and_gradient(5.12, -2.687)
        assert np.hypot(dw, db) == pytest.approx(9780, rel=1e-3)

    def test_the_loss_falls_off_within_three_hundredths(self):
        losses, _, _ = cliff.loss_and_gradient([5.10, 5.13], -2.687)
        assert losses == pytest.approx([0.356, 0.015], abs=5e-4)

    def test_clipping_keeps_every_step_short(self):
        for clip in (1.0, 0.1):
            ((walk,),) = cliff.walks([clip], [(5.2, -2.7)], lr=0.02, updates=100)
            assert walk.longest_step <= 0.02 * clip * (1 + 1e-9)
        assert len(walk.loss) == len(walk.w) == len(walk.grad_norm) + 1 == 101

    def test_without_clipping_the_cliff_throws_it_far_away(self):
        free, clipped = cliff.walks([None, 1.0], cliff.starts_around(side=3), updates=400)
        assert np.median([walk.longest_step for walk in free]) > 1
        assert np.median([walk.loss[-1] for walk in clipped]) < 0.02
        assert np.median([walk.loss[-1] for walk in free]) > 0.02

    def test_surface_has_its_axes_the_right_way_round(self):
        w, b, loss, norm = cliff.surface((4.5, 5.5), (-3.0, -2.5), points=5)
        assert loss.shape == norm.shape == (5, 5)
        assert loss[3, 1] == cliff.loss_and_gradient(w[1], b[3])[0]
