"""What is recorded of a cell, and how near a number is to another digit or a failure."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from course_utils.authoring import margins
from course_utils.authoring.recording import RECORDER, Marking, Recorder


def recorded(path, source, **names):
    """Run a marked cell; return its names and what was recorded."""
    path.unlink(missing_ok=True)
    recorder = Recorder(str(path))
    namespace = {"np": np, RECORDER: recorder, **names}
    exec(compile(Marking().visit(ast.parse(source)), "cell", "exec"), namespace)
    recorder.write()
    return namespace, margins.read(path)


def test_marked_cells_give_what_they_gave(tmp_path):
    source = """
a = f"{x:.2f} {x!r:>5} {n:,} {x:{w}.1f} {np.array([x]).round(1)} {round(x, 3)}"
assert x < 1 and 0 < x <= n and "a" < "b" and not x > 2 and [1] < [2]
assert np.allclose(x, x + 1e-9) and {1} <= {1, 2}
b = [x < 1, x >= 1]
"""
    names, events = recorded(tmp_path / "r", source, x=0.125, n=3, w=6)
    plain = {"np": np, "x": 0.125, "n": 3, "w": 6}
    exec(source, plain)
    assert names["a"] == plain["a"]
    assert names["b"] == plain["b"]
    assert {(kind, how) for _, kind, how in events} == {
        ("asserted", "<"),
        ("asserted", ">"),
        ("asserted", "close"),
        ("printed", ".1f"),
        ("printed", ".2f"),
        ("printed", ".3f"),
    }


def test_a_failing_claim_still_fails_as_it_did(tmp_path):
    with pytest.raises(AssertionError, match="too large"):
        recorded(tmp_path / "r", 'assert x < 0, "too large"', x=1.0)
    with pytest.raises(TypeError, match="not supported between"):
        recorded(tmp_path / "r", "assert x < 0", x="word")


def lanes(tmp_path, source, *values):
    return [
        recorded(tmp_path / f"{number}", source, x=value)[1] for number, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("spec", "near", "far"),
    [
        (".2f", 0.125, 0.12),
        (".0%", 0.125, 0.12),
        (".1%", 0.1235, 0.123),
        (".0f", 2.5, 2.0),
        (".1e", 1.25e-7, 1.2e-7),
        (".3g", 1235e3, 1230e3),
    ],
)
def test_a_digit_is_safe_three_spreads_from_its_edge(tmp_path, spec, near, far):
    source = f's = f"{{x:{spec}}}"'
    move = 1e-4 * near
    (found,) = margins.thin(lanes(tmp_path, source, near + move, near + 2 * move))
    assert found.line == 1
    assert found.message.startswith(f"a number written as {spec} moves by ")
    assert margins.thin(lanes(tmp_path, source, far, far + move)) == []
    assert margins.thin(lanes(tmp_path, source, near, near)) == []  # it does not move at all


def test_a_claim_is_safe_when_it_leaves_three_spreads(tmp_path):
    source = "assert x < 1"
    assert margins.thin(lanes(tmp_path, source, 0.9, 0.93)) == [
        margins.Thin(0, 1, margins._message("asserted", "<", 0.07, 0.03))
    ]
    assert margins.thin(lanes(tmp_path, source, 0.9, 0.92)) == []


def test_a_tolerance_that_is_nearly_used_up_is_thin(tmp_path):
    source = "assert np.allclose(x, 0, rtol=0, atol=1e-9)"
    assert margins.thin(lanes(tmp_path, source, 1e-12, 2e-12)) == []
    assert len(margins.thin(lanes(tmp_path, source, 5e-10, 8e-10))) == 1


def test_every_entry_of_an_array_counts(tmp_path):
    source = "assert (x < 1).all()\ny = x.round(1)"
    wide, narrow = np.array([0.1, 0.5, 0.9]), np.array([0.1, 0.5, 0.94])
    assert [found.line for found in margins.thin(lanes(tmp_path, source, wide, narrow))] == [1, 2]


def test_runs_of_other_lengths_are_compared_where_they_come_nearest(tmp_path):
    source = "for v in x:\n    assert v < 1"
    assert margins.thin(lanes(tmp_path, source, [0.1, 0.2], [0.1, 0.2, 0.9])) != []
    assert margins.thin(lanes(tmp_path, source, [0.1, 0.2], [0.1, 0.1, 0.2])) == []


def test_tensors_are_numbers_too(tmp_path, torch):
    x = torch.ones(3, requires_grad=True)
    source = "assert torch.allclose(x, x.detach() + 1e-9)\ns = f'{float(x.detach()[0]):.2f}'"
    _, events = recorded(tmp_path / "r", source, x=x, torch=torch)
    assert {kind for _, kind, _ in events} == {"asserted", "printed"}
