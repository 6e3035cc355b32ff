"""What the command line asks of this room: words into settings, then one function each."""

import math
import sys
from pathlib import Path

from course_utils.grading.settings import Settings

MIN_KEY, MAX_KEY = 16, 4096


def grade_class(
    submitted: Path,
    set_name: str,
    out: Path,
    workers: int,
    seconds: float,
    class_key: Path | None,
    journal: str | None,
    trust: bool,
) -> int:
    """`grade.grade` with the command line's words; the exit code."""
    try:
        from course_utils.grading.grade import grade
    except ImportError as missing:
        return _refuse(
            f"{missing.name} is missing: install the course with pip install '.[grading]'"
        )
    if not math.isfinite(seconds):
        return _refuse(f"--seconds must be a number, not {seconds}")
    try:
        key = None if class_key is None else read_key(class_key)
    except (OSError, ValueError) as bad:
        return _refuse(f"the class key {class_key} cannot be used: {bad}")
    settings = Settings(workers=workers, cpu=seconds, wall=6 * seconds, class_key=key, trust=trust)
    return grade(submitted, set_name, out, settings, journal=journal)


def read_key(path: Path) -> bytes:
    """The class key in a file, without white space around it. Raises `ValueError`, `OSError`."""
    key = path.read_bytes()[: MAX_KEY + 1].strip()
    if not MIN_KEY <= len(key) <= MAX_KEY:
        raise ValueError(f"it has {len(key)} bytes; {MIN_KEY} to {MAX_KEY} are wanted")
    return key


def _refuse(why: str) -> int:
    print(f"course grade: {why}.", file=sys.stderr)
    return 2
