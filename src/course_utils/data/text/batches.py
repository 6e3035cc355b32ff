"""A long text as batches of shorter pieces: contiguous, so that a state can be carried, or random.

Both remember their place and can be put back there, as checkpoints need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.data.arguments import generator, whole

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TextBatch:
    """Pieces of a text and the character that follows each character.

    Attributes
    ----------
    x : (T, B) int64, character codes
    targets : (T, B) int64, the codes that follow: `targets[:-1] == x[1:]`
    continues : whether row b goes on where row b of the batch before ended: a state may be carried
    """

    x: Ints
    targets: Ints
    continues: bool


class ContiguousBatches:
    """The text cut into B streams that are read side by side, T characters at a time.

    Row b of each batch goes on where row b of the one before ended, until the streams end and all
    start again. Characters that do not fill a last step of every stream are left out.

    Parameters
    ----------
    codes : (N,) character codes
    T : steps of a batch
    B : streams

    Raises
    ------
    TypeError, ValueError
        If `codes` is not one-dimensional whole numbers, or too short for one batch.
    """

    def __init__(self, codes: Ints, T: int, B: int) -> None:
        codes, self.T, self.B = checked_codes(codes), whole("T", T), whole("B", B)
        length = (codes.size - 1) // self.B
        if length < self.T:
            raise ValueError(
                f"codes must hold at least T * B + 1 = {self.T * self.B + 1} characters for "
                f"T = {T}, B = {B}; got {codes.size}"
            )
        used = length * self.B
        self.x = np.ascontiguousarray(codes[:used].reshape(self.B, length).T)
        self.targets = np.ascontiguousarray(codes[1 : used + 1].reshape(self.B, length).T)
        self.position = 0

    def __len__(self) -> int:
        """Batches until the streams end."""
        return len(self.x) // self.T

    def __iter__(self) -> Iterator[TextBatch]:
        return self

    def __next__(self) -> TextBatch:
        place = self.position % len(self)
        self.position += 1
        rows = slice(place * self.T, (place + 1) * self.T)
        return TextBatch(self.x[rows], self.targets[rows], continues=place > 0)

    def once(self) -> Iterator[TextBatch]:
        """The batches of one pass, from the start; the position stays as it is."""
        for place in range(len(self)):
            rows = slice(place * self.T, (place + 1) * self.T)
            yield TextBatch(self.x[rows], self.targets[rows], continues=place > 0)

    def state(self) -> dict[str, Any]:
        """The position."""
        return {"position": self.position}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go to that position."""
        self.position = int(state["position"])


class RandomBatches:
    """Pieces of T characters from random places of the text; no state can be carried.

    Parameters
    ----------
    codes : (N,) character codes
    T : steps of a batch
    B : pieces
    rng : np.random.Generator

    Raises
    ------
    TypeError, ValueError
        If `codes` is not one-dimensional whole numbers, or shorter than T + 1.
    """

    def __init__(self, codes: Ints, T: int, B: int, rng: np.random.Generator) -> None:
        self.codes, self.T, self.B = checked_codes(codes), whole("T", T), whole("B", B)
        self.rng = generator(rng)
        if self.codes.size < self.T + 1:
            raise ValueError(
                f"codes must hold at least T + 1 = {self.T + 1} characters; got {self.codes.size}"
            )

    def __iter__(self) -> Iterator[TextBatch]:
        return self

    def __next__(self) -> TextBatch:
        starts = self.rng.integers(0, self.codes.size - self.T, self.B)
        pieces = self.codes[starts + np.arange(self.T + 1)[:, None]]
        return TextBatch(pieces[:-1], pieces[1:], continues=False)

    def state(self) -> dict[str, Any]:
        """The state of the generator."""
        return {"rng": self.rng.bit_generator.state}

    def load_state(self, state: dict[str, Any]) -> None:
        """Put the generator back."""
        self.rng.bit_generator.state = state["rng"]


def checked_codes(codes: Ints) -> Ints:
    """`codes` as int64, if it is a one-dimensional array of whole numbers.

    Raises
    ------
    TypeError, ValueError
        If it is not.
    """
    codes = np.asarray(codes)
    if codes.ndim != 1:
        raise ValueError(f"codes must be one-dimensional; got shape {codes.shape}")
    if not np.issubdtype(codes.dtype, np.integer):
        raise TypeError(f"codes must be whole numbers; got dtype {codes.dtype}")
    return codes.astype(np.int64)
