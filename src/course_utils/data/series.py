"""Real sequences of numbers that ship with the course."""

from importlib.resources import files

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def sunspots() -> tuple[npt.NDArray[np.int64], Array]:
    """Yearly sunspot numbers: ``years (309,)`` from 1700 to 2008 and ``numbers (309,)``.

    Version 1.0 of the international sunspot number, in the public domain; where it comes from
    stands in ``files/README.md``.
    """
    file = files("course_utils.data").joinpath("files/sunspots.csv")
    with file.open(encoding="utf-8") as lines:
        table = np.loadtxt(lines, delimiter=",", skiprows=1)
    return table[:, 0].astype(np.int64), table[:, 1]
