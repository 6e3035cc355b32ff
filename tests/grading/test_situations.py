"""What people really do to a notebook, by accident: the outcome in `course check` and the grader.

Every situation is known from public reports about notebooks and graders. Of each it is said which
tasks lose their points, and what is said about it.
"""

import json
import unicodedata
from dataclasses import dataclass

import mini_set
import pytest
import warm_process

from course_utils.problem_sets.limits import MAX_BYTES
from course_utils.selfcheck import check as selfcheck
from course_utils.selfcheck.jail import Jail

RIGHT = mini_set.ANSWERS
SCRATCH = "def double(x):\n    return x - 17  # trying something"


@dataclass(frozen=True)
class Case:
    """A file, the tasks that lose their points, and a phrase of what is said."""

    raw: bytes
    lost: tuple[str, ...] = ()
    says: str = ""


def cells(**changes):
    return mini_set.student_cells(**changes)


def found(notebook, name):
    return next(i for i, cell in enumerate(notebook) if cell["id"] == name)


def changed(name, **fields):
    """The notebook with fields of one cell changed."""
    notebook = cells()
    notebook[found(notebook, name)].update(fields)
    return mini_set.notebook(notebook)


def inserted(after, *new, **answers):
    """The notebook with new cells behind one."""
    notebook = cells(**answers)
    place = found(notebook, after) + 1
    notebook[place:place] = new
    return mini_set.notebook(notebook)


def without(*names):
    return mini_set.notebook([cell for cell in cells() if cell["id"] not in names])


def each(change):
    notebook = cells()
    for cell in notebook:
        change(cell)
    return mini_set.notebook(notebook)


def twin(name, source, **fields):
    notebook = cells()
    return {**notebook[found(notebook, name)], "source": source, **fields}


def lost_ids(cell):
    del cell["id"]
    cell["metadata"] = {}


def new_ids(cell):
    cell["id"] = f"new-{abs(hash(cell['source']))}"
    cell["metadata"] = {}


def renewed_and_older(cell):
    if cell["id"].endswith("_checks"):
        cell["source"] = cell["source"].replace("checks.", "1 / 0\nchecks.", 1)
    new_ids(cell)


def colab(cell):
    cell["metadata"] = {"id": cell.pop("id")}


def with_ends(ends):
    def change(cell):
        cell["source"] = cell["source"].replace("\n", ends)

    return change


def half_saved(cell):
    cell.pop("execution_count", None)
    cell.pop("outputs", None)


def older():
    whole = {"worksheets": [{"cells": cells()}], "nbformat": 3, "metadata": {}}
    return json.dumps(whole).encode()


HALVES = RIGHT["table"].replace("table = ", "letters = "), "table = letters"
ALL = mini_set.AUTO

CASES = {
    "nothing": Case(mini_set.submission()),
    "a scratch copy of the answer at the end": Case(
        mini_set.notebook([*cells(), twin("double", SCRATCH)]), says="is there 2 times"
    ),
    "a scratch copy between answer and check": Case(
        inserted("double", twin("double", SCRATCH)), lost=("double",)
    ),
    "a better copy of answer and check at the end": Case(
        mini_set.notebook(
            [
                *cells(double=SCRATCH),
                twin("double", RIGHT["double"]),
                cells()[found(cells(), "double_checks")],
            ]
        ),
        says="is there 2 times",
    ),
    "a check copied and edited": Case(
        inserted("double_checks", twin("double_checks", "compare(2)\n1 / 0")),
    ),
    "a check edited": Case(changed("double_checks", source="print('fine')")),
    "locked cells and checks deleted": Case(
        without("setup", "double_checks"), says="The check cell is missing"
    ),
    "the answer deleted": Case(without("double"), lost=("double",), says="double is missing"),
    "the answer in a cell of one's own, above the check": Case(
        inserted(
            "double",
            mini_set.code_cell("mine", RIGHT["double"]),
            double=mini_set.STUBS["double"],
        ),
        says="found by name",
    ),
    "the answer in a cell of one's own, below the check": Case(
        inserted(
            "double_checks",
            mini_set.code_cell("mine", RIGHT["double"]),
            double=mini_set.STUBS["double"],
        ),
        says="found by name",
    ),
    "an answer cell split in two": Case(
        inserted("table", twin("table", HALVES[1], id="half"), table=HALVES[0]),
        says="All ran, in their order",
    ),
    "an answer that became Markdown": Case(
        changed("double", cell_type="markdown"), says="is a markdown cell now; it was run as code"
    ),
    "an answer that became raw": Case(
        changed("double", cell_type="raw"), says="is a raw cell now; it was run as code"
    ),
    "all ids and metadata lost": Case(each(lost_ids), says="found by name"),
    "new ids and no metadata": Case(each(new_ids)),
    "new ids, and checks of another release": Case(each(renewed_and_older)),
    "a helper beside a comparison of one's own": Case(
        inserted(
            "setup",
            mini_set.code_cell(
                "mine",
                "def half():\n    return scale() / 2\n\n\ndef look():\n"
                "    checks.array(double(np.ones(2)), 2 * np.ones(2), name='mine')",
            ),
            double="def double(x):\n    return 2 * half() * x",
        )
    ),
    "saved by Colab": Case(each(colab)),
    "carriage returns and line feeds": Case(each(with_ends("\r\n"))),
    "carriage returns alone": Case(each(with_ends("\r"))),
    "blanks at the ends of lines": Case(each(with_ends("  \n"))),
    "no outputs and no counts": Case(each(half_saved)),
    "format 3": Case(older()),
    "a byte-order mark": Case(b"\xef\xbb\xbf" + mini_set.submission()),
    "UTF-16": Case(mini_set.submission().decode().encode("utf-16")),
    "a lone surrogate": Case(mini_set.submission(double=RIGHT["double"] + "  # \ud83d")),
    "letters in two parts": Case(
        mini_set.submission(
            double=unicodedata.normalize("NFD", "def double(größe):\n    return scale() * größe")
        )
    ),
    "an unused import of what is not there": Case(
        mini_set.submission(double=f"import torch\nfrom course_utils import nn\n{RIGHT['double']}"),
        says="course_utils.nn is not there when your work is graded",
    ),
    "the use of what is not there": Case(
        mini_set.submission(
            double="from course_utils import nn\n\ndef double(x):\n    return nn.twice(x)"
        ),
        lost=("double",),
        says="course_utils.nn is not there when your work is graded",
    ),
    "an import that may fail": Case(
        mini_set.submission(
            double="try:\n    import torch\nexcept ImportError:\n    torch = None\n\n"
            "def double(x):\n    return (2 if torch is None else 3) * x"
        ),
    ),
    "a name that only a check cell imports": Case(
        mini_set.submission(double="def double(x):\n    return compare.__name__ and 2 * x"),
        lost=("double",),
        says="name 'compare' is not defined",
    ),
    "a helper with the name of a check's": Case(
        mini_set.submission(
            double="def compare(n):\n    return n\n\ndef double(x):\n    return compare(2) * x"
        ),
    ),
    "names of checks bound to something else": Case(
        inserted("setup", mini_set.code_cell("mine", "checks = rng = compare = None")),
    ),
    "half a file": Case(mini_set.submission()[:900], lost=ALL, says="no complete notebook"),
    "an empty file": Case(b"", lost=ALL, says="The file is empty"),
    "a merge conflict": Case(
        b"{\n<<<<<<< HEAD\n" + mini_set.submission()[1:], lost=ALL, says="a merge conflict"
    ),
    "outputs of 21 MB": Case(
        mini_set.submission() + b" " * MAX_BYTES, lost=ALL, says="Clear the outputs"
    ),
}

BINDING = {
    "if": "if True:\n    {}",
    "else": "if False:\n    pass\nelse:\n    {}",
    "try": "try:\n    {}\nexcept ValueError:\n    pass",
    "with": "import contextlib\nwith contextlib.suppress(ValueError):\n    {}",
    "for": "for _ in range(1):\n    {}",
    "while": "while True:\n    {}\n    break",
    "match": "match 1:\n    case _:\n        {}",
    "lambda": "double = lambda x: scale() * x",
    "walrus": "(double := lambda x: scale() * x)",
    "tuple": "other, double = None, lambda x: scale() * x",
    "starred": "*other, double = None, lambda x: scale() * x",
    "annotated": "double: object = lambda x: scale() * x",
    "for target": "for double in (lambda x: scale() * x,):\n    pass",
    "with target": "from contextlib import nullcontext\n"
    "with nullcontext(lambda x: scale() * x) as double:\n    pass",
    "class": "class double:\n    def __new__(cls, x):\n        return scale() * x",
    "global": "def make():\n    global double\n    double = lambda x: scale() * x\nmake()",
    "captured": "match lambda x: scale() * x:\n    case double:\n        pass",
    "timed": "%%time\n{}",
    "decorated": "import functools\n@functools.cache\ndef helper():\n    return 2\n{}",
}
for name, form in BINDING.items():
    depth = form.partition("{}")[0].rpartition("\n")[2]
    answer = RIGHT["double"].replace("\n", f"\n{depth}")
    CASES[f"an answer in a cell of one's own: {name}"] = Case(
        inserted(
            "double",
            mini_set.code_cell("mine", form.format(answer)),
            double=mini_set.STUBS["double"],
        ),
        says="found by name",
    )


@pytest.mark.parametrize("name", CASES)
def test_the_grader(grader, name):
    case = CASES[name]
    judgement = grader.judge(case.raw)
    lost = {one.task for one in judgement.verdicts if not one.passed and one.task in ALL}
    assert lost == set(case.lost)
    said = [*judgement.remarks]
    for one in judgement.verdicts:
        said += [one.message, *one.notes]
    assert case.says in "\n".join(said)


@pytest.mark.parametrize("name", CASES)
def test_course_check(release_root, tmp_path, monkeypatch, name):
    case = CASES[name]
    monkeypatch.chdir(release_root)
    monkeypatch.setattr(Jail, "_start", warm_process.start)
    path = tmp_path / "mini.ipynb"
    path.write_bytes(case.raw)
    lines = []
    code = selfcheck.check(path, 60.0, lines.append)
    assert case.says in "\n".join(lines)
    passed = {line.split()[1].lower() for line in lines if line.startswith("  pass")}
    assert passed == set(ALL) - set(case.lost)
    assert code == (0 if not case.lost else 2 if case.lost == ALL else 1)
