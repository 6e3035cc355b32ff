"""The text that the course learns from: Python's own reference, as every Python carries it.

`pydoc_data.topics` holds the language reference that `help("if")` prints: about 460,000 characters,
under the PSF licence, on every machine and without a network. A fifth of it is paragraphs printed
more than once, so a split of the raw text leaks; we keep the first copy only and split by topic.
The text changes with every Python release: its hash says which one a result belongs to.
"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass

from course_utils.data.arguments import real

# sha256 of the raw text (`Corpus.raw`, UTF-8) by Python version, from the releases themselves.
KNOWN = {
    "3.10.13": "b1882a33e8512d28c4e983e7376fdeac986c374348734197b7ac5dfcb93d6542",
    "3.11.2": "b0796031be1d1b35e6efa46b7944effd47a0c52a48087d470dde314fe2d66968",
    "3.11.7": "2a95af4ac93f5b719944030ce3769070ddf827d847cba42192afa8da989e5dc4",
    "3.12.1": "b5bb57d637a700f50d8c7309e7340f40a333fdf2cba89d3f1da81c1b74ee8952",
    "3.13.0": "4b7ff11aae42ee979a50edb5d279a88ae9d80d7216e9ba99add988136ded5fb2",
}

REFERENCE_VERSION = "3.11.7"
"""The Python whose text the numbers printed in the book belong to."""


# Topics differ: over 23 shuffles the 5-gram's held-out cost ran from 1.7 to 2.3 bits a character.
# This shuffle is a middling one. Compare models on one split only.
SHUFFLE = 33

SEPARATOR = "\n\n"
"""What stands between two paragraphs, and between two topics."""


class UnknownTextError(ValueError):
    """This Python carries a text whose hash is not recorded."""


@dataclass(frozen=True)
class Corpus:
    """A text, without what it says twice, split by whole topics.

    Attributes
    ----------
    name : what it is, with its version
    raw : the text as it came
    text : the text without repeated paragraphs: `train`, then `valid`
    train, valid : whole topics, each in a fixed shuffled order; no topic is in both
    sha256 : of `raw`, UTF-8
    """

    name: str
    raw: str
    text: str
    train: str
    valid: str
    sha256: str

    @property
    def duplicated(self) -> float:
        """Share of the raw characters that are repeated paragraphs."""
        return 1 - len(self.text) / len(self.raw)


def python_reference(*, accept_unknown: bool = False, held_out: float = 0.11) -> Corpus:
    """The reference of the Python that is running, deduplicated and split.

    Parameters
    ----------
    accept_unknown : take the text of a Python whose hash is not recorded here. It is just as good
        to learn from, but numbers will differ a little from those in the book.
    held_out : share of characters for `valid`, in (0, 1); topics stay whole, so it is met roughly

    Raises
    ------
    UnknownTextError
        If the text is not a recorded one and `accept_unknown` is off.
    """
    from pydoc_data.topics import topics

    version = platform.python_version()
    corpus = corpus_from_topics(f"Python {version} reference", topics, held_out=held_out)
    if corpus.sha256 not in KNOWN.values() and not accept_unknown:
        raise UnknownTextError(
            f"the reference text of Python {version} (sha256 {corpus.sha256[:12]}…) is none of the "
            f"recorded ones ({', '.join(KNOWN)}); call python_reference(accept_unknown=True) to "
            f"use it anyway: results will differ a little from the book's, which are those of "
            f"Python {REFERENCE_VERSION}"
        )
    return corpus


def corpus_from_topics(name: str, topics: dict[str, str], *, held_out: float = 0.11) -> Corpus:
    """A Corpus from texts by topic: see `Corpus` and `deduplicate`.

    Topics are ordered by the hash of their name: a shuffle that is the same everywhere. Those at
    the end, about `held_out` of the characters, become `valid`.

    Raises
    ------
    ValueError
        If there are fewer than two topics with a text of their own, or `held_out` is not in (0, 1).
    """
    held_out = real("held_out", held_out, above=0.0)
    if held_out >= 1:
        raise ValueError(f"held_out must be below 1; got {held_out}")
    names = sorted(topics)
    raw = "\n".join(topics[topic] for topic in names)
    once = dict(zip(names, deduplicate([topics[topic] for topic in names]), strict=True))
    shuffled = [once[topic] for topic in sorted(names, key=_shuffled_place) if once[topic].strip()]
    if len(shuffled) < 2:
        raise ValueError(f"topics must hold at least two different texts; got {len(shuffled)}")
    first = _first_held_out(shuffled, held_out)
    return Corpus(
        name=name,
        raw=raw,
        text=SEPARATOR.join(shuffled),
        train=SEPARATOR.join(shuffled[:first]),
        valid=SEPARATOR.join(shuffled[first:]),
        sha256=hashlib.sha256(raw.encode()).hexdigest(),
    )


def deduplicate(texts: list[str]) -> list[str]:
    """The texts without paragraphs that occurred before, in the same text or an earlier one.

    A paragraph ends at a blank line; surrounding white space does not make it different.
    """
    seen: set[str] = set()
    kept = []
    for text in texts:
        paragraphs = []
        for paragraph in text.split(SEPARATOR):
            body = paragraph.strip()
            if body in seen:
                continue
            if body:
                seen.add(body)
            paragraphs.append(paragraph)
        kept.append(SEPARATOR.join(paragraphs))
    return kept


def _shuffled_place(name: str) -> str:
    return hashlib.sha256(f"{SHUFFLE} {name}".encode()).hexdigest()


def _first_held_out(texts: list[str], share: float) -> int:
    """Index of the first held-out text: the split nearest to `share`, with no part empty."""
    total = sum(map(len, texts))
    tails = {first: sum(map(len, texts[first:])) for first in range(1, len(texts))}
    return min(tails, key=lambda first: abs(tails[first] - share * total))
