"""Streams of batches that can be put back where they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np

Batch = TypeVar("Batch")


@runtime_checkable
class Resumable(Protocol):
    """Anything with a memory that a checkpoint must carry."""

    def state(self) -> dict[str, Any]:
        """Everything needed to go on from here: dicts, lists, arrays, numbers, strings."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from there."""


class Sampled(Generic[Batch]):
    """Endless fresh batches, `make(rng)` each; the generator's state is the position.

    Parameters
    ----------
    make : function of a np.random.Generator that returns one batch
    rng : np.random.Generator, or a seed for one

    Raises
    ------
    TypeError
        If `rng` is neither.
    """

    def __init__(self, make: Callable[[np.random.Generator], Batch], rng: Any) -> None:
        self.make = make
        self.rng = rng_from_argument(rng)

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        return self.make(self.rng)

    def state(self) -> dict[str, Any]:
        """The state of the generator."""
        return {"rng": self.rng.bit_generator.state}

    def load_state(self, state: dict[str, Any]) -> None:
        """Put the generator back."""
        self.rng.bit_generator.state = state["rng"]


class Cycled(Generic[Batch]):
    """The same batches over and over, in order.

    Raises
    ------
    ValueError
        If there is no batch at all.
    """

    def __init__(self, batches: Sequence[Batch]) -> None:
        if not len(batches):
            raise ValueError("batches must hold at least one batch; got none")
        self.batches = batches
        self.position = 0

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        batch = self.batches[self.position % len(self.batches)]
        self.position += 1
        return batch

    def state(self) -> dict[str, Any]:
        """How many batches were drawn."""
        return {"position": self.position}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go to that position."""
        self.position = int(state["position"])


def stream_of(batches: Iterable[Batch]) -> Iterator[Batch]:
    """An iterator over `batches`: a list or tuple is cycled, an iterator is taken as it is.

    Raises
    ------
    TypeError
        If `batches` cannot be iterated over.
    """
    if isinstance(batches, list | tuple):
        return Cycled(batches)
    if not isinstance(batches, Iterable):
        raise TypeError(f"batches must be a list or an iterator of batches; got {batches!r}")
    return iter(batches)


def rng_from_argument(rng: Any) -> np.random.Generator:
    """A generator from a generator or a whole-number seed.

    Raises
    ------
    TypeError
        For anything else.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool):
        return np.random.default_rng(int(rng))
    raise TypeError(f"rng must be a np.random.Generator or a whole-number seed; got {rng!r}")
