"""The loop: learns, reports, stops, survives a kill bit for bit, and says what does not fit."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass

import numpy as np
import pytest

from course_utils.nn.batches import Cycled, Sampled
from course_utils.nn.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from course_utils.nn.optimisers import SGD, Adam
from course_utils.nn.schedules import linear_decay
from course_utils.nn.training import DivergenceError, NumPyLearner, fit, train
from course_utils.nn.trees import tree_items, tree_leaves, tree_map, tree_rebuild

TRUE_W = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.0]])


@dataclass(frozen=True)
class Line:
    W: np.ndarray
    b: np.ndarray


def start():
    return {"line": Line(np.zeros((3, 2)), np.zeros(2)), "name": "a line"}


def squared_error(params, batch):
    x, y = batch
    error = x @ params["line"].W + params["line"].b - y
    grads = {"line": Line(2 * x.T @ error / len(x), 2 * error.mean(axis=0)), "name": "a line"}
    return (error**2).sum(axis=1).mean(), grads


def make_batch(rng):
    x = rng.normal(size=(8, 3))
    return x, x @ TRUE_W + 0.25


def distance(params):
    return np.abs(params["line"].W - TRUE_W).max()


def run(steps=60, **options):
    settings = {"optimiser": Adam(0.05), "clip": 1.0} | options
    return fit(squared_error, start(), Sampled(make_batch, 0), steps=steps, **settings)


def test_it_learns_and_leaves_its_arguments_alone():
    params = start()
    trained, history = fit(
        squared_error, params, Sampled(make_batch, 0), optimiser=SGD(0.1), steps=300
    )
    assert distance(trained) < 1e-6
    assert not params["line"].W.any()
    assert isinstance(trained["line"], Line)
    assert trained["name"] == "a line"
    assert history.loss[0] > 1
    assert history.loss[-1] < 1e-10
    assert history.stopped == "steps"


def test_history_tells_the_run():
    _, history = run(25, schedule=linear_decay(50), validate=distance, validate_every=10)
    assert len(history) == 25
    assert history.scale == pytest.approx(1 - np.arange(25) / 50)
    assert history.valid_step.tolist() == [10, 20, 25]
    assert history.best_step == 25
    assert (np.diff(history.seconds) >= 0).all()
    assert (history.grad_norm > 0).all()
    loss, grads = squared_error(start(), make_batch(np.random.default_rng(0)))
    assert history.loss[0] == loss
    norm = np.sqrt(sum((leaf**2).sum() for leaf in tree_leaves(grads)))
    assert history.grad_norm[0] == pytest.approx(norm)
    assert norm > 1  # the history keeps the norm before clipping


def test_progress_is_one_line_now_and_then():
    lines = []
    run(25, progress=lines.append, report_every=10, validate=distance, validate_every=20)
    assert [line.split()[1] for line in lines] == ["10/25", "20/25", "25/25"]
    assert "validation" not in lines[0]
    assert "validation" in lines[1]
    again = []
    run(25, progress=again.append, report_every=10, validate=distance, validate_every=20)
    assert lines == again


def test_until_stops_at_the_first_success():
    _, history = run(5000, validate=distance, validate_every=10, until=lambda value: value < 0.5)
    assert history.stopped == "until"
    assert history.valid[-1] < 0.5
    assert (history.valid[:-1] >= 0.5).all()
    assert len(history) == history.valid_step[-1] < 5000


def test_patience_goes_back_to_the_best():
    values = iter([3.0, 1.0, 2.0, float("nan"), 2.0, 0.0])
    seen = []

    def validate(params):
        seen.append(params["line"].W.copy())
        return next(values)

    params, history = run(100, validate=validate, validate_every=5, patience=3)
    assert history.stopped == "patience"
    assert history.best_step == 10
    assert len(history) == 25
    assert np.array_equal(params["line"].W, seen[1])


def test_lists_are_cycled_and_generators_may_run_out():
    batches = [make_batch(np.random.default_rng(n)) for n in range(3)]
    _, history = fit(squared_error, start(), batches, optimiser=SGD(1e-9), steps=7)
    assert history.loss[:3] == pytest.approx(history.loss[3:6], rel=1e-6)
    with pytest.raises(ValueError, match="batches ran out after 3 updates"):
        fit(squared_error, start(), iter(batches), optimiser=SGD(0.1), steps=7)


# --- Checkpoints ------------------------------------------------------------------------------


def same(first, second):
    assert [p for p, _ in tree_items(first)] == [p for p, _ in tree_items(second)]
    return all(map(np.array_equal, tree_leaves(first), tree_leaves(second)))


@pytest.mark.parametrize("optimiser", [SGD(0.01), SGD(0.01, momentum=0.9), Adam(0.05)])
@pytest.mark.parametrize("kill_at", [1, 7, 30, 59])
def test_a_resumed_run_is_the_same_run_bit_for_bit(tmp_path, optimiser, kill_at):
    options = {
        "optimiser": optimiser,
        "schedule": linear_decay(60),
        "validate": distance,
        "validate_every": 9,
        "patience": 50,
    }
    whole, history = run(60, **options)
    file = tmp_path / "run.npz"
    run(kill_at, checkpoint=file, checkpoint_every=7, **options)
    resumed, after = run(60, checkpoint=file, checkpoint_every=7, **options)
    assert same(whole, resumed)
    for name in ("loss", "grad_norm", "scale"):
        assert np.array_equal(getattr(history, name), getattr(after, name))
    assert set(history.valid_step) <= set(after.valid_step)


RUN = """
    import os, signal, sys
    sys.path.insert(0, {tests!r})
    from test_training import run
    path, kill_at = sys.argv[1], int(sys.argv[2])

    def kill(line):
        if line.startswith(f"step {{kill_at}}/"):
            os.kill(os.getpid(), signal.SIGKILL)

    run(60, checkpoint=path, checkpoint_every=5, report_every=1, progress=kill)
"""


def test_a_killed_run_goes_on_where_it_last_saved(tmp_path):
    file = tmp_path / "run.npz"
    code = textwrap.dedent(RUN.format(tests=os.path.dirname(__file__)))  # noqa: PTH120
    killed = subprocess.run([sys.executable, "-c", code, file, "33"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert load_checkpoint(file)["step"] == 30
    assert same(run(60)[0], run(60, checkpoint=file)[0])


def test_a_half_written_file_never_takes_the_place_of_a_whole_one(tmp_path, monkeypatch):
    file = tmp_path / "run.npz"
    save_checkpoint(file, {"step": 1})

    def broken(out, **_):
        out.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", broken)
    with pytest.raises(OSError, match="disk full"):
        save_checkpoint(file, {"step": 2})
    assert load_checkpoint(file) == {"step": 1}


def test_a_finished_run_is_not_run_again(tmp_path):
    file = tmp_path / "run.npz"
    first, history = run(20, checkpoint=file)
    second, again = run(20, checkpoint=file)
    assert same(first, second)
    assert len(history) == len(again) == 20


def test_an_objective_with_a_memory_is_put_back_too(tmp_path):
    class Carrying:
        """Each loss depends on a number carried from batch to batch."""

        def __init__(self):
            self.carried = 0.0

        def __call__(self, params, batch):
            loss, grads = squared_error(params, batch)
            self.carried = 0.5 * self.carried + float(loss)
            factor = 1 + np.tanh(self.carried)
            return loss * factor, tree_map(lambda g: g * factor, grads)

        def state(self):
            return {"carried": self.carried}

        def load_state(self, state):
            self.carried = state["carried"]

    def carry(steps, **options):
        stream = Sampled(make_batch, 0)
        return fit(Carrying(), start(), stream, optimiser=SGD(0.01), steps=steps, **options)[0]

    file = tmp_path / "run.npz"
    carry(13, checkpoint=file)
    assert same(carry(40, checkpoint=file), carry(40))


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 half a zip"])
def test_a_damaged_checkpoint_says_so(tmp_path, content):
    file = tmp_path / "run.npz"
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"run.npz is no whole checkpoint .* delete it"):
        run(5, checkpoint=file)


def test_another_npz_and_a_cut_one_are_no_checkpoints(tmp_path):
    file = tmp_path / "run.npz"
    np.savez(file, a=np.ones(3))
    with pytest.raises(CheckpointError, match="no whole checkpoint"):
        load_checkpoint(file)
    save_checkpoint(file, {"a": np.ones(1000)})
    file.write_bytes(file.read_bytes()[:-300])
    with pytest.raises(CheckpointError, match="no whole checkpoint"):
        load_checkpoint(file)
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "missing.npz")


def test_a_checkpoint_of_other_parameters_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    run(5, checkpoint=file)
    wider = {"line": Line(np.zeros((3, 5)), np.zeros(2)), "name": "a line"}
    with pytest.raises(CheckpointError, match=r"\['line.W'\] differ in name, shape or dtype"):
        fit(
            squared_error,
            wider,
            Sampled(make_batch, 0),
            optimiser=Adam(0.05),
            steps=9,
            checkpoint=file,
        )


def test_states_come_back_exactly(tmp_path):
    state = {
        "array": np.arange(6.0).reshape(2, 3),
        "single": np.float32(0.1),
        "deep": [{"flag": True, "none": None, "text": "ä", "big": 2**127, "third": 1 / 3}],
        "empty": [],
        "rng": np.random.default_rng(5).bit_generator.state,
        "legacy": np.random.Generator(np.random.MT19937(5)).bit_generator.state,
    }
    file = tmp_path / "deep" / "run.npz"
    save_checkpoint(file, state)
    back = load_checkpoint(file)
    assert np.array_equal(back["array"], state["array"])
    assert back["single"].dtype == np.float32
    assert back["deep"] == state["deep"]
    assert back["rng"] == state["rng"]
    assert np.array_equal(back["legacy"]["state"]["key"], state["legacy"]["state"]["key"])


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"a": {1, 2}}, "state.a is a set"),
        ({"a": [np.array([object()])]}, "state.a.0 is an array of objects"),
        ({1: 2}, "state has the key 1"),
    ],
)
def test_what_could_not_come_back_is_not_written(tmp_path, state, message):
    with pytest.raises(TypeError, match=message):
        save_checkpoint(tmp_path / "run.npz", state)
    assert not (tmp_path / "run.npz").exists()


# --- What does not fit ------------------------------------------------------------------------


def explode(params, batch):
    return float("inf"), params


def test_divergence_is_raised_before_the_update_or_ends_the_run():
    with pytest.raises(DivergenceError, match=r"update 1: .* lower the learning rate"):
        fit(explode, start(), [0], optimiser=SGD(0.1), steps=5)
    params, history = fit(explode, start(), [0], optimiser=SGD(0.1), steps=5, on_divergence="stop")
    assert history.stopped == "diverged"
    assert len(history) == 0
    assert np.isfinite(params["line"].W).all()


def test_a_gradient_that_is_not_finite_is_a_divergence_too():
    def nan_gradient(params, batch):
        return 1.0, tree_map(lambda p: p * np.nan, params)

    with pytest.raises(DivergenceError, match="gradient norm nan"):
        fit(nan_gradient, start(), [0], optimiser=Adam(0.1), steps=5, clip=1.0)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"steps": 0}, ValueError, "steps must be a whole number of at least 1; got 0"),
        ({"steps": 2.5}, ValueError, "steps must be .*; got 2.5"),
        ({"validate_every": 0}, ValueError, "validate_every must be"),
        ({"checkpoint_every": -1}, ValueError, "checkpoint_every must be"),
        ({"report_every": 0}, ValueError, "report_every must be"),
        ({"on_divergence": "cry"}, ValueError, "on_divergence must be 'raise' or 'stop'"),
        ({"patience": 3}, ValueError, "until and patience judge validations"),
        ({"clip": 0}, ValueError, "max_norm must be"),
    ],
)
def test_bad_options_are_named(options, error, message):
    with pytest.raises(error, match=message):
        run(**options)


@pytest.mark.parametrize(
    ("objective", "error", "message"),
    [
        (lambda p, b: (np.ones(3), p), TypeError, r"a number as loss; got shape \(3,\)"),
        (lambda p, b: ("1", p), TypeError, "a number as loss"),
        (lambda p, b: (1.0, p["line"]), ValueError, "missing .*line.W"),
        (
            lambda p, b: (1.0, {"line": Line(p["line"].W.T, p["line"].b)}),
            ValueError,
            r"grads.line.W must have the shape of params.line.W, \(3, 2\); got \(2, 3\)",
        ),
    ],
)
def test_an_objective_that_does_not_fit_is_named(objective, error, message):
    with pytest.raises(error, match=message):
        fit(objective, start(), [0], optimiser=SGD(0.1), steps=1)


def test_batches_that_do_not_fit_are_named(tmp_path):
    with pytest.raises(TypeError, match="batches must be a list or an iterator"):
        fit(squared_error, start(), 5, optimiser=SGD(0.1), steps=1)
    with pytest.raises(ValueError, match="at least one batch"):
        fit(squared_error, start(), [], optimiser=SGD(0.1), steps=1)
    stream = (b for b in [1])
    with pytest.raises(TypeError, match=r"able to say where they are .*got generator"):
        fit(squared_error, start(), stream, optimiser=SGD(0.1), steps=1, checkpoint=tmp_path / "a")
    with pytest.raises(TypeError, match=r"rng must be a np.random.Generator or a whole"):
        Sampled(make_batch, "0")


def test_cycled_goes_to_a_position():
    batches = Cycled("abc")
    batches.load_state({"position": 5})
    assert [next(batches) for _ in range(3)] == ["c", "a", "b"]
    assert json.dumps(batches.state()) == '{"position": 8}'


# --- Any model --------------------------------------------------------------------------------


class CountingLearner:
    """The smallest thing with the Learner protocol: a counter."""

    def __init__(self):
        self.params = 0

    def step(self, batch, scale):
        self.params += batch
        return 1 / self.params, scale

    def state(self):
        return {"count": self.params}

    def load_state(self, state):
        self.params = state["count"]

    def weights(self):
        return self.params

    def load_weights(self, weights):
        self.params = weights


def test_the_loop_needs_no_more_than_the_protocol(tmp_path):
    learner = CountingLearner()
    train(learner, [1, 2], steps=3, checkpoint=tmp_path / "run.npz")
    resumed = CountingLearner()
    history = train(
        resumed,
        [1, 2],
        steps=6,
        checkpoint=tmp_path / "run.npz",
        validate=lambda count: abs(count - 6),
        validate_every=1,
        patience=9,
    )
    assert history.loss == pytest.approx([1, 1 / 3, 1 / 4, 1 / 6, 1 / 7, 1 / 9])
    assert history.best_step == 4
    assert resumed.params == 6


def test_weights_are_those_of_the_moment():
    learner = NumPyLearner(squared_error, start(), SGD(0.1))
    learner.step(make_batch(np.random.default_rng(0)), 1.0)
    kept = learner.weights()
    before = {path: leaf.copy() for path, leaf in kept.items()}
    learner.step(make_batch(np.random.default_rng(1)), 1.0)
    assert all(np.array_equal(kept[path], before[path]) for path in kept)
    learner.load_weights(kept)
    assert np.array_equal(learner.params["line"].W, before["line.W"])


# --- Trees ------------------------------------------------------------------------------------


def test_trees_map_over_leaves_and_keep_settings():
    params = start() | {"more": [np.ones(2), (np.zeros(1), None)]}
    doubled = tree_map(lambda a, b: a + b, params, params)
    assert [path for path, _ in tree_items(params)] == ["line.W", "line.b", "more.0", "more.1.0"]
    assert doubled["more"][0].tolist() == [2, 2]
    assert doubled["more"][1][1] is None
    assert tree_items(np.ones(2))[0][0] == "params"


def test_trees_that_differ_are_named():
    with pytest.raises(ValueError, match="grads must have the structure of params"):
        tree_map(np.add, {"a": np.ones(1)}, {"b": np.ones(1)})
    with pytest.raises(ValueError, match="the tree has 1 leaves; got 2"):
        tree_rebuild({"a": np.ones(1)}, [1, 2])
    with pytest.raises(TypeError, match=r"a\.0 must be a NumPy array, .*; got float"):
        tree_leaves({"a": [0.5]})
