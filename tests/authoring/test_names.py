"""Which names a cell binds and needs, read from its source alone."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.authoring import calls
from course_utils.problem_sets import names

FREE = [
    ("f(x)", {"f", "x"}),
    ("f = 1\nf + 1", set()),
    ("[x for x in xs]", {"xs"}),
    ("{k: v for k, v in pairs if k in wanted}", {"pairs", "wanted"}),
    ("def g(a, b=c):\n    return a + d + len(a)", {"c", "d"}),
    ("def g():\n    def h():\n        return deep\n    return h", {"deep"}),
    ("def g():\n    y = 1\n    def h():\n        return y\n    return h", set()),
    ("class A(Base):\n    x = y\n    def m(self):\n        return z", {"Base", "y", "z"}),
    ("import numpy as np\nnp.ones(3)", set()),
    ("from a.b import c\nc(); a", {"a"}),
    ("lambda x: x + y", {"y"}),
    ("for i in range(n):\n    total = i", {"n"}),
    ("with opener() as file:\n    file.read()", {"opener"}),
    ("def g():\n    global made\n    made = 1\ng()\nmade", set()),
    ("(y := f(3))\ny", {"f"}),
    ("try:\n    a()\nexcept E as error:\n    print(error)", {"a", "E"}),
    ("match p:\n    case [x, *rest]:\n        x, rest", {"p"}),
    ("f'{value:.{digits}f}'", {"value", "digits"}),
    ("x: int = 3", set()),
    ("d['not_a_name'].attribute", {"d"}),
]


@pytest.mark.parametrize(("source", "needed"), FREE)
def test_free_names_are_those_python_would_look_up_elsewhere(source, needed):
    assert set(names.free(source)) == needed


def test_a_free_name_comes_with_its_first_line():
    assert names.free("a = 1\n\nprint(b)\nb") == {"b": 3}


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=6))
def test_a_name_that_is_only_read_raises_name_error_and_is_free(read):
    source = f"a = 1\n({', '.join(read)},)"
    missing = [name for name in read if name != "a"]
    assert set(names.free(source)) == set(missing)
    try:
        exec(compile(source, "cell", "exec"), {})
        looked_up = None
    except NameError as error:
        looked_up = error.name
    assert looked_up == (missing[0] if missing else None)


def test_bound_names_stand_in_the_order_of_the_source_and_may_leave_imports_out():
    source = "import os\nb = 1\n\ndef a(): ...\n\nclass C: ...\nfrom x import y as z\n"
    assert names.bound(source, imports=False) == ("b", "a", "C")
    assert set(names.bound(source)) == {"os", "b", "a", "C", "z"}


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("%matplotlib inline", 0),
        ("x = 1\n!ls", 1),
        ("x = 1\n\nnp.ones?", 2),
        ("%%time\nx = 1", 0),
        ("x = 5 % 3\ny = '%s' % x", None),
        ("if x != 3:\n    y = 'wh?'", None),
    ],
)
def test_magics_are_found_and_python_is_not_mistaken_for_them(source, line):
    assert names.magic_line(source) == line
    ast.parse(names.plain(source))


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\nassert x == 1", 2),
        ("np.testing.assert_allclose(a, b)", 1),
        ("a\n\nnumpy.testing.assert_equal(a, b)", 3),
        ("from numpy.testing import assert_allclose", 1),
        ("from numpy import testing", 1),
        ("def f():\n    return np.allclose(a, b)", 2),
        ("np.array_equal(a, b)", 1),
        ("from numpy import isclose as same", 1),
    ],
)
def test_comparisons_that_do_not_explain_are_found(source, line):
    assert calls.bare_comparison(source)[0] == line


def test_comparisons_through_checks_are_fine():
    assert calls.bare_comparison("checks.array(f(x), np.full(3, 2.0), name='y')") is None


def test_the_checks_are_known_under_every_name_they_can_have():
    source = (
        "from course_utils import checks as c\n"
        "from course_utils.checks import array as same\n"
        "import course_utils.checks as d\n"
    )
    assert calls.check_names(source) == {"c", "same", "d"}
    assert calls.calls("x = [c.array(a, b) for a in y]", {"c"})
    assert not calls.calls("c\narray(a)", {"c"})
