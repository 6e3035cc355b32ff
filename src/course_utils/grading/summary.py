"""What ``course grade`` says at its end, and the exit code that this asks for."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading import table
from course_utils.grading.grades import MARK_AGAIN, Sheet
from course_utils.grading.settings import Settings
from course_utils.grading.table import Written, number
from course_utils.grading.verdict import AWAITING, LOUD, NEEDS_LOOK
from course_utils.problem_sets.release import Release


@dataclass(frozen=True)
class Before:
    """What the last table said, by student and task, and which columns a person had added."""

    points: dict[tuple[str, str], str]
    columns: list[str]


def remembered(out: Path) -> Before:
    """What is there before a new table is written."""
    path = out / table.NAME
    rows = Written.of(out).rows
    points = {key: values[-1][0] for key, values in rows.items()}
    return Before(points, table.others(path) if path.exists() else [])


def say(release: Release, settings: Settings, sheets: list[Sheet], before: Before) -> int:
    """Print it; 1 where something needs a look or failed, else 0."""
    states = Counter(row.state for sheet in sheets for row in sheet.rows)
    print(f"{release.name}: {len(sheets)} submissions")
    for state, count in sorted(states.items()):
        loud = "  <- not scored, look at these" if state in LOUD else ""
        print(f"  {state:<22}{count:>6} tasks{loud}")
    for line in (*_lines(sheets), *_changes(sheets, before)):
        print(f"  {line}")
    if before.columns:
        left_out = ", ".join(before.columns)
        print(f"  {table.NAME} has no column {left_out} any more: {table.BEFORE} has it")
    print(f"  isolation: {rung(settings)}")
    return 1 if any(row.state in LOUD for sheet in sheets for row in sheet.rows) else 0


def _lines(sheets: list[Sheet]) -> Iterator[str]:
    """What an instructor should know of single students, the loudest last."""
    for sheet in sheets:
        for row in sheet.rows:
            if row.state == MARK_AGAIN:
                yield f"{sheet.student} handed in again after {row.task} was marked: look again"
            if row.state == AWAITING and not row.answer:
                yield f"no answer was found to {row.task} of {sheet.student}: look yourself"
    for sheet in sheets:
        if sheet.found_as:
            yield f"{sheet.student}: {sheet.found_as}"
    for sheet in sheets:
        looks = [row.message for row in sheet.rows if row.state == NEEDS_LOOK]
        if looks:
            yield f"needs a look: {sheet.student}: {looks[0]}"
        elif any(row.state in LOUD for row in sheet.rows):
            yield f"not graded completely: {sheet.student}"


def _changes(sheets: list[Sheet], before: Before) -> Iterator[str]:
    """Points that are others than in the last table, for whatever reason."""
    for sheet in sheets:
        for row in sheet.rows:
            was, now = before.points.get((sheet.student, row.task), ""), number(row.points)
            if was and was != now:
                yield f"changed: {row.task} of {sheet.student}: {was} -> {now or 'no points'}"


def rung(settings: Settings) -> str:
    """The walls that this batch ran behind, in words."""
    if settings.trust:
        return "NONE (--trust): submissions ran as you, with resource limits only"
    dropped = " after giving up root" if os.getuid() == 0 else ""
    return f"namespaces + seccomp under bubblewrap, unprivileged{dropped}"
