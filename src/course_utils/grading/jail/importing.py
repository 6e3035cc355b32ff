"""Hides installed modules where no walls do: an import of them finds nothing."""

import sys
from collections.abc import Sequence
from typing import Any


class _Only:
    """A finder that finds ``modules`` only, by their first name; of our package, some rooms."""

    def __init__(self, finder: Any, modules: frozenset[str], rooms: frozenset[str]) -> None:
        self._finder, self._modules, self._rooms = finder, modules, rooms

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        first, _, rest = name.partition(".")
        if first not in self._modules:
            return None
        if first == "course_utils" and rest and not _within(rest, self._rooms):
            return None
        return self._finder.find_spec(name, path, target)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)


def _within(name: str, rooms: frozenset[str]) -> bool:
    """Whether a module is one of these, in one of these, or has one of these in it."""
    return any(f"{name}.".startswith(f"{one}.") or one.startswith(f"{name}.") for one in rooms)


def only(modules: Sequence[str], rooms: Sequence[str]) -> None:
    """From now on, find Python's own modules, ``modules``, and ``rooms`` of course_utils.

    What was imported before and may not be found any more is forgotten, but for this program.
    """
    allowed = frozenset([*modules, *sys.stdlib_module_names, "course_utils"])
    shown = frozenset([*rooms, "grading"])
    sys.meta_path[:] = [_Only(finder, allowed, shown) for finder in sys.meta_path]
    package = sys.modules.get("course_utils")
    for name in [name for name in sys.modules if name.startswith("course_utils.")]:
        if not _within(name.partition(".")[2], shown):
            owner, _, last = name.rpartition(".")
            del sys.modules[name]
            vars(sys.modules.get(owner, package)).pop(last, None)
