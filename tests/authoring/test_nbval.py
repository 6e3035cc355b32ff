"""Notebooks under pytest, in lanes, strictly: they agree, and one changed digit is found."""

from __future__ import annotations

import os
import subprocess
import sys

from tiny_course import rewrite

from course_utils.authoring.lanes import BY_NAME, why_not

NOTEBOOK = "notebooks/01_awkward.ipynb"
NARROW = int(why_not(BY_NAME["narrowest"]) is None)  # cells of that lane run here, or one skip


def pytest_in_lanes(root, lanes, *words):
    plugin = ["-p", "course_utils.authoring.pytest_lanes"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, "--lanes", lanes, *words, NOTEBOOK],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_made_notebook_passes_in_every_lane(made):
    run = pytest_in_lanes(made, "widest,narrowest")
    assert run.returncode == 0, run.stdout
    assert f"{3 + 3 * NARROW} passed" in run.stdout


def test_one_changed_digit_fails(made):
    rewrite(made / NOTEBOOK, "a digit: 7\\n", "a digit: 8\\n")
    run = pytest_in_lanes(made, "widest")
    assert run.returncode == 1
    assert "1 failed, 2 passed" in run.stdout


def test_a_lane_that_cannot_run_is_a_skip_with_its_reason(made):
    (made / "absent.py").write_text(
        "from course_utils.authoring import lanes\n"
        "lanes.BY_NAME['absent'] = lanes.Lane('absent', '', needs=('MMX9',))\n"
    )
    run = pytest_in_lanes(made, "absent", "-p", "absent", "-rs")
    assert "1 skipped" in run.stdout
    assert "the lane absent was not run: this processor has no MMX9" in run.stdout
