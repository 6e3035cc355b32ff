"""Which installed packages student code may import: a few, and what those need.

Otherwise a right answer would depend on what else an instructor happens to have installed.
"""

from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(names: Iterable[str]) -> set[str]:
    """These distributions and, as far as they are installed, all that they require."""
    found: set[str] = set()
    waiting = [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        wanted = [Requirement(one) for one in required]
        waiting += [
            canonicalize_name(one.name)
            for one in wanted
            if one.marker is None or one.marker.evaluate({"extra": ""})
        ]
    return found


@cache
def modules(names: tuple[str, ...]) -> frozenset[str]:
    """The modules that one may import of these distributions and of all that they require."""
    wanted = needed(names)
    return frozenset(
        module
        for module, owners in metadata.packages_distributions().items()
        if wanted & {canonicalize_name(owner) for owner in owners}
    )


def entries(names: Iterable[str]) -> set[Path]:
    """Files and folders, directly below their site folder, of these and of all that they require.

    Empty where a distribution does not say which files it has (a system's own package, for one):
    then nothing can be told apart.
    """
    found: set[Path] = set()
    for name in needed(names):
        distribution = metadata.distribution(name)
        if distribution.files is None:
            return set()
        site = Path(str(distribution.locate_file("")))
        for file in distribution.files:
            first = file.parts[0]
            if first not in ("..", "__pycache__"):
                found.add(site / first)
    return {entry for entry in found if entry.exists()}
