"""What happens to a notebook between a student's editor and the grader: one function a mishap.

Each takes a notebook as plain data and a source of choices (`random.Random`), and changes it.
"""

import json
import random
import unicodedata
from collections.abc import Callable
from typing import Any

import mini_set

Notebook = dict[str, Any]
OWN = (
    "print('scratch')",
    "1 / 0",
    "import torch\nfrom course_utils import nn",
    "def double(x):\n    return 3 * x",
    "double = None",
    "del double",
    "try:\n    def double(x):\n        return scale() * x\nexcept ValueError:\n    pass",
    "%%time\nfor step in range(3):\n    pass",
    "!ls\nfiles = !ls",
    "name = input('?')",
    "checks = None",
    "open('notes.txt').read()",
    "this is no Python",
    "exit()",
    "x = 'é'  # \ud83d",
)
WRONG = {
    "double": "def double(x):\n    return x",
    "centre": "def centre(x):\n    return x - x.mean()",
    "table": "table = {'a': np.arange(3.0)}",
    "objects": "class Counter:\n    pass",
}


def _pick(cells: list[Any], dice: random.Random) -> int:
    return dice.randrange(len(cells))


def delete(notebook: Notebook, dice: random.Random) -> None:
    """A cell is deleted."""
    if notebook["cells"]:
        del notebook["cells"][_pick(notebook["cells"], dice)]


def copy(notebook: Notebook, dice: random.Random) -> None:
    """A cell is copied, somewhere else, as Jupyter does (metadata too) or with a new id."""
    if not notebook["cells"]:
        return
    twin = json.loads(json.dumps(notebook["cells"][_pick(notebook["cells"], dice)]))
    if dice.random() < 0.5:
        twin["id"] = f"copy-{dice.randrange(10**6)}"
    if dice.random() < 0.3:
        twin["source"] = twin["source"] + "\n# scratch"
    notebook["cells"].insert(dice.randrange(len(notebook["cells"]) + 1), twin)


def move(notebook: Notebook, dice: random.Random) -> None:
    """A cell is moved."""
    if notebook["cells"]:
        cell = notebook["cells"].pop(_pick(notebook["cells"], dice))
        notebook["cells"].insert(dice.randrange(len(notebook["cells"]) + 1), cell)


def split(notebook: Notebook, dice: random.Random) -> None:
    """A cell is split in two."""
    if not notebook["cells"]:
        return
    place = _pick(notebook["cells"], dice)
    cell = notebook["cells"][place]
    lines = cell["source"].split("\n")
    cut = dice.randrange(len(lines) + 1)
    second = {**cell, "id": f"half-{dice.randrange(10**6)}", "source": "\n".join(lines[cut:])}
    cell["source"] = "\n".join(lines[:cut])
    notebook["cells"].insert(place + 1, second)


def own(notebook: Notebook, dice: random.Random) -> None:
    """A cell of the student's own."""
    cell = mini_set.code_cell(f"own-{dice.randrange(10**6)}", dice.choice(OWN))
    notebook["cells"].insert(dice.randrange(len(notebook["cells"]) + 1), cell)


def text(notebook: Notebook, dice: random.Random) -> None:
    """A text of the student's own."""
    cell = {"cell_type": "markdown", "id": "words", "metadata": {}, "source": "It remembers."}
    notebook["cells"].insert(dice.randrange(len(notebook["cells"]) + 1), cell)


def edit(notebook: Notebook, dice: random.Random) -> None:
    """A cell is edited without changing what it does, or with."""
    if notebook["cells"]:
        cell = notebook["cells"][_pick(notebook["cells"], dice)]
        cell["source"] += dice.choice(["\n", "  ", "\n\n# mine", "\nraise KeyError('mine')"])


def wrong(notebook: Notebook, dice: random.Random) -> None:
    """A wrong answer."""
    task = dice.choice(sorted(WRONG))
    for cell in notebook["cells"]:
        if cell.get("id") == task:
            cell["source"] = WRONG[task]


def stub(notebook: Notebook, dice: random.Random) -> None:
    """An answer is not written, or written in a cell below its stub."""
    task = dice.choice(sorted(WRONG))
    for place, cell in enumerate(notebook["cells"]):
        if cell.get("id") == task:
            answer, cell["source"] = cell["source"], mini_set.STUBS[task]
            if dice.random() < 0.5:
                notebook["cells"].insert(place + 1, mini_set.code_cell("below", answer))
            return


def indent(notebook: Notebook, dice: random.Random) -> None:
    """An answer stands inside ``if True:``, in a cell of its own."""
    task = dice.choice(sorted(WRONG))
    for cell in notebook["cells"]:
        if cell.get("id") == task:
            lines = cell["source"].split("\n")
            cell["source"] = "if True:\n" + "\n".join(f"    {line}" for line in lines)
            cell["id"] = f"lost-{task}"
            cell["metadata"] = {}


def kind(notebook: Notebook, dice: random.Random) -> None:
    """A cell becomes text, or raw."""
    if notebook["cells"]:
        cell = notebook["cells"][_pick(notebook["cells"], dice)]
        cell["cell_type"] = dice.choice(["markdown", "raw", "code"])


def ids(notebook: Notebook, dice: random.Random) -> None:
    """Ids are lost, made anew, or kept in the metadata only (Colab)."""
    how = dice.choice(["lost", "new", "colab"])
    for number, cell in enumerate(notebook["cells"]):
        name = cell.pop("id", None)
        if how == "new":
            cell["id"] = f"new-{number}"
        if how == "colab" and name is not None:
            cell["metadata"] = {"id": name}


def metadata(notebook: Notebook, dice: random.Random) -> None:
    """Metadata is lost."""
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        if dice.random() < 0.8:
            cell["metadata"] = {}


def outputs(notebook: Notebook, dice: random.Random) -> None:
    """Fields are missing, or outputs of a strange form are there."""
    for cell in notebook["cells"]:
        if dice.random() < 0.5:
            cell.pop("execution_count", None)
            cell.pop("outputs", None)
        elif dice.random() < 0.3:
            cell["outputs"] = [{"output_type": "stream", "text": 3}, None, "x"]


def ends(notebook: Notebook, dice: random.Random) -> None:
    """Line ends of another system, blanks at the ends of lines, other forms of letters."""
    how = dice.choice(["\r\n", "\r", " \n", "forms"])
    for cell in notebook["cells"]:
        if how == "forms":
            cell["source"] = unicodedata.normalize("NFD", cell["source"])
        else:
            cell["source"] = cell["source"].replace("\n", how)


def lines(notebook: Notebook, dice: random.Random) -> None:
    """Sources are saved as lists of lines."""
    for cell in notebook["cells"]:
        if isinstance(cell["source"], str):
            cell["source"] = cell["source"].splitlines(keepends=True)


IN_CELLS: tuple[Callable[[Notebook, random.Random], None], ...] = (
    delete, copy, move, split, own, text, edit, wrong, stub, indent, kind, ids, metadata, outputs,
    ends,
)  # fmt: skip


def saved(notebook: Notebook, dice: random.Random) -> bytes:
    """The file, in one of the ways in which programs save it."""
    if dice.random() < 0.2:
        lines(notebook, dice)
    if dice.random() < 0.05:
        notebook = {"worksheets": [{"cells": notebook["cells"]}], "nbformat": 3}
    raw = json.dumps(notebook, indent=dice.choice([None, 1]))
    how = dice.random()
    if how < 0.1:
        return raw.encode("utf-16")
    if how < 0.2:
        return raw.encode("utf-8-sig")
    if how < 0.25:
        return raw.encode()[: dice.randrange(len(raw))]
    return raw.encode()


def happened(notebook: Notebook, seed: int, most: int = 4) -> bytes:
    """A notebook to which one to ``most`` mishaps happened."""
    dice = random.Random(seed)
    made = json.loads(json.dumps(notebook))
    for mishap in dice.choices(IN_CELLS, k=dice.randint(1, most)):
        mishap(made, dice)
    return saved(made, dice)
