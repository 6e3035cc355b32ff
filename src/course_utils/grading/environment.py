"""What a verdict depends on besides the submission and the task: code, packages, limits, key."""

import hashlib
import json
import platform
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from course_utils.grading.settings import Settings
from course_utils.problem_sets.release import Release

_PACKAGE = Path(__file__).resolve().parents[1]
_DECIDING = (
    "checks", "data", "experiments", "figures", "nn", "problem_sets",
    "grading/checker", "grading/jail", "grading/wire",
)  # fmt: skip


def describe(release: Release, settings: Settings) -> str:
    """A hash: the same environment grades the same bytes to the same points."""
    key = settings.class_key or b""
    limits = asdict(settings)
    for name in ("class_key", "workers", "warm"):
        limits.pop(name)
    parts = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: _version(name) for name in sorted({*release.requires, "ipython"})},
        "code": _code(),
        "limits": limits,
        "key": hashlib.sha256(b"class key" + key).hexdigest(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _code() -> str:
    digest = hashlib.sha256()
    for room in _DECIDING:
        for path in sorted((_PACKAGE / room).rglob("*.py")):
            digest.update(str(path.relative_to(_PACKAGE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
