"""Runs one check cell in a namespace of its own, and finds the words for how it ended.

A check may use names of locked cells, of its own task and its own imports. What fails in the hidden
part is named by the nearest hint above it and by nothing else.
"""

import ast
import builtins
import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from types import CodeType, TracebackType
from typing import Any

from course_utils.problem_sets import names as names_of
from course_utils.problem_sets.limits import ROOMS
from course_utils.problem_sets.release import Release, Task

_BEGIN, _END, _HINT = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "# hint:"
_FILE = "<check cell>"


@dataclass(frozen=True)
class CheckCell:
    """A check cell, compiled, with the locked cells that it needs."""

    task: Task
    source: str
    code: CodeType
    given: tuple[CodeType, ...]

    @cached_property
    def _lines(self) -> list[str]:
        return self.source.splitlines()

    @cached_property
    def _hidden(self) -> range:
        starts = [i for i, line in enumerate(self._lines, 1) if line.strip() == _BEGIN]
        ends = [i for i, line in enumerate(self._lines, 1) if line.strip() == _END]
        return range(starts[0], ends[-1] + 1) if starts and ends else range(0)

    def run(self, bound: dict[str, Any], names: dict[str, Any]) -> None:
        """Run the cell with the student's names ``bound``; what it raises passes through.

        ``names`` is filled with the namespace, which starts from the locked cells.
        """
        names.update({"__name__": "__main__", "__builtins__": builtins})
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            for code in self.given:
                _run_given(code, names)
            names.update(bound)
            exec(self.code, names)

    def hidden(self, trace: TracebackType | None) -> bool:
        """True where the failure happened in, or was called from, the hidden part."""
        return any(line in self._hidden for line in _cell_lines(trace))

    def hint(self, trace: TracebackType | None) -> str | None:
        """The hint nearest above the failing line of the hidden part."""
        lines = [line for line in _cell_lines(trace) if line in self._hidden]
        for line in range(lines[-1] if lines else 0, self._hidden.start, -1):
            text = self._lines[line - 1].strip()
            if text.startswith(_HINT):
                return text.removeprefix(_HINT).strip()
        return None


def _cell_lines(trace: TracebackType | None) -> list[int]:
    """Lines of the check cell in a traceback, from the outermost inwards."""
    lines = []
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines


def _run_given(code: CodeType, names: dict[str, Any]) -> None:
    """Run a locked cell. One that shows the student's work fails here, where that is missing."""
    try:
        exec(code, names)
    except Exception:  # noqa: BLE001 - the release's cell may call what only the jail has
        return


def compile_checks(release: Release) -> dict[str, CheckCell]:
    """Every check of a release, ready to run."""
    order = {cell.id: place for place, cell in enumerate(release.cells)}
    sources = {cell.id: cell.source for cell in release.cells}
    checks = {}
    for task in release.tasks:
        if not task.manual:
            source = sources[task.check]
            given = _needed(release, source, order[task.check])
            code = compile(source, _FILE, "exec")
            checks[task.name] = CheckCell(task, source, code, given)
    return checks


def _needed(release: Release, source: str, place: int) -> tuple[CodeType, ...]:
    """Locked cells before ``place`` whose names the check uses, directly or through each other."""
    wanted, chosen = names_of.asked(source), []
    for cell in reversed(release.cells[:place]):
        if cell.role == "given" and cell.kind == "code":
            text = names_of.plain(cell.source)
            if wanted.intersection(names_of.bound(text)):
                wanted |= names_of.asked(text)
                chosen.append(compile(text, f"<{cell.id}>", "exec"))
    return tuple(reversed(chosen))


def imports(release: Release, roles: tuple[str, ...]) -> list[str]:
    """Modules that the release's cells of these roles import, or may import."""
    found = set()
    for cell in release.cells:
        if cell.kind == "code" and cell.role in roles:
            found |= names_of.modules(names_of.plain(cell.source))
    return sorted(found)


def rooms(release: Release) -> list[str]:
    """What student code may import of course_utils: ``data.text`` is there where it was given."""
    given = [name.split(".") for name in imports(release, ("given",))]
    data = {
        f"data.{path[2]}" for path in given if path[:2] == ["course_utils", "data"] and path[2:]
    }
    return [*ROOMS, *sorted(data), *(["data.arguments"] if data else [])]


def attributes(release: Release, roles: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs of module and name, ``course_utils.nn`` and ``rnn_step``, that the cells ask for."""
    trees = [
        ast.parse(names_of.plain(cell.source))
        for cell in release.cells
        if cell.kind == "code" and cell.role in roles
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    known: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            known |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = {alias.asname or alias.name: alias.name for alias in node.names}
            known |= {name: f"{node.module}.{home}" for name, home in full.items()}
    used = {
        (node.value.id, node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return sorted((known[name], attribute) for name, attribute in used if name in known)
