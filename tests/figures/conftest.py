"""Figures are drawn in the house style, and closed."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest

from course_utils.figures import house_style


@pytest.fixture(autouse=True)
def house() -> Iterator[None]:
    with house_style():
        yield
    plt.close("all")
