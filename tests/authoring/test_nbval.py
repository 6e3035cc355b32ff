"""nbval, strict, on a made notebook: it agrees, and one changed digit is found."""

from __future__ import annotations

import os
import subprocess
import sys

from conftest import rewrite

NOTEBOOK = "notebooks/01_awkward.ipynb"


def nbval(root):
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", NOTEBOOK],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_made_notebook_passes(made):
    run = nbval(made)
    assert run.returncode == 0, run.stdout
    assert "3 passed" in run.stdout


def test_one_changed_digit_fails(made):
    rewrite(made / NOTEBOOK, "a digit: 7\\n", "a digit: 8\\n")
    run = nbval(made)
    assert run.returncode == 1
    assert "1 failed, 2 passed" in run.stdout
