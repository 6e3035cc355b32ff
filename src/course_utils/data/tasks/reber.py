"""Reber's grammar, as data, and the embedded and long embedded tasks made of it.

A grammar is a table: from each state, the symbols that may come next and the state that each
leads to. Where two may come, each has probability 1/2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from course_utils.data.arguments import generator, whole
from course_utils.data.tasks.batch import Batch, Criterion, one_hot

SYMBOLS = ("B", "T", "P", "S", "X", "V", "E")

Grammar = tuple[tuple[tuple[str, int], ...], ...]
"""Row s lists (symbol, next state) for state s; the state after the last row is the end."""

REBER: Grammar = (
    (("B", 1),),
    (("T", 2), ("P", 3)),
    (("S", 2), ("X", 4)),
    (("T", 3), ("V", 5)),
    (("X", 3), ("S", 6)),
    (("P", 4), ("V", 6)),
    (("E", 7),),
)


def embedded(inner: int = 1) -> Grammar:
    """B, then T or P, then `inner` Reber strings, then the same T or P again, then E.

    One string gives the embedded Reber grammar; more make it long.
    """
    body = len(REBER) * whole("inner", inner)
    last = 2 + 2 * body + 2
    rows: list[tuple[tuple[str, int], ...]] = [(("B", 1),), (("T", 2), ("P", 3 + body))]
    for outer in ("T", "P"):
        for _ in range(inner):
            start = len(rows)
            rows += [tuple((s, start + to) for s, to in row) for row in REBER]
        rows.append(((outer, last),))
    rows.append((("E", last + 1),))
    return tuple(rows)


def legal(grammar: Grammar) -> NDArray[np.bool_]:
    """(states, 7) bool: which symbols may come next, in the order of `SYMBOLS`."""
    table = np.zeros((len(grammar), len(SYMBOLS)), bool)
    for state, row in enumerate(grammar):
        table[state, [SYMBOLS.index(symbol) for symbol, _ in row]] = True
    return table


def accepts(grammar: Grammar, text: str) -> bool:
    """Whether `text` is a whole string of the grammar."""
    state = 0
    for symbol in text:
        moves = dict(grammar[state]) if state < len(grammar) else {}
        if symbol not in moves:
            return False
        state = moves[symbol]
    return state == len(grammar)


@dataclass(frozen=True, eq=False)
class ReberBatch(Batch):
    """A Batch that also knows which symbols would have been legal.

    Attributes
    ----------
    legal : (T, B, 7) bool
        Symbols that the grammar allows next, in the order of `symbols`; False in the padding.
    """

    legal: NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0, 7), bool))

    def strings(self) -> list[str]:
        """The strings, from the first symbol to the final E."""
        shown = self.x.argmax(axis=2)
        return [
            "".join(SYMBOLS[s] for s in shown[:length, row]) + "E"
            for row, length in enumerate(self.lengths)
        ]


def reber(
    rng: np.random.Generator,
    B: int,
    *,
    inner: int = 1,
    score: Literal["all", "recall"] = "all",
) -> ReberBatch:
    """Strings of the embedded Reber grammar: predict the next symbol.

    With `inner` above 1 it is the long embedded Reber task: the T or P at the start must be kept
    over that many Reber strings. Hochreiter and Schmidhuber (1997), experiment 1, use one; there a
    string counts when the output units of the possible next symbols are always the most active.

    Parameters
    ----------
    rng : np.random.Generator
    B : int, strings
    inner : int, number of Reber strings inside
    score : "all" scores every next symbol; "recall" only the second T or P

    Returns
    -------
    ReberBatch with x (T, B, 7) one-hot, targets (T, B); sequences are padded with zeros to the
    longest of the batch. `judged` marks the recall.

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    rng, B, inner = generator(rng), whole("B", B), whole("inner", inner)
    if score not in ("all", "recall"):
        raise ValueError(f"score must be 'all' or 'recall'; got {score!r}")
    grammar = embedded(inner)
    states, symbols = _walk(rng, grammar, B)
    lengths = (states < len(grammar)).sum(axis=0) - 1
    real = np.arange(len(states) - 1)[:, None] < lengths
    recall = np.arange(len(states) - 1)[:, None] == lengths - 2
    chance, floor, steps = _guesses(grammar)
    x = one_hot(symbols[:-1], len(SYMBOLS)) * real[:, :, None]
    return ReberBatch(
        x=x,
        targets=symbols[1:] * real,
        mask=real if score == "all" else recall,
        judged=recall,
        outputs=len(SYMBOLS),
        chance=chance if score == "all" else math.log(2),
        floor=floor if score == "all" else 0.0,
        difficulty=round(steps) - 3,
        success=Criterion(
            "error rate",
            0.0,
            "every recall right; Hochreiter and Schmidhuber (1997), experiment 1: every symbol "
            "of 256 training and 256 test strings",
        ),
        symbols=SYMBOLS,
        lengths=lengths,
        legal=np.concatenate([legal(grammar), np.zeros((1, 7), bool)])[states[1:]]
        & real[:, :, None],
    )


def _walk(
    rng: np.random.Generator, grammar: Grammar, B: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """B random walks from state 0 to the end: states (T, B) before each symbol, and the symbols."""
    table = [(row[0], row[-1]) for row in grammar] + [(("B", len(grammar)),) * 2]
    symbol = np.array([[SYMBOLS.index(s) for s, _ in row] for row in table])
    follows = np.array([[to for _, to in row] for row in table])
    states, symbols = [np.zeros(B, np.int64)], []
    while (states[-1] < len(grammar)).any():
        coin = rng.integers(0, 2, B)
        symbols.append(symbol[states[-1], coin])
        states.append(follows[states[-1], coin])
    return np.stack(states[:-1]), np.stack(symbols)


def _guesses(grammar: Grammar) -> tuple[float, float, float]:
    """Exact loss of the best blind guess and of the best predictor, and the mean string length.

    The distribution over states is carried forward until less than 1e-15 of it is left. The first
    symbol, always B, is shown and not predicted.
    """
    moves = np.zeros((len(grammar), len(grammar)))
    emits = np.zeros((len(grammar), len(SYMBOLS)))
    for state, row in enumerate(grammar):
        for s, to in row:
            emits[state, SYMBOLS.index(s)] += 1 / len(row)
            if to < len(grammar):
                moves[state, to] += 1 / len(row)
    per_state = _entropy(emits)
    at = moves[0]
    blind = informed = steps = 0.0
    while (alive := at.sum()) > 1e-15:
        blind += alive * float(_entropy(at @ emits / alive))
        informed += float(at @ per_state)
        steps += float(alive)
        at = at @ moves
    return blind / steps, informed / steps, steps + 1


def _entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entropy in nats over the last axis."""
    return np.asarray(-np.sum(p * np.log(np.where(p > 0, p, 1)), axis=-1))


def long_reber(rng: np.random.Generator, B: int, *, inner: int = 3) -> ReberBatch:
    """`reber` with several inner strings, scored at the recall of T or P only."""
    batch = reber(rng, B, inner=inner, score="recall")
    source = "the course: under 1 % of the recalls wrong"
    return replace(batch, success=Criterion("error rate", 0.01, source))
