"""The two interactive figures of chapter 05: a mount point with a still table each."""

import json
from itertools import pairwise

import numpy as np
import pytest
from bs4 import BeautifulSoup

from course_utils.experiments.cliff import starts_around, surface, walks
from course_utils.figures.widgets import STATIC, clip, reach

NORMS = {"tanh": [0.5 ** np.arange(31.0), np.ones(31)], "a<b": [np.ones(31), 2 ** np.arange(31.0)]}


@pytest.fixture(scope="module")
def cliff():
    w, b, loss, _ = surface(points=8)
    return w, b, loss, walks([None, 0.1], starts_around(side=2), updates=5)


def place(figure):
    return BeautifulSoup(figure.html(), "html.parser").select_one("[data-course-widget]")


def test_reach_holds_its_curves_and_what_is_left():
    mount = place(reach([0.5, 1.0], NORMS))
    assert (STATIC / f"{mount['data-course-widget']}.js").is_file()
    data = json.loads(mount.script.string)
    assert data["radii"] == [0.5, 1.0]
    np.testing.assert_allclose(data["log10"]["tanh"], np.log10(NORMS["tanh"]), atol=0.005)
    rows = [[cell.get_text() for cell in row] for row in mount.select("tbody tr")]
    assert rows == [["tanh", "10−9", "100"], ["a<b", "100", "109"]]
    assert "after 30 steps" in mount.caption.get_text()


def test_clip_holds_the_map_and_a_path_for_every_threshold(cliff):
    mount = place(clip(*cliff))
    assert (STATIC / f"{mount['data-course-widget']}.js").is_file()
    data = json.loads(mount.script.string)
    np.testing.assert_allclose(data["loss"], cliff[2], atol=0.005)
    assert [walk["clip"] for walk in data["walks"]] == [None, 0.1]
    for shown, group in zip(data["walks"], cliff[3], strict=True):
        ends = np.array(shown["path"])[[0, -1]]
        np.testing.assert_allclose(ends[:, 0], group[0].w[[0, -1]], atol=6e-4)
        np.testing.assert_allclose(ends[:, 1], group[0].b[[0, -1]], atol=6e-4)
        assert all(a != b for a, b in pairwise(shown["path"]))
        assert shown["arrived"] == sum(walk.loss[-1] < 0.02 for walk in group)
    heads = [row.th.get_text() for row in mount.select("tbody tr")]
    assert heads == ["no clipping", "0.1"]


def test_the_same_numbers_give_the_same_bytes(cliff):
    assert reach([0.5, 1.0], NORMS).html() == reach([0.5, 1.0], NORMS).html()
    assert clip(*cliff).html() == clip(*cliff).html()


@pytest.mark.parametrize(
    ("radii", "norms", "message"),
    [
        ([], NORMS, "at least one radius"),
        ([1.0], {}, "at least one radius and one activation"),
        ([1.0], NORMS, r"norms\['tanh'\] has shape \(2, 31\); expected \(1, K \+ 1\)"),
        ([1.0], {"tanh": [[1.0, 0.0]]}, "a norm that is not above 0"),
    ],
)
def test_curves_that_do_not_fit_are_refused(radii, norms, message):
    with pytest.raises(ValueError, match=message):
        reach(radii, norms)


def test_maps_and_walks_that_do_not_fit_are_refused(cliff):
    w, b, loss, found = cliff
    with pytest.raises(ValueError, match=r"loss has shape \(8, 7\); expected \(8, 8\)"):
        clip(w, b, loss[:, 1:], found)
    with pytest.raises(ValueError, match="at least one walk for every threshold"):
        clip(w, b, loss, [found[0], []])
