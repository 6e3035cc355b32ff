"""Weights in an open file: the safetensors format, which browsers and other languages read too.

Eight bytes hold the length of a JSON header, the header says the name, type, shape and place of
every array, and the numbers follow, one after the other, little-endian. The format is described at
https://github.com/huggingface/safetensors; nothing in such a file can run.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.files import replacing

Array = NDArray[Any]

KINDS = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8"}
"""The number types that we write and read, by their name in the header."""

_METADATA = "__metadata__"


class WeightsFileError(ValueError):
    """A file that is not safetensors, or holds something other than it says."""


def save_weights(
    path: str | os.PathLike[str], arrays: Mapping[str, Array], notes: Mapping[str, str]
) -> None:
    """Write named arrays, and short texts about them, to one file. The same input, the same bytes.

    A kill at any moment leaves the old file or the new one, never half.

    Raises
    ------
    TypeError
        If an array is of a type that `KINDS` does not have.
    """
    header: dict[str, Any] = {_METADATA: dict(notes)}
    place = 0
    for name, array in arrays.items():
        end = place + array.nbytes
        kind = _kind_of(name, array)
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with replacing(Path(path)) as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, array in arrays.items():
            file.write(np.ascontiguousarray(array, KINDS[header[name]["dtype"]]).tobytes())


def load_weights(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays and the notes of a file that `save_weights`, or another program, wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    WeightsFileError
        If it is not a whole safetensors file, or has a number type that `KINDS` does not have.
    """
    data = Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8:start])
        notes = header.pop(_METADATA, {})
        return {name: _array(data[start:], **entry) for name, entry in header.items()}, notes
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsFileError(f"{path} is no whole safetensors file ({error})") from error


def _kind_of(name: str, array: Array) -> str:
    for kind, dtype in KINDS.items():
        if array.dtype == np.dtype(dtype):
            return kind
    raise TypeError(f"{name} has dtype {array.dtype}; wanted one of {', '.join(KINDS)}")


def _array(data: bytes, dtype: str, shape: list[int], data_offsets: list[int]) -> Array:
    first, end = data_offsets
    kind = np.dtype(KINDS[dtype])
    if not 0 <= first <= end <= len(data) or end - first != kind.itemsize * math.prod(shape):
        raise ValueError(f"an array of shape {shape} does not stand at {data_offsets}")
    return np.frombuffer(data[first:end], kind).reshape(shape).copy()
