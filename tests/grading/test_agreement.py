"""`course check` and the grader are one programme: on thousands of notebooks they say the same.

What `check` passes never gets 0 for a mechanical reason, what the grader takes `check` never
refuses, and both name the same cause. What hidden checks find is no mechanical reason.
"""

import json
import os
from pathlib import Path

import mini_set
import mishaps
import pytest
import warm_process

from course_utils.problem_sets import plan
from course_utils.problem_sets.release import find, released
from course_utils.problem_sets.submitted import UnreadableError, parse
from course_utils.selfcheck import check as selfcheck
from course_utils.selfcheck.jail import Jail

ROOT = Path(__file__).parents[2]
SETS = sorted(path.parent.name for path in ROOT.glob("exercises/*/manifest.json"))
RUN = int(os.environ.get("COURSE_MISHAPS", "60"))  # notebooks; `make soak` takes more
PLANNED = 2 * RUN  # of every set


def planned(cells, release):
    """A plan, but for what only instructors' cells hold; or why there is none."""
    try:
        made = plan.make(cells, release)
    except UnreadableError as why:
        return str(why)
    return made.steps, made.notes, made.answers, made.untouched


@pytest.mark.parametrize("name", SETS)
def test_the_same_is_planned_from_what_students_have_as_from_what_the_grader_has(name):
    full, shown = find(name, (ROOT,)).release, released(ROOT / "exercises" / name)
    solved = json.loads((ROOT / "solutions" / name / f"{name}.ipynb").read_bytes())
    for cell in solved["cells"]:
        cell["source"] = "".join(cell["source"])
    for seed in range(PLANNED):
        raw = mishaps.happened(solved, seed)
        try:
            cells = parse(raw)
        except UnreadableError:
            continue
        assert planned(cells, full) == planned(cells, shown), seed


@pytest.fixture
def quick(monkeypatch):
    """Processes that are warm, and the limits of the tests' grader."""
    monkeypatch.setattr(Jail, "_start", warm_process.start)
    monkeypatch.setattr(selfcheck, "CELL_SECONDS", 0.4)


def said_by_check(raw, folder, tmp_path):
    """State and notes by title, or the one sentence of a refusal."""
    path = tmp_path / "mini.ipynb"
    path.write_bytes(raw)
    lines = []
    code = selfcheck.check(path, 60.0, lines.append)
    if code == selfcheck.BAD_USAGE:
        return lines[-1]
    found, current = {}, None
    for line in lines:
        if line.startswith("        "):
            current[1].append(line.strip())
        elif line.startswith("  "):
            state, _, title = line.strip().partition("  ")
            current = found[title.lower()] = (state, [])
    return found


def disagreement(checked, verdict):
    """What is wrong with the two views of one task, or None."""
    state, notes = checked
    hidden = "idden check" in verdict.message
    if state == selfcheck.PASSED:
        return None if verdict.passed or hidden else f"check passes, the grader: {verdict.message}"
    if verdict.passed:
        return f"the grader takes it, check: {state} {notes}"
    if state == selfcheck.FAILED and not hidden and verdict.message not in notes:
        return f"check says {notes}, the grader {verdict.message}"
    return None


@pytest.mark.usefixtures("quick")
def test_check_and_grader_agree_on_what_happens_to_notebooks(
    grader, release_root, tmp_path, monkeypatch
):
    monkeypatch.chdir(release_root)
    solved = json.loads(mini_set.submission())
    differences, refused, ran = [], 0, 0
    for seed in range(RUN):
        raw = mishaps.happened(solved, seed)
        checked, verdicts = said_by_check(raw, release_root, tmp_path), grader.judge(raw).verdicts
        if isinstance(checked, str):
            refused += 1
            if any(one.state != "unreadable" for one in verdicts):
                differences.append((seed, checked))
            elif verdicts[0].message not in checked and "no cell of one" not in checked:
                differences.append((seed, checked, verdicts[0].message))
            continue
        ran += 1
        for verdict in verdicts:
            if verdict.state != "awaiting marking":
                wrong = disagreement(checked[verdict.task], verdict)
                differences += [(seed, verdict.task, wrong)] if wrong else []
    assert differences == []
    assert refused >= 1
    assert ran >= 0.8 * RUN
