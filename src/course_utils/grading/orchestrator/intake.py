"""Finds and opens submissions: once, no links, regular files only, capped.

The bytes that are graded are archived by their hash.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading.files import write_bytes
from course_utils.grading.orchestrator.archives import ArchiveError, notebooks
from course_utils.grading.orchestrator.recognise import content
from course_utils.problem_sets.limits import MAX_BYTES, too_large
from course_utils.problem_sets.release import Release

MAX_READ = 5 * MAX_BYTES  # of all files of one student
MAX_FILES = 500
DEPTH = 3  # folders below the student's
KINDS = (".ipynb", ".json", ".txt", ".zip")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True)
class Submission:
    """What one student handed in: the bytes, or sentences that say why there are none.

    Beside the bytes, ``problem`` says where they were found, if that was not where it should be.
    """

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


def may_have_handed_in(folder: Path, student: str, set_name: str) -> bool:
    """False where nothing in the student's folder can be of this set, by the names alone."""
    own = folder / student
    try:
        if student == set_name:  # then ``folder`` is a student's
            return False
        if own.is_symlink():
            return True
        names = [one.name for one in own.iterdir() if not one.name.startswith(".")]
        return any(
            name == set_name or not _is_folder(own / name) or _holds_files(own / name)
            for name in names
        )
    except OSError:
        return True


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _holds_files(folder: Path) -> bool:
    return any(not _is_folder(one) for one in folder.iterdir())


def strays(folder: Path) -> list[str]:
    """Notebooks and archives that lie in no student's folder: whose they are is not known."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if not entry.name.startswith(".")]
    kinds = (".ipynb", ".ipynb.txt", ".zip")
    return sorted(
        name for name in names if name.lower().endswith(kinds) and not (folder / name).is_dir()
    )


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


def open_submission(
    folder: Path, student: str, release: Release, untouched: bytes
) -> Submission | None:
    """Find and read what a student handed in of a set; None where there is nothing of it.

    The file ``folder/student/set/set.ipynb`` is looked for first. Under another name, in another
    folder of the student's or in a zip archive, a notebook counts where it belongs to the set for
    certain and no other does: one as it was handed out, or equal to it, is no other.
    """
    try:
        with _folder(folder, None) as top, _folder(student, top) as own:
            found = _Search(release, untouched)
            found.look(own, "", DEPTH)
            return found.submission(student)
    except _RefusedError as why:
        return Submission(student, None, str(why))
    except OSError as bad:
        return Submission(student, None, f"The submission cannot be opened: {bad.strerror}.")


@dataclass(frozen=True)
class _Candidate:
    place: str
    raw: bytes
    cells: tuple[str, ...] | None


class _Search:
    """What lies in a student's folder, as far as this set is concerned."""

    def __init__(self, release: Release, untouched: bytes) -> None:
        self.release = release
        self.right = f"{release.name}/{release.notebook}"
        original = content(untouched, release)
        self.untouched = original and original.cells
        self.entries, self.room = 0, MAX_READ
        self.asked = False  # there is a folder of this set, whatever lies there
        self.candidates: list[_Candidate] = []
        self.problems: dict[str, str] = {}  # of files that cannot be used, by place

    def look(self, folder: int, prefix: str, depth: int) -> None:
        """Take in the files of an open folder, and of those in it."""
        ours = prefix.split("/")[0].casefold() == self.release.name.casefold()
        self.asked |= prefix == f"{self.release.name}/"
        inside = ours or not prefix  # a folder of another name is looked into, not those in it
        for name in sorted(os.listdir(folder)):
            self.entries += 1
            if self.entries > MAX_FILES:
                raise _RefusedError(f"More than {MAX_FILES} files were handed in.")
            place = f"{prefix}{name}"
            if place != self.right and name.startswith((".", "__MACOSX")):
                continue
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if place == self.release.name or (
                stat.S_ISDIR(mode) and place != self.right and depth and inside
            ):
                with _folder(name, folder) as inner:
                    self.look(inner, f"{place}/", depth - 1)
            elif place == self.right or not stat.S_ISDIR(mode):
                self._take(folder, name, place, meant=ours or not prefix)

    def _take(self, folder: int, name: str, place: str, *, meant: bool) -> None:
        """Read a file that may be a notebook; ``meant`` ones are spoken of if they are none."""
        kind = Path(name).suffix.lower()
        try:
            if place != self.right and kind not in KINDS:
                raise _RefusedError("It is no notebook.")
            raw = _read(name, folder)
            self.room -= len(raw)
            if self.room < 0:
                raise _RefusedError(f"All files together have over {MAX_READ // 2**20} MB.")
            inner = notebooks(raw, MAX_BYTES) if kind == ".zip" else {}
        except (_RefusedError, ArchiveError) as why:
            if meant:
                self.problems[place] = str(why)
            return
        found = {f"{place}/{one}": data for one, data in inner.items()}
        for where, data in (found if kind == ".zip" else {place: raw}).items():
            self._consider(where, data, meant=meant)

    def _consider(self, place: str, raw: bytes, *, meant: bool) -> None:
        found = content(raw, self.release)
        if place == self.right or (found and found.set == self.release.name):
            self.candidates.append(_Candidate(place, raw, found and found.cells))
        elif found and found.set and not place.startswith(f"{self.release.name}/"):
            return  # another set's, in a folder for all of them
        elif meant:
            self.problems[place] = (
                "It is a notebook, but not one of this set." if found else "It cannot be read."
            )

    def submission(self, student: str) -> Submission | None:
        """The one notebook that counts. Raises `_RefusedError` where that is not certain."""
        if self.right in self.problems:
            raise _RefusedError(self.problems[self.right])
        if self.candidates:
            one = self._only()
            remark = "" if one.place == self.right else f"Found as {printable(one.place)}."
            return Submission(student, one.raw, remark)
        if self.problems:
            found = " ".join(f"{printable(p)}: {why}" for p, why in [*self.problems.items()][:5])
            raise _RefusedError(f"There is no file {self.release.notebook}. {found}")
        if self.asked:
            raise _RefusedError(f"There is no file {self.release.notebook} in the hand-in folder.")
        return None

    def _only(self) -> _Candidate:
        rightly = sorted(self.candidates, key=lambda one: one.place != self.right)
        worked = [one for one in rightly if one.cells is None or one.cells != self.untouched]
        different: dict[object, _Candidate] = {}
        for one in worked or rightly:
            different.setdefault(one.raw if one.cells is None else one.cells, one)
        if len(different) > 1:
            places = ", ".join(printable(one.place) for one in different.values())
            raise _RefusedError(f"There are different notebooks of this set: {places}.")
        return next(iter(different.values()))


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


def _read(file_name: str, place: int) -> bytes:
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
    return raw


def archive(submission: Submission, folder: Path) -> None:
    """Keep the bytes under their hash; what is there already is the same."""
    path = folder / f"{submission.sha256}.ipynb"
    if not path.exists():
        write_bytes(path, submission.raw)
