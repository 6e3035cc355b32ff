"""Chapter 04's experiments say what the chapter claims, for other seeds than the chapter's too."""

import numpy as np
import pytest

from course_utils.experiments import credit
from course_utils.nn import compare_gradients, complex_step_gradient, init_rnn, rnn_forward


@pytest.fixture(scope="module")
def errors():
    return credit.check_errors((1, 3), seeds=(7, 8))


def test_one_step_sees_two_of_eight_mistakes(errors):
    seen = [m for m, e in zip(credit.MISTAKES, errors[:, 0], strict=True) if e > 1e-7]
    assert seen == ["h_t for h_{t-1} in dW_h", "tanh for its slope"]


def test_three_steps_with_a_loss_on_each_see_all(errors):
    assert np.all(errors[:, 1] > 0.05)


def test_a_loss_on_the_last_step_hides_that_earlier_losses_are_left_out():
    hidden = ("earlier losses left out",)
    assert credit.check_errors((20,), every_step=False, mistakes=hidden) < 1e-14
    assert credit.check_errors((20,), mistakes=hidden) > 0.1


def test_an_unknown_mistake_is_named():
    with pytest.raises(ValueError, match="'typo' is unknown"):
        credit.broken_backward("typo")


def test_the_right_formula_is_the_measured_gradient():
    rng = np.random.default_rng(1)
    p, x, dh_T = init_rnn(rng, 2, 4), rng.normal(size=(5, 1, 2)), rng.normal(size=4)
    _, tape = rnn_forward(x, p)
    right, twice, total = credit.recurrent_formulas(tape, dh_T)
    measured = complex_step_gradient(lambda q: rnn_forward(x, q)[0][-1, 0] @ dh_T, p).W_h
    assert compare_gradients(right, measured).error < 1e-13
    assert compare_gradients(twice, measured).error > 0.05
    assert compare_gradients(total, measured).error > 0.05


def test_both_published_formulas_are_right_at_one_step_and_drift_away():
    found = credit.published_formulas((1, 4, 12), seeds=range(30, 45))
    assert found.cosine_twice[0] == pytest.approx(1)
    assert found.ratio_total[0] == pytest.approx(1)
    assert found.cosine_twice[1] < 0.8
    assert np.all(np.diff(found.ratio_total) > 0.2)


def test_growth_tells_linear_from_quadratic():
    loops = {1: lambda n: [i * i for i in range(n * 300)], 2: lambda n: [0] * (n * n * 60)}
    linear = credit.growth(loops[1], (50, 100, 200, 400))
    quadratic = credit.growth(loops[2], (50, 100, 200, 400))
    assert 0.6 < linear < 1.4 < quadratic
