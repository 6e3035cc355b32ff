# ruff: noqa: E501 - the tables hold whole cells
"""Kernel fidelity: what a notebook does in Jupyter, and what it does here.

Each row is a cell, what the notebook then prints (or what it raises), and how Jupyter differs, where
it does. The last cell of every row shows that the notebook goes on.
"""

import re
from dataclasses import dataclass

import mini_set
import pytest

from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.grading.settings import Settings
from course_utils.problem_sets.release import find


@dataclass(frozen=True)
class Row:
    """``cell`` must leave ``expression`` true; ``raises`` names the error that ends the cell."""

    cell: str
    expression: str = "True"
    raises: str | None = None
    jupyter: str = "the same"


TABLE = {
    "inline figures": Row(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "plt.get_fignums() == []",
    ),
    "a figure left open": Row(
        "import matplotlib.pyplot as plt\nplt.plot([1])\nopen_ones = plt.get_fignums()",
        "len(open_ones) == 1 and plt.get_fignums() == []",
    ),
    "plt.show": Row(
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()\nleft = plt.get_fignums()",
        "left == []",
    ),
    "figure formats": Row("%config InlineBackend.figure_format = 'svg'\nwent_on = True", "went_on"),
    "another backend": Row(
        "%matplotlib widget\nwent_on = True",
        "went_on",
        jupyter="needs ipympl; here every backend is the inline one",
    ),
    "timing": Row("%%time\nnumber = 1", "number == 1"),
    "timeit": Row("result = %timeit -n1 -r1 -o pass", "result.loops == 1"),
    "shell": Row(
        "!pip install nothing\nwent_on = True",
        "went_on",
        jupyter="runs the command; here a note is printed",
    ),
    "shell output": Row(
        "lines = !ls", "lines == []", jupyter="gives the lines; here there are none"
    ),
    "pip": Row("%pip install nothing\nwent_on = True", "went_on", jupyter="installs; here a note"),
    "input": Row("name = input('?')", raises="StdinNotImplementedError", jupyter="asks you"),
    "await": Row("import asyncio\nawait asyncio.sleep(0)\nslept = True", "slept"),
    "async functions": Row("async def f():\n    return 3\nthree = await f()", "three == 3"),
    "tqdm": Row("from tqdm.auto import tqdm\ntotal = sum(tqdm(range(4)))", "total == 6"),
    "tqdm.notebook": Row(
        "from tqdm.notebook import tqdm\ntotal = sum(tqdm(range(4)))", "total == 6"
    ),
    "display": Row("from IPython.display import display, Markdown\ndisplay(Markdown('*x*'), 3)"),
    "rich output": Row(
        "class Rich:\n    def _repr_html_(self):\n        return '<b>x</b>'\nRich()", "True"
    ),
    "the last value": Row("6 * 7", "_ == 42"),
    "data files": Row("text = open('notes.txt').read()", "text == 'do re mi'"),
    "writing files": Row("open('mine.txt', 'w').write('ok')", "open('mine.txt').read() == 'ok'"),
    "threads": Row(
        "import threading\ndone = []\n"
        "t = threading.Thread(target=done.append, args=(1,)); t.start(); t.join()",
        "done == [1]",
    ),
    "a pool of threads": Row(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n    squares = list(pool.map(lambda x: x * x, [2, 3]))",
        "squares == [4, 9]",
    ),
    "processes": Row(
        "import subprocess\nsubprocess.run(['ls'])",
        raises="PermissionError",
        jupyter="starts the program",
    ),
    "the network": Row(
        "import socket\nsocket.create_connection(('127.0.0.1', 80))",
        raises="PermissionError",
        jupyter="connects",
    ),
    "warnings": Row("import warnings\nwarnings.warn('careful')\nwent_on = True", "went_on"),
    "SystemExit": Row("raise SystemExit(3)", raises="SystemExit"),
    "exit": Row("exit()\nwent_on = True", "went_on", jupyter="stops the kernel"),
    "KeyboardInterrupt": Row("raise KeyboardInterrupt", raises="KeyboardInterrupt"),
    "a syntax error": Row("def (", raises="SyntaxError"),
    "get_ipython": Row("shell = get_ipython()", "shell is not None"),
    "help": Row("len?"),
    "autoreload": Row("%load_ext autoreload\n%autoreload 2\nwent_on = True", "went_on"),
    "cell magics that capture": Row("%%capture out\nprint('x')", "out.stdout == 'x\\n'"),
    "the name of the module": Row("here = __name__", "here == '__main__'"),
    "dataclasses and pickle": Row(
        "import pickle\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n"
        "again = pickle.loads(pickle.dumps(P(3)))",
        "again == P(3)",
    ),
    "unicode output": Row("print('σ × –')", "True"),
    "sys.stdout": Row(
        "import sys\nsys.stdout.write('x'); sys.stdout.flush(); sys.stderr.write('y')"
    ),
    "matplotlib files": Row(
        "import matplotlib.pyplot as plt\nplt.plot([1]); plt.savefig('a.png'); plt.close()\n"
        "import os",
        "os.path.getsize('a.png') > 0",
    ),
    "the course's own rooms": Row(
        "from course_utils import checks, figures\nimport numpy",
        "checks.rng('a', 'b') is not None",
    ),
    "the references": Row(
        "import course_utils.nn", raises="course_utils.nn is not there", jupyter="imports them"
    ),
    "randomness": Row("import random, numpy as np\nnp.random.rand(), random.random()", "True"),
    "home": Row("from pathlib import Path\nhome = Path.home()", "home == Path('/tmp')"),
}


@pytest.fixture(scope="module")
def session(release_root):
    """One notebook with every row, each followed by a cell that records what is left."""
    with Scheduler(find("mini", (release_root,)), Settings()) as scheduler:
        tasks = frozenset(mini_set.POINTS)
        ((_, judged),) = scheduler.judge([Job("0" * 64, table_notebook(), tasks)])
    return judged


def table_notebook():
    """The table as a notebook."""
    cells = mini_set.student_cells(double="def double(x):\n    return x")
    parts = []
    for number, row in enumerate(TABLE.values()):
        probe = f"table_{number} = bool({row.expression})" if not row.raises else ""
        parts += [row.cell, probe]
    last = f"table = [globals().get(f'table_{{i}}') for i in range({len(TABLE)})]"
    own = [mini_set.code_cell(f"own{i}", source) for i, source in enumerate([*parts, last])]
    where = next(i for i, cell in enumerate(cells) if cell["id"] == "double")
    cells[where:where] = own
    cells[where + len(own)]["source"] = "def double(x):\n    raise RuntimeError(repr(table))"
    return mini_set.notebook(cells)


@pytest.mark.parametrize("name", TABLE)
def test_row(session, name):
    row, number = TABLE[name], list(TABLE).index(name)
    place = 2 * number + 2  # the title and the locked cell stand before
    blamed = [note for note in session.remarks if f"cell {place + 1} of" in note]
    if row.raises:
        assert blamed
        assert row.raises in blamed[0]
        return
    assert not blamed
    message = next(one.message for one in session.verdicts if one.task == "double")
    found = re.search(r"\[(.*)\]", message).group(1).split(", ")
    assert found[number] == "True"


def test_a_syntax_error_names_its_line_once(session):
    said = next(note for note in session.remarks if "SyntaxError" in note)
    assert "SyntaxError in line 1 of its cell: invalid syntax" in said
    assert said.count("line 1") == 1
