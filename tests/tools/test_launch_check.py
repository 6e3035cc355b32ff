"""`make launch-check`: what counts as a fault of a page, and what each environment installs."""

import importlib.util
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("launch_check", ROOT / "tools" / "launch_check.py")
launch_check = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(launch_check)

GIVEN = {"nbgrader": {"locked": True, "grade": False, "solution": False}}
ANSWER = {"nbgrader": {"locked": False, "grade": False, "solution": True}}
CHECK = {"nbgrader": {"locked": True, "grade": True, "solution": False}}


def page(folder, name, *cells):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    made = [nbformat.v4.new_code_cell(source, metadata=metadata) for source, metadata in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


@pytest.fixture
def found(tmp_path, monkeypatch):
    """The faults of a page as this Python runs it."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "place"))

    def faults(name, *cells):
        path = page(tmp_path, name, *cells)
        return list(launch_check.faults(path, Path(sys.executable), tmp_path / "place"))

    return faults


def test_an_error_in_a_chapter_is_a_fault_unless_it_is_meant(found):
    meant = {"tags": ["raises-exception"]}
    cells = [("1 / 0", meant), ("import nothing_of_this_name", {}), ("1 / 0", {})]
    assert found("notebooks/01.ipynb", *cells) == [
        "cell 2: ModuleNotFoundError: No module named 'nothing_of_this_name'",
        "cell 3: ZeroDivisionError: division by zero",
    ]


def test_an_empty_answer_is_none_and_a_given_cell_that_fails_is(found):
    cells = [
        ("raise NotImplementedError()", ANSWER),
        ("answer", CHECK),
        ("import nothing_of_this_name", CHECK),
        ("1 / 0", GIVEN),
    ]
    assert found("exercises/ps01/ps01.ipynb", *cells) == [
        "cell 3: ModuleNotFoundError: No module named 'nothing_of_this_name'",
        "cell 4: ZeroDivisionError: division by zero",
    ]


def test_pages_are_those_that_buttons_hand_out():
    stems = [path.stem for path in launch_check.pages()]
    assert {"00_start_here", "rosetta", "ps01_feedforward_limits"} <= set(stems)
    assert len(stems) == len(set(stems))


def test_binder_is_installed_from_its_own_file(monkeypatch, capsys):
    def unreachable(*_):
        raise OSError

    monkeypatch.setattr("socket.getaddrinfo", lambda *_: [])
    wanted = ["--extra-index-url", "https://download.pytorch.org/whl/cpu", "torch==2.13.0"]
    assert launch_check.requirements("binder") == [*wanted, ".[lab]"]
    monkeypatch.setattr("socket.getaddrinfo", unreachable)
    assert launch_check.requirements("binder") == ["torch==2.13.0", ".[lab]"]
    assert "download.pytorch.org cannot be reached" in capsys.readouterr().out


def test_an_unknown_environment_is_bad_usage(capsys):
    assert launch_check.main(["bindre"]) == 2
    assert "there is no launch target 'bindre'" in capsys.readouterr().out
