"""Writes files whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to a temporary name beside ``path``, then put it in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)  # noqa: PTH101 - the name is mkstemp's
        os.replace(name, path)  # noqa: PTH105
    except OSError:
        os.unlink(name)  # noqa: PTH108
        raise


def write_text(path: Path, text: str) -> None:
    """`write_bytes` for text, as UTF-8; characters that UTF-8 has no code for are escaped."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))
