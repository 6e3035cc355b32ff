"""Citations by author and year in round brackets, as the made notebooks write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Two works in one pair of brackets are kept apart by a semicolon.
ROUND = partial(BracketStyle, "(", ")", "; ")


@dataclass
class CourseReferenceStyle(AuthorYearReferenceStyle):
    """``Elman (1990)`` and ``(Elman, 1990)``."""

    bracket_textual: BracketStyle = field(default_factory=ROUND)
    bracket_parenthetical: BracketStyle = field(default_factory=ROUND)


def setup(app: Sphinx) -> None:
    """Make the style known as ``course`` to sphinxcontrib-bibtex."""
    register_plugin("sphinxcontrib.bibtex.style.referencing", "course", CourseReferenceStyle)
