"""Functions that work out what they are asked once, and then recall it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from traces import written


def recalling(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, if it depends on its arguments only: its results are copies of the first.

    Where it alters its arguments it is called every time.
    """
    known: dict[bytes, tuple[Any, Any]] = {}

    def recall(*args: Any) -> Any:
        asked = written(args)
        if asked not in known:
            result = function(*args)
            if written(args) != asked:
                return result
            # The arguments are kept because functions among them are known by their address.
            known[asked] = (args, result)
        return deepcopy(known[asked][1])

    return recall
