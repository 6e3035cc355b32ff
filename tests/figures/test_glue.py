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
        return lambda name: format_plain_text(found[name].data["text/plain"], "")

    return glued


def test_what_is_stored_is_what_the_page_prints(read):
    prose = read(loss=f"{0.34567:.2f}", steps=np.int64(12345), many=f"{12345:,}")
    assert prose("loss") == "0.35"
    assert prose("steps") == "12345"
    assert prose("many") == "12,345"


def test_words_and_truth_values_keep_their_spelling(read):
    prose = read(word="it's", solved=np.bool_(True))
    assert prose("word") == "it's"
    assert prose("solved") == "True"


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.array([0.5])])
def test_a_float_is_refused_with_what_to_write(read, value):
    with pytest.raises(TypeError, match=r'glue: loss is the float 0\.5; .*loss=f"\{loss:\.2f\}"'):
        read(loss=value)


def test_a_list_is_refused_by_name(read):
    with pytest.raises(TypeError, match="glue: losses is list; expected a whole number"):
        read(losses=[1, 2])
