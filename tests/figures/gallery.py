"""Every figure of the course, drawn from small made-up numbers that the tests know too.

`FIGURES` maps a function of `course_utils.figures` to a call of it. `drawn` draws a figure once for
all tests: they only look at it.
"""

from collections.abc import Callable
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course_utils.experiments import cliff
from course_utils.experiments.ablation import Drift
from course_utils.experiments.bit_memory import Memory
from course_utils.experiments.credit import Formulas
from course_utils.experiments.gradient_flow import GradientFlow
from course_utils.experiments.memo import memo_stream
from course_utils.experiments.remembering import Row, wilson_interval
from course_utils.figures import (
    beyond,
    cell,
    cell_learning,
    credit,
    gates,
    gradients,
    house_style,
    language,
    memory_cell,
    networks,
    practice,
    recurrence,
    sequences,
    success,
    surface,
    vanishing,
    windows,
)
from course_utils.nn.history import History

Draw = Callable[..., Figure]
CLAIM = "The claim of the cell"

CURVE = np.linspace(0.9, 0.1, 30)
SHARES = np.linspace(0.1, 0.9, 9)
STATES = np.linspace(-0.9, 0.9, 12).reshape(6, 2)
FLOORS = np.array([0.4, 0.2, 0.0])
WEIGHTS = np.array([0.7, 0.2, 0.1])
ALIGNED = np.array([[0.9, 0.1], [0.3, 0.7]])
WAVES = np.stack([np.sin(np.arange(12)), np.cos(np.arange(12))], axis=1)
ERRORS = np.array([[0.0, 0.5], [1e-15, 3.0]])
FOUND = Formulas(np.array([1, 4]), np.array([1, 0.5]), np.array([1, 0.9]), np.array([1, 2.0]))
FLOWS = [GradientFlow("fades", 0.5 ** np.arange(60.0)), GradientFlow("stays", np.ones(60))]
W, B, LOSS, _ = cliff.surface(points=8)
MEMO = memo_stream(np.random.default_rng(0), 12, 2, writes=[1, 6], reads=[4, 9])
MEMO_STATES = {"cell": np.arange(12.0), "said": MEMO.target[:, 0]}
YEARS = np.arange(2000, 2006)


def row(name: str, solved: int, runs: int = 3) -> Row:
    return Row(name, solved, runs, (), *wilson_interval(solved, runs))


def history(n: int = 20) -> History:
    steps = np.arange(n, dtype=float)
    return History(
        loss=2 - steps / n,
        grad_norm=np.ones(n),
        scale=np.ones(n),
        seconds=steps / 10,
        valid_step=np.array([n // 2, n]),
        valid=np.array([1.5, 1.0]),
        stopped="steps",
        best_step=n,
    )


FIGURES: dict[Draw, Callable[[Draw], Figure]] = {
    beyond.handover_and_lookup: lambda draw: draw(WEIGHTS, "abc", title=CLAIM),
    beyond.share_by_length: lambda draw: draw(
        [2, 4], {"one": [0.9, 0.5]}, chance=0.25, title=CLAIM
    ),
    beyond.alignment: lambda draw: draw(ALIGNED, "ab", "ba", title=CLAIM),
    beyond.positions: lambda draw: draw(WAVES, title=CLAIM),
    beyond.by_length: lambda draw: draw([8, 16], {"one": [8, 16]}, ylabel="bytes", title=CLAIM),
    beyond.scan_sweeps: lambda draw: draw(5, title=CLAIM),
    beyond.counting_ones: lambda draw: draw({"a": SHARES - 0.5, "b": SHARES}, 4, title=CLAIM),
    beyond.kernels: lambda draw: draw({"one": SHARES}, title=CLAIM),
    cell.lstm_cell: lambda draw: draw(4, title=CLAIM),
    cell_learning.branches: lambda draw: draw(title=CLAIM),
    cell_learning.success_grid: lambda draw: draw(
        {"T = 20": [row("RNN", 0), row("GRU", 3)]}, title=CLAIM
    ),
    cell_learning.reach_by_unit: lambda draw: draw({"chrono": np.array([9.0, 3, 5])}, title=CLAIM),
    cell_learning.errors_by_part: lambda draw: draw(
        {"standard": [0.01, 0.02], "none": [0.1]}, title=CLAIM, xlabel="x", levels={"blind": 0.2}
    ),
    cell_learning.drift: lambda draw: draw(
        [Drift("none", 0, 100, np.array([0.0, 0.02]), np.array([10.0, 20.0]))],
        stretch=500,
        title=CLAIM,
    ),
    credit.paths_of_blame: lambda draw: draw(title=CLAIM),
    credit.training_losses: lambda draw: draw({"one": CURVE}, level=0.69, title=CLAIM),
    credit.error_by_step: lambda draw: draw(CURVE, {"one": CURVE}, title=CLAIM),
    credit.what_a_check_sees: lambda draw: draw({"last": ERRORS}, ["m", "n"], [1, 2], title=CLAIM),
    credit.memory_by_length: lambda draw: draw([1, 2], {"all": np.ones(2)}, title=CLAIM),
    credit.loss_by_window: lambda draw: draw([1, 9], ERRORS, level=0.69, title=CLAIM),
    credit.formulas_against_truth: lambda draw: draw(FOUND, title=CLAIM),
    gates.gate_traces: lambda draw: draw(
        "if x:\n", {"f": np.linspace(0, 1, 6), "c": np.ones((6, 3)) * -1}, title=CLAIM
    ),
    gradients.gradient_by_lag: lambda draw: draw(FLOWS, title=CLAIM),
    language.cost_by_order: lambda draw: draw({"one": CURVE[:3], "two": np.ones(3)}, title=CLAIM),
    language.pieces: lambda draw: draw(
        {"left": [np.arange(4).reshape(2, 2)], "right": [np.arange(4, 8).reshape(2, 2)]},
        title=CLAIM,
    ),
    language.cost_by_place: lambda draw: draw({"zeros": np.array([5.0, 3.0])}, title=CLAIM),
    language.temperatures: lambda draw: draw(
        " e", {"cold": np.array([0.75, 0.25]), "hot": np.array([0.25, 0.75])}, title=CLAIM
    ),
    language.losing_the_thread: lambda draw: draw({"text": CURVE[:2]}, 0.2, title=CLAIM),
    memory_cell.held_values: lambda draw: draw({"a": np.ones((4, 3)), "b": np.eye(4)}, title=CLAIM),
    memory_cell.memo_trace: lambda draw: draw(MEMO, MEMO_STATES, title=CLAIM, wanted="target"),
    memory_cell.keeping_spans: lambda draw: draw(
        np.array([3.0, 1, 20]), title=CLAIM, level=(2, "before")
    ),
    networks.folded_and_unrolled: lambda draw: draw(),
    networks.five_shapes: lambda draw: draw(),
    networks.window_network: lambda draw: draw("abcd"),
    practice.cost_by_updates: lambda draw: draw(
        {"a": (np.array([1, 2]), np.array([3.0, 2.0])), "b": (np.array([1]), np.array([1.0]))},
        title=CLAIM,
        levels={"counting": 2.5},
        ylim=(0, 4),
    ),
    practice.departures: lambda draw: draw({"x": np.array([0.0, 0.1, 0.2])}, 31, title=CLAIM),
    practice.padded_batch: lambda draw: draw(["abc", "d"], title=CLAIM),
    practice.dropout_places: lambda draw: draw(3, title=CLAIM),
    practice.forecasts: lambda draw: draw(
        YEARS, np.ones(6), {"m": np.zeros(6)}, title=CLAIM, ylabel="y"
    ),
    practice.bars: lambda draw: draw({"one": 1.0, "two": 2.0}, title=CLAIM, xlabel="x"),
    recurrence.windows_at_their_floors: lambda draw: draw(FLOORS, FLOORS + 0.01, title=CLAIM),
    recurrence.state_path: lambda draw: draw(STATES[:4], [1, 0, 1], title=CLAIM),
    recurrence.states_over_word: lambda draw: draw("abcdef", STATES, title=CLAIM),
    recurrence.latch_traces: lambda draw: draw(
        STATES[:, 0], {"one": STATES[:, 0], "two": STATES[:, 1]}, title=CLAIM
    ),
    recurrence.memory_profiles: lambda draw: draw({"one": STATES[:, 0]}, 2, title=CLAIM),
    recurrence.who_sees_what: lambda draw: draw(
        {"a": np.eye(4), "b": np.ones((4, 4))}, title=CLAIM
    ),
    recurrence.loss_by_step: lambda draw: draw({"one": STATES[:, 1]}, {"ln 2": 0.69}, title=CLAIM),
    recurrence.training_below_floors: lambda draw: draw([STATES[:, 0]], FLOORS, title=CLAIM),
    sequences.melodies: lambda draw: draw(
        {"one": np.array([60, 62, 64]), "two": np.array([60, 60, 64])}, title=CLAIM
    ),
    sequences.series: lambda draw: draw(
        YEARS, {"one": YEARS - 2000.0, "two": np.ones(6)}, title=CLAIM
    ),
    sequences.padded: lambda draw: draw(
        ["abc", "d"], np.array([[True, True], [True, False], [True, False]]), title=CLAIM
    ),
    success.success_by_length: lambda draw: draw(
        {20: [row("RNN", 3), row("LSTM", 3)], 50: [row("RNN", 0), row("LSTM", 2)]}, title=CLAIM
    ),
    success.learning_curves: lambda draw: draw(
        {"LSTM": history()}, title=CLAIM, ylabel="nats", levels={"chance": 1.4}, smooth=5
    ),
    success.validation_by_seconds: lambda draw: draw(
        {"LSTM": history(), "GRU": history()}, title=CLAIM, levels={"KN-5": 1.2}
    ),
    surface.loss_surface: lambda draw: draw(W, B, LOSS, title=CLAIM),
    surface.loss_slice: lambda draw: draw(W, LOSS[0], title=CLAIM, where="at $b = -3$"),
    vanishing.by_lag: lambda draw: draw(
        {"a": np.array([1, 1e-20])}, title=CLAIM, ylabel="y", mark=(1, "here")
    ),
    vanishing.gradient_and_memory: lambda draw: draw(
        {"latch": Memory(np.ones(6), 0.2 ** np.arange(6.0))}, title=CLAIM
    ),
    vanishing.factor_by_radius: lambda draw: draw(
        np.array([0.5, 1.0]),
        {"tanh": np.array([0.25, 0.5])},
        {"dot": (1.0, 0.5)},
        title=CLAIM,
    ),
    windows.price_of_a_bet: lambda draw: draw(SHARES, {0.5: SHARES**2, 0.2: SHARES}, title=CLAIM),
    windows.training_to_floors: lambda draw: draw(
        {"one": [SHARES, SHARES / 2]}, [0.3], title=CLAIM
    ),
    windows.accuracy_by_place: lambda draw: draw({"net": SHARES}, [0, 1, 2], title=CLAIM),
    windows.parameters_by_reach: lambda draw: draw(np.arange(1, 10), {"net": SHARES}, title=CLAIM),
}


def draw(figure: Draw) -> Figure:
    """A new drawing of a figure, in the house style, that nobody need close."""
    with house_style():
        drawing = FIGURES[figure](figure)
    plt.close(drawing)
    return drawing


drawn = cache(draw)


def name_of(figure: Draw) -> str:
    """As in ``beyond.alignment``."""
    return f"{figure.__module__.rpartition('.')[2]}.{figure.__name__}"
