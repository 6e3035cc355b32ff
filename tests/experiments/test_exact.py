"""Arithmetic that every processor rounds alike: right, and the same bits in other lanes."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from course_utils.authoring.lanes import LANES, environment, why_not
from course_utils.experiments import cliff, exact


def test_the_exponential_is_right_to_two_units_in_the_last_place():
    x = np.concatenate([np.linspace(-700, 700, 10_001), np.linspace(-1, 1, 1001)])
    assert np.all(np.abs(exact.exp(x) - np.exp(x)) <= 2 * np.spacing(np.exp(x)))
    assert exact.exp(0.0) == 1


def test_the_sigmoid_reaches_its_ends_and_is_symmetric():
    assert exact.sigmoid(np.array([-1e6, 0.0, 1e6])).tolist() == [pytest.approx(0), 0.5, 1]
    x = np.linspace(-20, 20, 401)
    np.testing.assert_allclose(exact.sigmoid(x), (1 + np.tanh(x / 2)) / 2, rtol=1e-7, atol=0)
    np.testing.assert_allclose(exact.sigmoid(x) + exact.sigmoid(-x), 1, rtol=1e-15)


def test_the_hyperbolic_tangent_is_right_to_rounding():
    x = np.concatenate([np.linspace(-1e3, 1e3, 2001), np.linspace(-1, 1, 1001)])
    np.testing.assert_allclose(exact.tanh(x), np.tanh(x), rtol=0, atol=3e-16)


def test_the_product_of_matrices_is_added_up_row_by_row():
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(2, 5, 3)), rng.normal(size=(3, 4))
    got = exact.product(x, W)
    np.testing.assert_allclose(got, x @ W, rtol=0, atol=1e-14)
    by_hand = x[..., [0]] * W[0] + x[..., [1]] * W[1] + x[..., [2]] * W[2]
    np.testing.assert_array_equal(got, by_hand)
    np.testing.assert_allclose(exact.product(1j * x, W), 1j * (x @ W), rtol=0, atol=1e-14)


def test_the_length_of_a_pair():
    assert exact.length([3.0, 5.0], [4.0, 12.0]).tolist() == [5, 13]


def bits_of_a_walk():
    """The hash of walks that meet the wall often, where one bit decides where they go."""
    ((*walks,),) = cliff.walks([None], cliff.starts_around(side=3), updates=200)
    return hashlib.sha256(b"".join(walk.w.tobytes() for walk in walks)).hexdigest()


@pytest.mark.parametrize("lane", LANES, ids=lambda lane: lane.name)
def test_every_lane_walks_the_same_way(lane):
    if reason := why_not(lane):
        pytest.skip(f"the lane {lane.name} was not run: {reason}")
    code = "import test_exact; print(test_exact.bits_of_a_walk())"
    settings = environment(lane) | {"PYTHONPATH": "tests/experiments"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == bits_of_a_walk()
