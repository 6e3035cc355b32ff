"""Chapter 02's experiments: networks wired by hand, networks trained, and a probe of the memory.

A `Network` is a recurrence with a readout. The hand-wired ones use steep tanh units as thresholds:
``tanh(gain * (s - threshold))`` is close to +1 above the threshold and close to -1 below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from course_utils.data.tasks import echo, one_hot, parity, xor_in_time
from course_utils.nn import (
    DenseParams,
    RNNParams,
    dense_backward,
    dense_forward,
    init_dense,
    init_rnn,
    rnn_backward,
    rnn_forward,
    softmax,
    softmax_cross_entropy,
)
from course_utils.nn.batches import Sampled
from course_utils.nn.history import History
from course_utils.nn.optimisers import Adam
from course_utils.nn.training import fit

Array = NDArray[Any]
GAIN = 10.0
"""How steep a hand-set threshold is: half a unit away from it, tanh(5) = 0.9999."""


class Scored(Protocol):
    """What training needs of a batch: `x (T, B, D)`, `targets (T, B)`, `mask (T, B)`."""

    @property
    def x(self) -> Array:
        """Inputs."""

    @property
    def targets(self) -> Array:
        """Classes, whole numbers."""

    @property
    def mask(self) -> Array:
        """True where the answer counts."""


@dataclass(frozen=True)
class Network:
    """Elman's network: a recurrence `rnn` and a readout `readout` (`W (H, K)`, `b (K,)`)."""

    rnn: RNNParams
    readout: DenseParams

    def states(self, x: Array, h_0: Array | None = None) -> Array:
        """`x (T, B, D)` -> the states `h (T, B, H)`."""
        h, _ = rnn_forward(x, self.rnn, h_0)
        return h

    def scores(self, x: Array, h_0: Array | None = None) -> Array:
        """`x (T, B, D)` -> the scores `y (T, B, K)`."""
        y, _ = dense_forward(self.states(x, h_0), self.readout)
        return y


# --- Wired by hand ----------------------------------------------------------------------------


def latch(w: float = 2.0, pulse: float = 3.0) -> RNNParams:
    """One unit that keeps the sign of the last pulse: x_t is +1 (set), -1 (reset) or 0 (hold).

    For `w` above 1, h = tanh(w h) has two stable solutions, one of each sign; from 1 downwards only
    0 is left, and the bit fades.
    """
    return RNNParams(W_x=np.array([[pulse]], float), W_h=np.array([[w]], float), b=np.zeros(1))


def latch_tolerance(w: float) -> float:
    """The largest steady push against a latched bit that can never flip it; `w` above 1.

    Where the curve tanh(w h - push) only just touches the diagonal, its slope w (1 - h²) is 1.

    Raises
    ------
    ValueError
        If `w` is not above 1: there is no bit to hold.
    """
    if not w > 1:
        raise ValueError(f"latch_tolerance: w is {w}; wanted more than 1, or nothing is latched.")
    h = np.sqrt(1 - 1 / w)
    return float(w * h - np.arctanh(h))


def parity_counter(gain: float = GAIN) -> Network:
    """Two units that keep the parity of all ones so far; x_t is 0 or 1, h_0 is zero.

    Unit 0 is "p + x is at least 1", unit 1 "p + x is 2", where p = (h[0] - h[1]) / 2 is the parity
    before the step. The score is positive for odd.
    """
    return Network(
        rnn=RNNParams(
            W_x=gain * np.ones((1, 2)),
            W_h=gain * np.array([[0.5, 0.5], [-0.5, -0.5]]),
            b=gain * np.array([-0.5, -1.5]),
        ),
        readout=DenseParams(W=np.array([[1.0], [-1.0]]), b=np.array([-1.0])),
    )


def shift_register(H: int, gain: float = 3.0) -> RNNParams:
    """H units that hold the last H inputs, each one step older than its neighbour; x_t is ±1."""
    W_x = np.zeros((1, H))
    W_x[0, 0] = gain
    return RNNParams(W_x=W_x, W_h=gain * np.eye(H, k=1), b=np.zeros(H))


# --- Trained: a box that chapter 04 opens ------------------------------------------------------


def init_network(rng: np.random.Generator, D: int, H: int, K: int) -> Network:
    """Glorot weights and zero biases."""
    return Network(rnn=init_rnn(rng, D, H), readout=init_dense(rng, H, K))


def loss_and_grads(network: Network, task: Scored) -> tuple[float, Network]:
    """Mean cross-entropy (nats) over the scored steps, and its gradients, shaped like `network`."""
    h, tape = rnn_forward(task.x, network.rnn)
    y, readout_tape = dense_forward(h, network.readout)
    loss, dy = softmax_cross_entropy(y, task.targets, task.mask)
    dreadout, dh = dense_backward(dy, readout_tape)
    drnn, *_ = rnn_backward(dh, tape)
    return loss, Network(rnn=drnn, readout=dreadout)


def train(
    batches: Iterable[Scored],
    D: int,
    H: int,
    K: int,
    *,
    seed: int = 0,
    steps: int = 300,
    lr: float = 0.02,
    until: Callable[[Network], bool] | None = None,
) -> tuple[Network, History]:
    """Train a fresh network with Adam (gradients clipped at 1) and return it with its history.

    Parameters
    ----------
    batches : a list that is cycled, or an endless iterator
    until : stop as soon as this is true of the network (asked after every update)
    """
    start = init_network(np.random.default_rng(seed), D, H, K)
    stop: dict[str, Any] = {}
    if until is not None:
        stop = {
            "validate": lambda network: float(not until(network)),
            "validate_every": 1,
            "until": lambda missed: missed == 0,
        }
    return fit(loss_and_grads, start, batches, optimiser=Adam(lr=lr), steps=steps, clip=1.0, **stop)


def spelled_right(network: Network, task: Scored) -> bool:
    """Whether the highest score names the target at every scored step."""
    wrong = network.scores(task.x).argmax(axis=-1) != task.targets
    return not (wrong & task.mask).any()


# --- What a window cannot know ------------------------------------------------------------------


class Windows(NamedTuple):
    """Every window of a word as one row of a batch with a single time step."""

    x: Array
    targets: Array
    mask: Array


def windows(word: str, k: int) -> Windows:
    """The last `k` letters before each letter of `word`, one-hot side by side, and that letter.

    x (1, N, k * (V + 1)), targets (1, N) for N = len(word) - 1 predictions over V letters; a blank
    stands where the word has not begun yet.

    Raises
    ------
    ValueError
        If `k` is below 1.
    """
    if k < 1:
        raise ValueError(f"windows: k is {k}; wanted at least 1.")
    letters = sorted(set(word))
    codes = np.array([0] * k + [1 + letters.index(c) for c in word])
    N = len(word) - 1
    seen = np.stack([codes[t + 1 : t + 1 + k] for t in range(N)])
    x = one_hot(seen, len(letters) + 1).reshape(1, N, -1)
    return Windows(x, codes[None, k + 1 :] - 1, np.ones((1, N), bool))


def train_window(word: str, k: int, *, H: int = 16, seed: int = 0, steps: int = 150) -> float:
    """The loss (nats a letter) that a trained net with one hidden layer over `k` letters has."""
    task = windows(word, k)
    V = len(set(word))
    network, _ = train([task], task.x.shape[2], H, V, seed=seed, steps=steps, lr=0.05)
    loss, _ = loss_and_grads(network, task)
    return loss


# --- Parity, by learning -------------------------------------------------------------------------


def train_on_parity(T: int, *, every_step: bool, seed: int, H: int = 8, steps: int = 500) -> float:
    """Train on fresh parity sequences of length T; the mean loss (nats) of the last 50 updates.

    With `every_step` the parity so far is asked for, and scored, at every step; without, only at
    the last.
    """

    def fresh(rng: np.random.Generator) -> Scored:
        task = parity(rng, T, 32)
        scored = task.mask & (every_step | (np.arange(T) == T - 1)[:, None])
        return replace(task, mask=scored)

    _, history = train(Sampled(fresh, seed), 1, H, 2, seed=seed, steps=steps)
    return float(history.loss[-50:].mean())


# --- XOR in time (Elman 1990) ------------------------------------------------------------------


def train_on_xor(H: int, *, seed: int, steps: int = 600) -> Network:
    """Train `H` units to predict the next bit of XOR streams of eight pairs, 32 at a time."""
    network, _ = train(
        Sampled(lambda rng: xor_in_time(rng, 8, 32), 100 + seed), 1, H, 2, seed=seed, steps=steps
    )
    return network


def loss_by_step(network: Network, *, seed: int, pairs: int = 20, B: int = 500) -> Array:
    """Mean cross-entropy (nats) of each prediction, (3 * pairs - 1,), on fresh XOR streams."""
    task = xor_in_time(np.random.default_rng(seed), pairs, B)
    p = softmax(network.scores(task.x))
    p_true = np.take_along_axis(p, task.targets[..., None], axis=-1)[..., 0]
    return -np.log(p_true).mean(axis=1)


def xor_habit(network: Network, *, seed: int, pairs: int = 20, B: int = 500) -> float:
    """How often the guess is the XOR of the last two bits at steps where it need not be."""
    task = xor_in_time(np.random.default_rng(seed), pairs, B)
    bits = task.x[..., 0].astype(int)
    same = network.scores(task.x).argmax(axis=-1)[1:] == bits[1:] ^ bits[:-1]
    due = np.arange(1, len(bits)) % 3 == 1
    return float(same[~due].mean())


def always_xor_levels() -> tuple[float, float]:
    """The best a network can do that says "the XOR of the last two" at every step, in nats.

    Such a guess is right at every third step and half of the time elsewhere: in two of three cases
    overall, which is the confidence that costs least. Returns the loss where the XOR really comes,
    and the mean loss at the other steps.
    """
    right, wrong = -np.log(2 / 3), -np.log(1 / 3)
    return float(right), float((right + wrong) / 2)


# --- What is left in h -------------------------------------------------------------------------


def train_on_echo(lag: int, *, H: int = 8, seed: int = 0, steps: int = 600) -> Network:
    """Train `H` units to name the bit of `lag` steps ago; inputs are one-hot bits (T, B, 2)."""
    network, _ = train(
        Sampled(lambda rng: echo(rng, 20, 32, lag), seed), 2, H, 2, seed=seed, steps=steps
    )
    return network


class MemoryProfile(NamedTuple):
    """How well past inputs can be read off a state, by lag 0, 1, 2, …"""

    accuracy: Array
    r2: Array

    @property
    def capacity(self) -> float:
        """Sum of R² over the lags: at most the number of units, for independent inputs."""
        return float(np.maximum(self.r2, 0).sum())


def memory_profile(h: Array, x: Array, lags: int) -> MemoryProfile:
    """Read x_{t-k} off h_t with one linear readout a lag, for k = 0, 1, …, lags - 1.

    Parameters
    ----------
    h : (T, B, H) states
    x : (T, B, 1) inputs +1 and -1
    lags : number of lags, below T

    The readout is fitted by least squares on the first half of the sequences and judged on the
    other half: the share of right signs, and R² = 1 - squared error / variance.

    Raises
    ------
    ValueError
        If there are too few steps or sequences.
    """
    T, B, _ = h.shape
    if not (0 < lags < T and B >= 2):
        raise ValueError(
            f"memory_profile: lags is {lags} for h of shape {h.shape}; wanted lags from 1 to T - 1"
            " and at least 2 sequences."
        )
    now = np.concatenate([h[lags - 1 :], np.ones((T - lags + 1, B, 1))], axis=-1)
    past = np.concatenate([x[lags - 1 - k : T - k] for k in range(lags)], axis=-1)
    half = B // 2
    readout, *_ = np.linalg.lstsq(_rows(now[:, :half]), _rows(past[:, :half]), rcond=None)
    guess, truth = _rows(now[:, half:]) @ readout, _rows(past[:, half:])
    accuracy = np.mean(np.sign(guess) == truth, axis=0)
    r2 = 1 - np.mean((guess - truth) ** 2, axis=0) / np.var(truth, axis=0)
    return MemoryProfile(accuracy, r2)


def _rows(states: Array) -> Array:
    """(T, B, H) as (T * B, H): every step of every sequence is one example."""
    return states.reshape(-1, states.shape[-1])


def influence(forward: Callable[[Array], Array], x: Array) -> Array:
    """How far each state moves when one input changes: (T, T), row s = input s, column t = state t.

    `forward` maps x (T, 1, D) to states (T, 1, H). Entry (s, t) is the largest change of a unit of
    h_t when x_s is replaced by its negative.
    """
    base = forward(x)
    moved = np.empty((len(x), len(x)))
    for s in range(len(x)):
        changed = x.copy()
        changed[s] *= -1
        moved[s] = np.abs(forward(changed) - base).max(axis=(1, 2))
    return moved
