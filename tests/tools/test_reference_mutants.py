"""The mutants of right solutions: what is changed, and that nothing is called right unexplained."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = '''
def after(x, keep, steps=2):
    """A docstring stays."""
    state = np.zeros(3)
    for x_t in x[1:]:
        state += keep * x_t
    if steps > 1 and keep:
        state = np.maximum(state, 0) @ W.T
    return np.einsum("ab,bc->ac", state, np.sum(state, axis=0))[::-1]
'''


@pytest.fixture
def tool(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "problem_sets"))
    import reference_mutants

    return reference_mutants


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("state += keep * x_t", "pass"),
        ("state += keep * x_t", "state = keep * x_t"),
        ("state += keep * x_t", "state -= keep * x_t"),
        ("state += keep * x_t", "state += keep / x_t"),
        ("state += keep * x_t", "state += x_t"),
        ("state += keep * x_t", "state += keep * x"),
        ("for x_t in x[1:]:", "for x_t in x[0:]:"),
        ("for x_t in x[1:]:", "for x_t in x[1:-1]:"),
        ("for x_t in x[1:]:", "for x_t in x:"),
        ("for x_t in x[1:]:", "for x_t in list(x[1:])[::-1]:"),
        ("if steps > 1 and keep:", "if steps >= 1 and keep:"),
        ("if steps > 1 and keep:", "if keep:"),
        ("state = np.maximum(state, 0) @ W.T", "state = np.maximum(state, 0) @ W"),
        ("state = np.maximum(state, 0) @ W.T", "state = np.minimum(state, 0) @ W.T"),
        ("state = np.maximum(state, 0) @ W.T", "state = state @ W.T"),
    ],
)
def test_what_is_changed(tool, before, after):
    assert f"{before} → {after}" in set(map(str, tool.edits(SOURCE, ("after",))))


def test_formulas_and_keywords_are_changed(tool):
    made = [edit.after for edit in tool.edits(SOURCE, ("after",))]
    for part in ("'ab,bc->ca'", "axis=1", "np.sum(state))[::-1]", "np.mean(state, axis=0)"):
        assert any(part in after for after in made), part
    assert "the first result is kept" in made


def test_entries_of_a_dictionary_are_named_by_their_key(tool):
    made = set(map(str, tool.edits("def f(x):\n    return {'a': x.T, 'b': x.T}", ("f",))))
    assert {"'a': x.T → 'a': x", "'b': x.T → 'b': x"} <= made


def test_every_mutant_is_python_and_another_programme(tool):
    made = list(tool.edits(SOURCE, ("after",)))
    sources = [edit.source for edit in made]
    assert len(set(sources)) == len(sources)
    assert ast.unparse(ast.parse(SOURCE)) not in sources
    assert all("A docstring stays." in ast.unparse(ast.parse(source)) for source in sources)


def test_a_mutant_is_caught_and_one_that_never_ends_too(tool):
    name, task = "ps02_recurrence", "rnn_step"
    step = "def rnn_step(x_t, h_prev, W_x, W_h, b):\n    {}\n"
    right = step.format("return np.tanh(b + h_prev @ W_h + x_t @ W_x)")
    assert tool.passes(name, task, tool.Edit("", "", right))
    tool.SECONDS = 1
    for body in ("return np.tanh(b + x_t @ W_x)", "while True: pass", "raise SystemExit"):
        assert not tool.passes(name, task, tool.Edit("", "", step.format(body)))


def listed_edits(tool, name):
    """The edits that are right after all, by task; each list has a reason."""
    listed = {}
    file = tool.FOLDER / name / "equivalent.toml"
    for entry in tomllib.loads(file.read_text())["equivalent"]:
        assert set(entry) == {"task", "reason", "edits"}
        assert entry["reason"].strip()
        listed.setdefault(entry["task"], set()).update(entry["edits"])
    return listed


def test_what_is_listed_as_equivalent_has_a_reason(tool):
    for name in tool.SETS:
        assert set(listed_edits(tool, name)) <= {task.name for task in tool.auto_tasks(name)}


@pytest.mark.parametrize("task", ["rnn_forward", "leaky_states", "readouts"])
def test_what_is_listed_as_equivalent_exists(tool, task):
    """Of the others, the tool says it when it runs."""
    name = "ps02_recurrence"
    defines = {one.name: one.defines for one in tool.auto_tasks(name)}
    made = set(map(str, tool.edits(tool.reference(name, task), defines[task])))
    assert listed_edits(tool, name)[task] <= made


def test_of_a_measured_task_only_what_its_function_keeps_or_alters_is_tried(
    tool, capsys, monkeypatch
):
    for name in tool.SETS:
        assert set(tool.measured(name)) <= {task.name for task in tool.auto_tasks(name)}
        assert all(reason.strip() for reason in tool.measured(name).values())
    monkeypatch.setattr(
        "sys.argv", ["reference_mutants.py", "ps08", "--task", "training", "--list"]
    )
    assert tool.main() == 0
    from reference_edits import WRAPPED

    tried = capsys.readouterr().out.splitlines()
    assert tried == [f"training: train_model → {what}" for what in WRAPPED]


def test_the_types_of_exceptions_are_named_by_their_line(tool):
    source = "def f():\n    try:\n        g()\n    except (A, B) as error:\n        h()\n"
    assert "except (A, B) as error: → except (B, A) as error:" in map(str, tool.edits(source, ()))


def test_what_a_mutant_writes_is_gone(tool, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    wrong = "open('left', 'w').close()\ndef rnn_step(*args): return 0\n"
    assert not tool.passes("ps02_recurrence", "rnn_step", tool.Edit("", "", wrong))
    assert not list(tmp_path.iterdir())


def test_an_unexplained_mutant_is_named(tool, capsys):
    edit = tool.Edit("a = 1", "a = 2", "a = 2")
    outcome = tool.Outcome(caught=[], passed=[edit])
    assert tool.verdict("a set", outcome, {}) == 1
    assert "passes: a = 1 → a = 2" in capsys.readouterr().out
    assert tool.verdict("a set", outcome, {"a = 1 → a = 2": "because"}) == 0
    assert tool.verdict("a set", tool.Outcome(), {"a = 1 → a = 2": "because"}) == 0
    assert "caught now or gone" in capsys.readouterr().out
