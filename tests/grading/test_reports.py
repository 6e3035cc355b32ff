"""`course report` and `course export`: from grades.csv alone, and nothing in it can run."""

import csv
import json

import pytest
from click.testing import CliRunner

from course_utils.cli import main

GRADES = """student,set,task,points,max_points,state
'=cmd(),mini,double,4,4,graded
'=cmd(),mini,explain,,6,awaiting marking
wren<script>,mini,double,0,4,timed out
wren<script>,mini,explain,,6,awaiting marking
"""


@pytest.fixture
def out(tmp_path):
    (tmp_path / "grades.csv").write_text(GRADES)
    return tmp_path


def course(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_report(out):
    assert course("report", out).exit_code == 0
    page = (out / "report.html").read_text()
    assert page.count("<svg ") == 2
    assert "2 students" in page
    assert "timed out: 1" in page
    assert "50" in page
    assert "<script" not in page
    assert "default-src 'none'" in page
    first = page
    assert course("report", out).exit_code == 0
    assert (out / "report.html").read_text() == first


def test_csv_export(out):
    assert course("export", out).exit_code == 0
    with (out / "exports" / "grades_by_student.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["student", "total", "so far", "out of", "double", "explain", "open"],
        ["'=cmd()", "", "4", "4", "4", "", "explain"],
        ["wren<script>", "", "0", "4", "0", "", "explain"],
    ]


BROKEN = {
    "missing": None,
    "another table": "a,b\n1,2\n",
    "empty": "",
    "no number": GRADES.replace(",4,4,", ",x,4,"),
    "short row": GRADES + "only\n",
}


@pytest.mark.parametrize("command", ["report", "export"])
@pytest.mark.parametrize("name", BROKEN)
def test_bad_input_is_one_sentence(tmp_path, command, name):
    if BROKEN[name] is not None:
        (tmp_path / "grades.csv").write_text(BROKEN[name])
    done = course(command, tmp_path)
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert done.output.endswith(".\n")
    assert "grades.csv" in done.output


def test_class_command(tmp_path):
    done = course("class", tmp_path / "made", "--students", "3", "--seed", "5")
    assert done.exit_code == 0
    assert len(json.loads((tmp_path / "made" / "expected.json").read_text())) == 3
    assert course("class", tmp_path / "made", "--students", "0").exit_code == 2
    assert course("class", tmp_path / "made", "--set", "ps99").exit_code == 2
