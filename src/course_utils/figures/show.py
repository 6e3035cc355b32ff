"""Show a figure as a deterministic, described SVG, with a small PNG beside it.

JupyterLab shows no SVG of a notebook that its reader has not run or trusted yet; it shows the PNG.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import textwrap
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Layouts put edges on halves of a hundredth, where the last bit decides how they are rounded.
OFF_TIES = 0.00137  # points

_TIGHT = {"bbox_inches": "tight", "pad_inches": 0.04}


def show(fig: Figure, alt: str) -> None:
    """Display ``fig`` as SVG with its claim and ``alt`` as accessible text, and close it.

    The figure's title is the claim that the cell asserts; ``alt`` says what a reader sees who
    cannot see it. Raises ValueError where one of the two is missing.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    svg, png = to_svg(fig, alt), to_png(fig)
    plain = f"{claim_of(fig)}\n{_one_line(alt)}"
    plt.close(fig)
    display({"image/svg+xml": svg, "image/png": png, "text/plain": plain}, raw=True)


def to_svg(fig: Figure, alt: str) -> str:
    """The SVG text that ``show`` displays: transparent, undated, the same bytes each time.

    Coordinates are rounded to a hundredth of a point, far below what a screen resolves.
    """
    from matplotlib import rc_context

    title, text = claim_of(fig), _one_line(alt)
    if not text:
        raise ValueError(f"show: the figure “{title}” has no alt text; say in alt=… what it shows.")
    _wrap_titles(fig)
    buffer = io.StringIO()
    salted = {"svg.fonttype": "path", "svg.hashsalt": "learning-to-remember"}
    no_metadata = dict.fromkeys(["Date", "Creator", "Format", "Type"])
    with rc_context(salted):
        fig.savefig(
            buffer,
            format="svg",
            metadata=no_metadata,
            transparent=True,
            **_TIGHT,
        )
    svg = _number_ids(_close_up(_round(_element(buffer.getvalue()))), title)
    return _describe(svg, title, text)


def to_png(fig: Figure) -> str:
    """The same picture as a transparent PNG of 64 colours, in base64."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    fig.savefig(drawn, format="png", dpi=100, transparent=True, **_TIGHT)
    picture = Image.open(drawn).quantize(64, method=Image.Quantize.FASTOCTREE)
    picture.save(small, format="png", optimize=True)
    return base64.b64encode(small.getvalue()).decode("ascii")


def claim_of(fig: Figure) -> str:
    """The figure's claim: its suptitle, else the first title among its axes. ValueError if none."""
    titles = [fig.get_suptitle()]
    titles += [ax.get_title(loc) for ax in fig.axes for loc in ("left", "center", "right")]
    for title in titles:
        if title.strip():
            return _plain(title)
    raise ValueError("show: the figure has no title; state its claim with ax.set_title(…).")


def _plain(title: str) -> str:
    """Mathematics of a title as plain text: ``$h_{t}$`` becomes ``h_t``."""
    return _one_line(re.sub(r"[${}]|\\(?:mathbf|mathrm|mathit)\b|\\(?=[a-zA-Z])", "", title))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _wrap_titles(fig: Figure) -> None:
    """Break a title that runs out of the figure; Matplotlib would widen the figure instead."""
    titles = [fig._suptitle] if fig._suptitle is not None else []
    if len(fig.axes) == 1:
        titles += [fig.axes[0]._left_title, fig.axes[0].title, fig.axes[0]._right_title]
    fig.draw_without_rendering()
    for title in titles:
        text, box = title.get_text(), title.get_window_extent()
        room = 0.94 * fig.bbox.width - (box.x0 if title.get_ha() == "left" else 0)
        if "\n" not in text and box.width > room:
            characters = int(len(text) * room / box.width)
            title.set_text(textwrap.fill(text, characters, break_long_words=False))


def _element(document: str) -> str:
    """The ``<svg>`` element alone: no XML declaration, no document type."""
    return document[document.index("<svg") :].strip() + "\n"


def _round(svg: str) -> str:
    """Round path coordinates and positions to two decimals; factors of scale keep theirs."""

    def shorter(number: re.Match[str]) -> str:
        return f"{round(float(number[0]) + OFF_TIES, 2) + 0.0:.2f}".rstrip("0").rstrip(".")

    def attribute(match: re.Match[str]) -> str:
        return re.sub(r"-?\d+\.\d{3,}", shorter, match[0])

    positions = r'\b(?:d|x|y|points)="[^"]*"|\btranslate\([^)]*\)|\brotate\([^)]*\)'
    return re.sub(positions, attribute, svg)


def _number_ids(svg: str, title: str) -> str:
    """Number the ids that Matplotlib makes of a hash: the last bit of a coordinate changes one.

    They begin with a hash of the title, because a notebook shows many figures in one document.
    """
    hashed = r"(?<=[\"#])([A-Za-z]*)[0-9a-f]{10}(?=[\")])"
    figure = hashlib.sha256(title.encode()).hexdigest()[:6]
    numbers: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        return f"{match[1]}{figure}-{numbers.setdefault(match[0], len(numbers) + 1)}"

    return re.sub(hashed, numbered, svg)


def _close_up(svg: str) -> str:
    """Take out the indentation: a tenth of the bytes."""
    return re.sub(r"\s*\n\s*", "\n", svg)


def _describe(svg: str, title: str, text: str) -> str:
    """Give the SVG its role, its name and its description."""
    opening, rest = svg.split(">", 1)
    named = f'{opening} role="img" aria-labelledby="title desc">'
    return (
        f'{named}\n <title id="title">{escape(title)}</title>'
        f'\n <desc id="desc">{escape(text)}</desc>{rest}'
    )
