"""Interactive figures: one ES module each, the same one on the page and in a live kernel."""

from pathlib import Path

from course_utils.figures.widgets.clip import clip
from course_utils.figures.widgets.gates import gates
from course_utils.figures.widgets.reach import reach
from course_utils.figures.widgets.trace import trace
from course_utils.figures.widgets.unroll import unroll

STATIC = Path(__file__).parent / "static"
"""Where the modules lie, and the host that mounts them on a static page."""

__all__ = ["STATIC", "clip", "gates", "reach", "trace", "unroll"]
