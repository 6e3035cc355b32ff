"""What the grader's stand-ins for student objects look like to the checks.

In a student's notebook a check calls the student's function itself. In the grader that function
lives in another process, and the check cell holds a stand-in that subclasses `RemoteFunction`. The
checks treat both alike, so that one cell serves both.
"""

from typing import Any


class RemoteError(Exception):
    """The student's code raised in its own process.

    ``kinds`` are the names of the exception's class and its bases, most special first.
    """

    def __init__(self, message: str, kinds: tuple[str, ...]) -> None:
        super().__init__(message)
        self.kinds = kinds


class RemoteFunction:
    """A function in another process: ``name`` and ``parameters`` are for messages."""

    name: str = "the function"
    parameters: tuple[str, ...] = ()

    def exchange(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """Call it with copies; return the result and the arguments as they are after the call.

        Raises `RemoteError` where the student's code raised.
        """
        raise NotImplementedError("a stand-in must say how it reaches its function")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it and forget what became of the arguments."""
        return self.exchange(args, kwargs)[0]


class RemoteIterator:
    """A generator in another process; each ``next`` asks for one item."""

    def __iter__(self) -> "RemoteIterator":
        return self

    def __next__(self) -> Any:
        raise NotImplementedError("a stand-in must say how it reaches its generator")
