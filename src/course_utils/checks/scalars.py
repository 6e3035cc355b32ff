"""Single answers: a number, an integer, a text, a choice between letters."""

from collections.abc import Mapping
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
