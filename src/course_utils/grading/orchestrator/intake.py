"""Opens submissions: once, no links, regular files only, capped; archives bytes by their hash."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading.files import write_bytes
from course_utils.problem_sets.limits import MAX_BYTES, too_large

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True)
class Submission:
    """What one student handed in: the bytes, or one sentence that says why there are none."""

    student: str
    raw: bytes | None
    problem: str = ""

    @property
    def sha256(self) -> str | None:
        """Hash of the bytes."""
        return None if self.raw is None else hashlib.sha256(self.raw).hexdigest()


def students(folder: Path) -> list[str]:
    """Names of the student folders, sorted; hidden ones and files are none.

    Raises `OSError` where the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        names = [
            entry.name
            for entry in entries
            if not entry.name.startswith(".")
            and (entry.is_symlink() or entry.is_dir(follow_symlinks=False))
        ]
    return sorted(names)


def handed_in(folder: Path, student: str, set_name: str) -> bool:
    """True where the student's folder has this set, or must be looked at to say why not."""
    try:
        (folder / student / set_name).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return (folder / student).is_symlink()
    except OSError:
        return True
    return True


def printable(name: str) -> str:
    """A student's name for files that people read: file names may be any bytes.

    Different names stay different: two students under one name would stop the batch.
    """
    return "".join(c if c.isprintable() and c != "\\" else _escaped(c) for c in name)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python names it
        return f"\\x{code - 0xDC00:02x}"
    return "\\\\" if character == "\\" else f"\\u{{{code:x}}}"


def open_submission(folder: Path, student: str, set_name: str, file_name: str) -> Submission | None:
    """Read ``folder/student/set_name/file_name``; None where this set was not handed in."""
    try:
        with _folder(folder, None) as top, _folder(student, top) as own:
            try:
                with _folder(set_name, own) as place:
                    return _read(student, file_name, place)
            except FileNotFoundError:
                return None
    except _RefusedError as why:
        return Submission(student, None, str(why))
    except OSError as bad:
        return Submission(student, None, f"The submission cannot be opened: {bad.strerror}.")


class _RefusedError(Exception):
    """A sentence for the student."""


@contextmanager
def _folder(name: str | Path, parent: int | None) -> Iterator[int]:
    try:
        # The folder of all submissions is the instructor's: it may be reached through a link.
        flags = _FOLDER if parent is not None else _FOLDER & ~os.O_NOFOLLOW
        descriptor = os.open(name, flags, dir_fd=parent)
    except NotADirectoryError as bad:
        raise _RefusedError("The submission's folder is a link or no folder at all.") from bad
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(student: str, file_name: str, place: int) -> Submission:
    try:
        descriptor = os.open(file_name, _FILE, dir_fd=place)
    except FileNotFoundError:
        raise _RefusedError(f"There is no file {file_name} in the hand-in folder.") from None
    except OSError as bad:
        raise _RefusedError("The file is a link or cannot be opened; hand in a copy.") from bad
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _RefusedError("What was handed in is no regular file.")
        refused = too_large(status.st_size)
        if refused:
            raise _RefusedError(refused)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(raw) > MAX_BYTES:
        raise _RefusedError("The file grew while it was read.")
    return Submission(student, raw)


def archive(submission: Submission, folder: Path) -> None:
    """Keep the bytes under their hash; what is there already is the same."""
    path = folder / f"{submission.sha256}.ipynb"
    if not path.exists():
        write_bytes(path, submission.raw)
