"""The text that the course learns from: the reference of the language Python.

`pydoc_data.topics` holds what `help("if")` prints, about 465,000 characters under the PSF licence.
It changes with every Python, so the course keeps the one of Python 3.11.7 (`files/README.md`). A
fifth of it is paragraphs printed more than once, so a split of the raw text leaks; we keep the
first copy only and split by topic.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from course_utils.data.arguments import real

REFERENCE = "Python 3.11.7 reference"
SHA256 = "2a95af4ac93f5b719944030ce3769070ddf827d847cba42192afa8da989e5dc4"
"""Of the raw text (`Corpus.raw`, UTF-8)."""

# Topics differ: over 23 shuffles the 5-gram's held-out cost ran from 1.7 to 2.3 bits a character.
# This shuffle is a middling one. Compare models on one split only.
SHUFFLE = 33

SEPARATOR = "\n\n"
"""What stands between two paragraphs, and between two topics."""


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


@cache
def python_reference(held_out: float = 0.11) -> Corpus:
    """The reference of Python 3.11.7, deduplicated and split: the same text on every machine.

    Parameters
    ----------
    held_out : share of characters for `valid`, in (0, 1); topics stay whole, so it is met roughly

    Raises
    ------
    ValueError
        If `held_out` is not in (0, 1), or the file's hash is not the one recorded here.
    """
    path = files("course_utils.data.text").joinpath("files/python_reference.json")
    topics = json.loads(path.read_text(encoding="utf-8"))
    corpus = corpus_from_topics(REFERENCE, topics, held_out=held_out)
    if corpus.sha256 != SHA256:
        raise ValueError(
            f"{path} was changed: its text has the sha256 {corpus.sha256[:12]}…, not "
            f"{SHA256[:12]}…; install the course again"
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
