"""A problem set's short tags → roles, tasks and identifiers, with the rules that keep grades right."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from course_utils.authoring import names
from course_utils.authoring.book import plain
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.tags import read_tags
from course_utils.authoring.text import Cell, Text

BEGIN_HIDDEN = "### BEGIN HIDDEN TESTS"
END_HIDDEN = "### END HIDDEN TESTS"
BEGIN_SOLUTION = "### BEGIN SOLUTION"
END_SOLUTION = "### END SOLUTION"
HINT = re.compile(r"\s*#\s*hint:\s*(\S.*?)\s*$")
MINUTES = re.compile(r"(\d+)[\s ]*min(?:ute)?s?\b")
TOTAL = 100


@dataclass(frozen=True)
class Part:
    """One cell of a problem set: ``role`` is prose, given, solution, checks or manual."""

    cell: Cell
    id: str
    role: str
    task: str | None = None
    points: int | None = None
    minutes: int | None = None
    plain_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """One task: what it is worth, what the student defines, and how it is checked."""

    name: str
    title: str
    kind: str  # "auto" or "manual"
    points: int
    minutes: int
    defines: tuple[str, ...]
    solution_cells: tuple[str, ...]
    check_cell: str | None
    hints: tuple[str, ...]
    declared: tuple[str, ...]  # the names its check cell may use


@dataclass(frozen=True)
class ProblemSet:
    """A problem set, expanded and found sound."""

    text: Text
    title: str
    parts: tuple[Part, ...]
    tasks: tuple[Task, ...]


def plain_parts(text: Text) -> tuple[Part, ...]:
    """Return the cells of a chapter with their identifiers.

    Raises:
        AuthoringError: a tag is unknown.
    """
    tags = [read_tags(cell, text.path, problem_set=False) for cell in text.cells]
    parts = [
        Part(cell, _derived(cell), "prose" if cell.kind == "markdown" else "given")
        for cell in text.cells
    ]
    parts = [replace(part, plain_tags=tag.plain) for part, tag in zip(parts, tags, strict=True)]
    return tuple(_distinct(parts))


def expand(text: Text) -> ProblemSet:
    """Read the tags of a problem set and hold it to the rules of the course.

    Raises:
        AuthoringError: the first rule that is broken, with its line.
    """
    parts = tuple(_distinct(_identified(text)))
    _check_cells(parts, text.path)
    order = list(dict.fromkeys(part.task for part in parts if part.task))
    tasks = tuple(_task(name, parts, text.path) for name in order)
    total = sum(task.points for task in tasks)
    if total != TOTAL:
        worth = ", ".join(f"{task.name} {task.points}" for task in tasks)
        raise AuthoringError(f"the points add up to {total}, not {TOTAL}: {worth}", text.path, 1)
    title = next((_heading(p.cell.source) for p in parts if _heading(p.cell.source)), text.stem)
    return ProblemSet(text, title, parts, tasks)


def _identified(text: Text) -> list[Part]:
    parts = []
    solutions: dict[str, int] = {}
    for cell in text.cells:
        tags = read_tags(cell, text.path, problem_set=True)
        role = tags.role or ("prose" if cell.kind == "markdown" else "given")
        if tags.role and not tags.task:
            raise AuthoringError(f"a {role} cell needs its task: task:<id>", text.path, cell.line)
        if role in ("checks", "manual") and tags.points is None:
            raise AuthoringError(f"a {role} cell needs points:N", text.path, cell.line)
        if role not in ("checks", "manual") and tags.points is not None:
            raise AuthoringError("points belong on a checks or manual cell", text.path, cell.line)
        if role in ("solution", "checks") and cell.kind != "code":
            raise AuthoringError(f"a {role} cell must be a code cell", text.path, cell.line)
        if role == "solution":
            solutions[tags.task] = solutions.get(tags.task, 0) + 1
            number = solutions[tags.task]
            name = tags.task if number == 1 else f"{tags.task}_{number}"
        else:
            name = {"checks": f"{tags.task}_checks", "manual": tags.task}.get(role)
        parts.append(
            Part(
                cell, name or _derived(cell), role, tags.task, tags.points, tags.minutes, tags.plain
            )
        )
    _check_identifiers(parts, text.path)
    return parts


def _check_identifiers(parts: Sequence[Part], path: str) -> None:
    seen: dict[str, Part] = {}
    for part in parts:
        if part.role in ("solution", "checks", "manual"):
            if part.id in seen:
                first = seen[part.id].cell.line
                raise AuthoringError(
                    f"the cell {part.id!r} is already there on line {first}; a task has one "
                    "check cell or one hand-marked answer, and tasks need different names",
                    path,
                    part.cell.line,
                )
            seen[part.id] = part


def _derived(cell: Cell) -> str:
    kind = "text" if cell.kind == "markdown" else "code"
    return f"{kind}-{hashlib.sha256(cell.source.encode()).hexdigest()[:10]}"


def _distinct(parts: Sequence[Part]) -> list[Part]:
    """Number the identifiers of cells with the same source: ``…``, ``…-2``, ``…-3``."""
    seen: dict[str, int] = {}
    distinct = []
    for part in parts:
        seen[part.id] = seen.get(part.id, 0) + 1
        number = seen[part.id]
        distinct.append(part if number == 1 else replace(part, id=f"{part.id}-{number}"))
    return distinct


def _check_cells(parts: Sequence[Part], path: str) -> None:
    for part in parts:
        if part.cell.kind == "code" and part.role != "manual":
            check_python(part.cell, path)
            line = names.star_import_line(part.cell.source)
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


def _task(name: str, parts: Sequence[Part], path: str) -> Task:
    own = [part for part in parts if part.task == name]
    graded = [part for part in own if part.role in ("checks", "manual")]
    if len(graded) != 1:
        raise AuthoringError(
            f"the task {name!r} needs one check cell or one hand-marked answer, it has "
            f"{len(graded)}",
            path,
            own[0].cell.line,
        )
    answer = graded[0]
    solutions = [part for part in own if part.role == "solution"]
    auto = answer.role == "checks"
    if auto and not solutions:
        raise AuthoringError(f"the task {name!r} has no solution cell", path, answer.cell.line)
    sources = [part.cell.source for part in solutions]
    defines = tuple(
        dict.fromkeys(
            defined
            for source in sources
            for defined in names.bound(source, imports=False)
            if not defined.startswith("_")
        )
    )
    hints, declared = _checked(answer, parts, defines, path) if auto else ((), ())
    return Task(
        name,
        _title(own, parts, path),
        "auto" if auto else "manual",
        answer.points or 0,
        _minutes(own, parts, path),
        defines,
        tuple(part.id for part in solutions),
        answer.id if auto else None,
        hints,
        declared,
    )


def _checked(
    answer: Part, parts: Sequence[Part], defines: Sequence[str], path: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hold a check cell to its rules; return its hints and the names it may use."""
    cell = answer.cell
    before = parts[: [part.id for part in parts].index(answer.id)]
    late = [p for p in parts if p.task == answer.task and p.role == "solution" and p not in before]
    if late:
        raise AuthoringError(
            f"the check cell of {answer.task!r} stands above its solution", path, cell.line
        )
    given = [part.cell.source for part in before if part.role == "given"]
    declared = dict.fromkeys([*(n for source in given for n in names.bound(source)), *defines])
    unknown = {n: line for n, line in names.free(cell.source).items() if n not in declared}
    for missing, line in unknown.items():
        raise AuthoringError(
            f"the check cell of {answer.task!r} uses {missing!r}, which neither a given cell nor "
            "a solution cell of this task defines",
            path,
            cell.line + line - 1,
        )
    bare = names.bare_comparison(cell.source)
    if bare:
        raise AuthoringError(
            f"compare answers with course_utils.checks, not with {bare[1]}: it explains what is "
            "wrong and cannot be fooled",
            path,
            cell.line + bare[0] - 1,
        )
    checkers = names.check_names("\n".join([*given, cell.source]))
    checkers |= names.functions_calling(cell.source, checkers)
    return _hidden_hints(cell, checkers, answer.task or "", path), tuple(declared)


def _hidden_hints(cell: Cell, checkers: set[str], task: str, path: str) -> tuple[str, ...]:
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
    for part, start, name in ((visible, 0, "visible"), (hidden, begin + 1, "hidden")):
        if not _compares("\n".join(part), checkers):
            raise AuthoringError(
                f"the {name} part of the check cell of {task!r} checks nothing: call a function "
                "of course_utils.checks",
                path,
                cell.line + start,
            )
    hints = [(number, HINT.match(line)) for number, line in enumerate(hidden)]
    found = [(number, match[1]) for number, match in hints if match]
    code = next(
        (i for i, line in enumerate(hidden) if line.strip() and not line.lstrip().startswith("#")),
        0,
    )
    if not found or found[0][0] > code:
        raise AuthoringError(
            "a hidden part begins with '# hint: …', the only words a student sees of it",
            path,
            cell.line + begin + 1 + code,
        )
    return tuple(hint for _, hint in found)


def _compares(source: str, checkers: set[str]) -> bool:
    try:
        return names.calls(source, checkers)
    except SyntaxError:
        # A part that is no statement of its own cannot be run by the student either.
        return False


def _heading(source: str) -> str:
    found = re.search(r"^#{1,6}\s+(.+?)\s*#*\s*$", source, re.MULTILINE)
    return plain(found[1]) if found else ""


def _introduction(own: Sequence[Part], parts: Sequence[Part], path: str) -> list[Part]:
    """Return the prose of a task, from the heading above its first cell that is no prose."""
    working = next((part for part in own if part.role != "prose"), own[0])
    position = [part.id for part in parts].index(working.id)
    prose: list[Part] = []
    for part in reversed(parts[:position]):
        if part.role == "prose":
            prose.insert(0, part)
            if _heading(part.cell.source):
                return prose
    raise AuthoringError(
        f"the task {own[0].task!r} has no heading above it", path, own[0].cell.line
    )


def _title(own: Sequence[Part], parts: Sequence[Part], path: str) -> str:
    source = _introduction(own, parts, path)[0].cell.source
    return plain(re.findall(r"^#{1,6}\s+(.+?)\s*#*\s*$", source, re.MULTILINE)[-1])


def _minutes(own: Sequence[Part], parts: Sequence[Part], path: str) -> int:
    """Return how long a task takes: a ``minutes:N`` tag, or what its prose says."""
    for part in own:
        if part.minutes is not None:
            return part.minutes
    for part in _introduction(own, parts, path):
        found = MINUTES.search(part.cell.source)
        if found:
            return int(found[1])
    raise AuthoringError(
        f"the task {own[0].task!r} does not say how long it takes; tag a cell minutes:N",
        path,
        own[0].cell.line,
    )
