"""Chapter 04's experiments: backward passes with one mistake each, and formulas with one too many.

The mistakes are those of published code and texts, written anew on the course's own recurrence, so
that each can be compared with the right gradient entry by entry.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.nn.gradients import compare_gradients
from course_utils.nn.initialisation import orthogonal
from course_utils.nn.jacobians import rnn_jacobians
from course_utils.nn.rnn import RNNParams, RNNTape, init_rnn, rnn_backward, rnn_forward

Array = NDArray[Any]
BackwardPass = Callable[[Array, RNNTape], RNNParams]

MISTAKES = (
    "carry dropped",
    "W_h not transposed",
    "overwritten, not added",
    "slope one step too early",
    "earlier losses left out",
    "one factor twice",
    "h_t for h_{t-1} in dW_h",
    "tanh for its slope",
)
"""What `broken_backward` can do wrong: the last two show at once, the others from two steps on.

"earlier losses left out" shows only where a step before the last has a loss.
"""


def broken_backward(mistake: str) -> BackwardPass:
    """A backward pass ``(dh (T, B, H), tape) -> RNNParams`` that makes one of `MISTAKES`.

    Raises
    ------
    ValueError
        If there is no such mistake.
    """
    if mistake not in MISTAKES:
        raise ValueError(f"broken_backward: {mistake!r} is unknown; wanted one of {MISTAKES}.")
    if mistake == "one factor twice":
        return _factor_twice
    return lambda dh, tape: _sweep(dh, tape, mistake)


def _sweep(dh: Array, tape: RNNTape, mistake: str) -> RNNParams:
    """The backward sweep, with one line gone wrong."""
    W_h, h = tape.params.W_h, tape.states
    dW_x, dW_h, db = np.zeros_like(tape.params.W_x), np.zeros_like(W_h), np.zeros_like(h[0, 0])
    slope = h[1:] if mistake == "tanh for its slope" else 1 - h[1:] ** 2
    carried = np.zeros_like(h[0])
    for t in reversed(range(len(dh))):
        left_out = mistake == "earlier losses left out" and t < len(dh) - 1
        dh_t = carried if left_out else dh[t] + carried
        da_t = dh_t * slope[t]
        before = h[t + 1] if mistake == "h_t for h_{t-1} in dW_h" else h[t]
        if mistake == "overwritten, not added":
            dW_x, dW_h, db = tape.x[t].T @ da_t, before.T @ da_t, da_t.sum(axis=0)
        else:
            dW_x += tape.x[t].T @ da_t
            dW_h += before.T @ da_t
            db += da_t.sum(axis=0)
        if mistake == "slope one step too early":
            da_t = dh_t * slope[max(t - 1, 0)]
        carried = da_t @ (W_h if mistake == "W_h not transposed" else W_h.T)
        if mistake == "carry dropped":
            carried = 0 * carried
    return RNNParams(dW_x, dW_h, db)


def _factor_twice(dh: Array, tape: RNNTape) -> RNNParams:
    """Every path's product of Jacobians is multiplied in twice."""
    J, h = rnn_jacobians(tape), tape.states
    grads = [np.zeros_like(leaf) for leaf in (tape.params.W_x, tape.params.W_h, tape.params.b)]
    for t in range(len(dh)):
        product = np.broadcast_to(np.eye(h.shape[-1]), J[0].shape)
        for k in range(t, -1, -1):
            da_k = np.einsum("bi,bij,bjk->bk", dh[t], product, product) * (1 - h[k + 1] ** 2)
            for grad, share in zip(
                grads, (tape.x[k].T @ da_k, h[k].T @ da_k, da_k.sum(axis=0)), strict=True
            ):
                grad += share
            product = product @ J[k]
    return RNNParams(*grads)


def check_errors(
    lengths: Sequence[int],
    *,
    every_step: bool = True,
    seeds: Sequence[int] = range(3),
    mistakes: Sequence[str] = MISTAKES,
) -> Array:
    """The relative error of each mistake at each length: ``(mistakes, lengths)``.

    The largest over the seeds, against `rnn_backward`; networks of 5 units and 3 sequences start
    from a zero state. ``every_step`` puts a loss on every step, otherwise on the last one alone.
    """
    errors = np.zeros((len(mistakes), len(lengths)))
    for column, T in enumerate(lengths):
        for seed in seeds:
            rng = np.random.default_rng(seed)
            h, tape = rnn_forward(rng.normal(size=(T, 3, 2)), init_rnn(rng, 2, 5))
            dh = rng.normal(size=h.shape)
            if not every_step:
                dh[:-1] = 0
            right, _, _ = rnn_backward(dh, tape)
            for row, mistake in enumerate(mistakes):
                wrong = broken_backward(mistake)(dh, tape)
                error = compare_gradients(wrong, right).error
                errors[row, column] = max(errors[row, column], error)
    return errors


@dataclass(frozen=True, eq=False)
class Formulas:
    """Two published formulas for dW_h against the truth, by length.

    Attributes
    ----------
    lengths : (N,) time steps
    cosine_twice : (N,) mean cosine with the true gradient, one factor counted twice
    cosine_total : (N,) the same, with the total derivative where the immediate one belongs
    ratio_total : (N,) mean norm of the latter over the true norm
    """

    lengths: Array
    cosine_twice: Array
    cosine_total: Array
    ratio_total: Array


def published_formulas(
    lengths: Sequence[int] = (1, 2, 3, 4, 6, 10, 20),
    *,
    seeds: Sequence[int] = range(20),
    H: int = 8,
    radius: float = 1.2,
) -> Formulas:
    """Evaluate both formulas for a loss on the last step, averaged over random networks.

    The recurrent matrix is orthogonal, scaled to the spectral ``radius``, so that no path dies
    early and hides its mistake.
    """
    rows = [
        np.mean([_formula_run(T, np.random.default_rng(seed), H, radius) for seed in seeds], axis=0)
        for T in lengths
    ]
    return Formulas(np.asarray(lengths), *np.transpose(rows))


def _formula_run(T: int, rng: np.random.Generator, H: int, radius: float) -> list[float]:
    params = RNNParams(0.3 * rng.normal(size=(3, H)), radius * orthogonal(rng, H, H), np.zeros(H))
    h_0 = 0.5 * rng.normal(size=(1, H))  # not zero: then dW_h is not zero at T = 1
    _, tape = rnn_forward(rng.normal(size=(T, 1, 3)), params, h_0)
    dh_T = rng.normal(size=H)
    right, twice, total = recurrent_formulas(tape, dh_T)
    return [
        cosine(twice, right),
        cosine(total, right),
        float(np.linalg.norm(total) / np.linalg.norm(right)),
    ]


def recurrent_formulas(tape: RNNTape, dh_T: Array) -> tuple[Array, Array, Array]:
    """The sum over steps as it should be, with one factor twice, and with total derivatives.

    ``tape`` is of one sequence, ``dh_T (H,)`` the gradient of the loss on the last step. Each of
    the three is ``(H, H)``.
    """
    J, h = rnn_jacobians(tape)[:, 0], tape.states[:, 0]
    T, H = len(J), h.shape[1]
    immediate = [np.einsum("i,jk->kij", h[t], np.diag(1 - h[t + 1] ** 2)) for t in range(T)]
    total = immediate[:1]  # dh_t/dW_h (H, H, H), by the chain rule from step to step
    for t in range(1, T):
        total.append(immediate[t] + np.einsum("kl,lij->kij", J[t], total[-1]))
    sums = np.zeros((3, H, H))
    product = np.eye(H)  # ∂h_T/∂h_k, for k = T, T-1, …
    for k in reversed(range(T)):
        once, twice = dh_T @ product, dh_T @ product @ product
        sums += [
            np.einsum("k,kij->ij", v, d)
            for v, d in ((once, immediate[k]), (twice, immediate[k]), (once, total[k]))
        ]
        product = product @ J[k]
    return sums[0], sums[1], sums[2]


def cosine(a: Array, b: Array) -> float:
    """The cosine of the angle between two gradients of equal shape."""
    return float((a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b)))


def growth(work: Callable[[int], object], sizes: Sequence[int], repeats: int = 5) -> float:
    """The exponent with which the CPU time of ``work(size)`` grows: 1 is linear, 2 quadratic.

    The smallest of several times is taken for each size, since others may use the machine too, and
    the time of this thread alone: other threads of the linear algebra burn theirs by waiting.
    """
    times = []
    for size in sizes:
        runs = []
        for _ in range(repeats):
            start = time.thread_time()
            work(size)
            runs.append(time.thread_time() - start)
        times.append(min(runs))
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
