"""What a training run leaves behind: one row an update, one row a validation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """The course of one training run.

    Attributes
    ----------
    loss : (N,) loss of the batch of each update, before that update
    grad_norm : (N,) global norm of the gradient, before clipping
    scale : (N,) factor of the learning rate that the schedule gave
    seconds : (N,) CPU seconds of this process spent in the run up to and with that update
    valid_step : (M,) updates done at each validation
    valid : (M,) what `validate` returned
    stopped : why the run ended: "steps", "until", "patience" or "diverged"
    best_step : updates done at the lowest validation (-1 without validation)
    """

    loss: Floats
    grad_norm: Floats
    scale: Floats
    seconds: Floats
    valid_step: NDArray[np.int64]
    valid: Floats
    stopped: str
    best_step: int

    def __len__(self) -> int:
        """Number of updates."""
        return int(self.loss.size)


@dataclass
class Recorder:
    """The lists that a History is made of, while they grow."""

    loss: list[float] = field(default_factory=list)
    grad_norm: list[float] = field(default_factory=list)
    scale: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    valid_step: list[int] = field(default_factory=list)
    valid: list[float] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """The lists as arrays, for a checkpoint."""
        return {name: np.array(values) for name, values in vars(self).items()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Continue from the arrays of a checkpoint."""
        for name in vars(self):
            setattr(self, name, state[name].tolist())

    def best(self) -> int:
        """Row of the first lowest validation that is a number; -1 if there is none."""
        numbers = [(value, row) for row, value in enumerate(self.valid) if value == value]
        return min(numbers)[1] if numbers else -1

    def freeze(self, stopped: str) -> History:
        """The finished History."""
        best = self.best()
        return History(
            loss=np.array(self.loss, float),
            grad_norm=np.array(self.grad_norm, float),
            scale=np.array(self.scale, float),
            seconds=np.array(self.seconds, float),
            valid_step=np.array(self.valid_step, np.int64),
            valid=np.array(self.valid, float),
            stopped=stopped,
            best_step=self.valid_step[best] if best >= 0 else -1,
        )
