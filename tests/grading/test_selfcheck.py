"""``course check``: every state a task can be in, and everything that can be wrong with a file."""

import json
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from course_utils.cli import main
from course_utils.grading.settings import Settings
from course_utils.problem_sets.limits import CELL_SECONDS
from course_utils.selfcheck import check as selfcheck

ROOT = Path(__file__).parents[2]
SET = "ps02_recurrence"
EXERCISE = ROOT / "exercises" / SET / f"{SET}.ipynb"
SOLUTION = ROOT / "solutions" / SET / f"{SET}.ipynb"


class Student:
    """A student's notebook, changed cell by cell."""

    def __init__(self, source):
        self.notebook = nbformat.read(source, as_version=4)

    def position(self, name):
        for position, cell in enumerate(self.notebook.cells):
            if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
                return position
        raise KeyError(name)

    def write(self, name, source):
        self.notebook.cells[self.position(name)].source = source

    def delete(self, name):
        del self.notebook.cells[self.position(name)]

    def duplicate(self, name, source):
        copy = nbformat.from_dict(self.notebook.cells[self.position(name)])
        copy.source, copy.id = source, "copied"
        self.notebook.cells.insert(self.position(name) + 1, copy)

    def save(self, folder, name=f"{SET}.ipynb"):
        nbformat.write(self.notebook, folder / name)
        return folder / name


def report(path, seconds=60):
    """The exit code and the report, with each task's part by its number."""
    lines = []
    code = selfcheck.check(path, seconds, lines.append)
    parts, current = {}, None
    for line in lines:
        if line.startswith("  ") and not line.startswith("   "):
            state, _, title = line.strip().partition("  ")
            current = int(title.split(" ")[0])
            parts[current] = [state]
        elif line.startswith("   ") and current:
            parts[current].append(line.strip())
        else:
            current = None
    return code, parts, "\n".join(lines)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One run over a notebook in which every task is in another state."""
    student = Student(SOLUTION)
    student.write("predict", "prediction = {'order': 'x'}")
    student.write("rnn_step", "def rnn_step(x_t, h_prev, W_x, W_h, b):\n    return undefined_name")
    untouched = Student(EXERCISE)
    stub = untouched.notebook.cells[untouched.position("rnn_forward")].source
    student.write("rnn_forward", stub)
    student.write("leaky_states", "def leaky_states(*a):\n    raise NotImplementedError")
    student.delete("readouts_checks")
    student.write("torch_state_checks", "print('all right')")
    weights = student.notebook.cells[student.position("parity_weights")].source
    student.duplicate("parity_weights", weights + "\nraise NotImplementedError('left over')")
    student.write("encoder_decoder", "from course_utils.nn import rnn_step\n1 / 0")
    own = student.notebook.cells[student.position("memory_curve")]
    own.source += "\nfrom course_utils import nn"
    student.delete("modulo_weights")
    student.write("explain", "YOUR ANSWER HERE")
    path = student.save(tmp_path_factory.mktemp("mixed"), "my work.ipynb")
    before = path.read_bytes()
    found = report(path)
    assert path.read_bytes() == before
    return found


@pytest.mark.parametrize(
    ("number", "state", "note"),
    [
        (1, "FAIL", "the key 'fade' is missing"),
        (2, "FAIL", "NameError in line 2 of its cell: name 'undefined_name' is not defined"),
        (3, "todo", None),
        (4, "todo", None),
        (5, "pass", "The check cell is missing; the original check was run."),
        (6, "pass", None),
        (7, "pass", "The cell parity_weights is there 2 times. All ran, in their order"),
        (7, "pass", "Your code raised NotImplementedError in line 15 of its cell: left over"),
        (8, "FAIL", "ZeroDivisionError in line 2 of its cell: division by zero"),
        (8, "FAIL", "course_utils.nn is not there when your work is graded: write this part"),
        (9, "pass", "course_utils.nn is not there when your work is graded: write this part"),
        (10, "todo", None),
        (11, "GONE", "The cell modulo_weights is missing."),
    ],
)
def test_the_state_of_each_task(mixed, number, state, note):
    assert mixed[1][number][0] == state
    if note:
        assert note in " ".join(mixed[1][number])
    else:
        assert len(mixed[1][number]) == 1


def test_the_report_says_what_it_does_and_what_to_hand_in(mixed):
    code, _, text = mixed
    assert code == selfcheck.NOT_YET
    assert text.startswith("Problem set 2 · Recurrence\nThis runs your own code on this machine")
    assert "4 of 10 visible checks pass. Hidden checks decide the points." in text
    assert "my work.ipynb\nName it ps02_recurrence.ipynb when you hand it in." in text


def test_a_solved_notebook_passes(tmp_path):
    student = Student(EXERCISE)
    solution = Student(SOLUTION)
    for task in json.loads(EXERCISE.with_name("manifest.json").read_text())["tasks"]:
        for name in task["solution_cells"] or [task["task"]]:
            student.write(name, solution.notebook.cells[solution.position(name)].source)
    code, parts, text = report(student.save(tmp_path))
    assert code == selfcheck.OK
    assert [part[0] for part in parts.values()] == ["pass"] * 9 + ["hand", "pass"]
    assert "10 of 10 visible checks pass" in text
    assert "Name it" not in text


def test_a_syntax_error_is_placed_in_its_cell_as_the_grader_does(tmp_path):
    student = Student(SOLUTION)
    student.write("rnn_step", "def rnn_step(x_t, h_prev, W_x, W_h, b):\n    return x_t +")
    _, parts, _ = report(student.save(tmp_path))
    assert parts[2] == [
        "FAIL",
        "Your code raised SyntaxError in line 2 of its cell: invalid syntax",
    ]


def test_a_cell_that_computes_longer_than_the_grader_allows_does_not_pass(tmp_path, monkeypatch):
    assert Settings().cpu == CELL_SECONDS == selfcheck.CELL_SECONDS
    assert Settings().idle == selfcheck.IDLE
    monkeypatch.setattr(selfcheck, "CELL_SECONDS", 0.5)
    student = Student(SOLUTION)
    student.notebook.cells[student.position("rnn_step")].source += "\nwhile True:\n    pass"
    student.notebook.cells[
        student.position("memory_curve")
    ].source += "\nimport time\ntime.sleep(1)"
    _, parts, text = report(student.save(tmp_path))
    late = "Running the cell rnn_step did not finish within 0.5 seconds of computing time."
    assert parts[2] == ["FAIL", late]
    assert parts[9] == ["pass"]
    assert "9 of 10 visible checks pass" in text


def test_a_cell_that_sleeps_for_ever_is_stopped_and_named(tmp_path, capfd):
    student = Student(SOLUTION)
    student.write("rnn_step", "import time\nwhile True:\n    time.sleep(0.1)")
    code, parts, _ = report(student.save(tmp_path), seconds=3)
    assert code == selfcheck.NOT_YET
    assert parts[2][0] == "FAIL"
    assert "Running the cell rnn_step" in parts[2][1]
    assert [part[0] for part in parts.values()].count("pass") == 9  # the others are checked anyway
    assert capfd.readouterr() == ("", "")  # the process that was stopped says nothing


def test_a_cell_that_ends_python_is_named_and_costs_nothing_else(tmp_path):
    student = Student(SOLUTION)
    own = nbformat.v4.new_code_cell("import os\nos._exit(3)")
    student.notebook.cells.insert(student.position("rnn_step"), own)
    code, parts, text = report(student.save(tmp_path))
    assert code == selfcheck.OK
    assert parts[2] == ["pass"]
    cell = student.position("rnn_step")
    assert f"Running cell {cell} of your notebook ended Python (exit code 3)." in text


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("import subprocess\nsubprocess.run(['true'])", "no other program can be started"),
        ("import socket\nsocket.create_connection(('localhost', 9))", "there is no network"),
        ("open('my_notes.txt')", "No such file or directory: 'my_notes.txt'"),
        ("import nbformat\nnbformat.v4", "nbformat is not there when your work is graded"),
        ("import helpers\nhelpers.f()", "helpers is not there when your work is graded"),
    ],
)
def test_what_is_not_there_while_work_is_graded_is_not_there_now(tmp_path, source, complaint):
    (tmp_path / "my_notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "helpers.py").write_text("def f(): ...", encoding="utf-8")
    student = Student(SOLUTION)
    student.write("predict", student.notebook.cells[student.position("predict")].source)
    student.notebook.cells.insert(1, nbformat.v4.new_code_cell(source))
    code, _, text = report(student.save(tmp_path))
    assert code == selfcheck.OK
    assert "In cell 2 of your notebook: Your code raised" in text
    assert complaint in text


def of_another_set():
    student = Student(EXERCISE)
    student.notebook.metadata["course"]["text"] = "book/problem_sets/ps99_unknown.md"
    student.notebook.cells = student.notebook.cells[:1]
    return nbformat.writes(student.notebook)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "there is no file"),
        (lambda: "", "The file is empty."),
        (lambda: "{", "its JSON cannot be read (line 1)"),
        (lambda: "[]", "it has no list of cells"),
        (lambda: '{"cells": 3}', "it has no list of cells"),
        (lambda: '{"nbformat": 4, "nbformat_minor": 5}', "it has no list of cells"),
        (lambda: EXERCISE.read_text(encoding="utf-8")[:500], "its JSON cannot be read"),
        (lambda: '{"cells": []}', "it has no cell of one"),
        (
            of_another_set,
            "the problem set 'ps99_unknown' is unknown here; known are ps01_feedforward",
        ),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_code_2(tmp_path, content, complaint):
    path = tmp_path / "work.ipynb"
    if content:
        path.write_text(content(), encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(path)])
    assert done.exit_code == selfcheck.BAD_USAGE
    assert complaint in done.output
    assert "Traceback" not in done.output


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "work.ipynb"
    path.write_bytes(b"\xff\xfb\x00")
    done = CliRunner().invoke(main, ["check", str(path)])
    assert done.exit_code == selfcheck.BAD_USAGE
    assert "The file is not UTF-8 text (byte 0)" in done.output
