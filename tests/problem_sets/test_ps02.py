"""What problem set 2 says in its text: worked examples, claims and the snippet with PyTorch."""

import re

import numpy as np
import pytest
from in_process import given, problem_set, reference

SET = "ps02_recurrence"


def test_the_worked_example_of_one_step():
    namespace = {"np": np}
    exec(reference(SET, "rnn_step"), namespace)
    h_t = namespace["rnn_step"](
        np.array([[1.0]]),
        np.array([[0.5, -0.5]]),
        np.array([[1.0, -1.0]]),
        np.array([[0.0, 1.0], [0.5, 0.0]]),
        np.array([0.0, 0.5]),
    )
    np.testing.assert_allclose(h_t, [[0.6351, 0.0]], atol=5e-5)


def test_the_worked_examples_of_a_sequence():
    namespace = {"np": np}
    exec(reference(SET, "rnn_forward"), namespace)
    exec(reference(SET, "leaky_states"), namespace)
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    x = np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1)
    h = namespace["rnn_forward"](x, zero, one, one, np.zeros(1))
    np.testing.assert_allclose(h.ravel(), [0.762, 0.642, 0.566], atol=5e-4)
    states = namespace["leaky_states"](np.ones((5, 1, 1)), zero, keep=0.5, size=2)
    np.testing.assert_array_equal(states.ravel(), [1, 1.5, 1.75, 1.875, 1.9375])


def test_the_delay_line_knows_nothing_at_lag_three():
    namespace = {"np": np}
    exec(reference(SET, "memory_curve"), namespace)
    x = np.random.default_rng(0).normal(size=4002)
    h = np.stack([x[2:], x[1:-1], x[:-2]], axis=1)
    curve = namespace["memory_curve"](h, x[2:], range(4))
    np.testing.assert_allclose(curve, [1, 1, 1, 0], atol=0.01)


def test_what_the_model_answer_claims_about_a_spectral_radius_of_one_half():
    namespace = {}
    exec(given(SET), namespace)
    exec(reference(SET, "memory_curve"), namespace)
    near, far = namespace["memory_curve"](*namespace["run_of"](0.5), [0, 10])
    assert near > 0.95
    assert abs(far) < 0.05


@pytest.mark.parametrize(
    ("state", "smallest", "largest"),
    [
        (None, 0.0, 1e-13),
        (
            '{"weight_ih_l0": W_x.T, "weight_hh_l0": W_h.T, "bias_ih_l0": b, "bias_hh_l0": b}',
            0.1,
            2,
        ),
    ],
    ids=["right", "bias twice"],
)
@pytest.mark.usefixtures("torch")
def test_the_snippet_with_pytorch_tells_right_from_wrong(capsys, state, smallest, largest):
    prose = "\n".join(p.cell.source for p in problem_set(SET).parts if p.role == "prose")
    snippet = re.search(r"^```python\n(import torch.*?)^```$", prose, re.MULTILINE | re.DOTALL)[1]
    namespace = {}
    exec(given(SET), namespace)
    exec(reference(SET, "rnn_forward") + "\n" + reference(SET, "torch_state"), namespace)
    if state:
        exec(f"def torch_state(W_x, W_h, b):\n    return {state}", namespace)
    capsys.readouterr()
    exec(snippet, namespace)
    assert smallest <= float(capsys.readouterr().out) <= largest
