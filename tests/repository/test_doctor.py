"""``course doctor`` names what is missing, says what that costs, and its exit code means it."""

import shutil

from course_utils import doctor


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


def test_without_bubblewrap_there_are_no_namespaces(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert doctor.namespaces() is None
    assert doctor.program("chromium") is None


def test_every_finding_of_this_machine_has_a_cost():
    rows = list(doctor.findings())
    assert {"numpy", "torch", "chromium"} <= {row.name for row in rows}
    assert all(row.cost for row in rows)
