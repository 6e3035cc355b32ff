"""What every task returns: inputs, targets, what is scored, and what a blind guess would cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Loss = Literal["cross-entropy", "squared error"]
Metric = Literal["error rate", "sequence error rate", "squared error", "absolute error"]


@dataclass(frozen=True)
class Criterion:
    """When a task counts as solved: `metric` on fresh sequences must fall below `limit`.

    "error rate" counts wrong scored steps; "sequence error rate" counts sequences with at least
    one wrong scored step, or (squared and absolute error) outside the limit. A `limit` of 0 asks
    for no error at all. `source` says whose criterion it is.
    """

    metric: Metric
    limit: float
    source: str

    def met(self, value: float) -> bool:
        """Whether a measured `value` of the metric counts as success. NaN never does."""
        return bool(value < self.limit or value == self.limit == 0)


@dataclass(frozen=True, eq=False)
class Batch:
    """One batch of a synthetic task, time-major.

    Attributes
    ----------
    x : (T, B, D) float64
        Inputs; symbols are one-hot.
    targets : (T, B) int64 classes, or (T, B, K) float64 values
        What the readout should say at each step. Entries outside `mask` are zero and not scored.
    mask : (T, B) bool
        The scored steps.
    outputs : int
        Number of outputs K that a readout needs.
    loss : "cross-entropy" or "squared error"
        The loss that `chance` and `floor` are expressed in (nats, or squared units).
    chance : float
        Exact expected loss, mean over scored steps, of the best guess that knows the task and
        the step but has seen no input.
    floor : float
        Exact expected loss of the best possible predictor that sees all inputs up to the step.
    difficulty : int
        Steps over which something must be carried.
    success : Criterion
        When the task counts as solved.
    symbols : tuple of str
        Labels of the input symbols, where they are symbols.
    lengths : (B,) int64
        Number of real steps of each sequence; what follows is padding.
    judged : (T, B) bool
        The steps that `success` looks at: those of `mask`, unless only some can be known.
    """

    x: NDArray[np.float64]
    targets: NDArray[np.int64] | NDArray[np.float64]
    mask: NDArray[np.bool_]
    outputs: int
    chance: float
    difficulty: int
    success: Criterion
    loss: Loss = "cross-entropy"
    floor: float = 0.0
    symbols: tuple[str, ...] = ()
    lengths: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    judged: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))

    def __post_init__(self) -> None:
        steps, rows = self.mask.shape
        if not self.lengths.size:
            object.__setattr__(self, "lengths", np.full(rows, steps, np.int64))
        if not self.judged.size:
            object.__setattr__(self, "judged", self.mask)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, B, D) of the inputs."""
        steps, rows, width = self.x.shape
        return steps, rows, width


def one_hot(symbols: NDArray[np.integer], size: int) -> NDArray[np.float64]:
    """Whole numbers (...) in 0..size-1 as one-hot rows (..., size), float64.

    Raises
    ------
    TypeError, ValueError
        If `symbols` holds no whole numbers, or one outside 0..size-1.
    """
    symbols = np.asarray(symbols)
    if not np.issubdtype(symbols.dtype, np.integer):
        raise TypeError(f"symbols must be whole numbers; got dtype {symbols.dtype}")
    if symbols.size and not (symbols.min() >= 0 and symbols.max() < size):
        raise ValueError(f"symbols must lie in 0..{size - 1}; got {symbols.min()}..{symbols.max()}")
    rows: NDArray[np.float64] = np.eye(size)[symbols]
    return rows
