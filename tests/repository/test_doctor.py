"""``course doctor`` names what is missing, says what that costs, and its exit code means it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from course_utils import doctor

SETUP = Path(__file__).parents[2] / "tools/setup.sh"


def test_all_present_is_exit_zero(monkeypatch, capsys):
    monkeypatch.setattr(
        doctor, "findings", lambda: [doctor.Finding("numpy", "2.0", "nothing runs")]
    )
    assert doctor.report() == 0
    assert "numpy  2.0" in capsys.readouterr().out


def test_a_missing_thing_is_named_with_its_cost(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "findings", lambda: [doctor.Finding("bwrap", None, "no sandbox")])
    assert doctor.report() == 1
    assert "- bwrap  missing: no sandbox" in capsys.readouterr().out


def test_without_bubblewrap_and_a_browser_there_are_none(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert doctor.namespaces() is None
    assert doctor.browser() is None


def test_a_browser_that_does_not_run_is_none(monkeypatch, tmp_path):
    for name, code in {"chromium": 1, "google-chrome": 0}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.browser() == str(tmp_path / "google-chrome")
    (tmp_path / "google-chrome").unlink()
    assert doctor.browser() is None


def test_setup_with_an_older_python_is_one_sentence(tmp_path):
    older = tmp_path / "python3.10"
    older.write_text("#!/bin/sh\nexit 1\n")  # its answer to: are you 3.11 or newer?
    older.chmod(0o755)
    run = subprocess.run(
        [SETUP],
        env={**os.environ, "PYTHON": str(older)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"setup: PYTHON={older} is no Python 3.11 or newer")


def test_an_older_python_is_told_in_one_sentence():
    older = (
        "import sys; sys.version_info = (3, 10); sys.version = '3.10.13'; import course_utils.cli"
    )
    run = subprocess.run([sys.executable, "-c", older], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == "course needs Python 3.11 or newer; this is Python 3.10.13\n"


def test_every_finding_of_this_machine_has_a_cost():
    rows = list(doctor.findings())
    assert {"numpy", "torch", "chromium"} <= {row.name for row in rows}
    assert all(row.cost for row in rows)
