"""Finds the answers that a person marks: by id, by place, by heading, by being new text.

What a student wrote for a task is looked for in the task's own cell and in the new cells beside it:
up to the nearest cells, before and after, that the notebook had when it was released.
"""

import re
from dataclasses import dataclass

from course_utils.problem_sets.release import Cell as ReleaseCell
from course_utils.problem_sets.release import Release, Task
from course_utils.problem_sets.submitted import Cell

_HEADING = re.compile(r"^\s*#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_TEXT = ("markdown", "raw")
_MADE = re.compile(r"text-[0-9a-f]{10}|made-from")  # ids that `course make` gives to prose

Owners = list[ReleaseCell | None]


@dataclass(frozen=True)
class Answer:
    """What there is of an answer, as one cell; ``written`` is False for what was released."""

    cell: Cell
    written: bool


def find(task: Task, cells: list[Cell], owners: Owners, release: Release) -> Answer | None:
    """The answer to a hand-marked task, or None where neither its cell nor new text is there."""
    own = [
        i
        for i, owner in enumerate(owners)
        if owner and owner.task == task.name and owner.role in ("manual", "solution")
    ]
    written = [i for i in own if cells[i].text not in ("", owners[i].text)]
    new = _new_beside(task, own, cells, owners, release)
    texts = [i for i in new if cells[i].kind in _TEXT]
    chosen = sorted({*written, *texts}) or new or _below_heading(task, cells, owners)
    if chosen:
        return Answer(_joined([cells[i] for i in chosen]), written=True)
    return Answer(cells[own[-1]], written=False) if own else None


def _new_beside(
    task: Task, own: list[int], cells: list[Cell], owners: Owners, release: Release
) -> list[int]:
    """New cells between the course's cells that stand before and after the task's own."""
    mine = [i for i, one in enumerate(release.cells) if _belongs(one, task)]
    order = {one.id: i for i, one in enumerate(release.cells)}
    places: dict[int, list[int]] = {}
    for i, owner in enumerate(owners):
        if owner and not _belongs(owner, task):
            places.setdefault(order[owner.id], []).append(i)
    before = [i for place, found in places.items() if place < min(mine) for i in found]
    after = [i for place, found in places.items() if place > max(mine) for i in found]
    others = [i for i, cell in enumerate(cells) if owners[i] is None and _from_course(cell)]
    beside = [*before, *after, *others]
    anchors = own or ([max(before)] if before else [])
    found = []
    for anchor in anchors:
        low = max((i for i in beside if i < anchor), default=-1) if own else anchor
        high = min((i for i in beside if i > anchor), default=len(cells))
        found += [i for i in range(low + 1, high) if owners[i] is None and cells[i].text]
    return sorted(set(found))


def _from_course(cell: Cell) -> bool:
    """Whether it is prose of ours, perhaps of another release than the one that is graded."""
    return any(_MADE.fullmatch(name) for name in cell.ids)


def _belongs(cell: ReleaseCell, task: Task) -> bool:
    return cell.task == task.name and cell.role in ("manual", "solution")


def _below_heading(task: Task, cells: list[Cell], owners: Owners) -> list[int]:
    """New text under the task's heading, wherever a student put it."""
    for i, cell in enumerate(cells):
        heading = _HEADING.search(cell.source) if cell.kind in _TEXT else None
        if heading is None or _words(heading[1]) != _words(task.title):
            continue
        rest = cell.source[heading.end() :].strip()
        found = [i] if owners[i] is None and rest else []
        for j in range(i + 1, len(cells)):
            if owners[j] is not None or cells[j].kind not in _TEXT:
                break
            found.append(j)
        if found:
            return found
    return []


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title.casefold())


def _joined(cells: list[Cell]) -> Cell:
    first = cells[0]
    if len(cells) == 1:
        return first
    source = "\n\n".join(cell.source for cell in cells)
    images = tuple(image for cell in cells for image in cell.images)
    return Cell(first.kind, source, first.ids, images)
