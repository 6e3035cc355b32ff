"""House style, figures of the course and the glue between a run and its prose.

``house_style()`` opens a notebook, ``show(fig, alt=...)`` ends a figure cell and
``glue(name=value)`` hands a number to the prose. Importing this module does not import Matplotlib.
"""

from course_utils.figures.glue import glue
from course_utils.figures.show import show
from course_utils.figures.style import DIVERGING, INK, SEQUENTIAL, SERIES, house_style

__all__ = ["DIVERGING", "INK", "SEQUENTIAL", "SERIES", "glue", "house_style", "show"]
