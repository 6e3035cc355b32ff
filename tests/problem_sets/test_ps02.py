"""What problem set 2 promises: its tasks stand alone, its points add up, its given code is lean."""

import re

import numpy as np
import pytest
from in_process import auto_tasks, problem_set, reference

from course_utils.authoring import names


def given():
    return "\n\n".join(part.cell.source for part in problem_set().parts if part.role == "given")


def test_tasks_and_points():
    tasks = problem_set().tasks
    assert sum(task.points for task in tasks) == 100
    assert len(auto_tasks()) >= 6
    assert [task.name for task in tasks if task.kind == "manual"] == ["explain"]
    assert tasks[0].minutes == 2
    assert tasks[-1].minutes >= 90


def test_the_table_in_the_text_is_the_truth():
    rows = re.findall(
        r"^\| (\d+ · [^|]+?) \| [^|]+ \| ([^|]+?) \| (\d+) \|$",
        problem_set().parts[0].cell.source,
        re.MULTILINE,
    )
    tasks = problem_set().tasks
    assert [row[0] for row in rows] == [task.title for task in tasks]
    assert [int(row[2]) for row in rows] == [task.points for task in tasks]
    assert [row[1] for row in rows][:-1] == [str(task.minutes) for task in tasks][:-1]


def test_each_task_says_what_it_is_worth_how_long_it_takes_and_what_for():
    prose = "\n".join(p.cell.source for p in problem_set().parts if p.role == "prose")
    for task in problem_set().tasks:
        body = prose.split(f"## {task.title}\n")[1].split("\n## ")[0]
        line = re.search(r"^\*.*· (.+?) · (\d+) points .*For: .+\.\*$", body, re.MULTILINE)
        assert line, task.name
        assert int(line[2]) == task.points
        assert line[1] in (f"{task.minutes} minutes", "an evening")


def test_no_solution_uses_the_names_of_another_task():
    for task in auto_tasks():
        others = {n for other in auto_tasks() if other is not task for n in other.defines}
        assert not others & set(names.free(reference(task.name))), task.name


def test_given_cells_import_what_the_jail_has():
    allowed = {"numpy", "course_utils", "course_utils.checks", "course_utils.data"}
    assert names.modules(given()) <= allowed


def test_the_worked_example_of_one_step():
    namespace = {"np": np}
    exec(reference("rnn_step"), namespace)
    h_t = namespace["rnn_step"](
        np.array([[1.0]]),
        np.array([[0.5, -0.5]]),
        np.array([[1.0, -1.0]]),
        np.array([[0.0, 1.0], [0.5, 0.0]]),
        np.array([0.0, 0.5]),
    )
    np.testing.assert_allclose(h_t, [[0.6351, 0.0]], atol=5e-5)


def test_the_worked_examples_of_a_sequence():
    namespace = {"np": np}
    exec(reference("rnn_forward"), namespace)
    exec(reference("leaky_states"), namespace)
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    x = np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1)
    h = namespace["rnn_forward"](x, zero, one, one, np.zeros(1))
    np.testing.assert_allclose(h.ravel(), [0.762, 0.642, 0.566], atol=5e-4)
    states = namespace["leaky_states"](np.ones((5, 1, 1)), zero, keep=0.5, size=2)
    np.testing.assert_array_equal(states.ravel(), [1, 1.5, 1.75, 1.875, 1.9375])


def test_the_delay_line_knows_nothing_at_lag_three():
    namespace = {"np": np}
    exec(reference("memory_curve"), namespace)
    x = np.random.default_rng(0).normal(size=4002)
    h = np.stack([x[2:], x[1:-1], x[:-2]], axis=1)
    curve = namespace["memory_curve"](h, x[2:], range(4))
    np.testing.assert_allclose(curve, [1, 1, 1, 0], atol=0.01)


def test_what_the_model_answer_claims_about_a_spectral_radius_of_one_half():
    namespace = {}
    exec(given(), namespace)
    exec(reference("memory_curve"), namespace)
    near, far = namespace["memory_curve"](*namespace["run_of"](0.5), [0, 10])
    assert near > 0.95
    assert abs(far) < 0.05


@pytest.mark.parametrize(
    ("state", "smallest", "largest"),
    [
        (None, 0.0, 1e-13),
        (
            '{"weight_ih_l0": W_x.T, "weight_hh_l0": W_h.T, "bias_ih_l0": b, "bias_hh_l0": b}',
            0.1,
            2,
        ),
    ],
    ids=["right", "bias twice"],
)
def test_the_snippet_with_pytorch_tells_right_from_wrong(capsys, state, smallest, largest):
    prose = "\n".join(p.cell.source for p in problem_set().parts if p.role == "prose")
    snippet = re.search(r"^```python\n(import torch.*?)^```$", prose, re.MULTILINE | re.DOTALL)[1]
    namespace = {}
    exec(given(), namespace)
    exec(reference("rnn_forward") + "\n" + reference("torch_state"), namespace)
    if state:
        exec(f"def torch_state(W_x, W_h, b):\n    return {state}", namespace)
    capsys.readouterr()
    exec(snippet, namespace)
    assert smallest <= float(capsys.readouterr().out) <= largest
