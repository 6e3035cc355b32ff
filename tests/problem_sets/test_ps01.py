"""What problem set 1 says in its text: worked examples, and what its three sequences really are."""

import numpy as np
import pytest
from in_process import solved

SET = "ps01_feedforward_limits"


@pytest.fixture(scope="module", name="solved")
def everything_solved():
    return solved(SET)


def test_the_worked_example_of_one_hot_windows(solved):
    windows = solved["one_hot_windows"](np.array([[1], [0], [1]]), V=2, m=2)
    assert windows[:, 0].tolist() == [[0, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1]]


def test_the_worked_example_of_the_network(solved):
    E, W, one = np.array([[1.0], [2.0]]), np.array([[5.0], [0.5]]), np.ones((1, 1))
    y = solved["window_scores"](np.array([[-1, 1]]), E, W, np.zeros(1), one, np.zeros(1))
    np.testing.assert_allclose(y, [[0.762]], atol=5e-4)


def test_the_worked_example_of_the_floor(solved):
    np.testing.assert_allclose(solved["window_floor"]("bananas", 1), (0.318, 0.833), atol=5e-4)


def test_the_worked_example_of_the_cost(solved):
    assert solved["count_window"](3, 2, 4, 2) == 41
    assert [solved["longest_window"](budget, 3, 2, 4) for budget in (50, 48)] == [3, 2]


def test_the_worked_example_of_the_way_back(solved):
    dy, seen = np.array([[1.0, 0.0]]), np.array([[0, 0]])
    E, eye = np.array([[1.0], [2.0]]), np.eye(2)
    arguments = (dy, seen, E, eye, np.zeros(2), eye)
    np.testing.assert_allclose(
        solved["window_backward"](*arguments)["E"], [[0.420], [0]], atol=5e-4
    )
    assert solved["window_backward_broken"](*arguments)["E"].tolist() == [[0], [0]]


def test_the_worked_example_of_the_slide(solved):
    h = solved["slide"](np.array([3.0, 1.0])[:, None, None], np.array([[1.0], [2.0]]), np.zeros(1))
    np.testing.assert_allclose(np.arctanh(h.ravel()), [6, 5], rtol=1e-6)


def test_the_worked_example_of_the_curve(solved):
    curve = solved["held_out_curve"](np.array([0, 1, 0, 1]), np.array([0, 1, 1]), 2, 1)
    np.testing.assert_allclose(curve, np.log(2), rtol=1e-12)  # exactly equal, as the text says


def test_the_decisions_follow_from_the_data_with_room_to_spare(solved):
    curves = {
        name: np.array(solved["held_out_curve"](numbers[:16_000], numbers[16_000:], 2, 8))
        for name, numbers in solved["mystery"].items()
    }
    assert curves["A"].min() > curves["A"][0] - 0.001  # nothing gained; noise is below 0.002
    assert curves["A"][8] > curves["A"][0] + 0.003  # and much to be lost
    assert curves["B"][3] < curves["B"][:3].min() - 0.3
    assert curves["B"][3] < curves["B"][4:].min() + 0.001
    assert np.all(np.diff(curves["C"]) < -0.002)  # it falls, and falls, by more than noise
    assert curves["C"][8] < curves["C"][3] - 0.03


def test_every_run_of_ones_in_sequence_c_is_even(solved):
    runs = "".join(map(str, solved["mystery"]["C"])).split("0")
    assert {len(run) % 2 for run in runs[:-1]} == {0}
    assert max(map(len, runs)) > 8
