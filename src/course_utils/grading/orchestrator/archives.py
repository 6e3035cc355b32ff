"""Reads the notebooks in a zip archive: in memory, one level, capped; no path is followed."""

import io
import zipfile
import zlib

MAX_ENTRIES = 500
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others take as much memory as they say
_ENTRY = b"PK\x01\x02"  # how each line of an archive's table of contents begins


class ArchiveError(Exception):
    """The archive cannot be used: one sentence."""


def notebooks(raw: bytes, most: int) -> dict[str, bytes]:
    """The notebooks in an archive by name, ``most`` bytes in all. Raises `ArchiveError`."""
    if raw.count(_ENTRY) > MAX_ENTRIES:
        raise ArchiveError(f"The archive holds more than {MAX_ENTRIES} files.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _read(archive, most)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as bad:
        raise ArchiveError("The archive cannot be read.") from bad
    except (RuntimeError, NotImplementedError) as bad:  # a password, an unknown compression
        raise ArchiveError("The archive has a password or is packed in an unknown way.") from bad


def _read(archive: zipfile.ZipFile, most: int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    room = most
    for entry in archive.infolist():
        hidden = any(part.startswith((".", "__MACOSX")) for part in entry.filename.split("/"))
        if hidden or not entry.filename.lower().endswith(".ipynb"):
            continue
        if entry.compress_type not in _PACKED:
            raise ArchiveError("The archive is packed in an unusual way.")
        with archive.open(entry) as file:
            data = file.read(room + 1)  # what the table of contents says of a size is not believed
        room -= len(data)
        if room < 0:
            raise ArchiveError(f"The archive unpacks to more than {most // 2**20} MB.")
        found[entry.filename] = data
    return found
