"""The Matplotlib backend of the jail: Agg, whose ``plt.show()`` shows and closes as in Jupyter."""

from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

from . import pictures

__all__ = ["FigureCanvas", "show"]


def show(*_: object, **__: object) -> None:
    """``plt.show()``."""
    pictures.show_open()
