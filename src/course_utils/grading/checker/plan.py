"""Decides what runs when: the student's cells in their order, locked cells from the release.

A check runs where its cell stands in the submitted notebook, but never before the task's own cells.
Where cells were deleted, doubled, moved or edited, the plan copes and says so in the feedback.
"""

import ast
from dataclasses import dataclass, field

from course_utils.grading.checker.notebook import Cell, UnreadableError
from course_utils.grading.release import Cell as ReleaseCell
from course_utils.grading.release import Release, Task

MAX_PARSED = 1_000_000  # characters: a syntax tree takes a hundred times its source's memory


@dataclass(frozen=True)
class Run:
    """Run ``source`` in the jail; ``task`` is whose cell it is, ``name`` what to call it.

    ``section`` is the task among whose feedback its pictures stand ("": none; None: no pictures).
    """

    key: str
    source: str
    task: str | None
    name: str
    section: str | None = None


@dataclass(frozen=True)
class Draw:
    """Draw what the cell ``name`` has shown. No grade depends on it."""

    section: str
    name: str


@dataclass(frozen=True)
class Check:
    """Run the check of ``task``."""

    task: str


Step = Run | Draw | Check


@dataclass
class Plan:
    """The steps in order, notes on each task and on the whole, and the hand-marked answers."""

    steps: list[Step] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, Cell] = field(default_factory=dict)

    def note(self, task: str | None, text: str) -> None:
        """Remember ``text`` for the feedback, once."""
        notes = self.notes.setdefault(task or "", [])
        if text not in notes:
            notes.append(text)


def make(cells: list[Cell], release: Release) -> Plan:
    """The plan for a submission. Raises `UnreadableError` for the notebook of another set."""
    owners = _owners(cells, release)
    defined = _Defined(cells)
    wanted = {name for task in release.tasks for name in task.defines}
    if not any(owners) and not any(defined[i] & wanted for i in range(len(cells))):
        raise UnreadableError(
            f"Nothing in this notebook belongs to {release.name}: is it of another set?"
        )
    plan = Plan()
    after = _check_places(cells, owners, defined, release, plan)
    _lay_out(cells, owners, after, release, plan)
    _answers(cells, owners, release, plan)
    return plan


def _owners(cells: list[Cell], release: Release) -> list[ReleaseCell | None]:
    """The release's cell that each submitted cell is, by id; locked ones also by their source."""
    known = {cell.id: cell for cell in release.cells}
    locked = {cell.source: cell for cell in release.cells if cell.role == "given"}
    owners = []
    for cell in cells:
        found = next((known[one] for one in cell.ids if one in known), None)
        owners.append(found or locked.get(cell.source))
    return owners


class _Defined(dict):
    """Names that each cell binds, found when they are asked for: parsing costs time."""

    def __init__(self, cells: list[Cell]) -> None:
        super().__init__()
        self.cells = cells

    def __missing__(self, place: int) -> frozenset[str]:
        self[place] = _defines(self.cells[place])
        return self[place]


def _defines(cell: Cell) -> frozenset[str]:
    """Names that a code cell binds at its top level; none where it is not plain Python."""
    if cell.kind != "code" or len(cell.source) > MAX_PARSED:
        return frozenset()
    lines = [line for line in cell.source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                names |= {leaf.id for leaf in ast.walk(target) if isinstance(leaf, ast.Name)}
    return frozenset(names)


def _check_places(
    cells: list[Cell],
    owners: list[ReleaseCell | None],
    defined: _Defined,
    release: Release,
    plan: Plan,
) -> dict[int, list[str]]:
    """For each place in the notebook, the tasks to check after it."""
    places: dict[int, list[str]] = {}
    for task in release.tasks:
        if task.manual:
            continue
        place = _place(task, cells, owners, defined, plan)
        places.setdefault(place, []).append(task.name)
    return places


def _place(
    task: Task,
    cells: list[Cell],
    owners: list[ReleaseCell | None],
    defined: _Defined,
    plan: Plan,
) -> int:
    own = [i for i, owner in enumerate(owners) if owner and owner.id in task.solution_cells]
    check = [i for i, owner in enumerate(owners) if owner and owner.id == task.check]
    for one in task.solution_cells:
        count = sum(owners[i].id == one for i in own)
        if count > 1:
            plan.note(task.name, f"The cell {one} is there {count} times; the last one counts.")
        if count == 0:
            plan.note(task.name, f"The cell {one} is missing.")
    if not own:
        own = [i for i in range(len(cells)) if defined[i] & set(task.defines)]
        found = ", ".join(sorted(set().union(*(defined[i] for i in own)) & set(task.defines)))
        if own:
            plan.note(task.name, f"Your {found} was found by name, in a cell of your own.")
    if not check:
        plan.note(task.name, "The check cell is missing; the original check was run.")
    if check and own and check[-1] < own[-1]:
        plan.note(task.name, "The check cell stands before your answer; it was run after it.")
    return max([*own, *check[-1:]], default=len(cells) - 1)


def _lay_out(
    cells: list[Cell],
    owners: list[ReleaseCell | None],
    after: dict[int, list[str]],
    release: Release,
    plan: Plan,
) -> None:
    given = [cell for cell in release.cells if cell.role == "given" and cell.kind == "code"]
    order = {cell.id: place for place, cell in enumerate(release.cells)}
    present = {owner.id for owner in owners if owner}
    missing = [cell for cell in given if cell.id not in present]
    if missing:
        count = f"{len(missing)} locked cell{'s' if len(missing) > 1 else ''}"
        plan.note(None, f"{count} of the original notebook missing; what was released ran instead.")
    section = ""
    for place, (cell, owner) in enumerate(zip(cells, owners, strict=True)):
        section = owner.task if owner and owner.task else section
        while missing and owner and order[missing[0].id] < order[owner.id]:
            _run_given(missing.pop(0), place, plan)
        _run_one(cell, owner, place, section, plan)
        plan.steps += [Check(task) for task in after.get(place, [])]
    for cell in missing:
        _run_given(cell, len(cells), plan)
    plan.steps += [Check(task) for place in after if place < 0 for task in after[place]]


def _run_given(cell: ReleaseCell, place: int, plan: Plan) -> None:
    plan.steps.append(Run(f"{place}:{cell.id}", cell.source, None, f"the locked cell {cell.id}"))


def _run_one(cell: Cell, owner: ReleaseCell | None, place: int, section: str, plan: Plan) -> None:
    role = owner.role if owner else "own"
    if role == "given":
        if owner.kind == "code":
            if cell.source != owner.source:
                plan.note(None, f"The locked cell {owner.id} was edited; the original was run.")
            _run_given(owner, place, plan)
        return
    if role == "checks":
        return
    if role == "solution" or cell.kind == "code":
        task = owner.task if owner else None
        name = f"the cell {owner.id}" if owner else f"cell {place + 1} of your notebook"
        if role == "solution" and cell.kind != "code":
            plan.note(task, f"The cell {owner.id} was no code cell any more; it was run as code.")
        if cell.source.strip() and (role != "manual" or cell.kind == "code"):
            plan.steps.append(Run(f"{place}:own", cell.source, task, name, section))


def _answers(
    cells: list[Cell], owners: list[ReleaseCell | None], release: Release, plan: Plan
) -> None:
    for task in release.tasks:
        if task.manual:
            found = [
                cell
                for cell, owner in zip(cells, owners, strict=True)
                if owner and owner.task == task.name and owner.role in ("manual", "solution")
            ]
            if found:
                plan.answers[task.name] = found[-1]
            if len(found) > 1:
                plan.note(task.name, f"The answer is there {len(found)} times; the last counts.")
            if not found:
                plan.note(task.name, "The cell for this answer is missing.")
