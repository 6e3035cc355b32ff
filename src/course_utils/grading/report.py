"""``course report``: one HTML page about a graded class, with plots that need no script.

It reads ``grades.csv`` only, so that it works wherever the grades were sent.
"""

import hashlib
import io
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from course_utils.grading.feedback import template
from course_utils.grading.files import write_text
from course_utils.grading.table import Line, TableError, number, read
from course_utils.grading.verdict import AWAITING, LOUD

BINS = 10


@dataclass(frozen=True)
class TaskSummary:
    """How a task went: share of the points given over all that were judged, and the states."""

    task: str
    mean: float | None
    judged: int
    states: tuple[tuple[str, int], ...]


def report(out: Path) -> int:
    """Write ``out/report.html`` from ``out/grades.csv``; the exit code."""
    try:
        lines = read(out / "grades.csv")
        write_text(out / "report.html", page(lines))
    except (TableError, OSError) as bad:
        print(f"course report: {bad}.", file=sys.stderr)
        return 2
    print(f"report: {out / 'report.html'}")
    return 0


def page(lines: list[Line]) -> str:
    """The page."""
    return template("report.html").render(
        sets=sorted({line.set for line in lines}),
        students=len({line.student for line in lines}),
        look=_need_a_look(lines),
        states=sorted(Counter(line.state for line in lines).items()),
        tasks=[(one, number(one.mean)) for one in tasks(lines)],
        distribution=Markup(distribution(lines)),
        success=Markup(success(lines)),
    )


def _need_a_look(lines: list[Line]) -> list[tuple[str, str]]:
    """The students with tasks that nothing was decided about, and the states that say why."""
    found: dict[str, dict[str, None]] = {}
    for line in lines:
        if line.state in LOUD:
            found.setdefault(line.student, {})[line.state] = None
    return [(student, ", ".join(states)) for student, states in found.items()]


def shares(lines: list[Line]) -> list[float]:
    """For every student, the points as a share of those that were judged, 0 to 1."""
    got: dict[str, float] = defaultdict(float)
    full: dict[str, float] = defaultdict(float)
    for line in lines:
        if line.points is not None:
            got[line.student] += line.points
            full[line.student] += line.max_points
    return [got[student] / full[student] for student in sorted(full) if full[student]]


def tasks(lines: list[Line]) -> list[TaskSummary]:
    """How each task went, in the order of the file."""
    found = []
    for task in dict.fromkeys(line.task for line in lines):
        own = [line for line in lines if line.task == task]
        waits = any(line.state == AWAITING for line in own)  # then the rest says nothing yet
        given = [] if waits else [one for one in own if one.points is not None]
        judged = [one.points / one.max_points for one in given]
        mean = 100 * sum(judged) / len(judged) if judged else None
        states = tuple(sorted(Counter(line.state for line in own).items()))
        rounded = None if mean is None else round(mean, 1)
        found.append(TaskSummary(task, rounded, len(judged), states))
    return found


def distribution(lines: list[Line]) -> str:
    """A histogram of the students' shares, as SVG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.0), layout="constrained")
    axes = figure.subplots()
    edges = [100 * place / BINS for place in range(BINS + 1)]
    axes.hist([100 * share for share in shares(lines)], bins=edges, color="#2a6f97")
    axes.set(xlabel="points, % of those judged", ylabel="students", xlim=(0, 100))
    axes.yaxis.get_major_locator().set_params(integer=True)
    return _svg(figure, "How many students reached which share of the points")


def success(lines: list[Line]) -> str:
    """A bar for each task: mean share of the points, as SVG."""
    from matplotlib.figure import Figure

    judged = [one for one in tasks(lines) if one.mean is not None]
    figure = Figure(figsize=(6.4, 0.6 + 0.3 * len(judged)), layout="constrained")
    axes = figure.subplots()
    axes.barh([one.task for one in judged], [one.mean for one in judged], color="#b5651d")
    axes.set(xlabel="mean points, %", xlim=(0, 100))
    axes.invert_yaxis()
    return _svg(figure, "Mean share of the points, task by task")


def _svg(figure: object, words: str) -> str:
    """The figure as an SVG element that says what it shows, the same bytes every time."""
    import matplotlib

    file = io.StringIO()
    salt = hashlib.sha256(words.encode()).hexdigest()
    with matplotlib.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Title": words})
    text = file.getvalue()
    return text[text.index("<svg") :].replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1)
