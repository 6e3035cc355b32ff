"""What a model is told about its mistakes. Each loss returns its own gradient with it.

Losses are means over the *counted* entries: all of them, or those where a boolean mask is True.
Cross-entropies are in nats, that is, with natural logarithms.
"""

import math
from typing import Any

import numpy as np

from course_utils.nn.arguments import FLOATING, Array, check_dtype, check_finite


def log_softmax(y: Array) -> Array:
    """Log-probabilities of scores ``y (…, K)``, over the last axis.

    The largest score is subtracted first: it cancels in exact arithmetic, and without it ``exp``
    overflows from 89 (float32) or 710 (float64) upwards.
    """
    _check_scores("log_softmax", y)
    shifted = y - y.real.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def softmax(y: Array) -> Array:
    """Probabilities from scores ``y (…, K)``: positive, summing to 1 over the last axis."""
    return np.exp(log_softmax(y))


def softmax_cross_entropy(y: Array, targets: Array, mask: Array | None = None) -> tuple[Any, Array]:
    """Mean ``-log softmax(y)[target]`` in nats, and its gradient ``dy`` of the shape of ``y``.

    ``y (…, K)`` are scores, ``targets (…)`` integer classes from 0 to K - 1, and ``mask (…)`` is
    True for the entries that count. Masked targets are ignored, whatever they hold.

    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    where = "softmax_cross_entropy"
    _check_scores(where, y)
    _check_targets(where, targets, y.shape[:-1], "integer")
    counted, count = _counted(where, mask, y.shape[:-1])
    _check_classes(where, targets, counted, y.shape[-1])
    picked = np.where(counted, targets, 0)[..., None]
    log_p = log_softmax(y)
    loss = -np.where(counted, np.take_along_axis(log_p, picked, axis=-1)[..., 0], 0).sum() / count
    dy = np.exp(log_p)
    np.put_along_axis(dy, picked, np.take_along_axis(dy, picked, axis=-1) - 1, axis=-1)
    dy *= (counted / count).astype(dy.real.dtype)[..., None]
    return loss.item(), dy


def mean_squared_error(y: Array, targets: Array, mask: Array | None = None) -> tuple[Any, Array]:
    """Mean of ``(y - target)²`` over counted entries and outputs, and its gradient ``dy``.

    ``y (…, K)`` and ``targets (…, K)`` have one shape; ``mask (…)`` is True for what counts.
    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    where = "mean_squared_error"
    _check_scores(where, y)
    _check_targets(where, targets, y.shape, FLOATING)
    check_finite(where, "targets", targets)
    counted, count = _counted(where, mask, y.shape[:-1])
    error = np.where(counted[..., None], y - targets, 0)
    numbers = count * y.shape[-1]
    return ((error * error).sum() / numbers).item(), error * (2 / numbers)


def bits_per_character(nats: float) -> float:
    """A mean cross-entropy in nats per character, in bits per character."""
    return _checked_nats("bits_per_character", nats) / math.log(2)


def perplexity(nats: float) -> float:
    """``exp`` of a mean cross-entropy in nats: the number of equally likely choices it equals."""
    with np.errstate(over="ignore"):  # beyond 709 nats the honest answer is infinity
        return float(np.exp(_checked_nats("perplexity", nats)))


def _check_scores(where: str, y: Array) -> None:
    check_dtype(where, "y", y, FLOATING)
    if y.ndim == 0 or y.size == 0:
        raise ValueError(f"{where}: y has shape {y.shape}; wanted (…, K) without an empty axis.")
    check_finite(where, "y", y)


def _check_targets(where: str, targets: Array, shape: tuple[int, ...], wanted: str) -> None:
    check_dtype(where, "targets", targets, wanted)
    if targets.shape != shape:
        raise ValueError(
            f"{where}: targets has shape {targets.shape}; wanted {shape}, to go with y."
        )


def _counted(where: str, mask: Array | None, entries: tuple[int, ...]) -> tuple[Array, int]:
    """Which entries count, and how many they are."""
    if mask is None:
        return np.ones(entries, bool), math.prod(entries)
    check_dtype(where, "mask", mask, "bool")
    if mask.shape != entries:
        raise ValueError(f"{where}: mask has shape {mask.shape}; wanted {entries}, to go with y.")
    if not mask.any():
        raise ValueError(f"{where}: mask is False everywhere; wanted at least one counted entry.")
    return mask, int(mask.sum())


def _check_classes(where: str, targets: Array, counted: Array, K: int) -> None:
    wrong = counted & ((targets < 0) | (targets >= K))
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{where}: targets holds {targets[index]} at index {index}; wanted 0 to {K - 1},"
            f" because y has {K} scores."
        )


def _checked_nats(where: str, nats: float) -> float:
    if not nats >= 0:
        raise ValueError(f"{where}: nats is {nats}; wanted a number of at least 0.")
    return float(nats)
