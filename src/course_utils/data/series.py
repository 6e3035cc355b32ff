"""Chapter 00's sequences: a melody, yearly sunspot numbers, and made-up viewing histories."""

from importlib.resources import files

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def ode_to_joy() -> Codes:
    """The first fifteen notes of Beethoven's melody (1824), as MIDI note numbers ``(15,)``.

    60 is middle C and one more is a semitone up; the rhythm is left out.
    """
    return np.array([64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64, 64, 62, 62])


def sunspots() -> tuple[Codes, Numbers]:
    """Yearly sunspot numbers: ``years (309,)`` from 1700 to 2008 and ``numbers (309,)``.

    Version 1.0 of the international sunspot number, in the public domain; where it comes from
    stands in ``files/README.md``.
    """
    file = files("course_utils.data").joinpath("files/sunspots.csv")
    with file.open(encoding="utf-8") as lines:
        table = np.loadtxt(lines, delimiter=",", skiprows=1)
    return table[:, 0].astype(np.int64), table[:, 1]


def viewing_histories(
    rng: np.random.Generator, viewers: int, *, titles: int = 4, loyalty: float = 0.85
) -> list[Codes]:
    """Synthetic histories of 7 to 25 titles, one array of codes a viewer. Nobody watched them.

    The rule behind them: with probability ``loyalty`` a viewer goes on to the title after the last
    one (and from the last title to the first), otherwise to any title at random.
    Raises ValueError if ``titles`` is below 2 or ``loyalty`` is no probability.
    """
    if titles < 2 or not 0 <= loyalty <= 1:
        raise ValueError(
            f"viewing_histories: titles={titles}, loyalty={loyalty}; expected at least 2 titles "
            "and a loyalty between 0 and 1."
        )
    return [_history(rng, titles, loyalty) for _ in range(viewers)]


def _history(rng: np.random.Generator, titles: int, loyalty: float) -> Codes:
    history = rng.integers(titles, size=rng.integers(7, 26))
    follows = rng.random(len(history)) < loyalty
    for t in range(1, len(history)):
        if follows[t]:
            history[t] = (history[t - 1] + 1) % titles
    return history
