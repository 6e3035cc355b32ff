"""Compare an array with the right one: type, shape, kind, finiteness, values. No broadcasting."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_utils.checks import causes, tolerance
from course_utils.checks.failure import CheckFailed, forgotten_return, sentence
from course_utils.checks.objects import describe, exactly, two_numbers
from course_utils.checks.reading import read

AXES = ("time step", "batch row", "unit")
_KINDS = {
    "b": "truth values",
    "i": "numbers",
    "u": "numbers",
    "f": "numbers",
    "c": "complex numbers",
}
Suspects = Mapping[str, ArrayLike] | Callable[[], Mapping[str, ArrayLike]] | None
"""Likely mistakes, each a clause and what it would give; or a function that works them out."""


def array(
    got: Any,
    want: ArrayLike,
    *,
    name: str = "the answer",
    axes: tuple[str, ...] | None = None,
    tol: float = tolerance.FOUR_DIGITS,
    scale: float = 0.0,
    suspects: Suspects = None,
    whole: bool = False,
) -> np.ndarray:
    """Require ``got`` to be ``want``: same shape, every entry equal up to the tolerance.

    ``axes`` names the axes for messages; the default is the tail of time step, batch row, unit.
    ``tol`` is relative to the largest wanted number, or to ``scale`` where that is larger: the size
    of the parts of a sum that may happen to cancel, since float32 rounds the parts.
    ``suspects`` maps a likely mistake, as a clause, to the array that it would give; a function
    that returns such a mapping is called for a wrong answer only. ``whole`` refuses floats, where
    a text asks for whole numbers, as places to look up with. Returns the answer as a plain
    array. Raises `CheckFailed`.
    """
    right = _wanted(want, name)
    labels = _axes(right.ndim, axes)
    found = read(got, name=name, wanted=_shape_text(right.shape, labels), limit=_limit(right.size))
    several = f"a tuple of {len(got)}" if type(got) is tuple else None
    _same_shape(found, right, name, labels, suspects, several)
    _same_kind(found, right, name, suspects)
    if whole and found.size and found.dtype.kind not in "iu":
        complaint = f"wanted whole numbers (an integer dtype), but got {found.dtype.name}."
        raise CheckFailed(sentence(name, complaint, "np.zeros makes floats: say dtype=int."))
    _finite(found, name, labels)
    _same_values(found, right, name, labels, tol, scale, suspects)
    return found.copy()


def arrays(
    got: Any,
    want: Mapping[str, ArrayLike],
    *,
    name: str = "the answer",
    axes: tuple[str, ...] | None = None,
    tol: float = tolerance.FOUR_DIGITS,
) -> dict[str, np.ndarray]:
    """Require a dictionary with exactly the names of ``want``, each array equal to its own."""
    found = names(got, tuple(want), name=name)
    return {
        key: array(found[key], right, name=f"{name}[{key!r}]", axes=axes, tol=tol)
        for key, right in want.items()
    }


def names(got: Any, wanted: tuple[str, ...], *, name: str = "the answer") -> dict[str, Any]:
    """Require a dictionary with exactly these keys; return it as a plain one in this order."""
    listed = ", ".join(repr(key) for key in wanted)
    if not exactly(got, dict, OrderedDict):
        hint = forgotten_return(got, name)
        complaint = f"wanted a dictionary with the keys {listed}, but {describe(got)} came."
        raise CheckFailed(sentence(name, complaint, hint))
    # Only plain text is looked up: another key's class could bring a hash and an equality.
    found = {key: value for key, value in dict.items(got) if type(key) is str}
    odd = [key for key in dict.keys(got) if type(key) is not str or key not in wanted]
    missing = [key for key in wanted if key not in found]
    if missing:
        raise CheckFailed(sentence(name, f"the key {missing[0]!r} is missing. Wanted: {listed}."))
    if odd:
        raise CheckFailed(sentence(name, f"a key too many, {describe(odd[0])}. Wanted: {listed}."))
    return {key: found[key] for key in wanted}


def _wanted(want: ArrayLike, name: str) -> np.ndarray:
    right = np.asarray(want)
    if right.dtype.kind not in _KINDS or not np.isfinite(right).all():
        raise ValueError(
            f"the check of {name!r} wants {right.dtype} or a number that is not finite"
        )
    return right


def _limit(size: int) -> int:
    """How much of a wrong answer is worth reading: a few wanted sizes, to tell its shape."""
    return 4 * size + 64


def _axes(ndim: int, axes: tuple[str, ...] | None) -> tuple[str, ...]:
    if axes is not None and len(axes) != ndim:
        raise ValueError(f"{len(axes)} axis names {axes} for an array of {ndim} axes")
    if axes is None and ndim <= len(AXES):
        return AXES[len(AXES) - ndim :]
    return axes or tuple(f"axis {number}" for number in range(ndim))


def _shape_text(shape: tuple[int, ...], axes: tuple[str, ...]) -> str:
    if not shape:
        return "a single number"
    return f"an array of shape {shape}, that is ({', '.join(axes)})"


def _same_shape(
    found: np.ndarray,
    right: np.ndarray,
    name: str,
    axes: tuple[str, ...],
    suspects: Suspects,
    several: str | None,
) -> None:
    if found.shape == right.shape:
        return
    cause = _suspect_of_shape(found, suspects)
    if cause is None and several and found.shape[1:] == right.shape:
        cause = f"{several} came; one array is wanted, so return that one alone"
    cause = cause or causes.of_shape(found.shape, right.shape, axes)
    raise CheckFailed(
        sentence(
            name,
            f"wrong shape. Wanted {_shape_text(right.shape, axes)}; got shape {found.shape}.",
            _likely(cause),
        )
    )


def _worked_out(suspects: Suspects) -> Mapping[str, ArrayLike]:
    return (suspects() if callable(suspects) else suspects) or {}


def _suspect_of_shape(found: np.ndarray, suspects: Suspects) -> str | None:
    for cause, alternative in _worked_out(suspects).items():
        other = np.asarray(alternative)
        if other.shape == found.shape and found.dtype.kind in "iuf":
            plain = found.astype(float)
            if np.isfinite(plain).all() and tolerance.same(plain, other.astype(float)):
                return cause
    return None


def _same_kind(found: np.ndarray, right: np.ndarray, name: str, suspects: Suspects) -> None:
    got, wanted = _KINDS[found.dtype.kind], _KINDS[right.dtype.kind]
    if got != wanted:
        size = "np.abs(...) is the modulus of a complex number." if got.startswith("comp") else None
        complaint = f"wanted {wanted}, but got {got} ({found.dtype.name})."
        raise CheckFailed(sentence(name, complaint, size))
    whole_only = found.dtype.kind in "iu" and right.dtype.kind == "f"
    if whole_only and np.any(right != np.rint(right)):
        cause = _suspect_of_shape(found, suspects) or (
            "results were stored in an array made for integers, which cuts off the fraction"
            if right.ndim
            else "a count that is still to be divided by something, or a division with //"
        )
        came = "whole numbers" if right.ndim else f"the whole number {found}"
        one = "numbers" if right.ndim else "a number"
        complaint = f"wanted {one} with a fraction, but got {came} ({found.dtype.name})."
        raise CheckFailed(sentence(name, complaint, _likely(cause)))


def _finite(found: np.ndarray, name: str, axes: tuple[str, ...]) -> None:
    bad = ~np.isfinite(found)
    if bad.any() and not found.ndim:
        raise CheckFailed(sentence(name, f"the number is not finite: {found}."))
    if bad.any():
        where = _first(bad, axes)
        raise CheckFailed(
            sentence(
                name,
                f"{_count(bad)} not finite. The first is {_place(where, axes)}: {found[where]}.",
            )
        )


def _same_values(
    found: np.ndarray,
    right: np.ndarray,
    name: str,
    axes: tuple[str, ...],
    tol: float,
    scale: float,
    suspects: Suspects,
) -> None:
    number = complex if right.dtype.kind == "c" else float
    got, want = found.astype(number), right.astype(number)
    counted = right.dtype.kind in "biu"
    if counted and found.dtype.kind in "biu" and tol < 1:
        wrong = found != right  # floats would blur whole numbers beyond 2**53
    else:
        size = 1.0 if counted else max(tolerance.size(want), scale)
        wrong = tolerance.differs(got, want, tol, size, tolerance.smallest(found.dtype))
    if not wrong.any():
        return
    where = _first(wrong, axes)
    if number is complex:
        shown, wanted, cause = str(got[where]), str(want[where]), None
    else:
        shown, wanted = two_numbers(got[where], want[where])
        guesses = {key: np.asarray(value, float) for key, value in _worked_out(suspects).items()}
        cause = causes.of_suspects(got, tol, guesses)
        if cause is None and not counted:  # few different numbers coincide too easily
            cause = causes.of_values(got, want, axes, tol)
    place = f"First wrong: {_place(where, axes)}: got {shown}, wanted {wanted}."
    extent = _extent(wrong, axes) if wrong.size > 1 else None
    raise CheckFailed(sentence(name, "wrong values.", place, extent, _likely(cause)))


def _first(bad: np.ndarray, axes: tuple[str, ...]) -> tuple[int, ...]:
    """Index of the first bad entry: the earliest time step, then batch row, then unit."""
    positions = np.argwhere(bad)
    if "time step" in axes:
        time = axes.index("time step")
        positions = positions[positions[:, time] == positions[:, time].min()]
    return tuple(int(index) for index in positions[0])


def _place(index: tuple[int, ...], axes: tuple[str, ...]) -> str:
    if not index:
        return "the number itself"
    words = ", ".join(f"{axis} {number}" for axis, number in zip(axes, index, strict=True))
    return f"{words}, counted from 0 (entry {list(index)})"


def _count(bad: np.ndarray) -> str:
    number = int(np.count_nonzero(bad))
    return f"{number} of {bad.size} entries {'is' if number == 1 else 'are'}"


def _extent(wrong: np.ndarray, axes: tuple[str, ...]) -> str:
    """How much is wrong, and in which steps nothing is."""
    text = f"{_count(wrong)} wrong"
    first = _first(wrong, axes)[axes.index("time step")] if "time step" in axes else 0
    return f"{text}; all earlier steps are right." if first else f"{text}."


def _likely(cause: str | None) -> str | None:
    if not cause:
        return None
    return f"Likely cause: {cause}" if cause.endswith("?") else f"Likely cause: {cause}."
