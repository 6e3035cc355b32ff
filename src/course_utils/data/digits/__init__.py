"""Handwritten digits, eight pixels by eight: a small sequence task that is not made up."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from course_utils.data.arguments import generator, whole
from course_utils.data.tasks.batch import Batch, Criterion

SHA256 = "e6f8a51fa62c6dd5529498bdafaa6eddfec0a7374a68da33dc761af0a8b90eeb"
SHADES = "0123456789abcdefg"
"""One sign a pixel: 0 is white, g (16) is the darkest."""


def digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The 1797 pictures, ``(1797, 8, 8)`` in [0, 1], and what each shows, ``(1797,)`` in 0..9.

    The test part of UCI's *Optical Recognition of Handwritten Digits* (Alpaydin and Kaynak 1998),
    as scikit-learn ships it; thirteen people wrote them. `README.md` beside the file has the terms.

    Raises
    ------
    ValueError
        If the file is not the one that was published with the course.
    """
    content = files(__name__).joinpath("digits.txt").read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError("digits: digits.txt was changed; take it from the course again.")
    lines = content.decode("ascii").split("\n")[:-1]
    pixels = np.array([[SHADES.index(sign) for sign in line[:64]] for line in lines])
    return pixels.reshape(-1, 8, 8) / 16, np.array([int(line[65]) for line in lines])


def split(rng: np.random.Generator, test: int = 360) -> tuple[Batch, Batch]:
    """Pixel by pixel: 64 steps of one number each, the class at the end; (training, test) parts.

    The same people wrote both parts.

    Returns
    -------
    Two batches with x (64, B, 1) and targets (64, B), scored at the last step only.

    Raises
    ------
    TypeError, ValueError
        For a bad argument, named in the message; `test` is at most 1796.
    """
    rng, test = generator(rng), whole("test", test)
    pictures, classes = digits()
    if test >= len(classes):
        raise ValueError(f"test must leave a picture to train on; got {test} of {len(classes)}")
    order = rng.permutation(len(classes))
    return tuple(
        _as_sequences(pictures[part], classes[part]) for part in (order[test:], order[:test])
    )  # type: ignore[return-value]


def _as_sequences(pictures: NDArray[np.float64], classes: NDArray[np.int64]) -> Batch:
    x = pictures.reshape(len(pictures), 64).T[:, :, None]
    targets = np.zeros(x.shape[:2], np.int64)
    targets[-1] = classes
    mask = np.zeros(targets.shape, bool)
    mask[-1] = True
    share = np.bincount(classes, minlength=10) / len(classes)
    chance = float(-(share[share > 0] * np.log(share[share > 0])).sum())
    success = Criterion("error rate", 0.05, "the course: under 5 % wrong")
    return Batch(x, targets, mask, 10, chance, 63, success)
