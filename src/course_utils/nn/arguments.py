"""Argument checks at the door of every public function: no silent broadcast, no NaN let in.

A shape is written the way the docstrings write it, ``"T B D"``; a letter keeps the size it had when
it was first seen, so that ``W_h`` is compared with the ``H`` of ``W_x`` and the message can say so.
"""

import cmath
from functools import cache
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_OPTIONAL = ("h_0", "c_0", "mask")
FLOATING = "float32 or float64"
_CHARS = {
    FLOATING: "fdFD",  # and their complex kin, for the complex step
    "integer": np.typecodes["AllInteger"],
    "bool": "?",
}


class Parameters(Protocol):
    """A frozen dataclass of arrays that declares the shape of each of its fields."""

    SHAPES: ClassVar[dict[str, str]]


def check(
    where: str, kind: type[Parameters], params: Any, /, **arrays: tuple[Any, str]
) -> np.dtype[Any]:
    """Check the parameters and the named arrays of one call; return their common dtype.

    Each of ``arrays`` is ``(value, shape)``, such as ``x=(x, "T B D")``. ``h_0``, ``c_0`` and
    ``mask`` may be None: not given, and passed over. ``mask`` must be boolean, every other array
    floating (complex is welcome, for the complex step) and finite.

    Raises TypeError for what is not an array of the right kind, ValueError for a wrong shape, an
    empty axis, or NaN or infinity.
    """
    check_kind(where, "params", params, kind)
    named = {
        f"params.{name}": (getattr(params, name), shape) for name, shape in kind.SHAPES.items()
    }
    return check_arrays(where, named | arrays)


def check_arrays(where: str, arrays: dict[str, tuple[Any, str]]) -> np.dtype[Any]:
    """Check arrays against each other, first to last; return their common dtype (see `check`)."""
    seen: dict[str, tuple[int, str]] = {}
    dtypes = set()
    for name, (value, shape) in arrays.items():
        if value is None and name in _OPTIONAL:
            continue
        check_dtype(where, name, value, "bool" if name == "mask" else FLOATING)
        _match(where, name, value.shape, shape, seen)
        if name != "mask":
            check_finite(where, name, value)
            dtypes.add(value.dtype)
    return np.result_type(*dtypes)


def check_dtype(where: str, name: str, value: Any, wanted: str) -> None:
    """Raise TypeError unless ``value`` is an array of floats, integers or booleans, as wanted."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{where}: {name} is {_kind_of(value)}; wanted a NumPy array ({wanted}).")
    if value.dtype.char not in _CHARS[wanted]:
        raise TypeError(
            f"{where}: {name} has dtype {value.dtype}; wanted {wanted}: convert it with astype."
        )


def check_finite(where: str, name: str, value: Array) -> None:
    """Raise ValueError with the first offending index if ``value`` holds NaN or infinity."""
    if cmath.isfinite(np.vdot(value, value)):  # the quick look; large numbers overflow in it
        return
    finite = np.isfinite(value)
    if not finite.all():
        index = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(
            f"{where}: {name} holds {value[index]} at index {index}; wanted finite numbers only."
        )


def check_gradient(where: str, name: str, value: Any, shape: tuple[int, ...]) -> None:
    """Raise unless ``value`` is a floating array of exactly ``shape``."""
    check_dtype(where, name, value, FLOATING)
    if value.shape != shape:
        raise ValueError(
            f"{where}: {name} has shape {value.shape}; wanted {shape},"
            f" the shape of {name.removeprefix('d')}."
        )


def check_kind(where: str, name: str, value: Any, kind: type[Any]) -> None:
    """Raise TypeError unless ``value`` is a ``kind``: the right parameters, the right tape."""
    if not isinstance(value, kind):
        raise TypeError(f"{where}: {name} is {_kind_of(value)}; wanted {kind.__name__}.")


def check_choice(where: str, name: str, value: Any, choices: Any) -> None:
    """Raise ValueError unless ``value`` is one of ``choices``."""
    if value not in list(choices):
        wanted = ", ".join(map(repr, choices))
        raise ValueError(f"{where}: {name} is {value!r}; wanted one of {wanted}.")


def check_size(where: str, name: str, value: Any, least: int = 1) -> None:
    """Raise unless ``value`` is an integer of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{where}: {name} is {_kind_of(value)}; wanted an integer.")
    if value < least:
        raise ValueError(f"{where}: {name} is {value}; wanted at least {least}.")


def _match(
    where: str, name: str, got: tuple[int, ...], shape: str, seen: dict[str, tuple[int, str]]
) -> None:
    """Compare one shape with its pattern, and learn the sizes that it is the first to show."""
    terms, wanted = _pattern(shape)
    if 0 in got:
        raise ValueError(f"{where}: {name} has shape {got}, an empty axis; wanted {wanted}.")
    if terms[0] == (1, "…"):
        leading = [(1, f"axis{axis}") for axis in range(len(got) - len(terms) + 1)]
        terms = (*leading, *terms[1:])
    if len(got) != len(terms):
        raise ValueError(f"{where}: {name} has shape {got}; wanted {len(terms)} axes, {wanted}.")
    for size, (factor, letter) in zip(got, terms, strict=True):
        known, source = seen.setdefault(letter, (size // factor, name))
        if size != factor * known:
            raise ValueError(
                f"{where}: {name} has shape {got}; wanted {wanted}"
                f" with {letter} = {known}, as in {source}."
            )


@cache
def _pattern(shape: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """``"B 4H"`` as factors and letters, and as text for messages: ``(B, 4H)``."""
    terms = shape.split()
    text = f"({', '.join(terms)}{',' if len(terms) == 1 else ''})"
    return tuple(_split(term) for term in terms), text


def _split(term: str) -> tuple[int, str]:
    """``"4H"`` is four times ``H``."""
    letter = term.lstrip("0123456789")
    return int(term[: -len(letter)] or 1), letter


def _kind_of(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
