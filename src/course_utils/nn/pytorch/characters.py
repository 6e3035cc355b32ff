"""What the longer runs of chapter 08 need around `CharacterModel`: start, loss, optimiser, cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import nn

from course_utils.nn.pytorch.convert import from_torch, to_torch
from course_utils.nn.pytorch.models import CharacterModel


def start_from(model: CharacterModel, embedding: Any, layers: Sequence[Any], readout: Any) -> None:
    """Put NumPy parameters into a model: the embedding, those of every layer, the readout.

    Raises as `to_torch`, and RuntimeError if a shape or a layer does not fit the model.
    """
    model.embedding.load_state_dict(to_torch(embedding).state_dict())
    model.readout.load_state_dict(to_torch(readout).state_dict())
    weights = {}
    for number, layer in enumerate(layers):
        for name, tensor in to_torch(layer).state_dict().items():
            weights[name.replace("_l0", f"_l{number}")] = tensor
    model.recurrent.load_state_dict(weights)


def parameters_of(model: CharacterModel) -> tuple[Any, list[Any], Any]:
    """The way back: NumPy parameters of the embedding, of every layer, and of the readout."""
    layers = [from_torch(model.recurrent, layer) for layer in range(model.recurrent.num_layers)]
    return from_torch(model.embedding), layers, from_torch(model.readout)


def adam(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """PyTorch's Adam for all parameters of a model."""
    return torch.optim.Adam(model.parameters(), lr=lr)


def seed_dropout(seed: int) -> None:
    """Set PyTorch's random state, which decides what dropout drops."""
    torch.manual_seed(seed)


def next_character_loss(model: nn.Module, batch: Any, state: Any) -> tuple[torch.Tensor, Any]:
    """Mean nats a character of a batch (``x``, ``targets (T, B)``, ``continues``), and the state.

    The state of the batch before is taken up where the batch continues it.
    """
    scores, state = model(torch.from_numpy(batch.x), state if batch.continues else None)
    targets = torch.from_numpy(batch.targets)
    return nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten()), state


def mean_bits(model: nn.Module, batches: Iterable[Any]) -> float:
    """Mean cost of the characters of consecutive batches, bits, without dropout."""
    model.eval()
    losses, state = [], None
    with torch.no_grad():
        for batch in batches:
            loss, state = next_character_loss(model, batch, state)
            losses.append(loss.item())
    return math.fsum(losses) / len(losses) / math.log(2)


def count_parameters(model: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(parameter.numel() for parameter in model.parameters())
