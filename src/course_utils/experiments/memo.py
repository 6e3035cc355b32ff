"""A stream in which one number at a time is to be kept, and said when asked for (chapter 06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

VALUE, WRITE, READ = 0, 1, 2
"""Columns of the input: a number at every step, the mark "keep it", the mark "say it"."""


@dataclass(frozen=True, eq=False)
class MemoStream:
    """B streams of T steps; where a number is kept and where it is asked for is alike in all.

    Attributes
    ----------
    x : (T, B, 3), the columns VALUE, uniform in (-1, 1), and the marks WRITE and READ, 0 or 1
    kept : (T, B), the number that should be in memory after each step, 0 before the first WRITE
    target : (T, B), `kept` at the steps with a READ, 0 elsewhere
    """

    x: Array
    kept: Array
    target: Array

    @property
    def reads(self) -> NDArray[np.bool_]:
        """(T,) True where the number is asked for."""
        return np.asarray(self.x[:, 0, READ] == 1)


def memo_stream(
    rng: np.random.Generator, T: int, B: int, *, writes: Sequence[int], reads: Sequence[int]
) -> MemoStream:
    """Random numbers, with marks at the steps `writes` and `reads`, which count from 0.

    Raises
    ------
    ValueError
        If there is no step, a mark lies outside the stream, or a read comes before any write.
    """
    if T < 1 or B < 1:
        raise ValueError(f"memo_stream: T is {T} and B is {B}; wanted at least 1 of both.")
    for name, steps in (("writes", writes), ("reads", reads)):
        if any(not 0 <= step < T for step in steps):
            raise ValueError(
                f"memo_stream: {name} is {list(steps)}; wanted steps from 0 to {T - 1}."
            )
    if reads and (not writes or min(reads) < min(writes)):
        raise ValueError("memo_stream: a read comes before the first write.")
    x = np.zeros((T, B, 3))
    x[..., VALUE] = rng.uniform(-1, 1, (T, B))
    x[list(writes), :, WRITE] = 1
    x[list(reads), :, READ] = 1
    kept = np.zeros((T, B))
    for step in sorted(writes):
        kept[step:] = x[step, :, VALUE]
    return MemoStream(x, kept, np.where(x[..., READ] == 1, kept, 0.0))
