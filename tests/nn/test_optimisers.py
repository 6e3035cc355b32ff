"""Optimisers against their textbook loops and against PyTorch; clipping; schedules."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.nn import schedules
from course_utils.nn.optimisers import (
    SGD,
    Adam,
    clip_by_global_norm,
    clip_by_value,
    global_norm,
)


@dataclass(frozen=True)
class Layer:
    W: np.ndarray
    b: np.ndarray


def tree(rng, dtype=np.float64):
    draw = lambda *shape: rng.normal(size=shape).astype(dtype)  # noqa: E731
    return {"cell": Layer(draw(3, 2), draw(2)), "more": [draw(4), (draw(1, 2),)]}


def leaves(params):
    return [params["cell"].W, params["cell"].b, params["more"][0], params["more"][1][0]]


OPTIMISERS = {
    "SGD": (SGD(0.1), lambda torch, p: torch.optim.SGD(p, lr=0.1)),
    "momentum": (SGD(0.1, momentum=0.9), lambda torch, p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    "Adam": (Adam(0.01), lambda torch, p: torch.optim.Adam(p, lr=0.01)),
    "Adam with settings": (
        Adam(0.1, beta1=0.5, beta2=0.9, eps=1e-3),
        lambda torch, p: torch.optim.Adam(p, lr=0.1, betas=(0.5, 0.9), eps=1e-3),
    ),
}


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_steps_are_those_of_pytorch(name, dtype, torch):
    optimiser, make = OPTIMISERS[name]
    rng = np.random.default_rng(0)
    params = tree(rng, dtype)
    theirs = [torch.tensor(leaf, requires_grad=True) for leaf in leaves(params)]
    reference = make(torch, theirs)
    state = optimiser.init(params)
    for _ in range(12):
        grads = tree(rng, dtype)
        params, state = optimiser.update(params, grads, state)
        for tensor, gradient in zip(theirs, leaves(grads), strict=True):
            tensor.grad = torch.tensor(gradient)
        reference.step()
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    for ours, tensor in zip(leaves(params), theirs, strict=True):
        assert ours.dtype == dtype
        assert np.allclose(ours, tensor.detach().numpy(), rtol=tolerance, atol=tolerance)


def test_first_adam_step_is_the_learning_rate_in_the_direction_of_the_sign():
    params = {"w": np.array([1.0, -2.0, 3.0])}
    grads = {"w": np.array([1e-3, -5.0, 700.0])}
    optimiser = Adam(lr=0.1)
    new, state = optimiser.update(params, grads, optimiser.init(params))
    assert new["w"] - params["w"] == pytest.approx([-0.1, 0.1, -0.1], rel=1e-4)
    assert state["updates"] == 1


@pytest.mark.parametrize("name", OPTIMISERS)
def test_arguments_stay_as_they_were_and_the_structure_comes_back(name):
    optimiser, _ = OPTIMISERS[name]
    rng = np.random.default_rng(0)
    params, grads = tree(rng), tree(rng)
    copies = [leaf.copy() for leaf in leaves(params) + leaves(grads)]
    new, state = optimiser.update(params, grads, optimiser.init(params))
    optimiser.update(new, grads, state)
    for leaf, copy in zip(leaves(params) + leaves(grads), copies, strict=True):
        assert np.array_equal(leaf, copy)
    assert isinstance(new["cell"], Layer)
    assert isinstance(new["more"][1], tuple)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_scale_multiplies_the_learning_rate(name):
    optimiser, _ = OPTIMISERS[name]
    rng = np.random.default_rng(0)
    params, grads = tree(rng), tree(rng)
    full, _ = optimiser.update(params, grads, optimiser.init(params))
    half, _ = optimiser.update(params, grads, optimiser.init(params), 0.5)
    for p, f, h in zip(leaves(params), leaves(full), leaves(half), strict=True):
        assert np.allclose(f - p, 2 * (h - p), rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_gradients_unlike_the_parameters_are_named(name):
    optimiser, _ = OPTIMISERS[name]
    params = {"a": np.ones((2, 3)), "b": np.ones(2)}
    state = optimiser.init(params)
    with pytest.raises(ValueError, match=r"grads.a must have the shape of params.a, \(2, 3\); got"):
        optimiser.update(params, {"a": np.ones((3, 2)), "b": np.ones(2)}, state)
    with pytest.raises(ValueError, match=r"missing \['b'\], unexpected \['c'\]"):
        optimiser.update(params, {"a": np.ones((2, 3)), "c": np.ones(2)}, state)
    with pytest.raises(TypeError, match="b must be a NumPy array"):
        optimiser.update(params, {"a": np.ones((2, 3)), "b": 0.5}, state)


def test_whole_number_parameters_are_refused():
    with pytest.raises(TypeError, match="floating-point arrays; got dtype int64"):
        Adam(0.1).init({"w": np.arange(3)})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0), "lr must be a finite number above 0; got 0"),
        (lambda: SGD(math.nan), "lr must be"),
        (lambda: SGD(0.1, momentum=1), r"momentum must lie in \[0, 1\); got 1"),
        (lambda: Adam(-1), "lr must be"),
        (lambda: Adam(beta1=1.0), "beta1 must lie"),
        (lambda: Adam(beta2=-0.1), "beta2 must lie"),
        (lambda: Adam(eps=0), "eps must be"),
        (lambda: clip_by_global_norm({"w": np.ones(2)}, 0), "max_norm must be"),
        (lambda: clip_by_value({"w": np.ones(2)}, -1), "limit must be"),
    ],
)
def test_bad_settings_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


class TestClipping:
    @given(st.integers(0, 1000), st.floats(1e-3, 100))
    def test_norm_shrinks_and_direction_stays(self, seed, max_norm):
        grads = tree(np.random.default_rng(seed))
        flat = np.concatenate([leaf.ravel() for leaf in leaves(grads)])
        clipped, norm = clip_by_global_norm(grads, max_norm)
        assert norm == pytest.approx(np.linalg.norm(flat))
        after = np.concatenate([leaf.ravel() for leaf in leaves(clipped)])
        assert np.linalg.norm(after) == pytest.approx(min(norm, max_norm))
        assert after @ flat == pytest.approx(np.linalg.norm(after) * norm)

    def test_a_short_gradient_comes_back_itself(self):
        grads = {"w": np.array([3.0, 4.0])}
        clipped, norm = clip_by_global_norm(grads, 5.0)
        assert clipped is grads
        assert norm == 5.0

    def test_what_is_not_finite_has_no_direction(self):
        grads = {"w": np.array([np.inf, 1.0])}
        clipped, norm = clip_by_global_norm(grads, 1.0)
        assert clipped is grads
        assert norm == math.inf

    def test_float32_stays_float32(self):
        clipped, _ = clip_by_global_norm({"w": np.full(3, 9, np.float32)}, 1.0)
        assert clipped["w"].dtype == np.float32

    def test_by_value_cuts_every_entry(self):
        clipped = clip_by_value({"w": np.array([-3.0, 0.5, 2.0])}, 1.0)
        assert clipped["w"].tolist() == [-1.0, 0.5, 1.0]

    def test_global_norm_is_that_of_one_long_vector(self):
        assert global_norm({"a": np.array([3.0]), "b": [np.array([[4.0]])]}) == 5.0


class TestSchedules:
    @pytest.mark.parametrize(
        ("schedule", "expected"),
        [
            (schedules.constant(), {0: 1, 99: 1}),
            (schedules.linear_decay(10), {0: 1, 5: 0.5, 10: 0, 11: 0}),
            (schedules.linear_decay(10, end=0.2), {0: 1, 5: 0.6, 10: 0.2, 50: 0.2}),
            (schedules.cosine_decay(10), {0: 1, 5: 0.5, 10: 0, 20: 0}),
            (schedules.cosine_decay(4, end=0.5), {0: 1, 2: 0.75, 4: 0.5}),
            (schedules.step_decay(3, 0.1), {0: 1, 2: 1, 3: 0.1, 6: 0.01}),
            (schedules.warm_up(4), {0: 0.25, 1: 0.5, 3: 1, 9: 1}),
            (schedules.warm_up(2, then=schedules.linear_decay(4)), {0: 0.5, 1: 0.75, 2: 0.5}),
        ],
    )
    def test_values(self, schedule, expected):
        got = {step: schedule(step) for step in expected}
        assert got == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: schedules.linear_decay(0), "steps must be"),
            (lambda: schedules.cosine_decay(2.5), "steps must be .*; got 2.5"),
            (lambda: schedules.linear_decay(5, end=2), "end must lie"),
            (lambda: schedules.step_decay(5, 0), "factor must lie above 0"),
            (lambda: schedules.step_decay(0), "every must be"),
            (lambda: schedules.warm_up(True), "steps must be"),
        ],
    )
    def test_bad_settings_are_named(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()
