"""Chapter 05's experiments: a bit and its gradient, walks in step, four logs, and their figures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.experiments import bit_memory, cliff, four_logs
from course_utils.figures import vanishing
from course_utils.nn import spectral_radius
from course_utils.nn.optimisers import SGD, clip_by_global_norm


@pytest.fixture(scope="module")
def latch():
    return bit_memory.bit_memory(bit_memory.latches(4), lags=10, B=100)


def test_a_latch_keeps_its_bit_and_loses_its_gradient(latch):
    assert latch.read.min() == 1
    assert latch.gradient[0] == 1
    assert latch.gradient.shape == latch.read.shape == (11,)
    ratio = latch.gradient[1:] / latch.gradient[:-1]
    assert np.all((ratio[:-2] > 0.1) & (ratio[:-2] < 0.25))  # w (1 - h*²) is 0.166


def test_a_silent_network_remembers_nothing():
    quiet = bit_memory.bit_memory(bit_memory.random_network(4, 1e-6), lags=3, B=400)
    assert quiet.read[0] == 1
    assert np.all(np.abs(quiet.read[1:] - 0.5) < 0.15)


@pytest.mark.parametrize("spread", ["gaussian", "orthogonal"])
def test_random_networks_have_the_radius_asked_for(spread):
    W_h = bit_memory.random_network(8, 0.7, spread=spread).W_h
    assert np.isclose(spectral_radius(W_h), 0.7)


def test_walks_are_gradient_descent_with_a_clipped_norm():
    start = (5.5, -2.2)  # far from the wall, where rounding does not matter
    together = cliff.walks([None, 0.05], [start, (5.6, -2.3)], lr=0.1, updates=20)
    for group, clip in zip(together, (None, 0.05), strict=True):
        params = {"w": np.array(start[0]), "b": np.array(start[1])}
        optimiser = SGD(0.1)
        state = optimiser.init(params)
        for step in range(20):
            _, dw, db = cliff.loss_and_gradient(params["w"], params["b"])
            grads, norm = clip_by_global_norm({"w": dw, "b": db}, clip or np.finfo(float).max)
            params, state = optimiser.update(params, grads, state)
            assert group[0].grad_norm[step] == pytest.approx(norm, rel=1e-9)
        assert group[0].clip == clip
        assert (group[0].w[-1], group[0].b[-1]) == pytest.approx((params["w"], params["b"]))


def test_no_clipped_step_is_longer_than_the_threshold_allows():
    (walks,) = cliff.walks([0.1], cliff.starts_around(side=3), lr=0.05, updates=50)
    assert len(walks) == 9
    assert max(walk.longest_step for walk in walks) <= 0.1 * 0.05 * (1 + 1e-9)


def test_the_middle_start_is_the_centre():
    starts = cliff.starts_around((1.0, 2.0), 0.1, 3)
    assert np.allclose(starts[4], (1.0, 2.0))
    assert np.allclose(starts[0], (0.9, 1.9))


def test_a_log_that_goes_back_ten_steps_is_silent_beyond():
    log = four_logs.train(four_logs.SETTINGS["D"], updates=2, every=1)
    assert log.loss.shape == log.norm.shape == (3,)
    assert np.all(log.by_lag[:10] > 0)
    assert not log.by_lag[10:].any()


def test_the_figures_draw_what_they_are_given(latch):
    fig = vanishing.gradient_and_memory({"latch": latch}, title="A claim")
    left, right = fig.axes
    np.testing.assert_array_equal(left.lines[0].get_ydata(), latch.gradient)
    np.testing.assert_array_equal(right.lines[0].get_ydata(), latch.read)
    fig = vanishing.by_lag({"a": np.array([1, 1e-20])}, title="B", ylabel="y", mark=(1, "here"))
    assert np.isnan(fig.axes[0].lines[0].get_ydata()[1])
    radii = np.array([0.5, 1.0])
    fig = vanishing.factor_by_radius(radii, {"tanh": radii / 2}, {"dot": (1.0, 0.5)}, title="C")
    assert [line.get_label() for line in fig.axes[0].lines[:2]] == ["tanh", "dot"]
    plt.close("all")
