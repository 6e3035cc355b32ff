"""The one exception of this room: its message is written for students."""

from typing import Any


class CheckFailed(AssertionError):  # noqa: N818 - the name students read
    """An answer is not what the task asks for; ``str(error)`` says what is wrong and where."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of the traceback, which leads through the check's code."""
        return [f"{type(self).__name__}: {self}"]


def forgotten_return(got: Any, name: str) -> str | None:
    """The question to ask where None came, unless it is an entry of a dictionary that came."""
    entry = name.endswith(("']", '"]'))
    return "Does the function end with `return`?" if got is None and not entry else None


def sentence(name: str, complaint: str, *rest: str | None) -> str:
    """``name: complaint.`` followed by every further sentence that there is."""
    return " ".join([f"{name}: {complaint}", *(part for part in rest if part)])
