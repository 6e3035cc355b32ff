"""The mutation tool finds what it should, and believes nothing that is not written down."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools" / "mutants"
SOURCE = '''"""A module with numbers 1 and -1 in its docstring."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    a: "int | None"

    @property
    def twice(self) -> "int | float":
        total = self.a
        total += self.a
        return total


def scaled(x: list[int] | None, *, factor: int = 3) -> int:
    if not x:
        raise ValueError(f"x has {len(x or []) + 0} entries; wanted 1")
    for a, b in zip(x, x, strict=True):
        x = [a * b]
    return factor * x[-1]
'''


@pytest.fixture
def tool(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    import run

    return run


def changes(tool):
    return {(m.function, m.before, m.after) for m in tool.mutants_of("sample", SOURCE)}


def test_arithmetic_numbers_signs_and_conditions_are_changed(tool):
    found = changes(tool)
    returned = "return factor * x[-1]"
    for mutant in [
        ("scaled", returned, "return factor + x[-1]"),
        ("scaled", returned, "return factor * x[+1]"),
        ("scaled", returned, "return factor * x[- 2]"),
        ("scaled", "x = [a * b]", "x = [a / b]"),
        ("scaled", "if not x:", "if  x:"),
        ("Pair.twice", "total += self.a", "total -= self.a"),
    ]:
        assert mutant in found
    assert any("factor: int = 4" in after for _, _, after in found)


def test_annotations_messages_decorators_and_docstrings_are_left_alone(tool):
    for function, before, after in changes(tool):
        assert "raise" not in before, after
        assert "frozen" not in before, after
        assert "int & None" not in after
        assert "strict=False" not in after
        assert function != "module", before


def test_every_mutant_is_python_and_differs_in_its_line(tool):
    mutants = list(tool.mutants_of("sample", SOURCE))
    assert len(mutants) > 10
    for mutant in mutants:
        compile(mutant.source, "sample", "exec")
        assert mutant.before != mutant.after
        assert mutant.source.splitlines()[mutant.line - 1].strip() == mutant.after
    assert tool.decorated_functions(SOURCE) == ["twice"]


def test_the_verdict(tool, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tool, "HERE", tmp_path)
    listed = tmp_path / "justified.toml"
    listed.write_text("")
    one, two, *_ = tool.mutants_of("sample", SOURCE)
    target = [tool.Target("sample", ())]

    def verdict(killed, survived):
        code = tool.verdict(tool.Outcome(list(killed), list(survived)), target)
        return code, capsys.readouterr().out

    assert verdict([one, two], [])[0] == 0
    code, said = verdict([one], [two])
    assert code == 1
    assert f"neither killed nor justified: {two}" in said
    module, function, before, after = two.key
    entry = (
        f"[[mutant]]\nmodule = '{module}'\nfunction = '{function}'\n"
        f"before = '{before}'\nafter = '{after}'\nreason = "
    )
    listed.write_text(entry + "'the same number either way'\n")
    assert verdict([one], [two])[0] == 0
    code, said = verdict([one, two], [])
    assert code == 0
    assert "justified, but killed now" in said
    assert "no such mutant exists any more" in verdict([one], [])[1]
    listed.write_text(entry + "' '\n")
    assert verdict([one], [two])[0] == 1  # a reason is a reason only if it says something


TRIAL = """
import run, sys
module = "course_utils.nn.activations"
source = run.path_of(module).read_text()
for changed in (source, source.replace("+ 0.5", "- 0.5")):
    code, seconds = run.finish(run.start(module, changed, sys.argv[1:], 60))
    print(code == 0, seconds > 0)
print(run.path_of(module).read_text() == source)
"""


def test_a_trial_sees_the_mutated_source_and_nobody_else_does(tmp_path):
    test = tmp_path / "test_sigmoid.py"
    test.write_text(
        "from course_utils.nn.activations import sigmoid\n"
        "import numpy as np\n"
        "def test_half(): assert sigmoid(np.zeros(1))[0] == 0.5\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", TRIAL, str(test)],
        env={**os.environ, "PYTHONPATH": str(TOOLS)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout.split("\n") == ["True True", "False True", "True", ""]


def test_every_target_exists_and_every_module_with_arithmetic_is_a_target(tool):
    targets = {target.module for target in tool.targets()}
    for module in targets:
        assert tool.path_of(module).is_file(), module
    for name in ("lstm", "gru", "rnn", "minrnn", "lstm_variants", "losses", "attention", "window"):
        assert f"course_utils.nn.{name}" in targets
    for file in tool.path_of("course_utils.checks.arrays").parent.glob("*.py"):
        if any(tool.mutants_of("any", file.read_text())):  # the first is enough
            assert f"course_utils.checks.{file.stem}" in targets
