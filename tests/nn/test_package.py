"""What importing `course_utils.nn` costs, and what a tape costs."""

import subprocess
import sys
import tracemalloc
from dataclasses import fields
from importlib import import_module

import numpy as np
import pytest

from course_utils import nn

LOADED = """
import numpy, sys
before = set(sys.modules)
import course_utils.nn
print(*sorted(set(sys.modules) - before))
"""


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_import_is_cheap():
    """A module is read when its first name is asked for."""
    assert run(LOADED).split() == ["course_utils", "course_utils.nn"]


def test_numpy_is_all_that_is_needed():
    loaded = run(
        "import course_utils.nn as nn, sys\n"
        "[getattr(nn, name) for name in nn.__all__]\n"
        "print([m for m in ('torch', 'matplotlib', 'scipy', 'click') if m in sys.modules])"
    )
    assert loaded.strip() == "[]"


def test_everything_public_is_where_the_table_says():
    assert len(nn.__all__) == len(set(nn.__all__))
    assert set(nn.__all__) <= set(dir(nn))
    for name in nn.__all__:
        thing = getattr(nn, name)
        assert getattr(thing, "__module__", "course_utils.nn").startswith("course_utils.nn")
        assert thing is getattr(nn, name)
    assert nn.rnn is import_module("course_utils.nn.rnn")
    with pytest.raises(AttributeError, match="has no attribute 'rnn_forwards'"):
        nn.rnn_forwards  # noqa: B018


def test_everything_public_says_what_it_is():
    for name in nn.__all__:
        thing = getattr(nn, name)
        if callable(thing):
            assert (thing.__doc__ or "").strip(), name
            assert not thing.__doc__.startswith(f"{name}("), f"{name} has no docstring of its own"


def bytes_kept(forward, params, T, B=8, D=4):
    x = np.random.default_rng(0).standard_normal((T, B, D))
    tracemalloc.start()
    *_, tape = forward(x, params)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    inputs = {id(x)} | {id(leaf) for leaf in nn.tree_leaves(params)}
    arrays = [getattr(tape, field.name) for field in fields(tape)]
    arrays = [a for a in arrays if isinstance(a, np.ndarray) and id(a) not in inputs]
    return kept, sum(a.nbytes for a in arrays)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_forward_pass_keeps_the_tape_and_nothing_else(cell):
    forward, init = getattr(nn, f"{cell}_forward"), getattr(nn, f"init_{cell}")
    params = init(np.random.default_rng(0), 4, 16)
    forward(np.ones((2, 8, 4)), params)  # what is imported and cached at first use
    short, long = (bytes_kept(forward, params, T) for T in (100, 300))
    a_step, on_tape = (b - a for a, b in zip(short, long, strict=True))
    assert on_tape == {"rnn": 1, "lstm": 7, "gru": 5}[cell] * 200 * 8 * 16 * 8
    assert a_step == pytest.approx(on_tape, rel=0.01)
