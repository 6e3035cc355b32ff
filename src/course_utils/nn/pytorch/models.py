"""PyTorch models for longer runs, time-major like everything here."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

CELLS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class CharacterModel(nn.Module):
    """Embedding, recurrent layers, readout: scores for the next of ``V`` symbols.

    Parameters
    ----------
    V, D, H : size of the vocabulary, the embedding, the state
    cell : "rnn", "lstm" or "gru"
    layers : how many are stacked
    dropout : fraction of the embedding and of every layer's output that is dropped in training,
        never between two steps of one layer (Zaremba, Sutskever and Vinyals 2014)

    Raises
    ------
    ValueError
        For an unknown cell.
    """

    def __init__(
        self, V: int, D: int, H: int, *, cell: str = "lstm", layers: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        self.recurrent = _recurrent(cell, D, H, layers, dropout)
        self.readout = nn.Linear(H, V)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: torch.Tensor, state: Any = None) -> tuple[torch.Tensor, Any]:
        """Integer ``tokens (T, B)`` and the last state (or None) -> scores ``(T, B, V)``, state."""
        h, state = self.recurrent(self.dropout(self.embedding(tokens)), state)
        return self.readout(self.dropout(h)), state


class ManyToOne(nn.Module):
    """Recurrent layers and a readout of the last true state: one answer for a whole sequence.

    Parameters
    ----------
    D, H, K : size of an input, of the state, of the answer (classes, or numbers to forecast)
    cell, layers, dropout : as in `CharacterModel`
    bidirectional : whether a second net reads backwards; the answer sees both last states

    Raises
    ------
    ValueError
        For an unknown cell.
    """

    def __init__(
        self,
        D: int,
        H: int,
        K: int,
        *,
        cell: str = "lstm",
        layers: int = 1,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        self.recurrent = _recurrent(cell, D, H, layers, dropout, bidirectional)
        self.readout = nn.Linear(2 * H if bidirectional else H, K)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """``x (T, B, D)``, and ``lengths (B,)`` if the sequences differ -> ``(B, K)``."""
        if lengths is None:
            _, state = self.recurrent(x)
        else:
            packed = pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)
            _, state = self.recurrent(packed)
        h_last = state[0] if isinstance(state, tuple) else state  # (layers · directions, B, H)
        directions = 2 if self.recurrent.bidirectional else 1
        answer: torch.Tensor = self.readout(
            self.dropout(torch.cat(list(h_last[-directions:]), dim=-1))
        )
        return answer


def _recurrent(
    cell: str, D: int, H: int, layers: int, dropout: float, bidirectional: bool = False
) -> nn.RNNBase:
    if cell not in CELLS:
        raise ValueError(f"cell is {cell!r}; wanted one of {', '.join(map(repr, CELLS))}.")
    between = dropout if layers > 1 else 0.0  # PyTorch warns about dropout above a single layer
    return CELLS[cell](D, H, num_layers=layers, dropout=between, bidirectional=bidirectional)
