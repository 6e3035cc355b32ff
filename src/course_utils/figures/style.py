"""House style: colours that survive both page themes and every common colour blindness."""

from __future__ import annotations

from types import TracebackType
from typing import Any

INK = "#767c85"
"""Neutral of text, axes and grids: legible on white and on the dark page (4.2:1 on both).

The site's extension replaces it by a CSS variable, so that there it is the theme's own text colour.
"""

SERIES = ("#2f7ed8", "#d9701a", "#af4ea1", "#23745b", "#bb361a")
"""Blue, orange, purple, green, red: at least 3:1 on ``#ffffff`` and on ``#14181e``."""

LINES = ("-", "--", "-.", ":", (0, (8, 2)))
"""Line styles that go with SERIES, so that colour is never the only difference."""

SEQUENTIAL = "cividis"
"""Colour map for quantities that start at zero."""

DIVERGING = "PuOr_r"
"""Colour map for quantities with a sign, such as a hidden state: purple is negative."""


def house_style() -> _Applied:
    """Apply the course's Matplotlib style; as a context manager, undo it on leaving."""
    import matplotlib as mpl

    settings = _settings()
    before = {name: mpl.rcParams[name] for name in settings}
    mpl.rcParams.update(settings)
    return _Applied(before)


class _Applied:
    """What ``house_style`` returns: restores the former settings, shows nothing in a notebook."""

    def __init__(self, before: dict[str, Any]) -> None:
        self._before = before

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        import matplotlib as mpl

        mpl.rcParams.update(self._before)

    def _ipython_display_(self) -> None:
        """Leave no output behind a cell that ends with ``house_style()``."""


def _settings() -> dict[str, Any]:
    from cycler import cycler

    ink = dict.fromkeys(
        [
            "text.color",
            "axes.edgecolor",
            "axes.labelcolor",
            "axes.titlecolor",
            "xtick.color",
            "ytick.color",
            "grid.color",
            "patch.edgecolor",
            "hatch.color",
            "boxplot.whiskerprops.color",
            "boxplot.capprops.color",
            "boxplot.boxprops.color",
        ],
        INK,
    )
    clear = dict.fromkeys(
        ["figure.facecolor", "axes.facecolor", "savefig.facecolor", "legend.facecolor"], "none"
    )
    return {
        **ink,
        **clear,
        "axes.prop_cycle": cycler(color=SERIES) + cycler(linestyle=LINES),
        "image.cmap": SEQUENTIAL,
        "figure.figsize": (6.4, 3.4),
        "figure.constrained_layout.use": True,
        "figure.titlesize": 11,
        "figure.titleweight": "bold",
        "font.family": "DejaVu Sans",  # ships with Matplotlib: the same outlines everywhere
        "font.size": 10,
        "mathtext.fontset": "dejavusans",
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.alpha": 0.25,
        "lines.linewidth": 2,
        "lines.markersize": 5,
        "legend.frameon": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "learning-to-remember",
    }
