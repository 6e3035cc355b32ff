"""Characters to whole numbers and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


class UnknownCharacterError(ValueError):
    """A character, or a number, that the vocabulary does not hold."""


@dataclass(frozen=True)
class Vocabulary:
    """The characters a model knows, numbered in order.

    Parameters
    ----------
    characters : the characters, each once
    unknown : one of them that stands for every other, or None if there is none

    Raises
    ------
    TypeError, ValueError
        If `characters` is empty, repeats one, or holds something that is no single character.
    """

    characters: tuple[str, ...]
    unknown: str | None = None
    _codes: NDArray[np.int64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.characters:
            raise ValueError("characters must hold at least one character; got none")
        for character in self.characters:
            if not isinstance(character, str) or len(character) != 1:
                raise TypeError(f"characters must be single characters; got {character!r}")
        if len(set(self.characters)) < len(self.characters):
            raise ValueError("characters must all be different; one occurs twice")
        if self.unknown is not None and self.unknown not in self.characters:
            raise ValueError(f"unknown must be one of the characters; got {self.unknown!r}")
        points = np.array([ord(c) for c in self.characters])
        codes = np.full(points.max() + 1, -1, np.int64)
        codes[points] = np.arange(points.size)
        object.__setattr__(self, "_codes", codes)

    @classmethod
    def of(cls, text: str, *, unknown: str | None = None) -> Vocabulary:
        """The characters of `text`, sorted; with `unknown`, that character is added.

        Raises
        ------
        TypeError, ValueError
            If `text` is no string, or empty.
        """
        _check_text(text)
        extra: Iterable[str] = () if unknown is None else unknown
        if not text:
            raise ValueError("text must hold at least one character; got none")
        return cls(tuple(sorted({*text, *extra})), unknown)

    def __len__(self) -> int:
        """Number of characters, V."""
        return len(self.characters)

    def encode(self, text: str) -> NDArray[np.int64]:
        """(len(text),) numbers of the characters.

        Raises
        ------
        TypeError
            If `text` is no string.
        UnknownCharacterError
            At the first character that is not in the vocabulary (unless one stands for it).
        """
        _check_text(text)
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        inside = points < self._codes.size
        codes = np.where(inside, self._codes[np.where(inside, points, 0)], -1)
        missing = np.flatnonzero(codes < 0)
        if missing.size and self.unknown is None:
            at = int(missing[0])
            raise UnknownCharacterError(
                f"text holds {text[at]!r} at position {at}, which is not among the "
                f"{len(self)} characters of the vocabulary ({missing.size} such positions in all)"
            )
        if missing.size:
            codes[missing] = self.characters.index(str(self.unknown))
        return codes

    def decode(self, codes: NDArray[np.integer]) -> str:
        """The text of a one-dimensional array of numbers.

        Raises
        ------
        TypeError, ValueError
            If `codes` holds no whole numbers or is not one-dimensional.
        UnknownCharacterError
            If a number is outside 0..V-1.
        """
        codes = np.asarray(codes)
        if codes.ndim != 1:
            raise ValueError(f"codes must be one-dimensional; got shape {codes.shape}")
        if codes.size and not np.issubdtype(codes.dtype, np.integer):
            raise TypeError(f"codes must be whole numbers; got dtype {codes.dtype}")
        outside = np.flatnonzero((codes < 0) | (codes >= len(self)))
        if outside.size:
            at = int(outside[0])
            raise UnknownCharacterError(
                f"codes must lie in 0..{len(self) - 1}; got {codes[at]} at position {at}"
            )
        return "".join(self.characters[int(code)] for code in codes)


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise TypeError(f"text must be a string; got {type(text).__name__}")
