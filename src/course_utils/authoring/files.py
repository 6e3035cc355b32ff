"""Write made files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from course_utils.authoring.errors import AuthoringError


@contextmanager
def writable(root: Path, names: tuple[str, ...]) -> Iterator[None]:
    """Make sure that the folders of the files ``names`` can be written, before any long work.

    Folders that were made for it disappear again if nothing came into them.

    Raises:
        AuthoringError: a folder cannot be made or written.
    """
    folders = sorted({(root / name).parent for name in names})
    for folder in folders:
        with _located(folder.relative_to(root).as_posix()):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
    try:
        yield
    finally:
        for folder in folders:
            for each in (folder, *folder.parents):
                if each == root or any(each.iterdir()):
                    break
                with suppress(OSError):
                    each.rmdir()


def write(root: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write the files that differ from what is there; return their names.

    Raises:
        AuthoringError: a file cannot be written. Files are replaced one by one, each whole.
    """
    written = []
    for name, content in files.items():
        path = root / name
        with _located(name):
            if path.is_file() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
        written.append(name)
    return written


def _replace(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        # mkstemp keeps files private; made files are as readable as their folder.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def _located(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AuthoringError(f"cannot be written: {error.strerror or error}", name) from error
