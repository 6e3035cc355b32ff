"""Learning-rate schedules: the factor of the learning rate at update 0, 1, 2, …

`fit(..., schedule=linear_decay(2000))` starts at the optimiser's rate and ends near zero.
Schedules multiply: `warm_up(100, then=cosine_decay(2000))`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def constant() -> Schedule:
    """1 at every update."""
    return lambda step: 1.0


def linear_decay(steps: int, *, end: float = 0.0) -> Schedule:
    """From 1 at update 0 in a straight line to `end` at update `steps`, and `end` from there on.

    Raises
    ------
    ValueError
        If `steps` is below 1 or `end` is not in [0, 1].
    """
    _check_steps("steps", steps)
    _check_share("end", end)
    return lambda step: 1 + (end - 1) * min(step / steps, 1.0)


def cosine_decay(steps: int, *, end: float = 0.0) -> Schedule:
    """From 1 to `end` along half a cosine over `steps` updates (Loshchilov and Hutter 2017).

    Raises
    ------
    ValueError
        If `steps` is below 1 or `end` is not in [0, 1].
    """
    _check_steps("steps", steps)
    _check_share("end", end)
    return lambda step: end + (1 - end) * (1 + math.cos(math.pi * min(step / steps, 1.0))) / 2


def step_decay(every: int, factor: float = 0.5) -> Schedule:
    """Multiplied by `factor` after every `every` updates.

    Raises
    ------
    ValueError
        If `every` is below 1 or `factor` is not in (0, 1].
    """
    _check_steps("every", every)
    _check_share("factor", factor)
    if factor == 0:
        raise ValueError("factor must lie above 0; got 0")
    return lambda step: float(factor ** (step // every))


def warm_up(steps: int, *, then: Schedule | None = None) -> Schedule:
    """Grow in a straight line, 1/steps at update 0 and full from update `steps - 1` on.

    `then` is a schedule that it multiplies, counted from update 0 as well.

    Raises
    ------
    ValueError
        If `steps` is below 1.
    """
    _check_steps("steps", steps)
    after = constant() if then is None else then
    return lambda step: min((step + 1) / steps, 1.0) * after(step)


def _check_steps(name: str, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1; got {value!r}")


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must lie in [0, 1]; got {value}")
