"""Digits read pixel by pixel, every cell with the same amount of arithmetic (chapter 07).

Seconds differ from run to run and from machine to machine, so equal time is given as equal work: a
recurrent step costs one product with a (H, H) matrix in a simple network, three in a GRU and four
in an LSTM, and a cell with four gets a quarter of the updates.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from course_utils.data.digits import split
from course_utils.data.tasks import Batch
from course_utils.experiments.cells import Cell
from course_utils.experiments.solving import Outcome, loss_and_grads, measure
from course_utils.nn.batches import Sampled
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit

WORK = 2400
"""Updates of a simple recurrent network; others get fewer."""


def read_digits(
    cell: Cell,
    *,
    lr: float,
    matrices: int,
    seed: int = 0,
    work: int = WORK,
    H: int = 64,
    B: int = 32,
    name: str = "",
) -> Outcome:
    """Train for `work / matrices` updates and test once, at the end.

    Parameters
    ----------
    cell : the recurrent network
    lr : learning rate of Adam at the start; it falls linearly to zero
    matrices : recurrent (H, H) matrices in a step of the cell: 1, 3 or 4
    seed : of the split, the weights and the order
    work : in updates of a network with one matrix
    H, B : units, pictures in a batch
    name : for the outcome, if it is not the cell's

    Returns
    -------
    Outcome whose `value` is the share of wrong answers on 360 held-out pictures.
    """
    init_rng, split_rng, order_rng = np.random.default_rng(seed).spawn(3)
    train, test = split(split_rng)
    model = cell.model(init_rng, 1, H, 10, T=train.difficulty, dtype=np.float32)
    pictures, updates = train.x.shape[1], work // matrices
    model, history = fit(
        lambda params, batch: loss_and_grads(cell, params, batch),
        model,
        Sampled(lambda rng: _rows(train, rng.integers(0, pictures, B)), order_rng),
        optimiser=Adam(lr=lr),
        steps=updates,
        clip=1.0,
        schedule=lambda step: 1 - step / updates,
    )
    wrong = measure(cell, model, test)
    seconds = float(history.seconds[-1])
    return Outcome(name or cell.name, seed, test.success.met(wrong), updates, wrong, seconds)


def _rows(batch: Batch, rows: np.ndarray) -> Batch:
    return replace(
        batch,
        x=batch.x[:, rows],
        targets=batch.targets[:, rows],
        mask=batch.mask[:, rows],
        judged=batch.judged[:, rows],
        lengths=batch.lengths[rows],
    )
