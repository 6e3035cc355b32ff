"""The palette is judged by numbers: contrast on both pages, distance under colour blindness."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest

from course_utils.figures import INK, SERIES, house_style

PAGES = ("#ffffff", "#14181e")

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "typical": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# Ottosson's OKLab: linear RGB to cone responses, their cube roots to lightness and two hues.
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(colour: str) -> np.ndarray:
    c = np.array(mpl.colors.to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    dark, light = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] for c in (a, b))
    return (light + 0.05) / (dark + 0.05)


def seen(colour: str, vision: str) -> np.ndarray:
    rgb = np.clip(np.array(VISION[vision]) @ linear(colour), 0, 1)
    return np.array(TO_LAB) @ np.cbrt(np.array(TO_CONES) @ rgb)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("colour", SERIES)
def test_series_stand_out_on_both_pages(colour, page):
    assert contrast(colour, page) >= 3


@pytest.mark.parametrize("page", PAGES)
def test_ink_is_legible_on_both_pages_without_the_site(page):
    assert contrast(INK, page) >= 4


@pytest.mark.parametrize("vision", VISION)
def test_series_differ_for_every_kind_of_vision(vision):
    nearest = min(
        (np.linalg.norm(seen(a, vision) - seen(b, vision)), a, b)
        for a, b in combinations(SERIES, 2)
    )
    assert nearest[0] >= 0.1, nearest


def test_house_style_draws_in_ink_on_a_transparent_page_and_can_be_undone():
    mpl.get_backend()  # chosen when it is first asked for
    before = mpl.rcParams.copy()
    with house_style():
        assert mpl.rcParams["text.color"] == INK
        assert mpl.rcParams["figure.facecolor"] == "none"
        assert list(mpl.rcParams["axes.prop_cycle"].by_key()["color"]) == list(SERIES)
    assert mpl.rcParams == before


def test_house_style_shows_nothing_in_a_notebook():
    from IPython.core.formatters import DisplayFormatter

    with house_style():
        assert DisplayFormatter().format(house_style()) == ({}, {})
