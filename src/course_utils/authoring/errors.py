"""What authoring says when a text cannot be made: one sentence with its file and line."""

from __future__ import annotations


class AuthoringError(Exception):
    """A text, or what is made of it, is not as it should be. Shown as ``path:line: message``."""

    def __init__(self, message: str, path: str, line: int | None = None, detail: str = "") -> None:
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {message}")
        self.message = message
        self.path = path
        self.line = line
        self.detail = detail


class UsageError(Exception):
    """A name or a folder given on the command line does not exist."""
