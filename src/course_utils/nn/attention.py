"""Attention: a soft lookup. Compare a query with every state, and average what the states hold.

    score_{q,t} = query_q · key_t / sqrt(H)
    weight_{q,·} = softmax over t of score_{q,·}
    context_q = Σ_t weight_{q,t} value_t

The dot product is Luong's (2015), the square root that of Vaswani et al. (2017). Where keys and
values are both the states of an encoder, every decoder step can look at all of them.
"""

from dataclasses import dataclass

import numpy as np

from course_utils.nn.arguments import Array, check_arrays, check_gradient, check_kind
from course_utils.nn.losses import softmax


@dataclass(frozen=True)
class AttentionTape:
    """What `attention_backward` needs. ``weights (B, Q, T)`` sum to 1 over the last axis."""

    queries: Array
    keys: Array
    values: Array
    weights: Array


def attention_step(
    query: Array, keys: Array, values: Array, mask: Array | None = None
) -> tuple[Array, Array]:
    """One lookup: ``query (B, H)``, ``keys (T, B, H)``, ``values (T, B, V)`` ->
    ``context (B, V)`` and ``weights (T, B)``.

    Where the boolean ``mask (T, B)`` is False a state is not looked at.
    Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    _check("attention_step", {"query": (query, "B H")}, keys, values, mask)
    scores = (query * keys).sum(axis=-1) / np.sqrt(keys.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, _LOWEST)
    weights = softmax(scores.T).T
    return (weights[..., None] * values).sum(axis=0), weights


def attention_forward(
    queries: Array, keys: Array, values: Array, mask: Array | None = None
) -> tuple[Array, Array, AttentionTape]:
    """Many lookups: ``queries (Q, B, H)``, ``keys (T, B, H)``, ``values (T, B, V)`` ->
    ``context (Q, B, V)``, ``weights (Q, T, B)`` and the tape.

    Where the boolean ``mask (T, B)`` is False a state is not looked at; every sequence needs one
    that is. Raises TypeError or ValueError that names the argument, what came and what was wanted.
    """
    _check("attention_forward", {"queries": (queries, "Q B H")}, keys, values, mask)
    scores = _per_sequence(queries) @ _per_sequence(keys).swapaxes(1, 2)
    scores = scores / np.sqrt(keys.shape[-1])
    if mask is not None:
        scores = np.where(mask.T[:, None, :], scores, _LOWEST)
    weights = softmax(scores)
    context = _per_sequence(weights @ _per_sequence(values))
    tape = AttentionTape(queries, keys, values, weights)
    return context, weights.transpose(1, 2, 0), tape


def attention_backward(dcontext: Array, tape: AttentionTape) -> tuple[Array, Array, Array]:
    """From ``dcontext (Q, B, V)`` to ``dqueries``, ``dkeys`` and ``dvalues``, shaped like them.

    Raises TypeError or ValueError if ``dcontext`` or ``tape`` does not fit `attention_forward`.
    """
    check_kind("attention_backward", "tape", tape, AttentionTape)
    wanted = (*tape.queries.shape[:2], tape.values.shape[-1])
    check_gradient("attention_backward", "dcontext", dcontext, wanted)
    queries, keys, values = map(_per_sequence, (tape.queries, tape.keys, tape.values))
    weights, d = tape.weights, _per_sequence(dcontext)
    dweights = d @ values.swapaxes(1, 2)
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
    dscores = dscores / np.sqrt(keys.shape[-1])
    dqueries = dscores @ keys
    dkeys = dscores.swapaxes(1, 2) @ queries
    dvalues = weights.swapaxes(1, 2) @ d
    return _per_sequence(dqueries), _per_sequence(dkeys), _per_sequence(dvalues)


_LOWEST = -1e30  # a score whose softmax is exactly 0 beside any other, in float32 too


def _per_sequence(a: Array) -> Array:
    """Swap time and batch, ``(T, B, H)`` <-> ``(B, T, H)``: one matrix per sequence."""
    return a.swapaxes(0, 1)


def _check(
    where: str,
    query: dict[str, tuple[Array, str]],
    keys: Array,
    values: Array,
    mask: Array | None,
) -> None:
    rest = {"keys": (keys, "T B H"), "values": (values, "T B V"), "mask": (mask, "T B")}
    check_arrays(where, rest | query)
    if mask is not None and not mask.any(axis=0).all():
        b = int(np.argmin(mask.any(axis=0)))
        raise ValueError(
            f"{where}: mask is False at every step of sequence {b}; wanted one state to look at."
        )
