"""Drawings of recurrent networks: folded, unrolled, and the five ways to feed and read one.

One convention everywhere: time runs to the right, information runs upwards from the input, and
what happens once at every step carries the same name at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from course_utils.figures.style import INK, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]

INPUT, STATE, OUTPUT = SERIES[0], SERIES[1], SERIES[3]
"""Blue for what comes in, orange for the state, green for what goes out."""

BOX = 0.3
"""Half the side of a box, in drawing units; neighbouring steps stand one and a half apart."""


class Shape(NamedTuple):
    """Which steps of a network have an input and which have an output (steps count from 0)."""

    name: str
    steps: int
    inputs: frozenset[int]
    outputs: frozenset[int]
    handover: int | None = None  # the first step of a second network, which starts from this state


SHAPES = (
    Shape("one to\none", 1, frozenset({0}), frozenset({0})),
    Shape("one to many", 3, frozenset({0}), frozenset({0, 1, 2})),
    Shape("many to one", 3, frozenset({0, 1, 2}), frozenset({2})),
    Shape("many to many,\nsynced", 3, frozenset({0, 1, 2}), frozenset({0, 1, 2})),
    Shape("many to many,\nencoder–decoder", 5, frozenset({0, 1, 2}), frozenset({3, 4}), handover=3),
)
"""The five shapes of chapter 02, in the order of the chapter."""


def folded_and_unrolled(steps: int = 3) -> Figure:
    """The network with its loop on the left, the same network written out in time on the right.

    Raises ValueError if `steps` is below 1.
    """
    if steps < 1:
        raise ValueError(f"folded_and_unrolled: steps is {steps}; wanted at least 1.")
    fig, ax = _canvas(width=(steps + 1) * 1.5 + 2.2, height=3.3, inches=7.2)
    _column(ax, 0.0, "t", weights=True)
    _loop(ax, 0.0)
    ax.text(1.55, 0.0, "=", ha="center", va="center", fontsize=18)
    first = 3.9
    _node(ax, (first - 1.5, 0.0), "$h_0$", STATE, dashed=True)
    for step in range(1, steps + 1):
        x = first + 1.5 * (step - 1)
        _column(ax, x, str(step), weights=True)
        _arrow(ax, (x - 1.5, 0.0), (x, 0.0), "$W_h$")
    ax.set_xlim(-1.0, first + 1.5 * (steps - 1) + 0.6)
    fig.suptitle("Folded or unrolled: one network, one set of weights", x=0.01, ha="left")
    return fig


def five_shapes() -> Figure:
    """The five ways to feed and to read a recurrence, side by side."""
    gap, width = 0.8, 0.0
    starts = []
    for shape in SHAPES:
        starts.append(width)
        width += shape.steps + gap
    fig, ax = _canvas(width=width, height=3.9, inches=8.6)
    for start, shape in zip(starts, SHAPES, strict=True):
        _draw_shape(ax, start, shape)
    ax.set_xlim(-0.75, width - gap - 0.25)
    fig.suptitle(
        "Five shapes, one recurrence: only the places of input and output differ", x=0.01, ha="left"
    )
    return fig


def window_network(letters: Sequence[str] = ("s", "t", "e")) -> Figure:
    """A window of letters: one table for all places, and a block of weights for each."""
    fig, ax = _canvas(width=6.0, height=5.4, inches=5.6)
    width = 1.5 * (len(letters) - 1)
    for place, letter in enumerate(letters):
        foot = (1.5 * place, -2.0)
        row, layer = (foot[0], -0.6), (foot[0], 0.8)
        _arrow(ax, foot, row, "$E$")
        _arrow(ax, row, layer, f"$W^{{({place + 1})}}$")
        _node(ax, foot, letter, INPUT)
        _node(ax, row, f"$e_{place + 1}$", INPUT)
    _arrow(ax, (width / 2, 0.8), (width / 2, 2.2), "$W_y$")
    _node(ax, (width / 2, 0.8), "$h$", STATE, half=width / 2 + BOX)
    _node(ax, (width / 2, 2.2), "$y$", OUTPUT)
    ax.set_xlim(-0.9, width + 0.9)
    fig.suptitle("One table for all places, a block of weights for each", x=0.01, ha="left")
    return fig


def _draw_shape(ax: Axes, start: float, shape: Shape) -> None:
    for step in range(shape.steps):
        here = (start + step, 0.0)
        second = shape.handover is not None and step >= shape.handover
        if step in shape.inputs:
            _node(ax, (here[0], -1.15), "$x$", INPUT)
            _arrow(ax, (here[0], -1.15), here)
        if step in shape.outputs:
            _node(ax, (here[0], 1.15), "$y$", OUTPUT)
            _arrow(ax, here, (here[0], 1.15))
        if step:
            _arrow(ax, (here[0] - 1, 0.0), here)
        _node(ax, here, "$h$", SERIES[2] if second else STATE)
    middle = start + (shape.steps - 1) / 2
    ax.text(middle, -1.75, shape.name, ha="center", va="top", fontsize=9)


def _canvas(width: float, height: float, inches: float) -> tuple[Figure, Axes]:
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(inches, inches * height / width + 0.35))
    ax.set_aspect("equal")
    ax.axis("off")
    ax.set_ylim(-height / 2, height / 2)
    return fig, ax


def _column(ax: Axes, x: float, index: str, weights: bool = False) -> None:
    """One step: input below, state in the middle, output above."""
    _node(ax, (x, -1.3), f"$x_{index}$", INPUT)
    _node(ax, (x, 0.0), f"$h_{index}$", STATE)
    _node(ax, (x, 1.3), f"$y_{index}$", OUTPUT)
    _arrow(ax, (x, -1.3), (x, 0.0), "$W_x$" if weights else "")
    _arrow(ax, (x, 0.0), (x, 1.3), "$W_y$" if weights else "")


def _node(
    ax: Axes, centre: Point, label: str, colour: str, dashed: bool = False, half: float = BOX
) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = (centre[0] - half, centre[1] - BOX)
    box = FancyBboxPatch(
        corner, 2 * half, 2 * BOX, boxstyle="round,pad=0,rounding_size=0.12",
        facecolor="none", edgecolor=colour, linewidth=2, linestyle="--" if dashed else "-",
    )  # fmt: skip
    ax.add_patch(box)
    ax.text(*centre, label, ha="center", va="center", fontsize=11)


def _arrow(ax: Axes, start: Point, end: Point, label: str = "") -> None:
    """An arrow between the edges of two boxes; its weight stands above or to the right of it."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = abs(dx) + abs(dy)  # arrows run along one axis only
    ux, uy = dx / length, dy / length
    tail = (start[0] + BOX * ux, start[1] + BOX * uy)
    head = (end[0] - BOX * ux, end[1] - BOX * uy)
    style = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0, "linewidth": 1.4}
    ax.annotate("", xy=head, xytext=tail, arrowprops=style)
    if label:
        middle = ((tail[0] + head[0]) / 2, (tail[1] + head[1]) / 2)
        offset: Sequence[float] = (0.0, 0.2) if abs(dx) > abs(dy) else (0.27, 0.0)
        place = (middle[0] + offset[0], middle[1] + offset[1])
        ax.text(*place, label, ha="center", va="center", fontsize=9)


def _loop(ax: Axes, x: float) -> None:
    """The recurrent arrow: out of the state on the right, back into it on the left."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    points = [(x + BOX, 0.14), (x + 0.85, 0.6), (x + 0.85, -0.6), (x + BOX, -0.14)]
    path = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    ax.add_patch(
        FancyArrowPatch(
            path=path, arrowstyle="-|>", mutation_scale=12, facecolor=INK, edgecolor=INK,
            linewidth=1.4, fill=False,
        )
    )  # fmt: skip
    ax.text(x + 1.0, 0.0, "$W_h$", ha="center", va="center", fontsize=9)
