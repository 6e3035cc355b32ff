"""Interactive figures: one ES module each, the same one on the page and in a live kernel."""

from pathlib import Path

from course_utils.figures.widgets.clip import clip
from course_utils.figures.widgets.reach import reach
from course_utils.figures.widgets.unroll import unroll

STATIC = Path(__file__).parent / "static"
"""Where the modules lie, and the host that mounts them on a static page."""

__all__ = ["STATIC", "clip", "reach", "unroll"]
