"""Say what an object is without running any code of its class.

A student's class may define ``__repr__``, ``__eq__`` or ``__array__`` as it likes. Nothing here
calls them: a type is told by ``type(x)``, a type's name by the slot of ``type`` itself.
"""

import sys
from typing import Any

import numpy as np

PLAIN_NUMBERS = (
    *(int, float, complex, bool),
    *(np.dtype(code).type for code in "dfil?ghbqBHILQeFDG"),
)
_NAME_SLOT = type.__dict__["__name__"]
_LONGEST_TEXT = 60


def type_name(value: Any) -> str:
    """The name of ``value``'s type, read past anything its metaclass may define."""
    return _NAME_SLOT.__get__(type(value))


def exactly(value: Any, *kinds: Any) -> bool:
    """True where ``value``'s type is one of ``kinds``; by identity, since ``==`` can be defined."""
    return any(type(value) is kind for kind in kinds)


def belongs(value: Any, kind: type) -> bool:
    """True for instances of ``kind`` and its subclasses; ``__class__`` cannot pretend."""
    return issubclass(type(value), kind)


def is_array(value: Any) -> bool:
    """True for NumPy arrays and subclasses."""
    return belongs(value, np.ndarray)


def is_tensor(value: Any) -> bool:
    """True for a torch tensor or parameter itself; subclasses bring operators of their own."""
    torch = sys.modules.get("torch")
    parameter = getattr(getattr(torch, "nn", None), "Parameter", None)
    return torch is not None and exactly(value, getattr(torch, "Tensor", None), parameter)


def describe(value: Any) -> str:
    """A few words for a message: ``None``, ``the number 3.0``, ``an array of shape (2, 3)``."""
    if value is None:
        return "None"
    if is_array(value):
        return f"an array of shape {np.ndarray.view(value, np.ndarray).shape}"
    if is_tensor(value):
        return f"a tensor of shape {tuple(value.shape)}"
    if exactly(value, bool, np.bool_):
        return f"the truth value {bool(value)}"
    if exactly(value, *PLAIN_NUMBERS):
        return f"the number {number_text(value)}"
    if type(value) is str:
        cut = value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "…"
        return f"the text {cut!r}"
    if exactly(value, list, tuple, dict, set):
        return f"a {type_name(value)} of {len(value)} items"
    return f"an object of type {type_name(value)}"


def number_text(value: Any) -> str:
    """``value`` (a plain number) as text of bounded length: Python integers may be enormous."""
    if type(value) is int and abs(value) >= 10**18:
        return f"of {value.bit_length()} bits"
    return f"{value:.6g}" if type(value) is not int else str(value)


def two_numbers(got: float, want: float) -> tuple[str, str]:
    """Both numbers with six digits, or with all of them where six would look the same."""
    short = f"{got:.6g}", f"{want:.6g}"
    return short if short[0] != short[1] else (repr(float(got)), repr(float(want)))
