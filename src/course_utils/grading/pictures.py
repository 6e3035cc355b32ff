"""Pixels from the jail as PNG files: made anew here, so that not one byte of a file is a student's.

Nothing is decoded: the pixels are raw, and their number was checked (`wire.pictures`).
"""

import base64
import io

from PIL import Image

from course_utils.grading.wire.pictures import Picture

MAX_PNG = 1_000_000  # bytes of one picture
_PAPER = (255, 255, 255)


def png(picture: Picture) -> bytes:
    """The picture on white paper, halved until it has at most ``MAX_PNG`` bytes."""
    size = picture.width, picture.height
    drawn = Image.frombytes("RGBA", size, bytes(picture.pixels))
    paper = Image.new("RGB", size, _PAPER)
    paper.paste(drawn, mask=drawn.getchannel("A"))
    while len(data := _saved(paper)) > MAX_PNG:
        paper = paper.reduce(2)
    return data


def _saved(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def uri(data: bytes) -> str:
    """A ``data:`` URI that a page needs nothing else for."""
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")
