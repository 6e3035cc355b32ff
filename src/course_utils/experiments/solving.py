"""Train a model on a task until it solves it, or until the budget is spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from course_utils.data.tasks import Batch
from course_utils.experiments.cells import Cell, Model
from course_utils.nn.batches import Sampled
from course_utils.nn.dense import dense_backward, dense_forward
from course_utils.nn.history import History
from course_utils.nn.losses import mean_squared_error, softmax_cross_entropy
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit

Array = NDArray[Any]
Task = Callable[[np.random.Generator, int], Batch]
"""`(rng, B) -> Batch`: B fresh sequences."""


@dataclass(frozen=True)
class Outcome:
    """How one run ended.

    Attributes
    ----------
    cell : name of the cell
    seed : of the run
    solved : whether the task's own criterion was met
    steps : updates until it was, or the whole budget
    value : the criterion's metric on held-out sequences at the end
    seconds : CPU seconds of the run, with its validations
    """

    cell: str
    seed: int
    solved: bool
    steps: int
    value: float
    seconds: float


@dataclass(frozen=True)
class Budget:
    """The settings that measured runs share: Adam, gradients clipped at global norm 1."""

    steps: int = 2000
    H: int = 32
    B: int = 32
    lr: float = 0.005
    clip: float = 1.0
    validate_every: int = 100
    held_out: int = 1000
    dtype: DTypeLike = np.float32


def loss_and_grads(cell: Cell, model: Model, batch: Batch) -> tuple[float, Model]:
    """Mean loss over the scored steps of `batch`, and its gradients, in the structure of `model`.

    Only scored steps reach the readout. Cross-entropy in nats, or squared error, as the task says.
    """
    dtype = model["readout"].W.dtype
    h, tape = cell.forward(batch.x.astype(dtype), model["cell"], None)
    y, readout_tape = dense_forward(h[batch.mask], model["readout"])
    loss, dy = _loss(batch, batch.mask, y)
    dreadout, dh_scored = dense_backward(dy, readout_tape)
    dh = np.zeros_like(h)
    dh[batch.mask] = dh_scored
    dcell, _ = cell.backward(dh, tape)
    return loss, {"cell": dcell, "readout": dreadout}


def answers(cell: Cell, model: Model, batch: Batch, where: NDArray[np.bool_]) -> Array:
    """(N, K) outputs of the model at the N steps where `where` (T, B) is True, in time order."""
    dtype = model["readout"].W.dtype
    h, _ = cell.forward(batch.x.astype(dtype), model["cell"], None)
    y, _ = dense_forward(h[where], model["readout"])
    return y


def measure(cell: Cell, model: Model, batch: Batch) -> float:
    """The metric that the task's criterion speaks of, over its judged steps."""
    y = answers(cell, model, batch, batch.judged)
    wanted = batch.targets[batch.judged]
    metric = batch.success.metric
    if metric == "squared error":
        return float(np.mean((y - wanted) ** 2))
    if metric == "absolute error":
        return float(np.abs(y - wanted).mean())
    wrong = y.argmax(axis=1) != wanted
    if metric == "error rate":
        return float(wrong.mean())
    per_step = np.zeros(batch.judged.shape, bool)
    per_step[batch.judged] = wrong
    return float(per_step.any(axis=0).mean())


def train_on(
    cell: Cell,
    task: Task,
    *,
    seed: int,
    budget: Budget,
    span: int | None = None,
    stop_when_solved: bool = True,
) -> tuple[Model, History, Batch]:
    """Train until the held-out sequences meet the task's criterion; (model, history, held out).

    Parameters
    ----------
    cell : the recurrent network
    task : makes batches
    seed : of the parameters, the training sequences and (apart from both) the held-out ones
    budget : sizes, learning rate, updates
    span : for chrono initialisation; the task's difficulty by default
    stop_when_solved : if not, the whole budget is spent
    """
    init_rng, train_rng, test_rng = np.random.default_rng(seed).spawn(3)
    held_out = task(test_rng, budget.held_out)
    width = held_out.shape[2]
    model = cell.model(
        init_rng,
        width,
        budget.H,
        held_out.outputs,
        T=max(3, held_out.difficulty if span is None else span),
        dtype=budget.dtype,
    )
    model, history = fit(
        lambda params, batch: loss_and_grads(cell, params, batch),
        model,
        Sampled(lambda rng: task(rng, budget.B), train_rng),
        optimiser=Adam(lr=budget.lr),
        steps=budget.steps,
        clip=budget.clip,
        validate=lambda params: measure(cell, params, held_out),
        validate_every=budget.validate_every,
        until=held_out.success.met if stop_when_solved else None,
    )
    return model, history, held_out


def solve(
    cell: Cell, task: Task, *, seed: int, budget: Budget | None = None, span: int | None = None
) -> Outcome:
    """One run of `train_on`, summed up."""
    _, history, _ = train_on(cell, task, seed=seed, budget=budget or Budget(), span=span)
    return Outcome(
        cell.name,
        seed,
        history.stopped == "until",
        len(history),
        float(history.valid[-1]),
        float(history.seconds[-1]),
    )


def _loss(batch: Batch, where: NDArray[np.bool_], y: Array) -> tuple[float, Array]:
    targets = batch.targets[where]
    if batch.loss == "squared error":
        return mean_squared_error(y, targets.astype(y.dtype))
    return softmax_cross_entropy(y, targets)
