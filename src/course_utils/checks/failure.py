"""The one exception of this room: its message is written for students."""


class CheckFailed(AssertionError):  # noqa: N818 - the name students read
    """An answer is not what the task asks for; ``str(error)`` says what is wrong and where."""


def sentence(name: str, complaint: str, *rest: str | None) -> str:
    """``name: complaint.`` followed by every further sentence that there is."""
    return " ".join([f"{name}: {complaint}", *(part for part in rest if part)])
