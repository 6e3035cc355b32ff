"""Activation functions, each with its slope written in terms of its own *output*.

That is why a tape can keep ``h`` alone: ``tanh'(a) = 1 - h**2`` needs no ``a``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_utils.nn.arguments import Array, check_choice


def sigmoid(a: Array) -> Array:
    """The logistic function of ``a``, any shape, as ``(1 + tanh(a / 2)) / 2``.

    The form through tanh never overflows, runs on NumPy's vectorised tanh, and takes complex
    numbers, as the complex-step check needs.
    """
    return 0.5 * np.tanh(0.5 * a) + 0.5


def softplus(a: Array) -> Array:
    """``log(1 + exp(a))`` without overflow, any shape: minus the logarithm of ``sigmoid(-a)``.

    Which of two equal forms is used depends on the sign of ``a.real``, so complex numbers pass.
    """
    positive = a.real > 0
    return np.asarray(np.log1p(np.exp(np.where(positive, -a, a))) + np.where(positive, a, 0))


def relu(a: Array) -> Array:
    """``a`` where it is positive, 0 elsewhere. It compares, so the complex step does not apply."""
    return np.maximum(a, 0)


def linear(a: Array) -> Array:
    """``a`` itself: the linear network whose gradient is a plain power of ``W_h``."""
    return a


@dataclass(frozen=True)
class Activation:
    """A function and its slope as a function of the output."""

    function: Callable[[Array], Array]
    slope: Callable[[Array], Array]


ACTIVATIONS = {
    "tanh": Activation(np.tanh, lambda h: 1 - h * h),
    "sigmoid": Activation(sigmoid, lambda h: h * (1 - h)),
    "relu": Activation(relu, lambda h: (h > 0).astype(h.dtype)),
    "linear": Activation(linear, np.ones_like),
}


def activation_named(name: str, where: str) -> Activation:
    """The activation called ``name``. Raises ValueError, naming ``where``, if there is none."""
    check_choice(where, "activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]
