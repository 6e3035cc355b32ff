"""Does the held-out text stand word for word in the training text?"""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.data.arguments import whole


@dataclass(frozen=True)
class Leak:
    """What two texts share.

    Attributes
    ----------
    share : fraction of the held-out characters that lie in a shared passage
    passages : (start, end) in the held-out text, longest first
    length : shortest passage that was looked for
    """

    share: float
    passages: tuple[tuple[int, int], ...]
    length: int


def find_leaks(train: str, valid: str, *, length: int = 50) -> Leak:
    """Passages of at least `length` characters of `valid` that stand verbatim in `train`.

    Passages that touch or overlap are joined, so one reported passage may be put together from
    several places of `train`.

    Raises
    ------
    TypeError, ValueError
        If a text is no string, `valid` is empty, or `length` is no whole number above 0.
    """
    length = whole("length", length)
    for name, text in (("train", train), ("valid", valid)):
        if not isinstance(text, str):
            raise TypeError(f"{name} must be a string; got {type(text).__name__}")
    if not valid:
        raise ValueError("valid must hold at least one character; got none")
    known = {train[i : i + length] for i in range(len(train) - length + 1)}
    passages: list[tuple[int, int]] = []
    for start in range(len(valid) - length + 1):
        if valid[start : start + length] not in known:
            continue
        if passages and start <= passages[-1][1]:
            passages[-1] = (passages[-1][0], start + length)
        else:
            passages.append((start, start + length))
    covered = sum(end - start for start, end in passages)
    longest_first = sorted(passages, key=lambda passage: passage[0] - passage[1])
    return Leak(covered / len(valid), tuple(longest_first), length)
