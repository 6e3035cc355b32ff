"""From scores to a character, and on to a text: temperature, top-k and nucleus sampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from course_utils.data.arguments import generator, real, whole
from course_utils.data.text.vocabulary import Vocabulary

Floats = NDArray[np.float64]
State = TypeVar("State")


def sampling_distribution(
    scores: Floats,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    nucleus: float | None = None,
) -> Floats:
    """The probabilities that a character is drawn with.

    Scores (or log-probabilities) are divided by the temperature; then all but the `top_k` most
    probable are set to zero, then all but the smallest set that holds `nucleus` of the
    probability (Holtzman et al. 2020, arXiv 1904.09751); what is left is scaled to sum to one.

    Parameters
    ----------
    scores : (..., V), finite or -inf
    temperature : at least 0; 0 keeps only the most probable, the first of them if several are
    top_k : how many to keep at most; ties at the edge go to the lower code
    nucleus : in (0, 1]

    Returns
    -------
    (..., V) float64

    Raises
    ------
    TypeError, ValueError
        If a setting is out of range, or a row of scores holds NaN, +inf or nothing above -inf.
    """
    scores = _checked_scores(scores)
    temperature = real("temperature", temperature, low=0.0)
    p = _softmax(scores, temperature) if temperature else _certain(scores)
    if top_k is not None:
        kept = min(whole("top_k", top_k), p.shape[-1])
        p = np.where(_rank(p) < kept, p, 0)
    if nucleus is not None:
        share = real("nucleus", nucleus, above=0.0, high=1.0)
        order = np.argsort(-p, axis=-1, kind="stable")
        sorted_p = np.take_along_axis(p, order, axis=-1)
        before = np.cumsum(sorted_p, axis=-1) - sorted_p
        inside = before < share * sorted_p.sum(axis=-1, keepdims=True)
        p = np.where(np.take_along_axis(inside, np.argsort(order, axis=-1), axis=-1), p, 0)
    return np.asarray(p / p.sum(axis=-1, keepdims=True))


def sample(
    rng: np.random.Generator,
    scores: Floats,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    nucleus: float | None = None,
) -> NDArray[np.int64]:
    """Draw one code for every row of scores (..., V); see `sampling_distribution`.

    Returns
    -------
    (...) int64 codes

    Raises
    ------
    TypeError, ValueError
        As `sampling_distribution`.
    """
    p = sampling_distribution(scores, temperature=temperature, top_k=top_k, nucleus=nucleus)
    cumulative = np.cumsum(p, axis=-1)
    cumulative /= cumulative[..., -1:]
    drawn = generator(rng).random(p.shape[:-1])[..., None]
    return np.asarray((drawn >= cumulative).sum(axis=-1), np.int64)


def generate(
    rng: np.random.Generator,
    next_scores: Callable[[State, NDArray[np.int64]], tuple[Floats, State]],
    state: State,
    vocabulary: Vocabulary,
    length: int,
    *,
    prompt: str = "\n",
    temperature: float = 1.0,
    top_k: int | None = None,
    nucleus: float | None = None,
) -> str:
    """A text of `length` characters that goes on after `prompt`.

    Parameters
    ----------
    rng : np.random.Generator
    next_scores : `(state, codes (1,)) -> (scores (1, V), state)`: one step of the model
    state : the state before the prompt
    vocabulary : of the model
    length : characters to write
    prompt : at least one character, read first and not returned
    temperature, top_k, nucleus : as in `sampling_distribution`

    Raises
    ------
    TypeError, ValueError
        If the prompt is empty or holds an unknown character, or a setting is out of range.
    """
    rng, length = generator(rng), whole("length", length, least=0)
    codes = vocabulary.encode(prompt)
    if not codes.size:
        raise ValueError("prompt must hold at least one character; got none")
    for code in codes:
        scores, state = next_scores(state, np.array([code]))
    written = []
    for _ in range(length):
        code = sample(rng, scores, temperature=temperature, top_k=top_k, nucleus=nucleus)
        written.append(int(code[0]))
        scores, state = next_scores(state, code)
    return vocabulary.decode(np.array(written, np.int64))


def _checked_scores(scores: Floats) -> Floats:
    scores = np.asarray(scores)
    if scores.dtype.kind not in "fiu":
        raise TypeError(f"scores must be real numbers; got dtype {scores.dtype}")
    if scores.ndim == 0 or not scores.shape[-1]:
        raise ValueError(f"scores must have shape (..., V), V at least 1; got {scores.shape}")
    scores = scores.astype(float)
    if np.isnan(scores).any() or (scores == np.inf).any():
        raise ValueError("scores must be finite or -inf; got NaN or +inf")
    if (scores.max(axis=-1) == -np.inf).any():
        raise ValueError("scores must hold something above -inf in every row; got a row without")
    return scores


def _softmax(scores: Floats, temperature: float) -> Floats:
    below_best = scores - scores.max(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):  # a tiny temperature: all but the best go to exp(-inf) = 0
        e = np.exp(below_best / temperature)
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _certain(scores: Floats) -> Floats:
    return np.asarray(np.eye(scores.shape[-1])[scores.argmax(axis=-1)])


def _rank(p: Floats) -> NDArray[np.int64]:
    """Place of every entry in its row, most probable first; ties in order of the codes."""
    return np.argsort(np.argsort(-p, axis=-1, kind="stable"), axis=-1)
