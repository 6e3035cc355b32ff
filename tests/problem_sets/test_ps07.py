"""What problem set 7 says in its text: worked examples, verdicts, and what its hints promise."""

import numpy as np
import pytest
from in_process import solved

SET = "ps07_lstm_learning"


@pytest.fixture(scope="module", name="solved")
def everything_solved():
    return solved(SET)


def test_the_worked_example_of_the_step(solved):
    one = np.ones((1, 1))
    found = solved["lstm_step_backward"](
        0 * one, one, 2 * one, 0 * one, one,
        np.array([[0.5, 0.5, 0.0, 0.5]]), 0.5 * one, np.ones((1, 4)), np.ones((1, 4)),
    )  # fmt: skip
    np.testing.assert_allclose(found["db"], [0, 0.25, 0.5, 0])
    np.testing.assert_allclose(found["dW_x"], [[0, 0.5, 1, 0]])
    np.testing.assert_allclose(found["dc_prev"], [[0.5]])


def test_the_worked_example_of_the_sweep(solved):
    c = np.array([2.0, 1.0]).reshape(2, 1, 1)
    gates = np.tile([0.5, 0.5, 0.0, 0.5], (2, 1, 1))
    dh = np.array([0.0, 1.0]).reshape(2, 1, 1)
    found = solved["lstm_backward"](
        dh, np.zeros((2, 1, 1)), 0.5 * np.tanh(c), c, gates,
        np.zeros((1, 1)), np.full((1, 1), 4.0), np.zeros((1, 4)), np.zeros((1, 4)),
    )  # fmt: skip
    dc_2 = 0.5 * (1 - np.tanh(1) ** 2)
    assert dc_2 == pytest.approx(0.210, abs=5e-4)
    np.testing.assert_allclose(found["dc_0"], dc_2 / 4)
    assert dc_2 / 4 == pytest.approx(0.0525, abs=5e-5)
    np.testing.assert_allclose(found["db"][1], dc_2 * 2 * 0.25 + dc_2 / 2 * 4 * 0.25)


@pytest.mark.parametrize(("which", "at_one_step"), [("coupled", 0), ("gru", 0), ("1997", 1)])
def test_which_bug_a_check_at_one_step_finds(solved, which, at_one_step):
    rng = np.random.default_rng(0)
    for T, differs in ((1, at_one_step), (3, 1)):
        y = rng.uniform(0.1, 0.9, (T, 2, 9))
        dh, h, c = rng.normal(size=(3, T, 2, 3))
        W_h = rng.normal(size=(3, 9))
        arguments = (dh, h, c, y, W_h) if which == "gru" else (dh, c, h, y, W_h)
        broken = solved[f"broken_{which}"](*arguments)
        mended = solved[f"mended_{which}"](*arguments)
        assert (np.abs(broken["dx"] - mended["dx"]).max() > 1e-9) == differs


def test_the_worked_example_of_the_gru(solved):
    one = np.ones((1, 1))
    h = solved["gru_step"](one, one, np.zeros((1, 3)), np.zeros((1, 3)), np.zeros(3), np.ones(1))
    assert h[0, 0] == pytest.approx(0.731, abs=5e-4)


def test_the_worked_example_of_the_start(solved):
    b = solved["chrono_bias"](np.array([0.0, 0.5]), 10)
    np.testing.assert_allclose(b, [0, -np.log(5), 0, np.log(5), 0, 0, 0, 0])
    assert np.log(5) == pytest.approx(1.609, abs=5e-4)


def test_guessing_one_costs_a_sixth(solved):
    y = solved["adding_batch"](0, 20, 20_000)["y"]
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, abs=0.005)


def test_the_worked_example_of_the_interval(solved):
    low, high = solved["wilson_interval"](5, 10)
    assert (round(low, 3), round(high, 3)) == (0.237, 0.763)


def test_the_verdict_on_intervals_is_what_they_say(solved):
    for who, (first, second) in solved["reports"].items():
        (low_1, high_1), (low_2, high_2) = (
            solved["wilson_interval"](*report) for report in (first, second)
        )
        assert (high_1 < low_2 or high_2 < low_1) == (solved["apart"][who] == "y")


def test_the_verdict_on_gates_is_what_the_errors_say_with_a_margin(solved):
    error, x, y = solved["error_with_open"], solved["x_test"], solved["y_test"]
    for net in solved["nets"].values():
        assert error(net, x, y, None) < 0.005
    a, b = solved["nets"]["A"], solved["nets"]["B"]
    assert min(error(a, x, y, gate) for gate in "ifo") > 0.1
    assert max(error(b, x, y, gate) for gate in "fo") < 0.008
    assert error(b, x, y, "i") > 1


def test_the_hints_of_the_solver_work_from_any_start(solved):
    for seed in (1, 2, 3):
        net = solved["_train"](seed=seed)
        batch = solved["adding_batch"](seed, 20, 1000)
        error = solved["error_with_open"](net, batch["x"], batch["y"], None)
        assert error < 0.005
