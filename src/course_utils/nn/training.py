"""The training loop: one for NumPy and PyTorch models alike.

`fit` trains NumPy parameters. It wraps them in a `NumPyLearner` and hands them to `train`, the loop
itself, which knows only the `Learner` protocol: take a step, say what you remember, go back to it.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from course_utils.nn.batches import Resumable, stream_of
from course_utils.nn.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from course_utils.nn.history import History, Recorder
from course_utils.nn.optimisers import Optimiser, State, clip_by_global_norm, global_norm
from course_utils.nn.trees import check_alike, tree_items, tree_rebuild

Params = TypeVar("Params")


class DivergenceError(ArithmeticError):
    """The loss or its gradient is no longer a finite number. The parameters were not updated."""


class Learner(Protocol):
    """A model with its optimiser, as the loop sees it."""

    @property
    def params(self) -> Any:
        """What `validate` is called with: the parameters, or the model that holds them."""

    def step(self, batch: Any, scale: float) -> tuple[float, float]:
        """One update with the learning rate times `scale`; (loss, gradient norm) before it.

        Raises DivergenceError, and leaves the parameters alone, when either is not finite.
        """

    def state(self) -> State:
        """Everything that the next step depends on: dicts, lists, arrays, numbers, strings."""

    def load_state(self, state: State) -> None:
        """Go back to a state."""

    def weights(self) -> Any:
        """A copy of the parameters alone, in the same form as a state (for early stopping)."""

    def load_weights(self, weights: Any) -> None:
        """Put such a copy back."""


class NumPyLearner:
    """Parameters, a function for their loss and gradients, an optimiser and a clip.

    Parameters
    ----------
    loss_and_grads : `(params, batch) -> (loss, grads)`, grads like params. If it has `state` and
        `load_state` (say, because it carries a hidden state from batch to batch), checkpoints
        keep that too.
    params : tree of floating-point arrays
    optimiser : with `init` and `update`, such as `Adam(lr=0.01)`
    clip : largest global norm of a gradient, or None
    """

    def __init__(
        self,
        loss_and_grads: Callable[[Any, Any], tuple[Any, Any]],
        params: Any,
        optimiser: Optimiser,
        clip: float | None = None,
    ) -> None:
        self.loss_and_grads = loss_and_grads
        self.optimiser = optimiser
        self.clip = clip
        self._params = params
        self._memory = optimiser.init(params)

    @property
    def params(self) -> Any:
        """The current parameters, in the structure they came in."""
        return self._params

    def step(self, batch: Any, scale: float) -> tuple[float, float]:
        """One update; see `Learner.step`."""
        loss, grads = self.loss_and_grads(self._params, batch)
        loss = _scalar(loss)
        check_alike(self._params, grads)
        if self.clip is None:
            norm = global_norm(grads)
        else:
            grads, norm = clip_by_global_norm(grads, self.clip)
        check_finite(loss, norm)
        self._params, self._memory = self.optimiser.update(self._params, grads, self._memory, scale)
        return loss, norm

    def state(self) -> State:
        """Parameters by path, the optimiser's memory, and the objective's, if it has one."""
        state = {"params": self.weights(), "optimiser": self._memory}
        if isinstance(self.loss_and_grads, Resumable):
            state["objective"] = self.loss_and_grads.state()
        return state

    def load_state(self, state: State) -> None:
        """Go back to a state of the same structure.

        Raises
        ------
        CheckpointError
            If the parameters of the state have other names, shapes or dtypes.
        """
        self.load_weights(state["params"])
        self._memory = state["optimiser"]
        if isinstance(self.loss_and_grads, Resumable):
            self.loss_and_grads.load_state(state["objective"])

    def weights(self) -> dict[str, Any]:
        """The parameters by path. Updates make new arrays, so these stay as they are."""
        return dict(tree_items(self._params))

    def load_weights(self, weights: dict[str, Any]) -> None:
        """Put them back."""
        here = {path: (leaf.shape, leaf.dtype) for path, leaf in tree_items(self._params)}
        there = {path: (leaf.shape, leaf.dtype) for path, leaf in weights.items()}
        if here != there:
            differing = sorted(p for p in here.keys() | there.keys() if here.get(p) != there.get(p))
            raise CheckpointError(
                f"the checkpoint belongs to other parameters: {differing} differ in name, shape "
                "or dtype; delete it, or give this run another file"
            )
        self._params = tree_rebuild(self._params, [weights[path] for path in here])


def fit(
    loss_and_grads: Callable[[Params, Any], tuple[Any, Any]],
    params: Params,
    batches: Iterable[Any],
    *,
    optimiser: Optimiser,
    steps: int,
    clip: float | None = None,
    **options: Any,
) -> tuple[Params, History]:
    """Train NumPy parameters. The arrays of `params` are left as they are.

    Parameters
    ----------
    loss_and_grads : `(params, batch) -> (loss, grads)`: a number, and a tree like `params`
    params : any nesting of frozen dataclasses, dicts, tuples and lists of floating-point arrays
    batches : iterator of batches, or a list that is cycled; `Sampled(make, rng)` for endless
        fresh ones
    optimiser : such as `Adam(lr=0.01)` or `SGD(lr=0.1, momentum=0.9)`
    steps : number of updates
    clip : largest global norm of a gradient; None does not clip
    options : those of `train`: schedule, validate, validate_every, until, patience, checkpoint,
        checkpoint_every, progress, report_every, on_divergence

    Returns
    -------
    (params, history) : trained parameters in the structure of `params` (with `patience`, those of
        the best validation), and the `History` of the run

    Raises
    ------
    DivergenceError
        When the loss or gradient is no longer finite (unless `on_divergence="stop"`).
    TypeError, ValueError
        For arguments that do not fit, gradients unlike the parameters, or batches that run out.
    """
    learner = NumPyLearner(loss_and_grads, params, optimiser, clip)
    history = train(learner, batches, steps=steps, **options)
    return learner.params, history


def train(
    learner: Learner,
    batches: Iterable[Any],
    *,
    steps: int,
    schedule: Callable[[int], float] | None = None,
    validate: Callable[[Any], float] | None = None,
    validate_every: int = 100,
    until: Callable[[float], bool] | None = None,
    patience: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 100,
    progress: Callable[[str], None] | None = None,
    report_every: int = 100,
    on_divergence: str = "raise",
) -> History:
    """The loop: draw a batch, step, and now and then validate, report and save.

    Parameters
    ----------
    learner : `NumPyLearner`, or anything with the `Learner` protocol
    batches : iterator of batches, or a list that is cycled
    steps : updates in all, counting those of a resumed run
    schedule : factor of the learning rate at update 0, 1, 2, … (see `schedules`)
    validate : `(params) -> value`, lower is better, called every `validate_every` updates and
        after the last
    until : stop as soon as `until(value)` of a validation is true
    patience : stop after this many validations in a row without a new best, and return to the best
    checkpoint : file to save to every `checkpoint_every` updates and at the end. If it exists, the
        run goes on from it, bit for bit; batches must then be `Resumable`
    progress : called with one line every `report_every` updates, for instance `print`
    on_divergence : "raise", or "stop" with the last finite parameters

    Returns
    -------
    History

    Raises
    ------
    DivergenceError, TypeError, ValueError, CheckpointError
    """
    _check_options(steps, validate_every, checkpoint_every, report_every, on_divergence)
    if validate is None and (until is not None or patience is not None):
        raise ValueError("until and patience judge validations: give validate too")
    loop = _Loop(learner, stream_of(batches), validate, patience)
    file = None if checkpoint is None else Path(checkpoint)
    if file is not None:
        loop.resume(file)
    while not loop.stopped and loop.step < steps:
        try:
            loop.update(1.0 if schedule is None else float(schedule(loop.step)))
        except DivergenceError as error:
            if on_divergence == "raise":
                raise DivergenceError(f"update {loop.step + 1}: {error}") from error
            loop.stopped = "diverged"
            break
        due = loop.step % validate_every == 0 or loop.step == steps
        if validate is not None and due:
            loop.validate(until)
        if progress is not None and (loop.step % report_every == 0 or loop.step == steps):
            progress(loop.line(steps))
        if file is not None and loop.step % checkpoint_every == 0:
            loop.save(file)
    loop.stopped = loop.stopped or "steps"
    if file is not None:
        loop.save(file)
    return loop.finish()


class _Loop:
    """The state of one run: everything that a checkpoint holds."""

    def __init__(
        self,
        learner: Learner,
        batches: Iterator[Any],
        judge: Callable[[Any], float] | None,
        patience: int | None,
    ) -> None:
        self.learner, self.batches, self.judge = learner, batches, judge
        self.patience = patience
        self.step = 0
        self.stopped = ""
        self.best: Any = None
        self.record = Recorder()
        self.clock = time.process_time()

    def update(self, scale: float) -> None:
        try:
            batch = next(self.batches)
        except StopIteration:
            raise ValueError(
                f"batches ran out after {self.step} updates; give an endless iterator, or a list"
            ) from None
        loss, norm = self.learner.step(batch, scale)
        self.step += 1
        record = self.record
        record.loss.append(loss)
        record.grad_norm.append(norm)
        record.scale.append(scale)
        now = time.process_time()
        record.seconds.append((record.seconds or [0.0])[-1] + now - self.clock)
        self.clock = now

    def validate(self, until: Callable[[float], bool] | None) -> None:
        assert self.judge is not None
        value = float(self.judge(self.learner.params))
        self.record.valid.append(value)
        self.record.valid_step.append(self.step)
        since_best = len(self.record.valid) - 1 - self.record.best()
        if self.patience is not None and since_best == 0:
            self.best = self.learner.weights()
        if until is not None and until(value):
            self.stopped = "until"
        elif self.patience is not None and since_best >= self.patience:
            self.stopped = "patience"

    def line(self, steps: int) -> str:
        text = f"step {self.step}/{steps}  loss {self.record.loss[-1]:.4f}"
        text += f"  |gradient| {self.record.grad_norm[-1]:.3g}"
        if self.record.valid:
            text += f"  validation {self.record.valid[-1]:.4f}"
        return text

    def finish(self) -> History:
        if self.best is not None and self.stopped != "until":
            self.learner.load_weights(self.best)
        return self.record.freeze(self.stopped)

    def save(self, file: Path) -> None:
        save_checkpoint(
            file,
            {
                "step": self.step,
                "stopped": "" if self.stopped == "steps" else self.stopped,
                "learner": self.learner.state(),
                "batches": _resumable(self.batches).state(),
                "history": self.record.state(),
                "best": self.best,
            },
        )

    def resume(self, file: Path) -> None:
        _resumable(self.batches)
        if not file.exists():
            return
        state = load_checkpoint(file)
        self.step, self.stopped = state["step"], state["stopped"]
        self.learner.load_state(state["learner"])
        _resumable(self.batches).load_state(state["batches"])
        self.record.load_state(state["history"])
        self.best = state["best"]


def check_finite(loss: float, norm: float) -> None:
    """Check that a step may be taken.

    Raises
    ------
    DivergenceError
        If the loss or the gradient norm is infinite or not a number.
    """
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise DivergenceError(
            f"the loss is {loss} and the gradient norm {norm}; "
            "lower the learning rate, or clip the gradient"
        )


def _resumable(batches: Any) -> Resumable:
    if isinstance(batches, Resumable):
        return batches
    raise TypeError(
        "with a checkpoint, batches must be able to say where they are (state and load_state): "
        f"use Sampled(make, rng) or a list; got {type(batches).__name__}"
    )


def _scalar(loss: Any) -> float:
    array = np.asarray(loss)
    if array.size != 1 or not np.issubdtype(array.dtype, np.number):
        raise TypeError(
            f"loss_and_grads must return a number as loss; got shape {array.shape}, "
            f"dtype {array.dtype}"
        )
    return float(array.reshape(())[()])


def _check_options(
    steps: int, validate_every: int, checkpoint_every: int, report_every: int, on_divergence: str
) -> None:
    counts = {
        "steps": steps,
        "validate_every": validate_every,
        "checkpoint_every": checkpoint_every,
        "report_every": report_every,
    }
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1; got {value!r}")
    if on_divergence not in ("raise", "stop"):
        raise ValueError(f"on_divergence must be 'raise' or 'stop'; got {on_divergence!r}")
