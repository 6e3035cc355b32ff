"""Guess why an answer is wrong: each guess is one transformation of the right answer.

A guess is offered only where it reproduces *every* entry of the wrong answer (or, for shapes, its
exact shape), so that a hint never misleads by a coincidence in a few numbers.
"""

from collections.abc import Callable, Mapping
from math import prod

import numpy as np

from course_utils.checks.tolerance import differs, same

Shape = tuple[int, ...]


def of_shape(got: Shape, want: Shape, axes: tuple[str, ...]) -> str | None:
    """A likely cause of shape ``got`` where ``want`` was wanted, or None."""
    timed = axes[:1] == ("time step",)
    if got == want[1:] and timed:
        return "only one time step came; every time step is wanted"
    if got == want[1:] and axes[:1] == ("batch row",):
        return "only one batch row came"
    if got[1:] == want and axes[:1] == ("batch row",):
        return "a whole sequence came; one time step is wanted"
    if len(got) == len(want) and got[1:] == want[1:] and timed and got[0] == want[0] + 1:
        return "one time step too many: is h_0 part of the answer? It stands before the first input"
    if len(got) == len(want) and got[1:] == want[1:] and timed and got[0] == want[0] - 1:
        return "one time step is missing: is the first or the last one left out?"
    if len(want) == 3 and got == (want[1], want[0], want[2]):
        return "batch and time are swapped" if timed else "the first two axes are swapped"
    if len(want) >= 2 and got == (*want[:-2], want[-1], want[-2]):
        return "it is transposed"
    if _squeezed(got) == _squeezed(want):
        return "an axis of length 1 is missing or too many (keepdims, reshape, [0:1])"
    if prod(got) == prod(want) and len(got) != len(want):
        return "the right number of entries in the wrong shape (a reshape too many or too few)"
    return None


def _squeezed(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)


def of_suspects(got: np.ndarray, tol: float, suspects: Mapping[str, np.ndarray]) -> str | None:
    """The first suspected mistake that gives exactly these numbers, or None."""
    found = (cause for cause, other in suspects.items() if same(got, other, tol))
    return next(found, None)


def of_values(got: np.ndarray, want: np.ndarray, axes: tuple[str, ...], tol: float) -> str | None:
    """A likely cause of wrong numbers of the right shape, or None."""
    with np.errstate(all="ignore"):  # a wrong answer may be of any size
        for cause, transform in _transformations(want.shape, axes).items():
            if same(got, transform(want), tol):
                return cause
        timed = _of_time(got, want, tol) if axes[:1] == ("time step",) else None
        return timed or _of_scale(got, want, tol)


def _transformations(
    shape: Shape, axes: tuple[str, ...]
) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Transformations of the right answer; one that changes its shape matches nothing."""
    guesses: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "the sign is flipped": np.negative,
    }
    if axes[:1] == ("time step",):
        guesses["time runs backwards: the last step stands first"] = lambda want: want[::-1]
        if len(shape) == 3:
            guesses["batch and time are swapped"] = lambda want: want.swapaxes(0, 1)
    if len(shape) >= 2:
        guesses["it is transposed"] = lambda want: want.swapaxes(-1, -2)
    return guesses


def _of_time(got: np.ndarray, want: np.ndarray, tol: float) -> str | None:
    """Causes that show between the steps; an answer of one step cannot show them."""
    if len(want) < 2:
        return None
    if same(got, np.broadcast_to(want[-1], want.shape), tol):
        return "every step holds the last one: is one array stored many times and overwritten?"
    if same(got[1:], want[:-1], tol):
        return "it is shifted by one time step: each step holds what belongs to the step before"
    if same(got[:-1], want[1:], tol):
        return "it is shifted by one time step: each step holds what belongs to the step after"
    right = [same(got[t], want[t], tol) for t in range(len(want))]
    if right[0] and not any(right[1:]):
        return "only the first step (index 0) is right: look at what is carried from step to step"
    return None


def _of_scale(got: np.ndarray, want: np.ndarray, tol: float) -> str | None:
    """One factor or one offset for all entries: needs at least two of them."""
    if want.size < 2 or not np.any(want):
        return None
    if not np.any(got):
        return "every entry is 0: is the array filled?"
    scale = np.abs(want).max()  # products of tiny numbers would underflow
    factor = float(np.vdot(want / scale, got / scale) / np.vdot(want / scale, want / scale))
    told = np.abs(want) > tol * scale  # from 0; the others fit any factor
    wrong = differs(got, want, tol)  # "every entry" is not said where one counts as right
    every = bool((wrong | ~told).all()) and np.count_nonzero(told) > 1
    if every and np.isfinite(factor) and same(got, factor * want, tol):
        return f"every entry is {factor:.4g} times the right one"
    offset = float(np.mean(got - want))
    if wrong.all() and same(got, want + offset, tol):
        return f"every entry is off by the same number, {offset:.4g}"
    return None
