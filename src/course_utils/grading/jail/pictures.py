"""What a cell shows: figures and images wait here until the checker asks for their pixels.

As in Jupyter, the figures that are open when a cell ends are shown and closed. They are drawn, and
images are decoded, in this process only: what leaves it are pixels (`wire.pictures`).
"""

import base64
import binascii
import io
import os
import sys
from typing import Any

from ..wire.pictures import MAX_COUNT, MAX_SIDE

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_MAX_PIXELS = 25_000_000  # of an image as it is stored
_DPI = 100

_waiting: list[Any] = []  # figures, and images as bytes
_dropped = 0


class NoPictureError(Exception):
    """Bytes that are no image, or too large a one."""


def shown_here() -> None:
    """Have Matplotlib's figures shown by `canvas`: to be called before Matplotlib is imported."""
    os.environ["MPLBACKEND"] = f"module://{__package__}.canvas"


def begin() -> None:
    """A cell begins: nothing waits, and no figure of an earlier call is open."""
    global _dropped
    _waiting.clear()
    _dropped = 0
    _close(keep_them=False)


def end() -> int:
    """A cell has ended: its open figures are shown and closed. How many pictures wait."""
    _close(keep_them=True)
    return len(_waiting)


def show_open() -> None:
    """What ``plt.show()`` does."""
    _close(keep_them=True)


def _close(keep_them: bool) -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums():
        return
    for number in pyplot.get_fignums() if keep_them else ():
        keep(pyplot.figure(number))
    pyplot.close("all")


def keep(thing: Any) -> None:
    """A figure, or an image as bytes or base64, that the cell shows."""
    global _dropped
    if any(thing is one for one in _waiting):
        return
    if len(_waiting) < MAX_COUNT:
        _waiting.append(thing)
    else:
        _dropped += 1


def take(count: int, size: int) -> tuple[list[tuple[int, int, bytes]], int]:
    """What waits, as width, height and pixels: ``count`` pictures and ``size`` bytes at most.

    The second result is how many were left out: too many, too large, or impossible to draw.
    """
    found, left = [], _dropped
    for thing in _waiting:
        picture = _drawn(thing) if len(found) < count else None
        if picture is None or len(picture[2]) > size:
            left += 1
        else:
            found.append(picture)
            size -= len(picture[2])
    _waiting.clear()
    return found, left


def _drawn(thing: Any) -> tuple[int, int, bytes] | None:
    try:
        return decode(thing if isinstance(thing, bytes | str) else _png(thing))
    except BaseException:  # noqa: BLE001 - a figure may run code of the student's
        return None


def _png(figure: Any) -> bytes:
    """A figure as Jupyter shows it, no larger than what may leave."""
    file = io.BytesIO()
    longest = max(figure.get_size_inches())
    dpi = min(_DPI, MAX_SIDE / longest)
    figure.savefig(file, format="png", dpi=dpi, bbox_inches="tight")
    return file.getvalue()


def decode(data: bytes | str) -> tuple[int, int, bytes]:
    """Width, height and pixels of an image: its bytes, or base64 of them, made smaller to fit.

    Raises `NoPictureError`.
    """
    from PIL import Image

    try:
        raw = base64.b64decode(data) if isinstance(data, str) else data
        with Image.open(io.BytesIO(raw), formats=_FORMATS) as image:
            width, height = image.size
            if width * height > _MAX_PIXELS:
                raise NoPictureError(f"an image of {width} × {height} pixels")
            image.draft("RGB", (MAX_SIDE, MAX_SIDE))
            small = image.convert("RGBA")
        small.thumbnail((MAX_SIDE, MAX_SIDE))
    except (OSError, ValueError, SyntaxError, binascii.Error, Image.DecompressionBombError) as bad:
        raise NoPictureError(str(bad)) from bad
    return small.width, small.height, small.tobytes()
