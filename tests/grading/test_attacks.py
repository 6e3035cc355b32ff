# ruff: noqa: E501 - the tables hold whole cells
"""Twenty attacks, in the families that gave full marks, lost grades or harmed others elsewhere.

Every attack is a notebook with wrong or no answers that tries to get points, to break the batch, or
to reach something. Fair is: no points for what is not solved, every other task as it deserves.
"""

from dataclasses import dataclass, field

import mini_set
import pytest

WRONG = "def double(x):\n    return 0 * x"


@dataclass(frozen=True)
class Attack:
    """``changes`` to a right notebook and a cell ``before`` it; tasks that must be ``lost``."""

    lost: tuple[str, ...]
    changes: dict[str, str] = field(default_factory=dict)
    before: str = ""
    after: str = ""
    states: tuple[str, ...] = ("graded", "raised")


_WIRE = "import socket, os, stat, struct\nwire = next(n for n in range(3, 256) if _sock(n))\n"
_FIND = (
    "import os, stat\n"
    "def _sock(n):\n"
    "    try: return stat.S_ISSOCK(os.fstat(n).st_mode)\n"
    "    except OSError: return False\n"
)

ATTACKS = {
    "patched comparisons": Attack(
        ("double",),
        {"double": WRONG},
        before="import numpy as np, sys\nfrom course_utils import checks\n"
        "np.testing.assert_allclose = np.allclose = lambda *a, **k: True\n"
        "for n in dir(checks):\n    setattr(checks, n, lambda *a, **k: None)",
    ),
    "an array equal to everything": Attack(
        ("double",),
        {
            "double": "class E(np.ndarray):\n"
            "    def __eq__(self, o): return np.True_\n"
            "    def __array_ufunc__(self, *a, **k): return np.zeros(())\n"
            "    def __array_function__(self, *a, **k): return True\n"
            "def double(x):\n    return np.zeros_like(x).view(E)"
        },
    ),
    "an object equal to everything": Attack(
        ("double", "table"),
        {
            "double": "class Yes:\n"
            "    def __eq__(self, o): return True\n"
            "    def __array__(self, *a, **k): return np.zeros(3)\n"
            "    def __getattr__(self, n): return lambda *a, **k: True\n"
            "def double(x):\n    return Yes()",
            "table": "table = Yes()",
        },
    ),
    "a false class": Attack(
        ("double",),
        {
            "double": "class F:\n    __class__ = np.ndarray\n    shape = (3,)\n"
            "def double(x):\n    return F()"
        },
    ),
    "a forged reply": Attack(
        ("double", "centre", "objects", "table"),
        {
            "double": _FIND
            + _WIRE
            + "os.write(wire, struct.pack('>II', 4, 0) + b'\\x94\\x01\\xa1x')\n"
            "def double(x):\n    return x"
        },
        states=("crashed", "graded"),
    ),
    "a reply sent twice": Attack(
        ("double",),
        {
            "double": _FIND + _WIRE + "import runner.wire.frames as fr\n"
            "def double(x):\n"
            "    s = socket.socket(fileno=os.dup(wire))\n"
            "    fr.send(s, fr.Frame(1, 'reply', {'raised': None, 'returned': 1}))\n"
            "    return x"
        },
        states=("crashed",),
    ),
    "a huge announcement": Attack(
        ("double",),
        {
            "double": _FIND + _WIRE + "def double(x):\n"
            "    os.write(wire, struct.pack('>II', 2**32 - 1, 2**32 - 1))\n    return x"
        },
        states=("crashed",),
    ),
    "the wire closed": Attack(
        ("double",),
        {"double": _FIND + _WIRE + "def double(x):\n    os.close(wire)\n    os._exit(0)"},
        states=("crashed",),
    ),
    "StopIteration to end the comparison": Attack(
        ("objects",),
        {
            "objects": mini_set.ANSWERS["objects"].replace(
                "    n = 0\n    while", "    return\n    while"
            )
        },
    ),
    "a generator that never ends": Attack(
        ("table",),
        {"table": "def forever():\n    while True: yield 1\ntable = forever()"},
    ),
    "a reference in the arguments' place": Attack(
        ("centre",),
        {"centre": "def centre(x):\n    x[:] = 0\n    return x"},
    ),
    "the result rewritten later": Attack(
        ("double",),
        {"double": "kept = []\ndef double(x):\n    r = 0 * x\n    kept.append(r)\n    return r"},
        after="for r in kept:\n    r[:] = 1",
    ),
    "a broadcast answer": Attack(
        ("double",), {"double": "def double(x):\n    return np.zeros(())"}
    ),
    "an answer of gigabytes": Attack(
        ("double",),
        {"double": "def double(x):\n    return np.broadcast_to(0.0, (2**34,))"},
        states=("graded", "raised", "crashed"),
    ),
    "an endless number": Attack(
        ("double",), {"double": "def double(x):\n    return [10 ** (10 ** 5)] * 3"}
    ),
    "a bottomless list": Attack(
        ("double",), {"double": "def double(x):\n    r = []\n    r.append(r)\n    return r"}
    ),
    "the parent killed": Attack(
        (),
        before="import os, signal\nfor pid in (os.getppid(), 0, -1, 2, 3):\n"
        "    try: os.kill(pid, signal.SIGTERM)\n    except OSError: pass",
    ),
    "everything exits": Attack(
        ("double",),
        {
            "double": "import atexit, os\natexit.register(os._exit, 0)\ndef double(x):\n    os._exit(0)"
        },
        states=("crashed",),
    ),
    "deleted builtins": Attack(
        (),
        after="import builtins\nfor n in ('len', 'isinstance', 'print', 'open'):\n    delattr(builtins, n)",
    ),
    "messages that harm": Attack(
        ("double",),
        {
            "double": "class Bad(Exception):\n    def __str__(self): raise SystemExit\n"
            "    __repr__ = __str__\ndef double(x):\n    raise Bad('<script>alert(1)</script>')"
        },
        states=("raised",),
    ),
    "a metaclass of lies": Attack(
        ("table",),
        {
            "table": "class M(type):\n    def __instancecheck__(c, i): return True\n"
            "    def __getattribute__(c, n): raise KeyboardInterrupt\n"
            "class T(metaclass=M): pass\ntable = T()"
        },
    ),
    "a thread that goes on": Attack(
        (),
        before="import threading\ndef spin():\n    while True: pass\n"
        "threading.Thread(target=spin, daemon=True).start()",
        states=("timed out",),
    ),
    "frames of the caller": Attack(
        ("double",),
        {
            "double": "import sys, gc\ndef double(x):\n    f = sys._getframe()\n"
            "    while f:\n"
            "        for v in list(f.f_locals.values()):\n"
            "            if isinstance(v, np.ndarray) and v is not x: return v\n"
            "        f = f.f_back\n    return 0 * x"
        },
    ),
    "a segmentation fault": Attack(
        ("double",),
        {"double": "import ctypes\ndef double(x):\n    ctypes.string_at(0)"},
        states=("crashed",),
    ),
}
SURVIVORS_MAY_SUFFER = ("a thread that goes on",)


@pytest.mark.parametrize("name", ATTACKS)
def test_fair_points(grader, name):
    attack = ATTACKS[name]
    cells = mini_set.student_cells(**attack.changes)
    if attack.before:
        cells.insert(2, mini_set.code_cell("before", attack.before))
    if attack.after:
        place = next(i for i, cell in enumerate(cells) if cell["id"] == "double_checks")
        cells.insert(place, mini_set.code_cell("after", attack.after))
    lost = grader.lost(mini_set.notebook(cells))
    if name in SURVIVORS_MAY_SUFFER:
        assert set(lost.values()) <= {"timed out"}
        return
    if name == "a forged reply":
        assert "double" in lost
    else:
        assert set(lost) == set(attack.lost)
    assert set(lost.values()) <= set(attack.states)


def test_the_worker_is_as_good_as_new_after_all_of_them(grader):
    assert grader.lost(mini_set.submission()) == {}


def test_hidden_checks_give_nothing_away(grader):
    spy = "def double(x):\n    print('SECRET', x)\n    if len(x) != 3: raise ValueError(f'SECRET {x}')\n"
    text = grader.messages(mini_set.submission(double=spy + "    return 2 * x"))["double"]
    assert text == "Your code raised an error in a hidden check: one number."


def test_a_hidden_failure_shows_its_hint_and_no_value(grader):
    almost = "def double(x):\n    return 2 * x if len(x) < 40 else x"
    text = grader.messages(mini_set.submission(double=almost))["double"]
    assert text == "Hidden check not passed: many numbers."


def test_markdown_answers_cannot_bring_script(grader):
    from course_utils.grading.markup import clean

    nasty = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) **b**"
    html = grader.judge(mini_set.submission(explain=nasty)).answers["explain"]
    assert "<strong>b</strong>" in html
    cleaned = clean(html + "<script>1</script><style>*{}</style><a href='http://x'>y</a>")
    for word in ("<script", "<img", "<style", "<a", "href", "onerror=alert(1)>"):
        assert word not in cleaned
