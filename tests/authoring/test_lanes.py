"""Lanes: which settings, which of them run here, and that what differs is refused by its line."""

from __future__ import annotations

import json

import pytest
from tiny_course import CHAPTER, cells, rewrite

from course_utils.authoring import lanes as lanes_module
from course_utils.authoring.errors import UsageError
from course_utils.authoring.lane_table import lanes as lane_table
from course_utils.authoring.lanes import (
    BY_NAME,
    LANES,
    SWITCHES,
    Lane,
    choose,
    environment,
    why_not,
)
from course_utils.authoring.make import make

NOTEBOOK = "notebooks/01_awkward.ipynb"
RUNNABLE = [name for name in ("widest", "narrowest") if why_not(BY_NAME[name]) is None]
BOTH = pytest.mark.parametrize("lanes", [tuple(RUNNABLE)], indirect=True, ids=["lanes"])
# Sixty steps in which every last bit grows: what a careless author would print.
CHAOS = """import numpy as np
W = np.random.default_rng(0).normal(size=(64, 64)) / 2
h = np.ones(64)
for _ in range(200):
    h = np.tanh(h @ W)
"""


def test_lanes_are_chosen_by_name():
    assert choose(["haswell", "widest"]) == [BY_NAME["haswell"], BY_NAME["widest"]]
    assert choose([]) == choose(["all"]) == list(LANES)
    with pytest.raises(UsageError, match="unknown lane 'nehalem'; there are widest, narrowest"):
        choose(["nehalem"])


def test_a_lane_sets_its_switches_and_removes_all_others():
    base = dict.fromkeys(SWITCHES, "odd") | {"HOME": "/home"}
    wide, narrow = environment(BY_NAME["widest"], base), environment(BY_NAME["narrowest"], base)
    assert wide.keys() & set(SWITCHES) == set()
    assert wide["HOME"] == narrow["HOME"] == "/home"
    assert narrow["OPENBLAS_CORETYPE"] == "Prescott"
    assert "odd" not in narrow.values()
    assert environment(BY_NAME["two-threads"], base)["OMP_NUM_THREADS"] == "2"


def test_a_lane_that_cannot_run_here_says_why(monkeypatch):
    assert why_not(BY_NAME["widest"]) is None
    assert why_not(Lane("x", "", needs=("MMX9",))) == "this processor has no MMX9"
    nothing = Lane("y", "", {"OPENBLAS_CORETYPE": "Nothing"}, cores=("Nothing",))
    assert why_not(nothing).startswith("OpenBLAS took its kernels for ")
    dead = Lane("z", "", {"PYTHONHOME": "/nowhere"})
    assert why_not(dead) == "the libraries here cannot start with these settings"


@BOTH
def test_an_unsafe_number_is_refused_with_file_and_line(made, capsys, lanes):
    assert len(lanes) == 2
    before = (made / NOTEBOOK).read_bytes()
    source = f'{CHAOS}print(f"after 200 steps: {{h[0]:.3f}}")'
    line = rewrite(made / CHAPTER, 'print("a digit:", 7)', source) + source.count("\n")
    assert make(made, ["01"]) == 1
    said = capsys.readouterr().err
    assert f"{CHAPTER}:{line}: a number written as .3f moves by" in said
    assert "in the lane narrowest this cell shows 'after 200 steps: " in said
    assert (made / NOTEBOOK).read_bytes() == before


@BOTH
def test_a_claim_that_nearly_fails_is_refused(made, capsys):
    source = (
        f"{CHAOS}assert abs(h[0]) < 2 or h[1] < 9\nassert abs(h[0]) > 1e-9\nassert h[0] < 1.0001"
    )
    line = rewrite(made / CHAPTER, 'print("a digit:", 7)', f'{source}\nprint("a digit:", 7)')
    assert make(made, ["01"]) == 1
    found = [
        said for said in capsys.readouterr().err.splitlines() if "a claim's difference" in said
    ]
    assert any(said.startswith(f"{CHAPTER}:{line + source.count(chr(10)) - 1}: ") for said in found)


@BOTH
def test_a_safe_number_is_made_and_the_recording_leaves_no_trace(made):
    source = f'{CHAOS}print(f"a digit: {{h.size + 0.21:.1f}}", np.abs(h).max().round(0))'
    rewrite(made / CHAPTER, 'print("a digit:", 7)', source)
    assert make(made, ["01"]) == 0
    assert "a digit: 64.2 1.0" in json.dumps(cells(made / NOTEBOOK))


def test_the_table_names_what_is_equal_what_differs_and_what_was_not_run(made, capsys, monkeypatch):
    absent = Lane("absent", "no machine", needs=("MMX9",))
    monkeypatch.setattr(lanes_module, "BY_NAME", BY_NAME | {"absent": absent})
    assert lane_table(made, ["01"], ["widest", "absent"]) == 0
    said = capsys.readouterr().out
    assert "01_awkward" in said
    assert "equal" in said
    assert "not run" in said
    assert "absent was not run: this processor has no MMX9" in said

    stored = (made / NOTEBOOK).read_text(encoding="utf-8")
    (made / NOTEBOOK).write_text(stored.replace("a digit: 7\\n", "a digit: 8\\n"), "utf-8")
    assert lane_table(made, ["01"], ["widest"]) == 1
    said = capsys.readouterr()
    assert "1 differ" in said.out
    assert "in the lane widest this cell shows 'a digit: 7', not 'a digit: 8'" in said.err


def test_a_table_that_was_broken_off_goes_on(made, capsys, monkeypatch):
    assert lane_table(made, ["01"], ["widest"]) == 0
    monkeypatch.setattr("course_utils.authoring.execute.execute", None)
    assert lane_table(made, ["01"], ["widest"]) == 0
    assert "equal" in capsys.readouterr().out


def test_a_text_that_was_not_made_is_no_row(course, capsys):
    assert lane_table(course, ["01"], ["widest"]) == 1
    assert "run 'course make 01_awkward'" in capsys.readouterr().err
    assert lane_table(course, ["09"], ["widest"]) == 2
