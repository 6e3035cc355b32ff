"""Kneser–Ney n-grams over characters: the baseline that a recurrent network has to beat.

Interpolated Kneser–Ney (Kneser and Ney 1995; Chen and Goodman 1999): from every count a discount D
is taken, and what is saved goes to the next shorter context. Shorter contexts do not count how
often a character occurred there, but after how many different characters the pair occurred.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from course_utils.data.arguments import whole
from course_utils.data.text.vocabulary import Vocabulary

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Counts:
    """Discounted counts of one order: all that its probabilities need.

    `left` holds count - D of every gram, `total` the sum of counts of every context, and `saved`
    the share of each context that the discount set free.
    """

    left: Floats
    total: Floats
    saved: Floats


@dataclass(frozen=True, eq=False)
class _Grams:
    """The k-grams of a text, sorted: each is (index of its first k - 1 characters) * V + the last.

    `raw` are their counts in the text, `varied` the numbers of different characters before them.
    """

    keys: Ints
    raw: _Counts
    varied: _Counts


class KneserNey:
    """An interpolated Kneser–Ney model over characters, of every order up to `order`.

    Parameters
    ----------
    text : training text
    order : longest n-gram: `order - 1` characters of context and the one to predict
    vocabulary : characters that get probability; those of `text` by default

    Raises
    ------
    TypeError, ValueError
        If `text` is empty or holds characters that are not in the vocabulary, or `order` is no
        whole number of at least 1.
    """

    def __init__(self, text: str, order: int, vocabulary: Vocabulary | None = None) -> None:
        self.order = whole("order", order)
        self.vocabulary = Vocabulary.of(text) if vocabulary is None else vocabulary
        codes = self.vocabulary.encode(text)
        if not codes.size:
            raise ValueError("text must hold at least one character; got none")
        self._grams: list[_Grams] = []
        size = len(self.vocabulary)
        prefix: Ints = np.zeros(codes.size, np.int64)
        found: list[tuple[Ints, Ints, Ints, Ints]] = []
        for k in range(1, min(self.order, codes.size) + 1):
            starts = prefix[: codes.size - k + 1]
            keys, first, index, raw = np.unique(
                starts * size + codes[k - 1 :],
                return_index=True,
                return_inverse=True,
                return_counts=True,
            )
            found.append((keys, first, index, raw))
            prefix = index
        for k, (keys, _, index, raw) in enumerate(found, start=1):
            varied = raw
            if k < len(found):
                longer = found[k][1]  # where each longer gram first stands; its suffix is one on
                varied = np.bincount(index[longer + 1], minlength=keys.size)
            contexts = keys // size
            self._grams.append(_Grams(keys, _discount(raw, contexts), _discount(varied, contexts)))

    def probabilities(self, context: str, order: int | None = None) -> Floats:
        """(V,) probability of every character of the vocabulary after `context`.

        Only the last `order - 1` characters matter; a context never seen falls back to its end.

        Raises
        ------
        ValueError
            If `context` holds a character outside the vocabulary, or `order` is out of range.
        """
        order = self._order(order)
        reach = min(order - 1, len(context))
        codes = self.vocabulary.encode(context[len(context) - reach :])
        size = len(self.vocabulary)
        text = np.concatenate([np.tile(codes, (size, 1)), np.arange(size)[:, None]], axis=1)
        return self._last_probability(text, order)

    def log_likelihood(self, text: str, order: int | None = None) -> Floats:
        """(len(text),) natural logarithm of the probability of every character, given those before.

        Raises
        ------
        ValueError
            If `text` is empty or holds a character outside the vocabulary, or `order` is out of
            range.
        """
        return np.asarray(self.log_likelihoods(text, order)[-1])

    def log_likelihoods(self, text: str, order: int | None = None) -> Floats:
        """(order, len(text)): `log_likelihood` by the models of all orders from 1 up to `order`.

        Orders longer than the training text have no row. Raises as `log_likelihood` does.
        """
        order = self._order(order)
        codes = self.vocabulary.encode(text)
        if not codes.size:
            raise ValueError("text must hold at least one character; got none")
        p, rows = np.full(codes.size, 1 / len(self.vocabulary)), []
        index: Ints = np.zeros(codes.size + 1, np.int64)  # of the (k-1)-gram that ends before i
        for k, grams in enumerate(self._grams[:order], start=1):
            context = index[:-1].copy()
            context[: k - 1] = -1
            gram = self._find(grams, context, codes)
            rows.append(_interpolate(grams.raw, context, gram, p))
            p = _interpolate(grams.varied, context, gram, p)
            index[1:] = gram
            index[0] = -1
        return np.asarray(np.log(rows))

    def bits_per_character(self, text: str, order: int | None = None) -> float:
        """Mean cost of a character of `text`, in bits."""
        return float(-self.log_likelihood(text, order).mean() / math.log(2))

    def _last_probability(self, rows: Ints, order: int) -> Floats:
        """(N,) probability of the last code of every row, given the codes before it."""
        p = np.full(len(rows), 1 / len(self.vocabulary))
        width = rows.shape[1]
        for k, grams in enumerate(self._grams[: min(order, width)], start=1):
            context: Ints = np.zeros(len(rows), np.int64)
            for shorter, column in enumerate(range(width - k, width - 1)):
                context = self._find(self._grams[shorter], context, rows[:, column])
            gram = self._find(grams, context, rows[:, -1])
            p = _interpolate(grams.raw if k == order else grams.varied, context, gram, p)
        return p

    def _find(self, grams: _Grams, context: Ints, codes: Ints) -> Ints:
        """Index of each gram (context, code) among `grams`, -1 where it never occurred."""
        keys = np.where(context >= 0, context * len(self.vocabulary) + codes, -1)
        place = np.minimum(np.searchsorted(grams.keys, keys), grams.keys.size - 1)
        return np.where(grams.keys[place] == keys, place, -1)

    def _order(self, order: int | None) -> int:
        highest = len(self._grams)
        if order is None:
            return highest
        return min(whole("order", order, most=self.order), highest)


def _discount(counts: Ints, contexts: Ints) -> _Counts:
    """Take a discount D = n1 / (n1 + 2 n2) off every count (Ney, Essen and Kneser 1994)."""
    ones, twos = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    discount = ones / (ones + 2 * twos) if ones and twos else 0.5
    total: Floats = np.bincount(contexts, weights=counts).astype(float)
    kinds = np.bincount(contexts, weights=counts > 0)
    saved = np.divide(discount * kinds, total, out=np.ones_like(total), where=total > 0)
    return _Counts(np.maximum(counts - discount, 0.0), total, saved)


def _interpolate(counts: _Counts, context: Ints, gram: Ints, shorter: Floats) -> Floats:
    """Mix the discounted estimate with that of the shorter context, where the context is known."""
    here = np.maximum(context, 0)
    known = (context >= 0) & (here < counts.total.size)
    here = np.where(known, here, 0)
    known &= counts.total[here] > 0
    left = np.where(gram >= 0, counts.left[np.maximum(gram, 0)], 0.0)
    total = np.where(known, counts.total[here], 1.0)
    return np.where(known, left / total + counts.saved[here] * shorter, shorter)
