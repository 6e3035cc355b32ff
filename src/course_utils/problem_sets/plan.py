"""Decides what runs when: the student's cells in their order, locked cells from the release.

A check runs where its cell stands, as in Jupyter, but never before there is an answer of the task.
Where cells were deleted, doubled, moved, edited or renamed, the plan copes and says so.
"""

import re
from dataclasses import dataclass, field

from course_utils.problem_sets import hand_marked, names
from course_utils.problem_sets.limits import MAX_PARSED
from course_utils.problem_sets.release import Cell as ReleaseCell
from course_utils.problem_sets.release import Release, Task
from course_utils.problem_sets.submitted import Cell, UnreadableError

_COMPARES = re.compile(r"\bchecks\.\w+\(")

Owners = list[ReleaseCell | None]


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
    """The steps in order, notes on each task and on the whole, and the hand-marked answers.

    ``untouched`` are the tasks in whose cells nothing was written.
    """

    steps: list[Step] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, Cell] = field(default_factory=dict)
    untouched: set[str] = field(default_factory=set)

    def note(self, task: str | None, text: str) -> None:
        """Remember ``text`` for the feedback, once."""
        notes = self.notes.setdefault(task or "", [])
        if text not in notes:
            notes.append(text)


def make(cells: list[Cell], release: Release) -> Plan:
    """The plan for a submission. Raises `UnreadableError` for the notebook of another set."""
    owners = owners_of(cells, release)
    bound = _Bound(cells)
    wanted = {name for task in release.tasks for name in task.defines}
    if not any(owners) and not any(bound[i] & wanted for i in range(len(cells))):
        raise UnreadableError(
            f"Nothing in this notebook belongs to {release.name}: is it of another set?"
        )
    plan = Plan()
    after: dict[int, list[str]] = {}
    for task in release.tasks:
        if not task.manual:
            place = _place_of_check(task, cells, owners, bound, plan)
            after.setdefault(place, []).append(task.name)
    _lay_out(cells, owners, after, release, plan)
    for task in release.tasks:
        if task.manual:
            _answer(task, cells, owners, release, plan)
    return plan


def owners_of(cells: list[Cell], release: Release) -> Owners:
    """The release's cell that each submitted cell is: by id, else by the text that was released.

    A cell that compares with `checks` what one task defines is that task's check, if of another
    release.
    """
    known = {cell.id: cell for cell in release.cells}
    texts: dict[str, ReleaseCell | None] = {"": None}
    for cell in release.cells:
        texts[cell.text] = None if cell.text in texts else cell  # the same stub twice says nothing
    owners = []
    for cell in cells:
        found = next((known[one] for one in cell.ids if one in known), None)
        owners.append(found or texts.get(cell.text))
    for place, check in _old_checks(cells, owners, release).items():
        owners[place] = known[check]
    return owners


def _old_checks(cells: list[Cell], owners: Owners, release: Release) -> dict[int, str]:
    """Places of checks of another release, each with the id of today's check.

    A cell that binds what the student's own cells ask for is the student's, whatever it compares.
    """
    found = {
        place: (check, names.bound(names.plain(cell.source)))
        for place, (cell, owner) in enumerate(zip(cells, owners, strict=True))
        if owner is None and (check := _compared(cell, release))
    }
    if not found:
        return {}
    needed = set()
    for place, (cell, owner) in enumerate(zip(cells, owners, strict=True)):
        if place not in found and cell.kind == "code" and (not owner or owner.role not in _OURS):
            needed |= _asked(cell)
    return {place: check for place, (check, bound) in found.items() if not needed & {*bound}}


def _compared(cell: Cell, release: Release) -> str | None:
    """The check of the one task whose names a cell compares with `checks`, binding none of any."""
    if cell.kind != "code" or len(cell.source) > MAX_PARSED or not _COMPARES.search(cell.source):
        return None
    bound = set(names.bound(names.plain(cell.source)))
    asked = _asked(cell) - bound
    automatic = [task for task in release.tasks if not task.manual]
    found = [task.check for task in automatic if asked.intersection(task.defines)]
    if len(found) != 1 or any(bound.intersection(task.defines) for task in automatic):
        return None
    return found[0]


def _asked(cell: Cell) -> set[str]:
    """The names that a cell asks for; none where it is no Python or too long to be read."""
    if len(cell.source) > MAX_PARSED:
        return set()
    try:
        return names.asked(names.plain(cell.source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


class _Bound(dict):
    """Names that each cell binds, found when they are asked for: parsing costs time."""

    def __init__(self, cells: list[Cell]) -> None:
        super().__init__()
        self.cells = cells

    def __missing__(self, place: int) -> frozenset[str]:
        cell = self.cells[place]
        plain = cell.kind == "code" and len(cell.source) <= MAX_PARSED
        found = names.bound(names.plain(cell.source), imports=False) if plain else ()
        self[place] = frozenset(found)
        return self[place]


def _place_of_check(
    task: Task, cells: list[Cell], owners: Owners, bound: _Bound, plan: Plan
) -> int:
    """The place in the notebook after which a task is checked, with notes on what is unusual."""
    places = {
        one: [i for i, owner in enumerate(owners) if owner and owner.id == one]
        for one in task.solution_cells
    }
    written = {
        one: [i for i in found if cells[i].text != owners[i].text] for one, found in places.items()
    }
    parts, elsewhere = [found for found in written.values() if found], []
    if not parts:
        elsewhere = [i for i in range(len(cells)) if _may_answer(task, owners[i], bound, i)]
        parts = [elsewhere] if elsewhere else [found for found in places.values() if found]
        if elsewhere:
            names_there = set().union(*(bound[i] for i in elsewhere)) & set(task.defines)
            found = ", ".join(sorted(names_there))
            plan.note(task.name, f"Your {found} was found by name, in a cell of your own.")
        else:
            plan.untouched.add(task.name)
    _note_cells(task, places, cells, plan, elsewhere=bool(elsewhere))
    checks = [i for i, owner in enumerate(owners) if owner and owner.id == task.check]
    if not checks:
        plan.note(task.name, "The check cell is missing; the original check was run.")
    after = [i for i in checks if all(min(part) < i for part in parts)]
    if checks and not after:
        plan.note(task.name, "The check cell stands before your answer; it was run after it.")
    last = max((i for part in parts for i in part), default=-1)
    return after[-1] if after else last if last >= 0 else len(cells) - 1


def _may_answer(task: Task, owner: ReleaseCell | None, bound: _Bound, place: int) -> bool:
    """Whether a cell that is not the task's own may hold its answer."""
    if owner and (owner.role in _OURS or owner.id in task.solution_cells):
        return False
    return bool(bound[place] & set(task.defines))


_OURS = ("given", "checks")


def _note_cells(
    task: Task, places: dict[str, list[int]], cells: list[Cell], plan: Plan, *, elsewhere: bool
) -> None:
    for one, found in places.items():
        if len(found) > 1:
            text = (
                f"The cell {one} is there {len(found)} times. All ran, in their order; the check "
                "ran where its own cell stands."
            )
            plan.note(task.name, text)
        if not found and not elsewhere:
            plan.note(task.name, f"The cell {one} is missing.")
        for kind in {cells[i].kind for i in found} - {"code"}:
            plan.note(task.name, f"The cell {one} is a {kind} cell now; it was run as code.")


def _lay_out(
    cells: list[Cell],
    owners: Owners,
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
            if cell.text != owner.text:
                plan.note(None, f"The locked cell {owner.id} was edited; the original was run.")
            _run_given(owner, place, plan)
        return
    if role == "checks" or not cell.source.strip():
        return
    if role == "solution" or cell.kind == "code":
        task = owner.task if owner else None
        name = f"the cell {owner.id}" if owner else f"cell {place + 1} of your notebook"
        plan.steps.append(Run(f"{place}:own", cell.source, task, name, section))


def _answer(task: Task, cells: list[Cell], owners: Owners, release: Release, plan: Plan) -> None:
    """Find the answer that a person marks; what only the marker should know is no note."""
    found = hand_marked.find(task, cells, owners, release)
    if found is None:
        plan.untouched.add(task.name)
        return
    plan.answers[task.name] = found.cell
    if not found.written:
        plan.untouched.add(task.name)
