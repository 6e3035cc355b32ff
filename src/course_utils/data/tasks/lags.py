"""Tasks that ask for something seen long ago: temporal order, adding, copy, recall, agreement."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from course_utils.data.arguments import generator, whole
from course_utils.data.tasks.batch import Batch, Criterion, one_hot

ORDER_SYMBOLS = ("A", "B", "c", "d", "e", "f")


def temporal_order(rng: np.random.Generator, T: int, B: int) -> Batch:
    """Two marks, A or B each, among distractors: at the end say which came first and which second.

    The variant of Pascanu, Mikolov and Bengio (2013), arXiv 1211.5063: six symbols, the first mark
    at a random step in [T/10, 2T/10), the second in [4T/10, 5T/10), counted from 0; four classes
    AA, AB, BA, BB. (Their published code puts the second in [5T/10, 6T/10); Hochreiter and
    Schmidhuber's experiment 6a has lengths of 100 to 110 and marks at 10–20 and 50–60.)

    Parameters
    ----------
    rng : np.random.Generator
    T : int of at least 10, steps
    B : int, sequences

    Returns
    -------
    Batch with x (T, B, 6) one-hot, targets (T, B), scored at the last step only. `difficulty` is
    the longest lag from the first mark to the end.

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    rng, T, B = generator(rng), whole("T", T, least=10), whole("B", B)
    symbols = rng.integers(2, 6, (T, B))
    first, second = rng.integers(0, 2, (2, B))
    rows = np.arange(B)
    symbols[rng.integers(T // 10, 2 * T // 10, B), rows] = first
    symbols[rng.integers(4 * T // 10, 5 * T // 10, B), rows] = second
    targets, mask = _at_the_end(2 * first + second, T)
    return Batch(
        x=one_hot(symbols, 6),
        targets=targets,
        mask=mask,
        outputs=4,
        chance=math.log(4),
        difficulty=T - 1 - T // 10,
        success=Criterion(
            "error rate",
            0.01,
            "the course: under 1 % wrong; the code of Pascanu et al. (2013): none of 10 000",
        ),
        symbols=ORDER_SYMBOLS,
    )


def adding(rng: np.random.Generator, T: int, B: int) -> Batch:
    """Random numbers, two of them marked: at the end say their sum.

    Numbers are uniform in [0, 1], one mark lies in each half. The best blind guess is 1, and its
    mean squared error the variance of the sum of two such numbers: exactly 1/6. (Hochreiter and
    Schmidhuber's experiment 4 draws from [-1, 1], scales the target to [0, 1] and calls a sequence
    correct when the absolute error is below 0.04.)

    Returns
    -------
    Batch with x (T, B, 2): number and mark; targets (T, B, 1), scored at the last step only.

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message; `T` is at least 2.
    """
    rng, T, B = generator(rng), whole("T", T, least=2), whole("B", B)
    x = np.zeros((T, B, 2))
    x[:, :, 0] = rng.random((T, B))
    rows = np.arange(B)
    marked = rng.integers(0, T // 2, B), rng.integers(T // 2, T, B)
    for steps in marked:
        x[steps, rows, 1] = 1
    targets, mask = _at_the_end(sum(x[steps, rows, 0] for steps in marked), T)
    return Batch(
        x=x,
        targets=targets[:, :, None],
        mask=mask,
        outputs=1,
        loss="squared error",
        chance=1 / 6,
        difficulty=T - 1,
        success=Criterion(
            "squared error",
            0.01,
            "the course: mean squared error under 0.01; Hochreiter and Schmidhuber (1997): also "
            "2000 sequences in a row within 0.04",
        ),
    )


def copy(
    rng: np.random.Generator, lag: int, B: int, *, length: int = 10, symbols: int = 8
) -> Batch:
    """Remember `length` symbols over `lag` steps, then say them again.

    Arjovsky, Shah and Bengio (2016), arXiv 1511.06464: the symbols, then blanks, then a "go" and
    more blanks. The target is blank until the `length` last steps, which repeat the symbols. Their
    memoryless baseline is exact here: length * ln(symbols) / T.

    Parameters
    ----------
    rng : np.random.Generator
    lag : int, steps from the end of the symbols to the first answer
    B : int, sequences
    length : int, symbols to remember
    symbols : int, size of the alphabet

    Returns
    -------
    Batch with x (T, B, symbols + 2) one-hot (symbols, blank, go), targets (T, B) in
    0..symbols (`symbols` is the blank), T = lag + 2 * length. Every step is scored; `judged`
    marks the answers.

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    rng, lag, B = generator(rng), whole("lag", lag), whole("B", B)
    length, symbols = whole("length", length), whole("symbols", symbols, least=2)
    T, blank, go = lag + 2 * length, symbols, symbols + 1
    word = rng.integers(0, symbols, (length, B))
    shown, targets = np.full((2, T, B), blank)
    shown[:length] = word
    shown[length + lag - 1] = go
    targets[-length:] = word
    judged = np.zeros((T, B), bool)
    judged[-length:] = True
    return Batch(
        x=one_hot(shown, symbols + 2),
        targets=targets,
        mask=np.ones((T, B), bool),
        judged=judged,
        outputs=symbols + 1,
        chance=length * math.log(symbols) / T,
        difficulty=lag + length - 1,
        success=Criterion("error rate", 0.01, "the course: under 1 % of the answers wrong"),
        symbols=(*(str(s) for s in range(symbols)), "blank", "go"),
    )


def recall_stream(
    rng: np.random.Generator, T: int, B: int, *, shortest: int = 5, longest: int = 15
) -> Batch:
    """A stream that never resets: a mark, some distractors, a query for the mark, the next mark, …

    After the continual problems of Gers, Schmidhuber and Cummins (2000), where nothing tells the
    net that an episode is over and a cell without a forget gate goes on growing.

    Parameters
    ----------
    rng : np.random.Generator
    T, B : int, steps and streams; T must hold one episode, so at least `shortest` + 2
    shortest, longest : int, range of the number of distractors between mark and query

    Returns
    -------
    Batch with x (T, B, 7) one-hot (two marks, four distractors, query), targets (T, B) of 0 and 1,
    scored at the queries only. Episodes are cut off at T.

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    rng, B = generator(rng), whole("B", B)
    shortest = whole("shortest", shortest, least=0)
    longest = whole("longest", longest, least=shortest)
    T = whole("T", T, least=shortest + 2)
    symbols = rng.integers(2, 6, (T, B))
    targets = np.zeros((T, B), np.int64)
    mask = np.zeros((T, B), bool)
    for row in range(B):
        episodes = T // (shortest + 2) + 1
        lengths = rng.integers(shortest, longest + 1, episodes) + 2
        ends = np.cumsum(lengths)
        starts, queries = ends - lengths, ends - 1
        marks = rng.integers(0, 2, episodes)
        symbols[starts[starts < T], row] = marks[starts < T]
        inside = queries < T
        symbols[queries[inside], row] = 6
        targets[queries[inside], row] = marks[inside]
        mask[queries[inside], row] = True
    return Batch(
        x=one_hot(symbols, 7),
        targets=targets,
        mask=mask,
        outputs=2,
        chance=math.log(2),
        difficulty=longest + 1,
        success=Criterion("error rate", 0.01, "the course: under 1 % of the answers wrong"),
        symbols=("A", "B", "c", "d", "e", "f", "?"),
    )


@dataclass(frozen=True)
class Lexicon:
    """Words for `agreement`: what each cue asks for, the words between, and the query."""

    answers: dict[str, str]
    links: tuple[str, ...]
    query: str


LEXICONS = {
    "subject": Lexicon(
        {"wolf": "howls", "wolves": "howl", "bear": "growls", "bears": "growl"},
        ("near", "behind", "beside", "without"),
        "often",
    ),
    "language": Lexicon(
        {"France": "French", "Spain": "Spanish", "Poland": "Polish", "Sweden": "Swedish"},
        ("unlike", "after", "before", "despite"),
        "speaks",
    ),
}


def agreement(rng: np.random.Generator, phrases: int, B: int, lexicon: str = "subject") -> Batch:
    """Agreement at a distance: the first word decides the last, whatever stands between.

    "wolf near bears behind wolf often" asks for "howls": verb and number of the subject, the first
    word. Each of the `phrases` in between is a link and another possible cue, drawn independently,
    so the nearest cue says nothing. The lexicon "language" asks for the language of the first
    country.

    Parameters
    ----------
    rng : np.random.Generator
    phrases : int of at least 0, distracting phrases of two words
    B : int, sentences
    lexicon : a key of `LEXICONS`

    Returns
    -------
    Batch with x (T, B, V) one-hot words, targets (T, B): index of the answer, T = 2 * phrases + 2,
    scored at the last step only. `symbols` are the words; the answers are
    `LEXICONS[lexicon].answers`.

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    rng, B = generator(rng), whole("B", B)
    phrases = whole("phrases", phrases, least=0)
    if lexicon not in LEXICONS:
        raise ValueError(f"lexicon must be one of {sorted(LEXICONS)}; got {lexicon!r}")
    words = LEXICONS[lexicon]
    cues, links = len(words.answers), len(words.links)
    T = 2 * phrases + 2
    sentence = np.empty((T, B), np.int64)
    sentence[0:-1:2] = rng.integers(0, cues, (phrases + 1, B))
    sentence[1:-1:2] = rng.integers(cues, cues + links, (phrases, B))
    sentence[-1] = cues + links
    targets, mask = _at_the_end(sentence[0], T)
    return Batch(
        x=one_hot(sentence, cues + links + 1),
        targets=targets,
        mask=mask,
        outputs=cues,
        chance=math.log(cues),
        difficulty=T - 1,
        success=Criterion("error rate", 0.01, "the course: under 1 % wrong"),
        symbols=(*words.answers, *words.links, words.query),
    )


def _at_the_end(answers: np.ndarray, T: int) -> tuple[np.ndarray, np.ndarray]:
    """Targets and mask of a task that is scored at its last step only."""
    targets = np.zeros((T, answers.size), answers.dtype)
    targets[-1] = answers
    mask = np.zeros(targets.shape, bool)
    mask[-1] = True
    return targets, mask
