"""The drawings say what the chapter says about them: as many boxes, arrows and names as steps."""

from __future__ import annotations

from collections import Counter

import pytest

from course_utils.figures.networks import SHAPES, five_shapes, folded_and_unrolled


def labels(fig) -> Counter[str]:
    return Counter(text.get_text() for text in fig.axes[0].texts if text.get_text())


def test_the_unrolled_half_repeats_the_same_weights_at_every_step():
    for steps in (1, 3, 5):
        names = labels(folded_and_unrolled(steps))
        # one folded column and one a step; the loop and one arrow a step carry W_h
        assert names["$W_x$"] == names["$W_y$"] == names["$W_h$"] == steps + 1
        assert names["$h_0$"] == names[f"$x_{steps}$"] == names["$h_t$"] == 1
        assert f"$x_{steps + 1}$" not in names


def test_no_steps_is_refused():
    with pytest.raises(ValueError, match="steps is 0; wanted at least 1"):
        folded_and_unrolled(0)


def test_the_five_shapes_have_their_inputs_and_outputs():
    names = labels(five_shapes())
    assert names["$x$"] == sum(len(shape.inputs) for shape in SHAPES)
    assert names["$y$"] == sum(len(shape.outputs) for shape in SHAPES)
    assert names["$h$"] == sum(shape.steps for shape in SHAPES)
    assert all(names[shape.name] == 1 for shape in SHAPES)


def test_synced_answers_at_once_and_the_encoder_decoder_when_all_is_read():
    synced, seq2seq = SHAPES[3], SHAPES[4]
    assert synced.inputs == synced.outputs
    assert max(seq2seq.inputs) < min(seq2seq.outputs) == seq2seq.handover
