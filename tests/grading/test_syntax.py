"""What the jail's quick way with cells skips changes nothing: IPython's own transformers decide."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import MagicAssign, TransformerManager

from course_utils.grading.jail import syntax

ROOT = Path(__file__).parents[2]
COURSE = sorted(
    {
        "".join(cell["source"])
        for path in ROOT.glob("*/*/*.ipynb")
        if path.parts[-3] in ("exercises", "solutions")
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    }
)
ODD = [
    "%matplotlib inline",
    "x = 1\n%timeit x",
    "if True:\n    %time x = 2",
    "files = !ls",
    "files = \\\n  !ls",
    "now = %time 3",
    "a = (7\n% 3)",
    "a = 7 \\\n% 3",
    "a %= 3\nb = a % 3\nc = a != b",
    "print?",
    "print('why?')",
    "'''\n%not a magic\n'''",
    "'''\n!not a command\n'''\n",
    "def f():\n  pass\n %time f()",
    "if 1:\n    a\n  b",
    "  x = 1\n  y = 2",
    "\n\n  \nx = 1",
    ">>> x = 1\n... ",
    "In [1]: x = 5",
    "x = 1\n...\n",
    "%%time\nx = 1",
    "/print 1",
    ",print a b",
    ";print a b",
    "x = 1; %time x",
    "x = 1\r\n%time x\r\n",
    "x = 1\x0c\n\x0c%time x",
    "x = 1\x0b%time x",
    "x = 1\u2028%time x",
    "await f()",
    "x = 5 # 100%\ny = '%d' % x",
    "(",
    "'unclosed",
    "x = $5",
    "",
    "\\",
    "f(a=%time)",
    "x: int = %time 3",
    "x == !y",
    "\t%time 1",
    "0xfor x",
    "x = 1 if y else!z",
    "\ud800 = 1",
    "a\0b",
]
_WORDS = st.sampled_from(
    [
        *"%!?,;/=()[]:.\\#'\" \n\t",
        "\n",
        "\n    ",
        "x",
        "1",
        "if x",
        "def f()",
        "%%",
        "'''",
        "ls",
        "...",
    ]
)


def _result(manager, source):
    try:
        return manager.transform_cell(source)
    except Exception as error:  # noqa: BLE001 - both ways must end alike
        return type(error), re.sub(r"0x\w+", "", str(error))


@pytest.mark.parametrize("source", ODD)
def test_odd_cells_come_out_as_from_ipython(source):
    assert _result(syntax.Transformers(), source) == _result(TransformerManager(), source)


def test_every_cell_of_the_course_does():
    assert len(COURSE) > 100
    quick, usual = syntax.Transformers(), TransformerManager()
    assert [s for s in COURSE if _result(quick, s) != _result(usual, s)] == []


def test_most_of_them_are_quick():
    assert sum(map(syntax._plain, COURSE)) > 0.8 * len(COURSE)


@given(st.lists(_WORDS, max_size=12).map("".join))
def test_invented_cells_do(source):
    assert _result(syntax.Transformers(), source) == _result(TransformerManager(), source)


def test_transformers_that_a_notebook_adds_are_asked():
    class Shout(MagicAssign):
        @classmethod
        def find(cls, tokens_by_line):
            first = tokens_by_line[0][0]
            return cls(first.start) if first.string == "shout" else None

        def transform(self, lines):
            return ["print('!')\n", *lines[1:]]

    manager = syntax.Transformers()
    manager.token_transformers.append(Shout)
    assert manager.transform_cell("shout") == "print('!')\n"
