"""Call a student's function: on copies, with its arguments looked at afterwards."""

import sys
from contextlib import redirect_stderr
from types import FunctionType
from typing import Any

import numpy as np

from course_utils.checks.failure import CheckFailed, sentence
from course_utils.checks.objects import PLAIN_NUMBERS, belongs, describe, exactly, is_array
from course_utils.checks.remote import RemoteError, RemoteFunction

_DEEPEST = 8


def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Call ``function`` on copies and require that it leaves its arguments as they were.

    Returns a copy of the result, so that later calls cannot change it. What the function raises
    passes through. Raises `CheckFailed` for an altered argument or something not callable.
    """
    result, after, named_after = _exchange(function, args, kwargs)
    names = _parameters(function)
    for position, (before, now) in enumerate(zip(args, after, strict=True)):
        known = f" {names[position]!r}" if position < len(names) else ""
        _unaltered(before, now, _name(function), f"its argument {position + 1}{known}")
    for key, before in kwargs.items():
        _unaltered(before, named_after[key], _name(function), f"its argument {key!r}")
    return result


def inplace(function: Any, *args: Any) -> tuple[Any, tuple[Any, ...]]:
    """Call ``function`` on copies; return its result and the copies, changed or not."""
    result, after, _ = _exchange(function, args, {})
    return result, after


def raises(function: Any, *args: Any, error: type[Exception] = ValueError) -> str:
    """Require that the call raises ``error`` (or a subclass) and return its message.

    Another error passes through. Raises `CheckFailed` where nothing is raised.
    """
    try:
        result, _, _ = _exchange(function, args, {})
    except error as raised:
        return _first_text(raised)
    except RemoteError as raised:
        if error.__name__ in raised.kinds:
            return str(raised)
        raise
    wanted = f"wanted {error.__name__} to be raised, but {describe(result)} was returned."
    raise CheckFailed(sentence(_name(function), wanted))


def _first_text(raised: Exception) -> str:
    """The exception's first argument if that is a text; its class may print as it likes."""
    args = BaseException.__dict__["args"].__get__(raised)
    return args[0] if args and type(args[0]) is str else ""


def _exchange(
    function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    if not callable(function):
        raise CheckFailed(f"Wanted a function to call, but {describe(function)} came.")
    if belongs(function, RemoteFunction):
        return function.exchange(args, kwargs)
    copies, named = _copy(args), _copy(kwargs)
    # nbgrader takes anything on stderr for a failure, and a warning or a progress bar is none.
    with redirect_stderr(sys.stdout):
        result = function(*copies, **named)
    return _copy(result), copies, named


def _copy(value: Any, depth: int = 0) -> Any:
    """Copy arrays, lists, tuples and dictionaries; leave everything else itself."""
    if is_array(value):
        base = np.ndarray.view(value, np.ndarray)
        return base.copy() if _owns_its_size(base) else base
    if depth == _DEEPEST:
        return value
    if exactly(value, list, tuple):
        return type(value)(_copy(item, depth + 1) for item in value)
    if type(value) is dict and all(exactly(key, str, int) for key in value):
        return {key: _copy(item, depth + 1) for key, item in value.items()}
    return value


def _owns_its_size(array: np.ndarray) -> bool:
    """False for a broadcast view, which a copy would blow up to its full size."""
    return 0 not in array.strides or array.size <= 1


def _unaltered(before: Any, after: Any, function: str, which: str) -> None:
    where = _first_change(before, after, "")
    if where is not None:
        complaint = f"the call altered {which}{where}."
        hint = "The caller still needs it: compute into a new array, or start from a copy()."
        raise CheckFailed(sentence(function, complaint, hint))


def _first_change(before: Any, after: Any, place: str) -> str | None:
    """Where ``after`` is no longer ``before``, as text to put behind the argument's name."""
    if is_array(before):
        return _array_change(np.ndarray.view(before, np.ndarray), after, place)
    if exactly(before, list, tuple, dict):
        if type(after) is not type(before) or len(after) != len(before):
            return f"{place}, which has other items than before"
        keys = before if type(before) is dict else range(len(before))
        for key in keys:
            if type(before) is dict and key not in after:
                return f"{place}, which has other items than before"
            change = _first_change(before[key], after[key], f"{place}[{key!r}]")
            if change is not None:
                return change
        return None
    return _scalar_change(before, after, place)


def _scalar_change(before: Any, after: Any, place: str) -> str | None:
    """A number, a text or None in a list or a dictionary; other objects are not looked into."""
    if not exactly(before, *PLAIN_NUMBERS, str, type(None)):
        return None
    alike = type(after) is type(before)
    if alike and (after == before or (after != after and before != before)):  # nan stays nan
        return None
    return f"{place}, which was {describe(before)} and is {describe(after)}"


def _array_change(before: np.ndarray, after: Any, place: str) -> str | None:
    if not is_array(after):
        return f"{place}, which is no array any more"
    now = np.ndarray.view(after, np.ndarray)
    if now.shape != before.shape or now.dtype != before.dtype:
        return f"{place}, which had shape {before.shape} and has {now.shape}"
    if now.dtype.hasobject or now.tobytes() == before.tobytes():
        return None
    changed = np.argwhere(~((now == before) | ((now != now) & (before != before))))
    if not len(changed):
        return place
    index = tuple(int(i) for i in changed[0])
    was, came = f"{before[index]:.6g}", f"{now[index]:.6g}"
    if was == came:
        was, came = repr(before[index].item()), repr(now[index].item())
        came += ": what is added and then subtracted rounds, so save the old value and put it back"
    return f"{place}: entry {list(index)} was {was} and is {came}"


def _parameters(function: Any) -> tuple[str, ...]:
    if belongs(function, RemoteFunction):
        return function.parameters
    if type(function) is FunctionType:
        code = function.__code__
        return code.co_varnames[: code.co_argcount]
    return ()


def _name(function: Any) -> str:
    if belongs(function, RemoteFunction):
        return function.name
    return function.__name__ if type(function) is FunctionType else "the function"
