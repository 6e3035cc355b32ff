"""What a student may hand in: a change to the untouched notebook, and what it should get.

Honest work comes from the set's lists of known answers (`course_utils.grading.answers`); the rest
are the accidents and the mischief of a real class. Every kind says the points and the states that
are fair.
"""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_utils.grading import answers
from course_utils.grading.verdict import (
    AWAITING,
    CRASHED,
    GRADED,
    NEEDS_LOOK,
    RAISED,
    TIMED_OUT,
)
from course_utils.problem_sets.release import Folder, Task

FULL = (GRADED,)
WRONG = (GRADED, RAISED)


@dataclass(frozen=True)
class Expected:
    """What is fair for one task: points (None: not judged) and the states that say why."""

    points: float | None
    states: tuple[str, ...]


@dataclass
class HandIn:
    """One submission: the bytes of the file or a link's target, and what every task should get."""

    kind: str
    data: bytes = b""
    link: Path | None = None
    expected: dict[str, Expected] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """A released set with its known answers."""

    folder: Folder
    right: tuple[answers.Answer, ...] = ()
    wrong: tuple[answers.Answer, ...] = ()

    @property
    def auto(self) -> list[Task]:
        """Tasks that are graded by machine."""
        return [task for task in self.folder.release.tasks if not task.manual]

    @property
    def functions(self) -> list[Task]:
        """Tasks whose first name is a function that takes arguments."""
        return [task for task in self.auto if self._signature(task) not in (None, "")]

    def reference(self, task: Task) -> str:
        """The right solution of a task."""
        sources = {cell.id: cell.source for cell in self.folder.release.cells}
        return "\n\n".join(sources[one] for one in task.solution_cells)

    def _signature(self, task: Task) -> str | None:
        for line in self.reference(task).splitlines():
            if line.startswith(f"def {task.defines[0]}("):
                return line.partition("(")[2].rpartition(")")[0]
        return None

    @property
    def degenerate(self) -> list[answers.Answer]:
        """Answers without content, for every task."""
        return [
            one
            for task in self.auto
            for one in answers.degenerate(task.name, task.defines, self.reference(task))
        ]


def material(folder: Folder, lists: Path | None) -> Material:
    """A set with the lists in ``lists`` (right.toml, wrong.toml), where there are any."""
    if lists is None:
        return Material(folder)
    return Material(folder, answers.right(lists), answers.wrong(lists))


class Notebook:
    """The untouched student notebook, to be filled in."""

    def __init__(self, stuff: Material) -> None:
        self.stuff = stuff
        self.data: dict[str, Any] = json.loads(stuff.folder.untouched)
        self.expected = {
            task.name: Expected(None, (AWAITING,)) if task.manual else Expected(0.0, WRONG)
            for task in stuff.folder.release.tasks
        }

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The cells, to be changed in place."""
        return self.data["cells"]

    def cell(self, name: str) -> dict[str, Any]:
        """A cell by its id."""
        return next(cell for cell in self.cells if cell["id"] == name)

    def answer(self, task: Task, source: str) -> None:
        """Put ``source`` in the first cell of a task; its other cells become empty."""
        for place, name in enumerate(task.solution_cells):
            self.cell(name)["source"] = "" if place else source

    def solve(self, *tasks: Task) -> "Notebook":
        """Put in the reference solution of tasks (all of them by default)."""
        for task in tasks or self.stuff.auto:
            self.answer(task, self.stuff.reference(task))
            self.expect(task, float(task.points), FULL)
        return self

    def expect(self, task: Task, points: float | None, states: tuple[str, ...]) -> None:
        """What is fair for a task."""
        self.expected[task.name] = Expected(points, states)

    def add(self, source: str, place: int | None = None) -> None:
        """A code cell of the student's own, at the end or at ``place``."""
        cell = {
            "cell_type": "code",
            "id": f"own-{len(self.cells)}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        self.cells.insert(len(self.cells) if place is None else place, cell)

    def hand_in(self, kind: str) -> HandIn:
        """The file."""
        return HandIn(kind, json.dumps(self.data).encode(), expected=self.expected)


def unreadable(kind: str, stuff: Material, data: bytes = b"", link: Path | None = None) -> HandIn:
    """Something that is no notebook of this set."""
    expected = {task.name: Expected(None, (NEEDS_LOOK,)) for task in stuff.folder.release.tasks}
    return HandIn(kind, data, link, expected)


Kind = Callable[[Material, random.Random], HandIn]


def solved(stuff: Material, rng: random.Random) -> HandIn:
    """Everything right."""
    return Notebook(stuff).solve().hand_in("solved")


def right(stuff: Material, rng: random.Random) -> HandIn:
    """Right, and unlike the reference wherever the list has something."""
    made = Notebook(stuff).solve()
    for task in stuff.auto:
        others = [one for one in stuff.right if one.task == task.name]
        if others:
            made.answer(task, rng.choice(others).source)
    return made.hand_in("right")


def wrong(stuff: Material, rng: random.Random) -> HandIn:
    """One to three real mistakes, the rest right."""
    made = Notebook(stuff).solve()
    for task in rng.sample(stuff.auto, rng.randint(1, min(3, len(stuff.auto)))):
        mistakes = [one for one in stuff.wrong if one.task == task.name]
        if mistakes:
            made.answer(task, rng.choice(mistakes).source)
            made.expect(task, 0.0, WRONG)
    return made.hand_in("wrong")


def degenerate(stuff: Material, rng: random.Random) -> HandIn:
    """An answer without content to every task."""
    made = Notebook(stuff)
    for task in stuff.auto:
        made.answer(task, rng.choice([a for a in stuff.degenerate if a.task == task.name]).source)
    return made.hand_in("degenerate")


def partial(stuff: Material, rng: random.Random) -> HandIn:
    """Some tasks solved, the others untouched."""
    chosen = rng.sample(stuff.auto, rng.randint(1, len(stuff.auto) - 1))
    return Notebook(stuff).solve(*chosen).hand_in("partial")


def empty(stuff: Material, rng: random.Random) -> HandIn:
    """The untouched notebook."""
    return Notebook(stuff).hand_in("empty")


def _one_function(kind: str, body: str, states: tuple[str, ...]) -> Kind:
    """All right but for one function, whose body is ``body``."""

    def make(stuff: Material, rng: random.Random) -> HandIn:
        made, task = Notebook(stuff).solve(), rng.choice(stuff.functions)
        instead = f"def {task.defines[0]}(*args, **kwargs):\n{body}"
        made.answer(task, f"{stuff.reference(task)}\n\n\n{instead}")
        made.expect(task, 0.0, states)
        return made.hand_in(kind)

    make.__name__ = kind
    return make


raising = _one_function("raising", "    raise ValueError('no idea')", (RAISED,))
endless = _one_function("endless", "    while True:\n        pass", (TIMED_OUT,))
stubborn = _one_function(
    "stubborn",
    "    while True:\n        try:\n            while True:\n                pass\n"
    "        except BaseException:\n            continue",
    (TIMED_OUT,),
)
exiting = _one_function("exiting", "    import os\n    os._exit(0)", (CRASHED,))
greedy = _one_function("greedy", "    return bytearray(64 * 2**30)", (RAISED,))


def endless_cell(stuff: Material, rng: random.Random) -> HandIn:
    """All right, and a loop without end in a cell of the student's own, before everything."""
    made = Notebook(stuff).solve()
    made.add("n = 0\nwhile True:\n    n += 1", place=0)
    return made.hand_in("endless_cell")


def talkative(stuff: Material, rng: random.Random) -> HandIn:
    """All right, and megabytes of output."""
    made = Notebook(stuff).solve()
    made.add("for _ in range(200):\n    print('x' * 100_000)", place=0)
    return made.hand_in("talkative")


def magics(stuff: Material, rng: random.Random) -> HandIn:
    """All right, among things that only a notebook's kernel knows."""
    made = Notebook(stuff).solve()
    made.add("%matplotlib inline\n!pip install numpy\n%pip install numpy", place=0)
    made.add("%%time\nnumber = 1")
    made.add(
        "import asyncio\nawait asyncio.sleep(0)\nfrom IPython.display import display\ndisplay(1)"
    )
    made.add("name = input('who are you? ')")
    return made.hand_in("magics")


# A grey square of two pixels, as Jupyter stores a pasted picture.
_PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNsYGBiYAAAApIAhPd8o1gAAAAASUVO"
    "RK5CYII="
)


def plotting(stuff: Material, rng: random.Random) -> HandIn:
    """All right, with figures of the student's own and a picture attached to an answer."""
    made = Notebook(stuff).solve()
    made.add("import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('mine')\nplt.show()")
    made.add("fig, ax = plt.subplots()\nax.imshow([[0, 1], [1, 0]])\nfig")
    for cell in made.cells:
        if cell["id"] in {c.id for c in stuff.folder.release.cells if c.role == "manual"}:
            cell["source"] = "It *remembers*: ![sketch](attachment:sketch.png)"
            cell["attachments"] = {"sketch.png": {"image/png": _PICTURE}}
    return made.hand_in("plotting")


def deleted(stuff: Material, rng: random.Random) -> HandIn:
    """All right, with locked and check cells deleted and one answer moved to a cell of its own."""
    made, task = Notebook(stuff).solve(), rng.choice(stuff.functions)
    gone = {task.check, *task.solution_cells, _first_given(stuff)}
    made.data["cells"] = [cell for cell in made.cells if cell["id"] not in gone]
    made.add(stuff.reference(task))
    return made.hand_in("deleted")


def _first_given(stuff: Material) -> str:
    return next(c.id for c in stuff.folder.release.cells if c.role == "given" and c.kind == "code")


def duplicated(stuff: Material, rng: random.Random) -> HandIn:
    """Two answers to one task, the wrong one first; and a check cell twice."""
    made, task = Notebook(stuff).solve(), rng.choice(stuff.functions)
    first = made.cells.index(made.cell(task.solution_cells[0]))
    copy = deepcopy(made.cells[first])
    copy["source"] = f"def {task.defines[0]}(*args):\n    return None"
    made.cells.insert(first, copy)
    made.cells.append(deepcopy(made.cell(task.check)))
    return made.hand_in("duplicated")


def edited(stuff: Material, rng: random.Random) -> HandIn:
    """Check cells emptied, a locked cell rewritten, one answer missing."""
    made, task = Notebook(stuff).solve(), rng.choice(stuff.functions)
    for one in stuff.auto:
        made.cell(one.check)["source"] = "pass"
    made.cell(_first_given(stuff))["source"] = "import numpy as np\nhelper = 'mine'"
    made.answer(task, f"def {task.defines[0]}(*args):\n    return 0")
    made.expect(task, 0.0, WRONG)
    return made.hand_in("edited")


def reordered(stuff: Material, rng: random.Random) -> HandIn:
    """All right; every check cell stands before everything else."""
    made = Notebook(stuff).solve()
    checks = {task.check for task in stuff.auto}
    first = [cell for cell in made.cells if cell["id"] in checks]
    made.data["cells"] = first + [cell for cell in made.cells if cell["id"] not in checks]
    return made.hand_in("reordered")


_ALTERS = """

def _altering(right):
    def altering(*args):
        result = right(*args)
        arrays = [one for one in args if isinstance(one, np.ndarray) and one.size]
        for one in arrays:
            one.reshape(-1)[0] += 1
        return result if arrays else None
    return altering

{name} = _altering({name})
"""


def altering(stuff: Material, rng: random.Random) -> HandIn:
    """One right result, from a function that spoils its arguments; none where it has no arrays."""
    made, task = Notebook(stuff).solve(), rng.choice(stuff.functions)
    made.answer(task, stuff.reference(task) + _ALTERS.format(name=task.defines[0]))
    made.expect(task, 0.0, WRONG)
    return made.hand_in("altering")


def redefining(stuff: Material, rng: random.Random) -> HandIn:
    """Nothing solved; the comparisons are replaced by ones that are always content."""
    made = Notebook(stuff)
    made.add(
        "from course_utils import checks\nimport sys, builtins\n"
        "class Anything:\n"
        "    def __getattr__(self, name): return lambda *a, **k: a[0] if a else None\n"
        "for name in list(vars(checks)):\n"
        "    if callable(getattr(checks, name)): setattr(checks, name, lambda *a, **k: None)\n"
        "checks = Anything()\n"
        "sys.modules['course_utils.checks'] = checks",
        place=len(made.cells) // 3,
    )
    return made.hand_in("redefining")


def wrong_set(stuff: Material, rng: random.Random) -> HandIn:
    """The notebook of some other set."""
    cell = {"cell_type": "code", "id": "other", "metadata": {}, "source": "answer = 1"}
    data = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return unreadable("wrong_set", stuff, json.dumps(data).encode())


def truncated(stuff: Material, rng: random.Random) -> HandIn:
    """Half a file."""
    return unreadable("truncated", stuff, stuff.folder.solution[: len(stuff.folder.solution) // 2])


def no_notebook(stuff: Material, rng: random.Random) -> HandIn:
    """Some other file under the right name."""
    data = [b"%PDF-1.7 not a notebook", b"", b"\xff\xfe\x00bad", b"[1, 2, 3]", b"{}"]
    return unreadable("no_notebook", stuff, rng.choice(data))


def linked(stuff: Material, rng: random.Random) -> HandIn:
    """A link to a file of somebody else's."""
    return unreadable("linked", stuff, link=Path("/etc/hostname"))


HONEST: tuple[Kind, ...] = (solved, right, wrong, partial, degenerate, empty)
SLOW: tuple[Kind, ...] = (endless, stubborn, endless_cell)
ODD: tuple[Kind, ...] = (
    raising,
    exiting,
    greedy,
    talkative,
    magics,
    plotting,
    deleted,
    duplicated,
    edited,
    reordered,
    altering,
    redefining,
    wrong_set,
    truncated,
    no_notebook,
    linked,
)
