"""The LSTM cell, built up gate by gate: each stage adds one part to the drawing before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from course_utils.figures.style import INK, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]

CELL, HIDDEN, GATE, CANDIDATE = SERIES[2], SERIES[1], SERIES[0], SERIES[3]
"""Purple for the cell state, orange for h, blue for the gates, green for the candidate."""

STAGES = (
    "A state that is added to",
    "The input gate decides what is written",
    "The forget gate decides what is kept",
    "The output gate decides what is shown",
)
"""Titles of the stages, 1 to 4. Stage 2 with its output gate is the cell of 1997."""

TOP, SQUASH, MIDDLE, BOTTOM = 2.0, 1.1, 0.35, -0.75
"""Heights of the cell state, of the tanh on its way out, of the products, of the boxes."""

LEFT, RIGHT = 0.0, 7.2
F, I, G, O, H = 1.3, 2.6, 3.7, 5.1, 6.2  # noqa: E741
"""Where the gates, the candidate and the output stand."""

BOX, CIRCLE = 0.34, 0.24
"""Half the height of a box, and the radius of a circle."""


class _Layer(NamedTuple):
    """A box with weights: where it stands, what it is called, and from which stage on."""

    x: float
    name: str
    rule: str
    colour: str
    stage: int


LAYERS = (
    _Layer(G, "$g_t$", "tanh", CANDIDATE, 1),
    _Layer(I, "$i_t$", "σ", GATE, 2),
    _Layer(F, "$f_t$", "σ", GATE, 3),
    _Layer(O, "$o_t$", "σ", GATE, 4),
)


def lstm_cell(stage: int = 4, *, title: str | None = None) -> Figure:
    """One step of the cell with the parts of stages 1 to `stage`; those of `stage` stand out.

    Boxes have weights and read x_t and h_{t-1}; circles work element by element and have none.

    Raises
    ------
    ValueError
        If `stage` is not 1, 2, 3 or 4.
    """
    import matplotlib.pyplot as plt

    if stage not in range(1, len(STAGES) + 1):
        raise ValueError(f"lstm_cell: stage is {stage!r}; wanted 1 to {len(STAGES)}.")
    fig, ax = plt.subplots(figsize=(6.8, 3.7))
    ax.set_aspect("equal")
    ax.axis("off")
    ax.set_xlim(LEFT - 0.9, RIGHT + 0.9)
    ax.set_ylim(BOTTOM - 1.25, TOP + 0.6)
    _conveyor(ax, [F, G] if stage >= 3 else [G])
    _inputs(ax, [layer.x for layer in LAYERS if layer.stage <= stage])
    for layer in LAYERS:
        if layer.stage <= stage:
            _box(ax, layer, new=layer.stage == stage)
    _write(ax, stage)
    if stage >= 3:
        _path(ax, (F, BOTTOM + BOX), (F, TOP - CIRCLE))
        _circle(ax, (F, TOP), "×", new=stage == 3)
    _output(ax, stage)
    fig.suptitle(title or STAGES[stage - 1], x=0.01, ha="left")
    return fig


def _conveyor(ax: Axes, circles: list[float]) -> None:
    """The cell state, straight through the circles that change it."""
    starts = [LEFT, *(x + CIRCLE for x in circles)]
    ends = [*(x - CIRCLE for x in circles), RIGHT]
    for start, end in zip(starts, ends, strict=True):
        _path(ax, (start, TOP), (end, TOP), colour=CELL, width=2.5, tip=end == RIGHT)
    ax.text(LEFT - 0.1, TOP, "$c_{t-1}$", ha="right", va="center")
    ax.text(RIGHT + 0.1, TOP, "$c_t$", ha="left", va="center")


def _inputs(ax: Axes, xs: list[float]) -> None:
    """x_t and h_{t-1} run below all boxes and feed each of them."""
    low = BOTTOM - 0.8
    _path(ax, (LEFT, low), (max(xs), low), tip=False)
    ax.text(LEFT - 0.1, low + 0.2, "$h_{t-1}$", ha="right", va="center", color=HIDDEN)
    ax.text(LEFT - 0.1, low - 0.2, "$x_t$", ha="right", va="center")
    for x in xs:
        _path(ax, (x, low), (x, BOTTOM - BOX))


def _write(ax: Axes, stage: int) -> None:
    """The candidate, behind its gate from stage 2 on, is added to the cell."""
    if stage == 1:
        _path(ax, (G, BOTTOM + BOX), (G, TOP - CIRCLE))
    else:
        _path(ax, (G, BOTTOM + BOX), (G, MIDDLE - CIRCLE))
        _path(ax, (I, BOTTOM + BOX), (I, MIDDLE), (G - CIRCLE, MIDDLE))
        _path(ax, (G, MIDDLE + CIRCLE), (G, TOP - CIRCLE))
        _circle(ax, (G, MIDDLE), "×", new=stage == 2)
    _circle(ax, (G, TOP), "+", new=stage == 1)


def _output(ax: Axes, stage: int) -> None:
    """h_t is the squashed cell, behind the output gate from stage 4 on."""
    _path(ax, (H, TOP), (H, SQUASH + CIRCLE))
    _circle(ax, (H, SQUASH), "tanh", new=stage == 1)
    shown = SQUASH
    if stage >= 4:
        _path(ax, (H, SQUASH - CIRCLE), (H, MIDDLE + CIRCLE))
        _path(ax, (O, BOTTOM + BOX), (O, MIDDLE), (H - CIRCLE, MIDDLE))
        _circle(ax, (H, MIDDLE), "×", new=stage == 4)
        shown = MIDDLE
    corner = (H, BOTTOM)
    _path(ax, (H, shown - CIRCLE), corner, (RIGHT, BOTTOM), colour=HIDDEN, width=2.5)
    ax.text(RIGHT + 0.1, BOTTOM, "$h_t$", ha="left", va="center", color=HIDDEN)


def _box(ax: Axes, layer: _Layer, *, new: bool) -> None:
    """A dense layer with its squashing function."""
    from matplotlib.patches import FancyBboxPatch

    corner = (layer.x - 0.42, BOTTOM - BOX)
    box = FancyBboxPatch(
        corner,
        0.84,
        2 * BOX,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor="none",
        edgecolor=layer.colour,
        linewidth=2.6 if new else 1.2,
    )
    ax.add_patch(box)
    ax.text(layer.x, BOTTOM, layer.rule, ha="center", va="center_baseline")
    ax.text(layer.x + 0.1, BOTTOM + 0.58, layer.name, ha="left", va="center", color=layer.colour)


def _circle(ax: Axes, at: Point, sign: str, *, new: bool) -> None:
    """An element-by-element operation, without weights."""
    from matplotlib.patches import Circle, FancyBboxPatch

    style = {
        "facecolor": "none",
        "edgecolor": SERIES[4] if new else INK,
        "linewidth": 2.6 if new else 1.2,
    }
    if len(sign) == 1:
        ax.add_patch(Circle(at, CIRCLE, **style))
    else:
        corner = (at[0] - 0.35, at[1] - CIRCLE)
        round_box = "round,pad=0,rounding_size=0.15"
        ax.add_patch(FancyBboxPatch(corner, 0.7, 2 * CIRCLE, boxstyle=round_box, **style))
    ax.text(*at, sign, ha="center", va="center_baseline", fontsize=9 if len(sign) > 1 else 12)


def _path(
    ax: Axes, *points: Point, colour: str = INK, width: float = 1.2, tip: bool = True
) -> None:
    """A line through `points`, with an arrowhead at its end."""
    xs, ys = zip(*points, strict=True)
    ax.plot(xs, ys, "-", color=colour, linewidth=width, solid_capstyle="butt")
    if tip:
        (x0, y0), (x1, y1) = points[-2:]
        near = (x1 - 0.01 * (x1 - x0), y1 - 0.01 * (y1 - y0))
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": width}
        ax.annotate("", points[-1], near, arrowprops=arrow | {"shrinkA": 0, "shrinkB": 0})
