"""An embedding: one learned row per symbol, as one-hot times a matrix without the zeros."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from course_utils.nn.arguments import (
    Array,
    check,
    check_dtype,
    check_gradient,
    check_kind,
    check_size,
)


@dataclass(frozen=True)
class EmbeddingParams:
    """``E (V, D)``: a vector of ``D`` numbers for each of ``V`` symbols."""

    SHAPES: ClassVar = {"E": "V D"}
    E: Array


@dataclass(frozen=True)
class EmbeddingTape:
    """What `embedding_backward` needs: the symbols and the parameters."""

    tokens: Array
    params: EmbeddingParams


def init_embedding(
    rng: np.random.Generator, V: int, D: int, *, dtype: npt.DTypeLike = np.float64
) -> EmbeddingParams:
    """Standard normal rows, as in ``torch.nn.Embedding``."""
    check_size("init_embedding", "V", V)
    check_size("init_embedding", "D", D)
    return EmbeddingParams(rng.standard_normal((V, D)).astype(dtype))


def embedding_forward(tokens: Array, params: EmbeddingParams) -> tuple[Array, EmbeddingTape]:
    """Look the symbols up: integer ``tokens (…)`` -> ``x (…, D)`` and the tape.

    Raises TypeError for tokens that are not integers, ValueError for one outside 0 … V - 1.
    """
    check("embedding_forward", EmbeddingParams, params)
    check_tokens("embedding_forward", tokens, len(params.E))
    return params.E[tokens], EmbeddingTape(tokens, params)


def embedding_backward(dx: Array, tape: EmbeddingTape) -> EmbeddingParams:
    """From ``dx (…, D)`` to ``dE (V, D)``: each row sums over all places its symbol stood.

    Tokens have no gradient. Raises TypeError or ValueError if ``dx`` or ``tape`` does not fit.
    """
    check_kind("embedding_backward", "tape", tape, EmbeddingTape)
    E = tape.params.E
    check_gradient("embedding_backward", "dx", dx, (*tape.tokens.shape, E.shape[1]))
    dE = np.zeros(E.shape, dx.dtype)
    np.add.at(dE, tape.tokens, dx)
    return EmbeddingParams(dE)


def one_hot(tokens: Array, V: int, dtype: npt.DTypeLike = np.float64) -> Array:
    """Integer ``tokens (…)`` -> ``(…, V)``, 1 at the symbol and 0 elsewhere.

    Raises TypeError for tokens that are not integers, ValueError for one outside 0 … V - 1.
    """
    check_size("one_hot", "V", V)
    check_tokens("one_hot", tokens, V)
    return np.eye(V, dtype=dtype)[tokens]


def check_tokens(where: str, tokens: Any, V: int) -> None:
    """Raise unless ``tokens`` is a non-empty array of integers from 0 to V - 1."""
    check_dtype(where, "tokens", tokens, "integer")
    if tokens.size == 0:
        raise ValueError(f"{where}: tokens has shape {tokens.shape}; wanted at least one symbol.")
    wrong = (tokens < 0) | (tokens >= V)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{where}: tokens holds {tokens[index]} at index {index}; wanted 0 to {V - 1},"
            f" because the vocabulary has {V} symbols."
        )
