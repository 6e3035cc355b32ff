"""What ``show`` writes: an SVG with a name, a description, no date and the same bytes each time."""

import base64
import io
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from course_utils.figures import INK, SERIES, show
from course_utils.figures.show import to_png, to_svg

SVG = "{http://www.w3.org/2000/svg}"
ALT = "A line that falls from 1 to 0 & stays there."


def drawn(title="Loss $h_{t}$ falls", scale=1.0):
    fig, ax = plt.subplots()
    ax.plot(np.linspace(0, 1, 7), scale * np.exp(-np.linspace(0, 3, 7)), "o-", label="run")
    ax.fill_between([0, 1], 0, 0.1, hatch="/")
    ax.set_title(title)
    ax.legend()
    return fig


def test_two_drawings_give_the_same_bytes():
    assert to_svg(drawn(), ALT) == to_svg(drawn(), ALT)


def test_the_last_bits_of_a_value_change_no_byte():
    assert to_svg(drawn(), ALT) == to_svg(drawn(scale=1 + 1e-12), ALT)
    assert to_svg(drawn(), ALT) != to_svg(drawn(scale=1 + 1e-2), ALT)


def test_ids_are_the_figures_own():
    first, second = to_svg(drawn(), ALT), to_svg(drawn("Another claim"), ALT)
    clips = [set(re.findall(r'<clipPath id="([^"]+)"', svg)) for svg in (first, second)]
    assert all(clips)
    assert not clips[0] & clips[1]
    for svg, ids in zip((first, second), clips, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) >= ids


def test_title_and_description_name_the_image():
    root = ElementTree.fromstring(to_svg(drawn(), ALT))
    assert root.get("role") == "img"
    names = root.get("aria-labelledby").split()
    named = {
        child.get("id"): child.text for child in root if child.tag in (SVG + "title", SVG + "desc")
    }
    assert [named[name] for name in names] == ["Loss h_t falls", ALT]


def test_no_date_no_metadata_no_background():
    svg = to_svg(drawn(), ALT)
    assert "<metadata" not in svg
    assert "<?xml" not in svg
    background = ElementTree.fromstring(svg).find(f".//{SVG}g[@id='patch_1']/{SVG}path")
    assert background is None or "fill: none" in background.get("style")


def test_text_is_ink_and_series_keep_their_colour():
    svg = to_svg(drawn(), ALT)
    assert f"fill: {INK}" in svg
    assert f"stroke: {SERIES[0]}" in svg


def test_coordinates_are_rounded_without_moving_a_point():
    svg = to_svg(drawn(), ALT)
    line = ElementTree.fromstring(svg).find(f".//{SVG}g[@id='line2d_1']//{SVG}path")
    numbers = [n for n in line.get("d").replace("M", " ").replace("L", " ").split() if "." in n]
    assert numbers
    assert all(len(n.split(".")[1]) <= 2 for n in numbers)


def test_a_long_claim_is_broken_and_the_figure_keeps_its_width():
    short = ElementTree.fromstring(to_svg(drawn("Short"), ALT))
    claim = "A claim that goes on and on " * 6
    long = ElementTree.fromstring(to_svg(drawn(claim), ALT))
    width = [float(root.get("width").removesuffix("pt")) for root in (short, long)]
    assert width[1] <= width[0] + 8
    assert long.find(SVG + "title").text == claim.strip()


def test_show_displays_svg_with_plain_text_beside_it_and_closes(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    fig = drawn()
    show(fig, alt=ALT)
    (data,) = shown
    assert data["image/svg+xml"].startswith("<svg")
    assert data["text/plain"] == f"Loss h_t falls\n{ALT}"
    assert not plt.fignum_exists(fig.number)


def test_a_figure_without_a_claim_or_without_alt_is_refused():
    with pytest.raises(ValueError, match=r"no title; state its claim with ax\.set_title"):
        to_svg(drawn(""), ALT)
    with pytest.raises(ValueError, match="“Falls” has no alt text"):
        to_svg(drawn("Falls"), "  ")


def test_the_picture_for_notebooks_not_yet_trusted_is_small_transparent_and_the_same_each_time():
    fig = drawn()
    png = to_png(fig)
    assert png == to_png(drawn())
    picture = Image.open(io.BytesIO(base64.b64decode(png)))
    assert picture.format == "PNG"
    assert picture.convert("RGBA").getpixel((0, 0))[3] == 0
    assert len(png) < 30_000
