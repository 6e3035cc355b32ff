"""Glued values reach the prose exactly as myst-nb reads them."""

import nbformat
import numpy as np
import pytest
from myst_nb.core.variables import format_plain_text
from myst_nb.ext.glue import extract_glue_data_cell

from course_utils.figures import glue


@pytest.fixture
def read(monkeypatch):
    """Glue values in a cell and read them back as the site does: ``read(x=1)("x", ".2f")``."""
    outputs = []

    def display(data, raw, metadata):
        outputs.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata))

    monkeypatch.setattr("IPython.display.display", display)

    def glued(**values):
        glue(**values)
        cell = nbformat.v4.new_code_cell("glue(…)", outputs=list(outputs))
        found = dict(extract_glue_data_cell(cell))
        assert cell.outputs == [], "a glued value must not show below its cell"
        return lambda name, spec="s": format_plain_text(found[name].data["text/plain"], spec)

    return glued


def test_numbers_take_a_format(read):
    prose = read(loss=0.34567, steps=np.int64(12345), rate=np.float32(0.5), one=np.array([2.0]))
    assert prose("loss", ".2f") == "0.35"
    assert prose("steps", ",d") == "12,345"
    assert prose("rate", ".0%") == "50%"
    assert prose("one") == "2.0"


def test_words_and_truth_values_keep_their_spelling(read):
    prose = read(word="it's", solved=np.bool_(True))
    assert prose("word") == "it's"
    assert prose("solved") == "True"


def test_the_last_bits_of_a_float_are_dropped(read):
    assert read(x=0.1 + 0.2)("x") == "0.3"
    assert read(tiny=1.25e-300)("tiny") == "1.25e-300"


def test_a_list_is_refused_by_name(read):
    with pytest.raises(TypeError, match="glue: losses is list; expected a number"):
        read(losses=[1, 2])
