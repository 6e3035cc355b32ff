"""Made-up classes, of problem set 2 above all: everybody gets what is fair, twice the same bytes.

The class holds every kind once (`classroom.kinds`) and honest work, so honest neighbours of every
attack are in the same batch.
"""

import csv
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from grading_cases import QUICK

from course_utils.grading import answers
from course_utils.grading.classroom import kinds
from course_utils.grading.classroom.generate import fill, hand_ins, roster
from course_utils.grading.classroom.kinds import (
    ODD,
    SLOW,
    Notebook,
    altering,
    degenerate,
    deleted,
    duplicated,
    edited,
    exiting,
    material,
    partial,
    raising,
)
from course_utils.grading.grade import grade
from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.grading.settings import Settings
from course_utils.problem_sets.release import find

ROOT = Path(__file__).parents[2]
SET = "ps02_recurrence"
LISTS = ROOT / "tests" / "problem_sets" / SET
OTHERS = sorted(path.name for path in LISTS.parent.glob("ps*") if path.name != SET)
SETTINGS = replace(QUICK, cpu=0.8, warm=("numpy", "matplotlib.pyplot"))


@pytest.fixture(scope="module")
def stuff():
    """Problem set 2 and its lists."""
    return material(find(SET, (ROOT,)), LISTS)


@pytest.fixture(scope="module")
def warm(stuff):
    """A warm worker for problem set 2."""
    with Scheduler(stuff.folder, SETTINGS) as scheduler:
        yield scheduler


@pytest.fixture(scope="module")
def graded(stuff, tmp_path_factory):
    """What the class of 30 handed in, and the folder with its grades."""
    root = tmp_path_factory.mktemp("class")
    made = fill(root / "submitted", stuff, 30, seed=3)
    assert grade(root / "submitted", SET, root / "out", SETTINGS, ROOT) == 1
    return made, root


def rows(root):
    with (root / "out" / "grades.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_everybody_gets_what_is_fair(graded):
    made, root = graded
    found = {(row["student"].removeprefix("'"), row["task"]): row for row in rows(root)}
    unfair = []
    for student, one in made.items():
        for task, fair in one.expected.items():
            row = found.pop((student, task))
            points = float(row["points"]) if row["points"] else None
            if points != fair.points or row["state"] not in fair.states:
                unfair.append((one.kind, task, fair, row["points"], row["state"]))
    assert unfair == []
    assert found == {}


def test_pictures_reach_the_page(graded):
    made, root = graded
    (student,) = [name for name, one in made.items() if one.kind == "plotting"]
    page = (root / "out" / "feedback" / student / f"{SET}.html").read_text()
    assert page.count('<img src="data:image/png;base64,') == 3
    assert "sketch.png, attached to your answer" in page


def test_the_class_has_every_kind(graded):
    made, _ = graded
    assert {kind.__name__ for kind in (*ODD, *SLOW)} <= {one.kind for one in made.values()}
    assert len(made) == 30


def test_twice_the_same_bytes(graded, stuff):
    made, root = graded
    fill(root / "again" / "submitted", stuff, 30, seed=3)
    again = root / "again"
    for student, one in made.items():
        if one.kind in ("endless", "stubborn", "endless_cell"):
            continue  # the deliberate time-outs cost half the time and are covered above
        place = again / "submitted" / student / SET / f"{SET}.ipynb"
        first = root / place.relative_to(again)
        assert place.is_symlink() or place.read_bytes() == first.read_bytes()
    slow = [s for s, one in made.items() if one.kind in ("endless", "stubborn", "endless_cell")]
    for student in slow:
        (again / "submitted" / student / SET / f"{SET}.ipynb").unlink()
        (again / "submitted" / student / SET).rmdir()
    assert grade(again / "submitted", SET, again / "out", SETTINGS, ROOT) == 1
    kept = [row for row in rows(root) if row["student"].removeprefix("'") not in slow]
    assert rows(again) == kept


def test_nothing_is_left_running_or_outside(graded):
    _, root = graded
    assert sorted(path.name for path in root.iterdir()) in (
        ["out", "submitted"],
        ["again", "out", "submitted"],
    )
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert not [line for line in commands.stdout.splitlines() if str(root) in line]


def test_every_known_answer_gets_its_points(stuff, warm):
    lists = {"right": stuff.right, "wrong": stuff.wrong, "degenerate": tuple(stuff.degenerate)}
    names = {task.name: task for task in stuff.auto}
    for kind, listed in lists.items():
        columns = [[one for one in listed if one.task == task] for task in names]
        for place in range(max(map(len, columns))):
            chosen = [column[place] for column in columns if place < len(column)]
            made = Notebook(stuff).solve()
            for one in chosen:
                made.answer(names[one.task], one.source)
            job = Job("0" * 64, made.hand_in(kind).data, frozenset(names))
            ((_, judged),) = warm.judge([job])
            lost = {one.task for one in judged.verdicts if not one.passed}
            fair = set() if kind == "right" else {one.task for one in chosen}
            assert lost == fair, [one.name for one in chosen if one.task in lost ^ fair]


def unfair(scheduler, made):
    """The tasks of a hand-in that do not get what is fair."""
    ((_, judged),) = scheduler.judge([Job("0" * 64, made.data, frozenset(made.expected))])
    return [
        (made.kind, one)
        for one in judged.verdicts
        for fair in [made.expected[one.task]]
        if one.state not in fair.states
        or (fair.points is not None and one.passed != (fair.points > 0))
    ]


class Choose:
    """A source of chance that chooses what it is told to."""

    def __init__(self, chosen):
        self.chosen = chosen

    def choice(self, among):
        assert self.chosen in among
        return self.chosen


# Kinds whose fair points depend on what a task asks for; the last takes away what the others need.
CHOOSY = (raising, exiting, altering, edited, duplicated, deleted)


@pytest.mark.parametrize("kind", CHOOSY)
def test_whichever_task_it_falls_on_it_gets_what_is_fair(stuff, warm, kind):
    for task in stuff.functions:
        assert unfair(warm, kind(stuff, Choose(task))) == []


@pytest.mark.parametrize("name", OTHERS)
def test_in_other_sets_too_even_all_in_one_notebook(name, monkeypatch):
    stuff, rng = material(find(name, (ROOT,)), LISTS.parent / name), random.Random(name)
    with Scheduler(stuff.folder, Settings(warm=("numpy",))) as scheduler:
        for kind in (degenerate, partial):
            assert unfair(scheduler, kind(stuff, rng)) == []
        made = Notebook(stuff).solve()
        monkeypatch.setattr(kinds, "Notebook", lambda stuff: made)
        monkeypatch.setattr(made, "solve", lambda: made)  # a kind goes on from the one before
        for kind, task in zip(CHOOSY, rng.sample(stuff.functions, len(CHOOSY)), strict=True):
            kind(stuff, Choose(task))
        assert sum(fair.points == 0 for fair in made.expected.values()) == 4
        assert unfair(scheduler, made.hand_in("all")) == []


def test_an_answer_that_uses_pytorch_is_told_that_it_is_not_there(stuff, warm):
    made = Notebook(stuff).solve()
    answer = "import torch\n\ndef rnn_step(x_t, h_prev, W_x, W_h, b):\n    return torch.tanh(b)"
    made.answer(next(task for task in stuff.auto if task.name == "rnn_step"), answer)
    job = Job("0" * 64, made.hand_in("torch").data, frozenset({"rnn_step"}))
    ((_, judged),) = warm.judge([job])
    assert not judged.verdicts[0].passed
    assert "torch is not there when your work is graded" in judged.verdicts[0].message


def test_classes_repeat_with_their_seed(stuff):
    first, again, other = (
        [(student, one.kind, one.data) for student, one in hand_ins(stuff, 40, seed)]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert len({student for student, _, _ in first}) == 40


@pytest.mark.parametrize("students", [0, 10_001])
def test_impossible_sizes(stuff, students):
    with pytest.raises(ValueError, match="1 to 10000"):
        list(hand_ins(stuff, students, 0))


def test_a_large_class_is_mostly_honest():
    kinds = [kind.__name__ for kind in roster(10_000, random.Random(0), True)]
    assert len(kinds) == 10_000
    assert sum(kind in {k.__name__ for k in SLOW} for kind in kinds) < 60


def test_the_lists_are_those_of_the_set(stuff):
    assert len(stuff.wrong) >= 10
    assert len(answers.right(LISTS)) >= 6
