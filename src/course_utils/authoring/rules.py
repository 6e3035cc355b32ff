"""The rules for the code of a problem set that keep grades right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from course_utils.authoring import calls
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.parts import Part
from course_utils.authoring.text import Cell
from course_utils.problem_sets import names

BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"
END_HIDDEN = "### END HIDDEN TESTS"
BEGIN_SOLUTION = "### BEGIN SOLUTION"
END_SOLUTION = "### END SOLUTION"
HINT = re.compile(r"\s*#\s*hint:\s*(\S.*?)\s*$")


def check_cells(parts: Sequence[Part], path: str) -> None:
    """Hold every code cell of a problem set to the rules that need no other cell.

    Raises:
        AuthoringError: a cell is no plain Python, imports ``*``, or has markers where none belong.
    """
    for part in parts:
        if part.cell.kind == "code" and part.role != "manual":
            check_python(part.cell, path)
            line = calls.star_import_line(part.cell.source)
            if line:
                raise AuthoringError(
                    "import names one by one: what 'import *' brings cannot be declared",
                    path,
                    part.cell.line + line - 1,
                )
        if part.role not in ("solution", "manual"):
            _absent(part, BEGIN_SOLUTION, "a solution or manual cell", path)
        if part.role != "checks":
            _absent(part, BEGIN_HIDDEN, "a checks cell", path)
    for part in parts:
        if part.role == "solution":
            _check_solution(part, path)


def check_python(cell: Cell, path: str) -> None:
    """Complain about a code cell that is not plain Python."""
    line = names.magic_line(cell.source)
    if line is not None:
        raise AuthoringError(
            "magics and shell commands do not run in the grader; use plain Python",
            path,
            cell.line + line,
        )
    try:
        compile(cell.source, path, "exec")
    except SyntaxError as error:
        line = cell.line + (error.lineno or 1) - 1
        raise AuthoringError(f"this is not Python: {error.msg}", path, line) from error


def _absent(part: Part, marker: str, where: str, path: str) -> None:
    for number, line in enumerate(part.cell.source.split("\n")):
        if marker.lstrip("# ") in line:
            raise AuthoringError(f"'{marker}' belongs in {where}", path, part.cell.line + number)


def _region(cell: Cell, begin: str, end: str, path: str) -> tuple[int, int] | None:
    """Return the line indices of the one region between two markers, or None without one."""
    lines = cell.source.split("\n")
    begins = [i for i, line in enumerate(lines) if begin.lstrip("# ") in line]
    ends = [i for i, line in enumerate(lines) if end.lstrip("# ") in line]
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0]:
        line = cell.line + (begins + ends)[0]
        raise AuthoringError(f"a cell has one '{begin}' and, below it, one '{end}'", path, line)
    return begins[0], ends[0]


def _check_solution(part: Part, path: str) -> None:
    lines = part.cell.source.split("\n")
    depth = 0
    for number, line in enumerate(lines):
        depth += ("BEGIN SOLUTION" in line) - ("END SOLUTION" in line)
        if depth not in (0, 1):
            raise AuthoringError(
                f"'{BEGIN_SOLUTION}' and '{END_SOLUTION}' must alternate",
                path,
                part.cell.line + number,
            )
    if depth:
        raise AuthoringError(f"'{END_SOLUTION}' is missing", path, part.cell.line + len(lines) - 1)
    if BEGIN_SOLUTION.lstrip("# ") not in part.cell.source:
        raise AuthoringError(
            f"a solution cell needs '{BEGIN_SOLUTION}' and '{END_SOLUTION}'", path, part.cell.line
        )


def hold_check_cell(
    answer: Part, parts: Sequence[Part], defines: Sequence[str], path: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hold a check cell to its rules; return its hints and the names it may use.

    Args:
        answer: the check cell.
        parts: every cell of the set.
        defines: the names of its task.
        path: the text, for messages.

    Raises:
        AuthoringError: it uses an undeclared name, binds one that is not private, compares without
            ``checks``, draws the visible inputs from a class key, or lacks a visible part, a hidden
            part or a hint.
    """
    before = parts[: [part.id for part in parts].index(answer.id)]
    if any(p.task == answer.task and p.role == "solution" for p in parts[len(before) :]):
        raise AuthoringError(
            f"the check cell of {answer.task!r} stands above its solution", path, answer.cell.line
        )
    given = [part.cell.source for part in before if part.role == "given"]
    declared = tuple(dict.fromkeys([*_given_names(before), *defines]))
    _check_names(answer, declared, path)
    _check_private(answer, path)
    _check_comparisons(answer, path)
    checkers = calls.check_names("\n".join([*given, answer.cell.source]))
    checkers |= calls.functions_calling(answer.cell.source, checkers)
    return _hints(answer, checkers, path), declared


def _given_names(before: Sequence[Part]) -> list[str]:
    """Return what given cells bind, but not what they compute from a student's answer."""
    answers: set[str] = set()
    declared: list[str] = []
    for part in before:
        if part.cell.kind != "code" or part.role in ("checks", "manual"):
            continue
        bound = names.bound(part.cell.source)
        if part.role == "solution" or answers & set(names.free(part.cell.source)):
            answers |= set(bound)
        else:
            declared += bound
    return declared


def _check_names(answer: Part, declared: Sequence[str], path: str) -> None:
    for missing, line in names.free(answer.cell.source).items():
        if missing not in declared:
            raise AuthoringError(
                f"the check cell of {answer.task!r} uses {missing!r}, which no solution cell of "
                "this task and no given cell that stands on its own defines",
                path,
                answer.cell.line + line - 1,
            )


def _check_private(answer: Part, path: str) -> None:
    """A check cell runs among a student's own names: what it binds must not be one of them."""
    lines = answer.cell.source.split("\n")
    for name in names.bound(answer.cell.source):
        if not name.startswith("_"):
            first = next(i for i, line in enumerate(lines) if re.search(rf"\b{name}\b", line))
            raise AuthoringError(
                f"the check cell of {answer.task!r} binds {name!r}, which a student's own code may "
                f"use: call it '_{name}' (an import: 'as _{name}')",
                path,
                answer.cell.line + first,
            )


def _check_comparisons(answer: Part, path: str) -> None:
    bare = calls.bare_comparison(answer.cell.source)
    if bare:
        raise AuthoringError(
            f"compare answers with course_utils.checks, not with {bare[1]}: it explains what is "
            "wrong and cannot be fooled",
            path,
            answer.cell.line + bare[0] - 1,
        )


def _hints(answer: Part, checkers: set[str], path: str) -> tuple[str, ...]:
    """Return the hints of the hidden part; complain if one of the two parts is not there."""
    cell, task = answer.cell, answer.task
    region = _region(cell, BEGIN_HIDDEN, END_HIDDEN, path)
    if region is None:
        raise AuthoringError(
            f"the check cell of {task!r} has no hidden part ('{BEGIN_HIDDEN}')", path, cell.line
        )
    lines = cell.source.split("\n")
    begin, end = region
    visible, hidden = lines[:begin], lines[begin + 1 : end]
    if any(line.strip() for line in lines[end + 1 :]):
        raise AuthoringError(
            "the hidden part ends the check cell; nothing may follow it", path, cell.line + end + 1
        )
    drawn = [number for number, line in enumerate(visible) if "checks.rng(" in line]
    if drawn:
        raise AuthoringError(
            "the visible part draws with checks.visible_rng, so that what it says is about numbers "
            "that the student has seen; checks.rng is for the hidden part",
            path,
            cell.line + drawn[0],
        )
    for part, start, name in ((visible, 0, "visible"), (hidden, begin + 1, "hidden")):
        if not _compares("\n".join(part), checkers):
            raise AuthoringError(
                f"the {name} part of the check cell of {task!r} checks nothing: call a function "
                "of course_utils.checks",
                path,
                cell.line + start,
            )
    code = next(i for i, line in enumerate(hidden) if line.strip() and line.strip()[0] != "#")
    hints = [match[1] for match in map(HINT.match, hidden) if match]
    if not any(map(HINT.match, hidden[:code])):
        raise AuthoringError(
            "a hidden part begins with '# hint: …', the only words a student sees of it",
            path,
            cell.line + begin + 1 + code,
        )
    return tuple(hints)


def _compares(source: str, checkers: set[str]) -> bool:
    try:
        return calls.calls(source, checkers)
    except SyntaxError:
        # A part that is no statement of its own cannot be run by the student either.
        return False
