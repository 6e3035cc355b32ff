"""Truncated backpropagation through time: the state travels on, the gradient does not.

A long stream is cut into pieces. Each begins with the state in which the last one ended, so that
the forward pass never notices; but no gradient crosses a cut, so that what lies more than a piece
back cannot be learned from. Williams and Peng (1990) discuss this scheme and its finer relatives.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

from course_utils.nn.arguments import check_size
from course_utils.nn.trees import tree_map

Params = TypeVar("Params")
Carried = Any


def pieces(window: int, *arrays: Any) -> Iterator[tuple[Any, ...]]:
    """Cut time-major arrays into pieces of ``window`` steps; the last piece may be shorter.

    Raises TypeError or ValueError for a ``window`` that is not a positive integer, or arrays that
    do not have the same number of steps.
    """
    check_size("pieces", "window", window)
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) != 1:
        raise ValueError(f"pieces: arrays have {lengths} steps; wanted the same number for all.")
    for start in range(0, lengths[0], window):
        yield tuple(array[start : start + window] for array in arrays)


def truncated_backward(
    backward: Callable[..., Any], dh: Any, tape: Any, window: int
) -> tuple[Any, Any]:
    """The gradients ``(dparams, dx)`` of one long forward pass, cut every ``window`` steps.

    The cuts are counted from the first step. ``backward`` belongs to the ``tape``, as in
    `state_gradients`. With ``window`` = T or more this is the full gradient.
    Raises TypeError or ValueError for a ``window`` that is not a positive integer.
    """
    check_size("truncated_backward", "window", window)
    dparams, dxs = [], []
    for start in range(0, len(tape.x), window):
        stop = min(start + window, len(tape.x))
        dpiece, dx, *_ = backward(dh[start:stop], tape.steps(start, stop))
        dparams.append(dpiece)
        dxs.append(dx)
    return tree_map(lambda *parts: np.sum(parts, axis=0), *dparams), np.concatenate(dxs)


class TruncatedBPTT:
    """An objective for `fit` that carries the state from one batch into the next.

    ``loss_and_grads(params, batch, carried) -> (loss, grads, final_state)`` runs one piece from the
    state ``carried``, a tuple as in ``tape.final_state``, empty at first: pass it on as
    ``rnn_forward(x, params, *carried)``. Consecutive batches must be consecutive pieces of the same
    streams; call `forget` where new streams begin. Checkpoints keep the carried state.
    """

    def __init__(
        self, loss_and_grads: Callable[[Any, Any, Carried], tuple[Any, Any, Carried]]
    ) -> None:
        self._loss_and_grads = loss_and_grads
        self.carried: Carried = ()

    def __call__(self, params: Params, batch: Any) -> tuple[Any, Params]:
        """The loss and gradients of one piece; remembers the state in which it ended."""
        loss, grads, final_state = self._loss_and_grads(params, batch, self.carried)
        self.carried = tree_map(np.copy, final_state)  # not a view that keeps the tape alive
        return loss, grads

    def forget(self) -> None:
        """Start the next piece from nothing."""
        self.carried = ()

    def state(self) -> dict[str, Any]:
        """The carried state, for a checkpoint."""
        return {"carried": self.carried}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a carried state."""
        self.carried = state["carried"]
