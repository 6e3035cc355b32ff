"""`steep` and its longer cousins: spell a word, one character at a time.

Between `e` and `e` only the past tells what comes next: a predictor that sees the last k
characters stops at an entropy that can be computed exactly.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from course_utils.data.arguments import whole
from course_utils.data.tasks.batch import Batch, Criterion, one_hot

ALL_RIGHT = Criterion("error rate", 0.0, "the course: every character right")


def steep(word: str = "steep") -> Batch:
    """The word as a next-character task: given each character, say the one that follows.

    Parameters
    ----------
    word : str of at least two characters, two of them different

    Returns
    -------
    Batch with x (T, 1, V), targets (T, 1), T = len(word) - 1, V distinct characters in order of
    first appearance. `difficulty` is the shortest window that determines every next character,
    minus one: the steps that something must be carried.

    Raises
    ------
    TypeError, ValueError
        If `word` is no string, or too short to leave anything to predict.
    """
    symbols, codes = _encode(word)
    return Batch(
        x=one_hot(codes[:-1, None], len(symbols)),
        targets=codes[1:, None],
        mask=np.ones((len(word) - 1, 1), bool),
        outputs=len(symbols),
        chance=window_bound(word, 0),
        difficulty=window_needed(word) - 1,
        success=ALL_RIGHT,
        symbols=symbols,
    )


def window_bound(word: str, window: int) -> float:
    """The least mean cross-entropy, nats, of any predictor that sees `window` characters.

    It is the conditional entropy of the next character given that window (shorter at the start of
    the word, where fewer characters exist), averaged over the len(word) - 1 predictions. A window
    of 0 sees nothing: the entropy of the targets. Shannon (1948).

    Raises
    ------
    TypeError, ValueError
        If `word` has nothing to predict, or `window` is negative or no whole number.
    """
    _encode(word)
    followers = _followers(word, whole("window", window, least=0))
    nats = 0.0
    for counts in followers.values():
        n = np.array(list(counts.values()), float)
        nats -= float(np.sum(n * np.log(n / n.sum())))
    return nats / (len(word) - 1)


def window_accuracy(word: str, window: int) -> float:
    """The best share of characters that a predictor with this `window` can get right."""
    _encode(word)
    followers = _followers(word, whole("window", window, least=0))
    return sum(max(counts.values()) for counts in followers.values()) / (len(word) - 1)


def window_needed(word: str) -> int:
    """The shortest window that determines every next character of `word`."""
    _encode(word)
    return next(
        k
        for k in range(len(word))
        if all(len(counts) == 1 for counts in _followers(word, k).values())
    )


def _encode(word: str) -> tuple[tuple[str, ...], np.ndarray]:
    if not isinstance(word, str):
        raise TypeError(f"word must be a string; got {word!r}")
    if len(set(word)) < 2:
        raise ValueError(f"word must hold at least two different characters; got {word!r}")
    symbols = tuple(dict.fromkeys(word))
    return symbols, np.array([symbols.index(c) for c in word])


def _followers(word: str, window: int) -> dict[str, Counter[str]]:
    followers: dict[str, Counter[str]] = defaultdict(Counter)
    for t in range(1, len(word)):
        followers[word[max(0, t - window) : t]][word[t]] += 1
    return followers
