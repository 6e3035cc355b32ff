"""`make test-fast`: what a change concerns follows from imports and folders; it ends in time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "tools"


@pytest.fixture
def tool(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    import fast_tests

    return fast_tests


def folders(plan):
    """The folders of the plan's tests, in the order in which they begin."""
    return list(dict.fromkeys(file.split("/")[1] for file in plan.files))


def test_a_module_concerns_its_room_first_and_then_those_that_import_it(tool):
    plan = tool.plan(["src/course_utils/nn/lstm.py"])
    room = tool._files("tests/nn", ROOT)
    assert sorted(plan.files[: len(room)]) == room
    assert "tests/experiments/test_lstm_learning.py" in plan.files
    assert "tests/tools/test_bench.py" in plan.files  # which asks the package for it by name
    assert not {"site", "data"} & {*folders(plan)}
    assert plan.texts == plan.sets == ()


def test_the_nearest_tests_of_a_room_begin(tool):
    plan = tool.plan(["src/course_utils/grading/jail/supervisor.py"])
    assert plan.files[0] == "tests/grading/test_waiting.py"
    assert plan.files[1] == "tests/grading/test_warm.py"
    assert tool.plan(["src/course_utils/grading/report.py"]).files[0].endswith("/test_reports.py")


def test_a_data_file_concerns_those_that_read_its_package(tool):
    plan = tool.plan(["src/course_utils/experiments/cell_tables/outcomes.csv"])
    assert plan.files[0] == "tests/experiments/test_lstm_learning.py"


def test_a_text_is_compared_with_what_is_made_of_it_and_run(tool):
    for path in ("book/chapters/02_recurrence.md", "notebooks/02_recurrence.ipynb"):
        plan = tool.plan([path])
        assert plan.texts == ("02_recurrence",)
        assert plan.files[-1] == "notebooks/02_recurrence.ipynb"
        assert folders(plan) == ["repository", "02_recurrence.ipynb"]
        assert tool.commands(plan)[0][-3:] == ["make", "--check", "02_recurrence"]


def test_a_set_has_its_known_answers_too(tool):
    plan = tool.plan(["book/problem_sets/ps04_bptt.md"])
    assert (plan.texts, plan.sets) == (("ps04_bptt",), ("ps04",))
    _, answers, _ = tool.commands(plan)
    assert answers[answers.index("-k") + 1] == "ps04"
    assert answers[answers.index("-k") + 2] == "tests/problem_sets/test_ps04.py"
    assert tool.plan(["tests/problem_sets/ps04_bptt/wrong.toml"]) == tool.Plan(sets=("ps04",))


def test_a_test_concerns_itself_and_a_helper_those_that_import_it(tool):
    assert tool.plan(["tests/nn/test_files.py"]).files == ("tests/nn/test_files.py",)
    assert tool.plan(["tests/nn/test_that_is_gone.py"]) == tool.Plan()
    drawn = tool.plan(["tests/figures/gallery.py"]).files
    assert "tests/figures/test_every_figure.py" in drawn
    assert "tests/figures/test_style.py" not in drawn
    assert [*tool.plan(["tests/site/conftest.py"]).files] == tool._files("tests/site", ROOT)


def test_a_tool_concerns_the_tests_of_its_name(tool):
    assert tool.plan(["tools/soak.py"]).files == ("tests/tools/test_soak.py",)
    assert tool.plan(["tools/mutants/operators.py"]).files == ("tests/tools/test_mutants.py",)
    assert tool.plan(["bench/nn.py"]).files == ("tests/tools/test_bench.py",)


def test_every_file_of_the_tree_concerns_something(tool):
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    there = [name for name in names if (ROOT / name).is_file()]
    assert len(there) > 400
    assert [name for name in there if tool.plan([name]) == tool.Plan()] == []


def git(folder, *words):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_what_has_changed_is_asked_of_git(tool, tmp_path):
    for name in ("kept", "edited", "gone"):
        (tmp_path / name).write_text("as it was")
    git(tmp_path, "init", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    assert tool.changed_files(tmp_path) == []
    (tmp_path / "edited").write_text("as it is")
    (tmp_path / "gone").unlink()
    (tmp_path / "new").write_text("new")
    assert tool.changed_files(tmp_path) == ["edited", "gone", "new"]
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "second")
    assert tool.changed_files(tmp_path) == ["edited", "gone", "new"]


def test_it_is_said_in_words(tool):
    changed = ["src/course_utils/nn/lstm.py", "book/problem_sets/ps04_bptt.md"]
    one, two, three = tool.words(changed, tool.plan(changed))
    assert one == "changed: src/course_utils/nn/lstm.py, book/problem_sets/ps04_bptt.md"
    assert "tests/nn (" in two
    assert "the known answers of ps04" in two
    assert "tests/site" in three
    assert tool.words([], tool.Plan()) == ["Nothing has changed: there is nothing to test."]


def test_when_time_is_up_no_test_begins_and_that_is_said(tool, tmp_path):
    (tmp_path / "test_late.py").write_text("def test_one(): assert False\ndef test_two(): pass\n")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "fast_tests", "test_late.py"]
    plain = {"PYTHONPATH": str(TOOLS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for until, code in (("0", 0), ("inf", 1)):
        env = {**os.environ, **plain, tool.UNTIL: until}
        done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == code, done.stdout
        assert ("no time left for 2 of test_late.py" in done.stdout) == (code == 0)
