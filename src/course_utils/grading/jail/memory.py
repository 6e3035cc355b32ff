"""Makes the memory of a warm process cheap to share with the processes that it forks."""

import contextlib
import ctypes
import gc
import re
from collections.abc import Iterator
from pathlib import Path

_HUGE = 2 * 2**20
_MADV_COLLAPSE = 25  # since Linux 6.1; older kernels refuse it, and then pages stay as they are
_libc = ctypes.CDLL(None)


def share() -> None:
    """Throw garbage away, keep the rest out of later collections, and move it into huge pages.

    A collection would write to every object, and so copy its page, in each child. A huge page is
    one entry of the table that a fork copies and an exit takes down, not 512.
    """
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError):  # a /proc that shows nothing
        for place in _huge_places(Path("/proc/self/maps").read_text("utf-8", "replace")):
            _libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(_HUGE), _MADV_COLLAPSE)


def _huge_places(maps: str) -> Iterator[int]:
    """Addresses at which 2 MiB of heap or other nameless memory lie aligned in ``maps``."""
    for line in maps.splitlines():
        found = re.fullmatch(r"(\w+)-(\w+) rw-p \S+ \S+ 0\s*(\[heap\])?", line)
        if found:
            start, end = (int(address, 16) for address in found.group(1, 2))
            yield from range(-(-start // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE)
