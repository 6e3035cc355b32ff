"""What holds for every figure of the course: its title is its claim, and it is always the same."""

import inspect
import pkgutil
from importlib import import_module

import numpy as np
import pytest
from gallery import CLAIM, FIGURES, draw, drawn, name_of
from matplotlib.backends.backend_agg import FigureCanvasAgg

from course_utils import figures
from course_utils.figures import networks
from course_utils.figures.show import claim_of, to_svg

OF_THEIR_OWN = {  # drawings that always say the same
    networks.folded_and_unrolled: "Folded or unrolled: one network, one set of weights",
    networks.five_shapes: "Five shapes, one recurrence: only the places of input and output differ",
    networks.window_network: "One table for all places, a block of weights for each",
}
every_figure = pytest.mark.parametrize("figure", FIGURES, ids=name_of)


def test_the_gallery_leaves_no_figure_out():
    found = set()
    for module in pkgutil.iter_modules(figures.__path__):
        here = vars(import_module(f"course_utils.figures.{module.name}"))
        public = [one for name, one in here.items() if inspect.isfunction(one) and name[0] != "_"]
        found |= {name_of(one) for one in public if one.__annotations__.get("return") == "Figure"}
    assert found == set(map(name_of, FIGURES))


@every_figure
def test_the_title_is_the_claim(figure):
    assert claim_of(drawn(figure)) == OF_THEIR_OWN.get(figure, CLAIM)


@every_figure
def test_two_drawings_are_the_same_picture(figure):
    first, second = (pixels(one) for one in (drawn(figure), draw(figure)))
    assert first.std() > 1  # something is drawn
    np.testing.assert_array_equal(first, second)


def pixels(fig):
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return np.array(canvas.buffer_rgba())


def test_whatever_is_drawn_two_files_are_the_same_bytes():
    """Drawing is cheap and writing is not: a few figures that have every kind of artist."""
    seen = set()
    for figure in FIGURES:
        kinds = {type(artist) for artist in drawn(figure).findobj()}
        if not kinds <= seen:
            first, second = (to_svg(one, "What is seen") for one in (draw(figure), draw(figure)))
            assert first == second, name_of(figure)
            seen |= kinds
    assert len(seen) > 20
