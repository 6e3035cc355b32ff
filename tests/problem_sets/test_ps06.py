"""What problem set 6 says in its text: worked examples, and who is who among the fresh cells."""

import numpy as np
import pytest
from in_process import solved

SET = "ps06_lstm_gates"


@pytest.fixture(scope="module", name="solved")
def everything_solved():
    return solved(SET)


def no_weights(blocks=4):
    return np.zeros((1, blocks)), np.zeros((1, blocks)), np.zeros(blocks)


def test_the_worked_example_of_a_step(solved):
    h_t, c_t = solved["lstm_step"](
        np.ones((1, 1)), np.ones((1, 1)), np.full((1, 1), 2.0), *no_weights()
    )
    assert c_t.item() == 1
    assert h_t.item() == pytest.approx(0.381, abs=5e-4)


def test_the_worked_example_of_a_sequence(solved):
    start = np.zeros((1, 1)), np.full((1, 1), 4.0)
    _, c = solved["lstm_forward"](np.zeros((3, 1, 1)), *start, *no_weights())
    np.testing.assert_allclose(c.ravel(), [2, 1, 0.5])


def test_the_table_of_the_memo_is_what_the_weights_say(solved):
    weights = solved["memo_weights"]()
    bits, writes, reads = [1, -1, 1, 1, 1, -1, 1], [0, 1, 0, 0, 1, 0, 0], [0, 0, 0, 1, 0, 0, 1]
    x = np.stack([bits, writes, reads], axis=1)[:, None].astype(float)
    zeros = np.zeros((1, 1))
    h, _ = solved["lstm_forward"](x, zeros, zeros, *(weights[key] for key in ("W_x", "W_h", "b")))
    np.testing.assert_array_equal(
        np.where(np.abs(h.ravel()) < 0.05, 0, np.sign(h.ravel())), [0, 0, 0, -1, 0, 0, 1]
    )


def test_the_worked_example_of_the_path(solved):
    f = np.array([0.5, 1, 0.8]).reshape(3, 1, 1)
    np.testing.assert_allclose(solved["cell_path"](f).ravel(), [1, 0.8, 0.8, 0.4])


def test_the_worked_example_of_the_two_biases(solved):
    ih, hh = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0, 0.5, 0, 0])
    np.testing.assert_allclose(sum(solved["with_forget_bias"](ih, hh, 3)), [0.1, 3, 0.3, 0.4])


def test_the_worked_example_of_the_coupled_cell_and_its_broken_form(solved):
    arguments = np.zeros((2, 1, 1)), np.zeros((1, 1)), np.ones((1, 1)), *no_weights(3)
    h, c = solved["coupled_forward"](*arguments)
    np.testing.assert_allclose(c.ravel(), [0.5, 0.25])
    np.testing.assert_allclose(h.ravel(), [0.231, 0.122], atol=5e-4)
    h, c = solved["coupled_forward_broken"](*arguments)
    np.testing.assert_allclose(c.ravel(), [0.5, 0.25])
    assert abs(h.ravel()[0] - 0.231) > 0.1


def test_the_four_cells_are_one_of_each_kind_and_far_apart(solved):
    assert sorted(solved["diagnosis"].values()) == ["k", "n", "s", "w"]
    spans = solved["half_life"]
    for name, letter in solved["diagnosis"].items():
        assert (spans[name] < 2) if letter == "k" else (spans[name] > 50)
    assert solved["remedy"] == pytest.approx(4.27, abs=0.01)


def test_the_table_of_the_counter_is_what_the_weights_say(solved):
    weights = solved["counter_weights"]()
    bits = np.array([1.0, 0, 1, 1, 1, 1]).reshape(6, 1, 1)
    start = weights["h_0"][None], weights["c_0"][None]
    h, _ = solved["lstm_forward"](bits, *start, *(weights[key] for key in ("W_x", "W_h", "b")))
    np.testing.assert_array_equal(h[:, 0, 0] > 0, [1, 1, 0, 1, 0, 1])
    np.testing.assert_array_equal(h[:, 0, 1] > 0, [0, 0, 1, 1, 0, 0])
    assert np.abs(h).min() > 0.3
