"""Checkpoints that survive a kill: one file, replaced whole, no pickle.

A state is dicts (with string keys) and lists, nested, of arrays, numbers, strings, booleans and
None. It becomes one .npz: the arrays by number, and a JSON skeleton that says where they belong.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.nn.files import replacing

FORMAT = "course_utils checkpoint 1"
_SKELETON = "skeleton"
_ARRAY = "__array__"


class CheckpointError(ValueError):
    """A file that is no checkpoint of this course, or one of another run."""


def save_checkpoint(path: str | os.PathLike[str], state: Any) -> None:
    """Write `state` to `path`. A kill at any moment leaves the old file or the new one, never half.

    Raises
    ------
    TypeError
        If `state` holds something that could not be read back exactly.
    """
    arrays: list[np.ndarray[Any, Any]] = []
    skeleton = json.dumps({"format": FORMAT, "state": _encode(state, arrays, "state")})
    contents = {f"a{n}": array for n, array in enumerate(arrays)}
    contents[_SKELETON] = np.frombuffer(skeleton.encode(), np.uint8)
    with replacing(Path(path)) as file:
        np.savez(file, allow_pickle=False, **contents)


def load_checkpoint(path: str | os.PathLike[str]) -> Any:
    """The state that `save_checkpoint` wrote to `path`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If the file is damaged, or not a checkpoint.
    """
    path = Path(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as npz:
            arrays = {name: npz[name] for name in npz.files}
        skeleton = json.loads(arrays.pop(_SKELETON).tobytes())
        if skeleton["format"] != FORMAT:
            raise CheckpointError(f"{path}: expected {FORMAT!r}; got {skeleton['format']!r}")
        return _decode(skeleton["state"], arrays)
    except FileNotFoundError:
        raise
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(
            f"{path} is no whole checkpoint of this course ({error}); delete it to start afresh"
        ) from error


def _encode(value: Any, arrays: list[np.ndarray[Any, Any]], path: str) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.hasobject:
            raise TypeError(f"{path} is an array of objects; checkpoints hold numbers only")
        arrays.append(array)
        return {_ARRAY: len(arrays) - 1}
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str) or key == _ARRAY:
                raise TypeError(f"{path} has the key {key!r}; keys of a checkpoint are strings")
        return {key: _encode(each, arrays, f"{path}.{key}") for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_encode(each, arrays, f"{path}.{n}") for n, each in enumerate(value)]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"{path} is a {type(value).__name__}; a checkpoint holds dicts, lists, arrays, numbers "
        "and strings"
    )


def _decode(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, dict):
        if set(value) == {_ARRAY}:
            return arrays[f"a{value[_ARRAY]}"]
        return {key: _decode(each, arrays) for key, each in value.items()}
    if isinstance(value, list):
        return [_decode(each, arrays) for each in value]
    return value
