"""Gradient descent, momentum and Adam, and clipping: pure functions of parameters and gradients.

An optimiser holds its settings only. What it remembers travels beside the parameters:

    state = optimiser.init(params)
    params, state = optimiser.update(params, grads, state)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from course_utils.nn.trees import Array, check_alike, tree_leaves, tree_map, tree_rebuild

Tree = TypeVar("Tree")
State = dict[str, Any]


class Optimiser(Protocol):
    """What `fit` needs of an optimiser."""

    def init(self, params: Any) -> State:
        """What the optimiser remembers before the first update."""

    def update(
        self, params: Tree, grads: Any, state: State, scale: float = 1.0
    ) -> tuple[Tree, State]:
        """New parameters and state; `scale` multiplies the learning rate (for schedules)."""


@dataclass(frozen=True)
class SGD:
    """Gradient descent with momentum: v = momentum * v + g, p = p - lr * v.

    Parameters
    ----------
    lr : learning rate, above 0
    momentum : in [0, 1); 0 is plain gradient descent. Convention of Sutskever et al. (2013) as
        PyTorch writes it: the velocity does not contain the learning rate.

    Raises
    ------
    ValueError
        If a setting is out of range.
    """

    lr: float
    momentum: float = 0.0

    def __post_init__(self) -> None:
        _positive("lr", self.lr)
        _fraction("momentum", self.momentum)

    def init(self, params: Any) -> State:
        """Zero velocity, one array a parameter (none without momentum)."""
        return {"velocity": _zeros(params) if self.momentum else []}

    def update(
        self, params: Tree, grads: Any, state: State, scale: float = 1.0
    ) -> tuple[Tree, State]:
        """One step. Returns new parameters and state; the arguments stay as they were.

        Raises
        ------
        ValueError
            If `grads` differs from `params` in structure or shapes.
        """
        check_alike(params, grads)
        velocity = tree_leaves(grads)
        if self.momentum:
            old = state["velocity"]
            velocity = [self.momentum * v + g for v, g in zip(old, velocity, strict=True)]
        lr = self.lr * scale
        leaves = [p - lr * v for p, v in zip(tree_leaves(params), velocity, strict=True)]
        return tree_rebuild(params, leaves), {"velocity": velocity if self.momentum else []}


@dataclass(frozen=True)
class Adam:
    """Adam: steps scaled by running means of the gradient and of its square.

    m = beta1 * m + (1 - beta1) * g, v = beta2 * v + (1 - beta2) * g**2, and after n updates
    p = p - lr * (m / (1 - beta1**n)) / (sqrt(v / (1 - beta2**n)) + eps).
    Kingma and Ba (2015), arXiv 1412.6980.

    Parameters
    ----------
    lr : learning rate, above 0
    beta1, beta2 : decay of the running means, in [0, 1)
    eps : added to the denominator, above 0

    Raises
    ------
    ValueError
        If a setting is out of range.
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        _positive("lr", self.lr)
        _fraction("beta1", self.beta1)
        _fraction("beta2", self.beta2)
        _positive("eps", self.eps)

    def init(self, params: Any) -> State:
        """Zero running means and no updates so far."""
        return {"updates": 0, "mean": _zeros(params), "square": _zeros(params)}

    def update(
        self, params: Tree, grads: Any, state: State, scale: float = 1.0
    ) -> tuple[Tree, State]:
        """One step. Returns new parameters and state; the arguments stay as they were.

        Raises
        ------
        ValueError
            If `grads` differs from `params` in structure or shapes.
        """
        check_alike(params, grads)
        n = state["updates"] + 1
        gs = tree_leaves(grads)
        mean = [
            self.beta1 * m + (1 - self.beta1) * g for m, g in zip(state["mean"], gs, strict=True)
        ]
        square = [
            self.beta2 * v + (1 - self.beta2) * (g * g)
            for v, g in zip(state["square"], gs, strict=True)
        ]
        step = self.lr * scale / (1 - self.beta1**n)
        root = math.sqrt(1 - self.beta2**n)
        leaves = [
            p - step * m / (np.sqrt(v) / root + self.eps)
            for p, m, v in zip(tree_leaves(params), mean, square, strict=True)
        ]
        return tree_rebuild(params, leaves), {"updates": n, "mean": mean, "square": square}


def global_norm(grads: Any) -> float:
    """Euclidean norm of all entries of all leaves together, as if they were one long vector."""
    return math.sqrt(sum(float(np.vdot(g, g)) for g in tree_leaves(grads)))


def clip_by_global_norm(grads: Tree, max_norm: float) -> tuple[Tree, float]:
    """Shrink the gradient to `max_norm` if its global norm is larger; keep its direction.

    Pascanu, Mikolov and Bengio (2013), algorithm 1, over all parameters at once.

    Parameters
    ----------
    grads : tree of arrays
    max_norm : above 0

    Returns
    -------
    (clipped, norm) : a tree like `grads`, and the norm before clipping. A gradient whose norm is
    not finite has no direction to keep: it comes back as it is.

    Raises
    ------
    ValueError
        If `max_norm` is not above 0.
    """
    _positive("max_norm", max_norm)
    norm = global_norm(grads)
    if norm <= max_norm or not math.isfinite(norm):
        return grads, norm
    shrink = max_norm / norm
    return tree_map(lambda g: g * shrink, grads), norm


def clip_by_value(grads: Tree, limit: float) -> Tree:
    """Every entry cut to [-limit, limit]. This changes the direction of the gradient.

    Raises
    ------
    ValueError
        If `limit` is not above 0.
    """
    _positive("limit", limit)
    return tree_map(lambda g: np.clip(g, -limit, limit), grads)


def _zeros(params: Any) -> list[Array]:
    leaves = tree_leaves(params)
    for leaf in leaves:
        if not np.issubdtype(leaf.dtype, np.floating):
            raise TypeError(f"params must be floating-point arrays; got dtype {leaf.dtype}")
    return [np.zeros_like(leaf) for leaf in leaves]


def _positive(name: str, value: float) -> None:
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{name} must be a finite number above 0; got {value}")


def _fraction(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} must lie in [0, 1); got {value}")
