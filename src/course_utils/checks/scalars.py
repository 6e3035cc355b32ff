"""Single answers: a number, an integer, a text, a choice between letters."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from course_utils.checks import tolerance
from course_utils.checks.arrays import Suspects, array
from course_utils.checks.failure import CheckFailed, sentence
from course_utils.checks.objects import describe, number_text
from course_utils.checks.reading import read


def number(
    got: Any,
    want: float,
    *,
    name: str = "the answer",
    tol: float = tolerance.FOUR_DIGITS,
    suspects: Suspects = None,
) -> float:
    """Require one number equal to ``want`` up to a relative tolerance (`array`)."""
    return array(got, np.asarray(want), name=name, axes=(), tol=tol, suspects=suspects).item()


def numbers(
    got: Sequence[Any],
    want: Sequence[float],
    *,
    names: Sequence[str],
    tol: float = tolerance.FOUR_DIGITS,
    suspects: Callable[[], Mapping[str, Sequence[float]]] | None = None,
) -> None:
    """Require one number for each of several inputs; a cause is named only if it gives them all.

    A single number is soon hit by accident. ``suspects`` works out what each likely mistake would
    give for every input; infinity stands where it does not apply.
    """

    def explaining(place: int) -> dict[str, float]:
        return {cause: other[place] for cause, other in _explaining(got, tol, suspects).items()}

    for place, (one, right, name) in enumerate(zip(got, want, names, strict=True)):
        number(one, right, name=name, tol=tol, suspects=partial(explaining, place))


def _explaining(
    got: Sequence[Any],
    tol: float,
    suspects: Callable[[], Mapping[str, Sequence[float]]] | None,
) -> dict[str, Sequence[float]]:
    """The suspects that give every number that came; none where something else came."""
    try:
        found = [read(one, name="", wanted="a number", limit=1) for one in got]
    except CheckFailed:
        return {}
    if any(one.shape != () or one.dtype.kind not in "iuf" for one in found):
        return {}
    if suspects is None or not np.isfinite(found).all():
        return {}
    return {
        cause: other
        for cause, other in suspects().items()
        if all(
            tolerance.same(one.astype(float), np.asarray(guess, float), tol)
            for one, guess in zip(found, other, strict=True)
        )
    }


def integer(
    got: Any,
    want: int,
    *,
    name: str = "the answer",
    suspects: Mapping[str, int] | None = None,
) -> int:
    """Require a whole number, as ``int`` or a NumPy integer: 3.0 and True are none."""
    found = read(got, name=name, wanted="a whole number", limit=1)
    if found.shape != ():
        raise CheckFailed(sentence(name, f"wanted a single whole number, got {describe(got)}."))
    if found.dtype.kind not in "iu":
        complaint = f"wanted a whole number, got {describe(got)}."
        hint = "Turn it into one with int(...)." if found.dtype.kind == "f" else None
        raise CheckFailed(sentence(name, complaint, hint))
    value = int(found)
    if value != want:
        causes = [cause for cause, other in (suspects or {}).items() if value == other]
        likely = f"Likely cause: {causes[0]}." if causes else None
        complaint = f"got {number_text(value)}, wanted {want}."
        raise CheckFailed(sentence(name, complaint, likely))
    return value


def text(got: Any, want: str, *, name: str = "the answer") -> str:
    """Require exactly the string ``want``; the message points at the first difference."""
    if type(got) is not str:
        raise CheckFailed(sentence(name, f"wanted a text (str), but {describe(got)} came."))
    if got == want:
        return got
    position = next(
        (i for i, (a, b) in enumerate(zip(got, want, strict=False)) if a != b),
        min(len(got), len(want)),
    )
    complaint = f"wrong text. First difference at character {position}: "
    shown = repr(got[position : position + 12]) if position < len(got) else "the end"
    wanted = repr(want[position : position + 12]) if position < len(want) else "the end"
    raise CheckFailed(sentence(name, f"{complaint}got {shown}, wanted {wanted}."))


def choice(
    got: Any,
    options: tuple[str, ...],
    *,
    name: str = "the answer",
    want: str | None = None,
    why: Mapping[str, str] | None = None,
) -> str:
    """Require one of ``options`` (case and outer spaces do not count) and, if given, ``want``.

    Without ``want`` only the form is checked, so that a visible check does not give the answer
    away. ``why`` maps a wrong option to a sentence that helps. The message never names ``want``.
    """
    listed = ", ".join(repr(option) for option in options)
    if type(got) is not str or got.strip().lower() not in options:
        complaint = f"wanted one of {listed} as a text, but {describe(got)} came."
        raise CheckFailed(sentence(name, complaint))
    picked = got.strip().lower()
    if want is not None and picked != want:
        complaint = f"{picked!r} is wrong."
        raise CheckFailed(sentence(name, complaint, (why or {}).get(picked)))
    return picked
