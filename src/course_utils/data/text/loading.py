"""Any text, from a file or an address: checked, cached, and fetched again from where it stopped."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from course_utils.data.arguments import real, whole


class TextSourceError(OSError):
    """A text that could not be had, or is not the one that was wanted."""


def load_text(
    source: str | os.PathLike[str],
    *,
    sha256: str | None = None,
    encoding: str = "utf-8",
    cache: str | os.PathLike[str] | None = None,
    attempts: int = 3,
    timeout: float = 20.0,
    most_bytes: int = 200_000_000,
) -> str:
    """The text of a file, or of an http or https address.

    What comes from an address is kept in `cache` and read from there the next time, without a
    network. A transfer that breaks off is taken up again where it stopped, if the server can do so
    and still has the same file; otherwise it starts afresh.

    Parameters
    ----------
    source : path, or address beginning with http:// or https://
    sha256 : hexadecimal hash that the bytes must have
    encoding : of the bytes
    cache : folder for fetched files; by default `learning-to-remember` in the user's cache
    attempts : how often to try an address
    timeout : seconds without an answer after which an attempt is given up
    most_bytes : larger texts are refused

    Raises
    ------
    TextSourceError
        If the source cannot be read, is too large, is not in `encoding`, or has another hash.
    TypeError, ValueError
        For a bad argument, named in the message.
    """
    attempts, most_bytes = whole("attempts", attempts), whole("most_bytes", most_bytes)
    timeout = real("timeout", timeout, above=0.0)
    if sha256 is not None and not (isinstance(sha256, str) and len(sha256) == 64):
        raise ValueError(f"sha256 must be 64 hexadecimal digits; got {sha256!r}")
    address = isinstance(source, str) and urlsplit(source).scheme in ("http", "https")
    if address:
        path = _cached(str(source), Path(cache) if cache else _cache_folder())
        if not path.exists():
            from course_utils.data.text.fetching import fetch  # heavy, and rarely needed

            fetch(str(source), path, attempts, timeout, most_bytes)
    else:
        path = Path(source)
    data = _read(path, most_bytes)
    if sha256 is not None:
        _check_hash(source, path, data, sha256.lower(), remove=address)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TextSourceError(
            f"{source} is not a text in {encoding}: byte {error.start} does not fit; "
            "give its encoding"
        ) from error


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "learning-to-remember"


def _cached(address: str, folder: Path) -> Path:
    """Where the text of an address is kept: its hash, and a name that people recognise."""
    name = "".join(
        c if c.isalnum() or c in "._-" else "_" for c in Path(urlsplit(address).path).name
    )
    return folder / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}-{name[-80:] or 'text'}"


def _read(path: Path, most_bytes: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > most_bytes:
            raise TextSourceError(f"{path} has {size} bytes; at most {most_bytes} are read")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise TextSourceError(f"there is no file {path}") from error
    except (IsADirectoryError, PermissionError) as error:
        raise TextSourceError(f"{path} cannot be read: {error.strerror}") from error


def _check_hash(source: object, path: Path, data: bytes, wanted: str, *, remove: bool) -> None:
    got = hashlib.sha256(data).hexdigest()
    if got == wanted:
        return
    if remove:
        path.unlink()
    raise TextSourceError(
        f"{source} is not the text that was wanted: its sha256 is {got}, not {wanted}"
        + ("; the cached copy was removed" if remove else "")
    )
