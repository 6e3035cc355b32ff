"""From what a student's code returned to a plain array, or a sentence that says why not.

Accepted: arrays (a subclass by its numbers, never by its operators), NumPy scalars, Python
numbers, torch tensors, and lists or tuples of these with equal shapes. Everything else is named and
refused. No step costs more than a small multiple of the wanted size.
"""

from typing import Any

import numpy as np

from course_utils.checks.failure import CheckFailed, forgotten_return, sentence
from course_utils.checks.objects import PLAIN_NUMBERS, describe, exactly, is_array, is_tensor

_DEEPEST_LIST = 8
_NUMERIC = "biufc"


class _UnreadableError(Exception):
    """Why a value is no array: a clause, without the name of the answer."""


def read(got: Any, *, name: str, wanted: str, limit: int) -> np.ndarray:
    """Return ``got`` as a base-class array of any numeric dtype (a view where possible).

    ``wanted`` describes the right answer for the message, ``limit`` is the largest number of
    entries that a list is stacked into. Raises `CheckFailed`.
    """
    try:
        return _read(got, limit, depth=0)
    except _UnreadableError as why:
        hint = forgotten_return(got, name)
        raise CheckFailed(sentence(name, f"wanted {wanted}, but {why}.", hint)) from None


def _read(got: Any, limit: int, depth: int) -> np.ndarray:
    if is_array(got):
        return _numeric(np.ndarray.view(got, np.ndarray))
    if is_tensor(got):
        return _from_tensor(got)
    if exactly(got, *PLAIN_NUMBERS):
        return _from_number(got)
    if exactly(got, list, tuple):
        return _from_list(got, limit, depth)
    raise _UnreadableError(f"{describe(got)} came")


def _numeric(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in _NUMERIC:
        raise _UnreadableError(f"an array of dtype {array.dtype.name} came, which holds no numbers")
    if array.dtype == np.float16:
        raise _UnreadableError(
            "float16 came, which keeps three digits only: use float64 or float32"
        )
    return array


def _from_tensor(tensor: Any) -> np.ndarray:
    if str(tensor.dtype) in ("torch.float16", "torch.bfloat16"):
        raise _UnreadableError(
            f"{tensor.dtype} came, which keeps three digits only: use torch.float32"
        )
    try:
        return _numeric(tensor.detach().cpu().numpy())
    except (TypeError, RuntimeError) as why:
        raise _UnreadableError(f"a tensor came that is no plain array ({why})") from None


def _from_number(number: Any) -> np.ndarray:
    if type(number) is int and abs(number) > np.iinfo(np.int64).max:
        raise _UnreadableError(f"{describe(number)} came")
    return _numeric(np.asarray(number))


def _from_list(items: Any, limit: int, depth: int) -> np.ndarray:
    if depth == _DEEPEST_LIST or len(items) > limit:
        raise _UnreadableError(f"{describe(items)} came")
    if not items:
        return np.empty(0)
    parts: list[np.ndarray] = []
    for position, item in enumerate(items):
        try:
            part = _read(item, limit // len(items), depth + 1)
        except _UnreadableError as why:
            raise _UnreadableError(f"item {position} of a {type(items).__name__}: {why}") from None
        if parts and part.shape != parts[0].shape:
            raise _UnreadableError(
                f"a {type(items).__name__} came whose item {position} has shape {part.shape}, "
                f"unlike item 0 with {parts[0].shape}"
            )
        if parts and (part.dtype.kind == "b") != (parts[0].dtype.kind == "b"):
            raise _UnreadableError(
                f"a {type(items).__name__} came that mixes truth values and numbers"
            )
        parts.append(part)
    if len(parts) * parts[0].size > limit:
        raise _UnreadableError(f"{describe(items)}, each of shape {parts[0].shape}, came")
    return np.stack(parts)
