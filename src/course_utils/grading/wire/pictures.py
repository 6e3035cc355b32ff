"""Pictures on their way out of the jail: raw pixels, under caps that hold before anything is made.

A student's process draws and decodes; everybody else only ever sees width, height and exactly
``4 * width * height`` bytes (red, green, blue, opacity, row by row).
"""

from dataclasses import dataclass
from typing import Any

from .frames import WireError

CHANNELS = 4
MAX_SIDE = 1_200  # pixels
MAX_COUNT = 12  # pictures of one submission
MAX_BYTES = 24 * 2**20  # of all pixels of one submission
MAX_CAPTION = 200


@dataclass(frozen=True)
class Picture:
    """One picture: ``task`` is whose section of the feedback shows it ("" for the whole page)."""

    task: str
    caption: str
    width: int
    height: int
    pixels: Any


def sizes(data: Any, blobs: list[Any]) -> list[tuple[int, int, Any]]:
    """Width, height and pixels of pictures described as ``[[width, height], …]``, one blob each.

    Raises `WireError` for anything else, and for more than the caps allow.
    """
    if type(data) is not list or len(data) != len(blobs) or len(data) > MAX_COUNT:
        raise WireError("pictures in an impossible number in a message")
    if sum(map(len, blobs)) > MAX_BYTES:
        raise WireError("pictures that are too large in a message")
    found = []
    for size, pixels in zip(data, blobs, strict=True):
        if type(size) is not list or len(size) != 2 or any(type(side) is not int for side in size):
            raise WireError("a picture without a size in a message")
        width, height = size
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise WireError(f"a picture of {width} × {height} pixels in a message")
        if len(pixels) != CHANNELS * width * height:
            raise WireError("a picture whose size and bytes contradict each other")
        found.append((width, height, pixels))
    return found


class Album:
    """The pictures of one submission, never more than the caps allow."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    @property
    def room(self) -> tuple[int, int]:
        """How many pictures, and how many bytes of pixels, still fit."""
        used = sum(len(one.pixels) for one in self.pictures)
        return MAX_COUNT - len(self.pictures), MAX_BYTES - used

    def add(self, task: str, caption: str, found: list[tuple[int, int, Any]]) -> int:
        """Keep what fits; the number of those that do not."""
        left = 0
        for width, height, pixels in found:
            count, size = self.room
            if count < 1 or len(pixels) > size:
                left += 1
            else:
                self.pictures.append(Picture(task, caption[:MAX_CAPTION], width, height, pixels))
        return left

    def plain(self) -> tuple[list[Any], list[Any]]:
        """Plain data for the wire, and the blobs beside it; `read` takes them back."""
        body = [[one.task, one.caption, [one.width, one.height]] for one in self.pictures]
        return body, [one.pixels for one in self.pictures]


def read(body: Any, blobs: list[Any], tasks: frozenset[str]) -> list[Picture]:
    """The pictures of `Album.plain`, of these tasks or of none. Raises `WireError`."""
    if type(body) is not list or any(type(one) is not list or len(one) != 3 for one in body):
        raise WireError("pictures without a description in a message")
    found = []
    described = sizes([size for _, _, size in body], blobs)
    for (task, caption, _), picture in zip(body, described, strict=True):
        if task not in ("", *tasks) or type(caption) is not str or len(caption) > MAX_CAPTION:
            raise WireError("a picture that belongs to nothing in a message")
        found.append(Picture(task, caption, *picture))
    return found
