"""What the command line asks of this room: words into settings, then one function each."""

import importlib
import math
import sys
from pathlib import Path
from typing import Any

from course_utils.grading.settings import Settings

MIN_KEY, MAX_KEY = 16, 4096
_COMMANDS = {  # module and function
    "grade": ("grade", "grade"),
    "report": ("report", "report"),
    "export": ("exports", "export"),
    "class": ("classroom.generate", "make_class"),
}


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
    if not math.isfinite(seconds):
        return _refuse(f"--seconds must be a number, not {seconds}")
    try:
        key = None if class_key is None else read_key(class_key)
    except (OSError, ValueError) as bad:
        return _refuse(f"the class key {class_key} cannot be used: {bad}")
    settings = Settings(workers=workers, cpu=seconds, wall=6 * seconds, class_key=key, trust=trust)
    return call("grade", submitted, set_name, out, settings, journal=journal)


def call(command: str, *words: Any, **named: Any) -> int:
    """Call ``course COMMAND``'s function; one sentence where its packages are not installed."""
    room, name = _COMMANDS[command]
    try:
        module = importlib.import_module(f"course_utils.grading.{room}")
    except ImportError as missing:
        why = f"{missing.name} is missing: install the course with pip install '.[grading]'"
        return _refuse(why, command)
    return getattr(module, name)(*words, **named)


def read_key(path: Path) -> bytes:
    """The class key in a file, without white space around it. Raises `ValueError`, `OSError`."""
    key = path.read_bytes()[: MAX_KEY + 1].strip()
    if not MIN_KEY <= len(key) <= MAX_KEY:
        raise ValueError(f"it has {len(key)} bytes; {MIN_KEY} to {MAX_KEY} are wanted")
    return key


def _refuse(why: str, command: str = "grade") -> int:
    print(f"course {command}: {why}.", file=sys.stderr)
    return 2
