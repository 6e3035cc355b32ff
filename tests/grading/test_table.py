"""The table that a person edits: every row is used, or refused by name before anything changes."""

import mini_set
import pytest
from grading_cases import dump, hand_in, one_sentence, run, type_points

CHANGED = {"00123": "123", "1e5": "100000", "2-3": "02-Mar", "ann": "Ann"}


@pytest.mark.parametrize("student", CHANGED)
def test_a_name_that_a_spreadsheet_changed_is_refused(student, tmp_path, release_root, capsys):
    out = tmp_path / "out"
    for one in CHANGED:
        hand_in(tmp_path / "in", one, mini_set.submission())
    assert run(tmp_path / "in", out, release_root) == 0
    type_points(out, "5", student)
    path = out / "grades.csv"
    path.write_text(path.read_text().replace(f"{student},", f"{CHANGED[student]},"))
    table, journal = path.read_bytes(), dump(out, release_root)
    capsys.readouterr()
    assert run(tmp_path / "in", out, release_root) == 2
    one_sentence(capsys, f"is about {CHANGED[student]!r}, whom no table had before")
    assert (path.read_bytes(), dump(out, release_root)) == (table, journal)
