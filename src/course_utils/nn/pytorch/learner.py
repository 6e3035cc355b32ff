"""PyTorch models in the training loop of `training`: the same `train`, the same checkpoints."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from course_utils.nn.batches import Resumable
from course_utils.nn.checkpoints import CheckpointError
from course_utils.nn.training import check_finite

State = dict[str, Any]


class TorchLearner:
    """A model, a function for its loss, an optimiser and a clip: what `train` needs.

    Parameters
    ----------
    loss : ``(model, batch) -> scalar tensor``. If it has ``state`` and ``load_state``, as
        `TruncatedBPTT` has, checkpoints keep that too
    model : any ``nn.Module``
    optimiser : any ``torch.optim`` optimiser of the model's parameters
    clip : largest global norm of a gradient, or None
    """

    def __init__(
        self,
        loss: Callable[[Any, Any], torch.Tensor],
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        clip: float | None = None,
    ) -> None:
        self.loss = loss
        self.model = model
        self.optimiser = optimiser
        self.clip = clip
        self._rates = [group["lr"] for group in optimiser.param_groups]

    @property
    def params(self) -> nn.Module:
        """The model itself."""
        return self.model

    def step(self, batch: Any, scale: float) -> tuple[float, float]:
        """One update with the learning rates times ``scale``; (loss, gradient norm) before it.

        Raises DivergenceError, and leaves the parameters alone, when either is not finite.
        """
        self.model.train()
        self.optimiser.zero_grad()
        loss = self.loss(self.model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        limit = float("inf") if self.clip is None else self.clip
        norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), limit))
        check_finite(loss.item(), norm)
        for group, rate in zip(self.optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * scale
        self.optimiser.step()
        return loss.item(), norm

    def state(self) -> State:
        """Weights, the optimiser's memory, the random state of dropout, and the loss's memory."""
        state = {
            "weights": self.weights(),
            "optimiser": _to_arrays(self.optimiser.state_dict()),
            "rng": torch.get_rng_state().numpy(),
        }
        if isinstance(self.loss, Resumable):
            state["loss"] = self.loss.state()
        return state

    def load_state(self, state: State) -> None:
        """Go back to a state. Raises CheckpointError if it belongs to another model."""
        self.load_weights(state["weights"])
        memory = _to_tensors(state["optimiser"])
        memory["state"] = {int(key): value for key, value in memory["state"].items()}
        self.optimiser.load_state_dict(memory)
        torch.set_rng_state(torch.from_numpy(state["rng"]))
        if isinstance(self.loss, Resumable):
            self.loss.load_state(state["loss"])

    def weights(self) -> State:
        """A copy of the model's weights by name."""
        return {name: tensor.numpy(force=True).copy() for name, tensor in self._tensors().items()}

    def load_weights(self, weights: State) -> None:
        """Put such a copy back. Raises CheckpointError if it belongs to another model."""
        here = {name: tuple(tensor.shape) for name, tensor in self._tensors().items()}
        there = {name: array.shape for name, array in weights.items()}
        if here != there:
            differing = sorted(n for n in here.keys() | there.keys() if here.get(n) != there.get(n))
            raise CheckpointError(
                f"the checkpoint belongs to another model: {differing} differ in name or shape; "
                "delete it, or give this run another file"
            )
        self.model.load_state_dict(_to_tensors(weights))

    def _tensors(self) -> dict[str, torch.Tensor]:
        tensors: dict[str, torch.Tensor] = self.model.state_dict()
        return tensors


class TruncatedBPTT:
    """A loss for `TorchLearner` that carries the state from one batch into the next, detached.

    ``loss(model, batch, state) -> (scalar tensor, state)``, the state being None at first and then
    a tensor or a tuple of tensors. Consecutive batches must be consecutive pieces of the same
    streams; call `forget` where new streams begin. Checkpoints keep the carried state.
    """

    def __init__(self, loss: Callable[[Any, Any, Any], tuple[torch.Tensor, Any]]) -> None:
        self._loss = loss
        self.carried: Any = None

    def __call__(self, model: nn.Module, batch: Any) -> torch.Tensor:
        """The loss of one piece; remembers the state in which it ended."""
        loss, state = self._loss(model, batch, self.carried)
        self.carried = _detached(state)
        return loss

    def forget(self) -> None:
        """Start the next piece from nothing."""
        self.carried = None

    def state(self) -> State:
        """The carried state, for a checkpoint."""
        return {"carried": _to_arrays(self.carried)}

    def load_state(self, state: State) -> None:
        """Go on from a carried state."""
        self.carried = _to_tensors(state["carried"])


def _detached(state: Any) -> Any:
    return tuple(map(_detached, state)) if isinstance(state, tuple) else state.detach()


def _to_arrays(value: Any) -> Any:
    """Tensors to arrays, and all keys to strings: what a checkpoint can hold."""
    if isinstance(value, torch.Tensor):
        return value.numpy(force=True).copy()
    if isinstance(value, dict):
        return {str(key): _to_arrays(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_to_arrays(each) for each in value]
    return value


def _to_tensors(value: Any) -> Any:
    """The way back; lists become tuples, as the states of an LSTM and Adam's betas are."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy())
    if isinstance(value, dict):
        return {key: _to_tensors(each) for key, each in value.items()}
    if isinstance(value, list):
        return tuple(_to_tensors(each) for each in value)
    return value
