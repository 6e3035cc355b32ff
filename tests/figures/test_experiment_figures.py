"""Figures of the experiments: each draws what it is given, or says why not."""

import numpy as np
import pytest
from gallery import FLOWS, LOSS, B, W, drawn, history, row

from course_utils.experiments import cliff
from course_utils.experiments.remembering import wilson_interval
from course_utils.figures.cell import STAGES, lstm_cell
from course_utils.figures.gates import gate_traces
from course_utils.figures.gradients import gradient_by_lag
from course_utils.figures.samples import sample_table
from course_utils.figures.show import claim_of
from course_utils.figures.success import (
    learning_curves,
    success_by_length,
    validation_by_seconds,
)
from course_utils.figures.surface import loss_surface


def lines(fig):
    return fig.axes[0].get_lines()


def test_gradients_are_drawn_until_they_can_no_longer_be_heard():
    fig = gradient_by_lag(FLOWS, title="t", floor=1e-6)
    fades, stays, _ = lines(fig)
    assert fades.get_xdata()[-1] == 19
    assert stays.get_xdata()[-1] == 59
    labels = [text.get_text() for text in fig.axes[0].get_legend().get_texts()]
    assert labels == ["fades: × 0.50 a step", "stays: × 1.00 a step"]


def test_the_surface_lies_where_its_axes_say():
    ((walk,),) = cliff.walks([1.0], [(5.2, -2.7)], updates=3)
    ax = loss_surface(W, B, LOSS, [walk], title="t").axes[0]
    image = ax.get_images()[0]
    assert image.get_extent() == [W[0], W[-1], B[0], B[-1]]
    assert np.array_equal(image.get_array(), LOSS)
    assert image.origin == "lower"
    assert np.array_equal(ax.get_lines()[0].get_xdata(), walk.w)


def test_success_has_shares_and_intervals():
    fig = drawn(success_by_length)
    rnn, lstm = (container.lines[0] for container in fig.axes[0].containers)
    assert rnn.get_ydata().tolist() == [1, 0]
    assert lstm.get_ydata() == pytest.approx([1, 2 / 3])
    bar = fig.axes[0].containers[1].lines[2][0].get_segments()[1]
    assert bar[:, 1] == pytest.approx(wilson_interval(2, 3))
    assert [tick.get_text() for tick in fig.axes[0].get_xticklabels()] == ["20", "50"]


def test_curves_are_running_means_and_seconds_those_of_the_validations():
    curve = lines(drawn(learning_curves))[0]
    assert curve.get_xdata()[0] == 5
    assert curve.get_ydata()[0] == pytest.approx(history().loss[:5].mean())
    points = lines(drawn(validation_by_seconds))[0]
    assert points.get_xdata().tolist() == [0.9, 1.9]
    assert points.get_ydata().tolist() == [1.5, 1.0]


def test_traces_stand_over_their_characters():
    fig = drawn(gate_traces)
    labels = [tick.get_text() for tick in fig.axes[-1].get_xticklabels()]
    assert labels == ["i", "f", "␣", "x", ":", "↵"]
    assert fig.axes[1].get_images()[0].get_array().shape == (3, 6)
    assert [ax.get_ylabel() for ax in fig.axes] == ["f", "c"]


@pytest.mark.parametrize("stage", [1, 2, 3, 4])
def test_the_cell_grows_by_one_gate_a_stage(stage):
    fig = lstm_cell(stage)
    shown = {text.get_text() for text in fig.axes[0].texts}
    gates = [f"${name}_t$" for name in "ifo"]
    assert [gate in shown for gate in gates] == [stage >= 2, stage >= 3, stage >= 4]
    assert {"$g_t$", "$c_t$", "$h_t$", "$h_{t-1}$", "$x_t$", "+", "tanh"} <= shown
    assert claim_of(fig) == STAGES[stage - 1]


def test_a_sample_table_shows_texts_as_they_are():
    table = sample_table(
        "After <n> seconds", ["seconds", "text"], [(10.0, "if <x>:\n  y"), (2, "b")]
    )
    html = table._repr_html_()
    assert "<caption>After &lt;n&gt; seconds</caption>" in html
    assert "<td>10</td><td><pre>if &lt;x&gt;:\n  y</pre></td>" in html
    assert html.count("<tr>") == 3
    assert repr(table).splitlines()[1:4] == ["· seconds: 10", "    if <x>:", "      y"]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: gradient_by_lag([], title="t"), "flows is empty"),
        (
            lambda: loss_surface(W, B[:3], LOSS, title="t"),
            r"loss has shape \(8, 8\); wanted \(3, 8\)",
        ),
        (lambda: success_by_length({}, title="t"), "tables hold 0 cells"),
        (
            lambda: success_by_length({9: [row(str(n), 0) for n in range(6)]}, title="t"),
            "tables hold 6 cells; wanted 1 to 5",
        ),
        (lambda: learning_curves({}, title="t", ylabel="y"), "histories holds 0 runs"),
        (lambda: validation_by_seconds({}, title="t"), "histories holds 0 runs"),
        (lambda: gate_traces("abc", {}, title="t"), "traces is empty"),
        (lambda: gate_traces("abc", {"f": np.ones(2)}, title="t"), "f has 2 steps; wanted 3"),
        (lambda: lstm_cell(5), "stage is 5; wanted 1 to 4"),
        (lambda: sample_table("c", ["a", "b"], [("x",)]), "row 0 has 1 entries; wanted 2"),
    ],
)
def test_what_cannot_be_drawn_is_named(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
