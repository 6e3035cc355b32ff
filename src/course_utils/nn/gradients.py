"""Is a gradient right? Two ways to measure it without deriving anything, and one to compare.

Both evaluate the loss once or twice per number, so they are for small sizes. They take any tree of
parameters (see `trees`); a single array is a tree too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.nn.arguments import Array
from course_utils.nn.trees import Tree, check_alike, tree_items, tree_leaves, tree_rebuild


def numerical_gradient(loss: Callable[[Tree], Any], params: Tree, eps: float = 1e-5) -> Tree:
    """Central differences: ``(loss(p + eps) - loss(p - eps)) / (2 eps)`` for every number ``p``.

    The error is about ``eps²`` from the curve and ``1e-16 / eps`` from rounding, so that in float64
    1e-5 is near the best choice and about 1e-10 the best error. ``params`` are not changed.

    Raises TypeError for parameters that are not float64, where rounding would drown the difference,
    and ValueError for an ``eps`` that is not positive.
    """
    if not eps > 0:
        raise ValueError(f"numerical_gradient: eps is {eps}; wanted a positive number.")

    def difference(leaf: Array, index: tuple[int, ...], at: Callable[[Array], Any]) -> Any:
        up, down = leaf.copy(), leaf.copy()
        up[index] += eps
        down[index] -= eps
        return (at(up) - at(down)) / (up[index] - down[index])

    return _entry_by_entry("numerical_gradient", loss, params, difference)


def complex_step_gradient(loss: Callable[[Tree], Any], params: Tree, eps: float = 1e-30) -> Tree:
    """``Im loss(p + i eps) / eps`` for every number ``p``: exact to rounding.

    Nothing is subtracted, so ``eps`` can be tiny and the error is that of the loss itself (Squire
    and Trapp 1998). ``loss`` must be analytic and take complex arrays: tanh and sigmoid do; relu,
    which compares, and anything with abs or max of its values, do not.

    Raises TypeError for parameters that are not float64, or a loss that drops the imaginary part;
    ValueError for an ``eps`` that is not positive.
    """
    if not eps > 0:
        raise ValueError(f"complex_step_gradient: eps is {eps}; wanted a positive number.")

    def difference(leaf: Array, index: tuple[int, ...], at: Callable[[Array], Any]) -> Any:
        moved = leaf.astype(complex)
        moved[index] += 1j * eps
        value = at(moved)
        if not np.iscomplexobj(value):
            raise TypeError(
                f"complex_step_gradient: loss returned a {type(value).__name__} for complex"
                " parameters; wanted a complex number: some step on the way drops the imaginary"
                " part."
            )
        return np.imag(value) / eps

    return _entry_by_entry("complex_step_gradient", loss, params, difference)


@dataclass(frozen=True)
class GradientComparison:
    """Two gradients, and where they differ most.

    ``error`` is the largest difference, relative to the largest entry of the array it lies in;
    ``where`` names that entry, such as ``"W_h[2, 0]"``; ``got`` and ``wanted`` are its two values.
    """

    error: float
    where: str
    got: float
    wanted: float

    def __str__(self) -> str:
        return (
            f"largest relative error {self.error:.1e} at {self.where}:"
            f" got {self.got:.10g}, wanted {self.wanted:.10g}"
        )


def compare_gradients(got: Any, wanted: Any) -> GradientComparison:
    """Compare two trees of gradients, and report the worst entry with its index.

    An entry's error is ``|got - wanted|`` over the largest ``|got|`` or ``|wanted|`` in its array
    (0 where both arrays are 0); NaN and infinity count as infinitely wrong. Of several worst
    entries the first is named. Raises ValueError for trees of different structure or shapes, and
    for trees without any array.
    """
    check_alike(wanted, got, names=("wanted", "got"))
    leaves = zip(tree_items(got), tree_leaves(wanted), strict=True)
    worst_of_each = [_worst_entry(path, g, w) for (path, g), w in leaves]
    if not worst_of_each:
        raise ValueError("compare_gradients: got holds no array; wanted at least one.")
    return max(worst_of_each, key=lambda worst: worst.error)


def _worst_entry(path: str, got: Array, wanted: Array) -> GradientComparison:
    size = np.maximum(np.abs(got), np.abs(wanted))
    finite = np.isfinite(size)
    scale = size[finite].max(initial=0) or 1.0
    errors = np.full(size.shape, np.inf)
    errors[finite] = np.abs(got[finite] - wanted[finite]) / scale
    index = np.unravel_index(int(errors.argmax()), errors.shape)
    return GradientComparison(
        error=float(errors[index]),
        where=f"{path}[{', '.join(map(str, map(int, index)))}]" if index else path,
        got=float(got[index]),
        wanted=float(wanted[index]),
    )


def _entry_by_entry(
    where: str, loss: Callable[[Tree], Any], params: Tree, difference: Callable[..., Any]
) -> Tree:
    """Put ``difference(leaf, index, loss as a function of this leaf)`` into every entry."""
    leaves = tree_leaves(params)
    grads = []
    for k, (path, leaf) in enumerate(tree_items(params)):
        if leaf.dtype != np.float64:
            raise TypeError(f"{where}: {path} has dtype {leaf.dtype}; wanted float64.")

        def at(value: Array, k: int = k) -> Any:
            return loss(tree_rebuild(params, [*leaves[:k], value, *leaves[k + 1 :]]))

        grad = np.empty(leaf.shape)
        for index in np.ndindex(leaf.shape):
            grad[index] = difference(leaf, index, at)
        grads.append(grad)
    return tree_rebuild(params, grads)
