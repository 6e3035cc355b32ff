"""The gradient's norm against the lag: how far back a loss can be heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.figures.style import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from course_utils.experiments.gradient_flow import GradientFlow


def gradient_by_lag(flows: Sequence[GradientFlow], *, title: str, floor: float = 1e-16) -> Figure:
    """One curve a flow, on a logarithmic axis, with the factor a step in the legend.

    Norms under `floor` are not drawn: there a float64 no longer says anything.

    Raises
    ------
    ValueError
        If there is no flow to draw.
    """
    import matplotlib.pyplot as plt

    if not flows:
        raise ValueError("gradient_by_lag: flows is empty; wanted at least one.")
    fig, ax = plt.subplots()
    for flow in flows:
        lags = np.arange(len(flow.norms))
        heard = flow.norms >= floor
        label = f"{flow.name}: × {flow.factor:.2f} a step"
        ax.semilogy(lags[heard], flow.norms[heard], label=label)
    ax.axhline(1, color=INK, linewidth=0.8, linestyle="-")
    ax.set(xlabel="lag $k$, steps back", ylabel=r"$\|dh_{T-k}\| \; / \; \|dh_T\|$")
    ax.legend(fontsize=8)
    ax.set_title(title)
    return fig
