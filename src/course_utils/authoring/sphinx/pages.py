"""Which made notebooks stand behind a page of the book."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Made:
    """The notebooks made from one text, as paths below the root.

    ``executed`` is checked against the text; ``offered`` is what the page shows and hands out.
    For a chapter they are the same; for a problem set they are the solved and the student version.
    """

    executed: str
    offered: str

    @property
    def for_students(self) -> bool:
        """Whether solutions and hidden checks must be kept from the page."""
        return self.executed != self.offered


def made_from(docname: str) -> Made | None:
    """Return the notebooks made from the page ``docname``, None where it is prose."""
    page = PurePosixPath(docname)
    if page.parent == PurePosixPath("book/chapters"):
        return Made(*[f"notebooks/{page.name}.ipynb"] * 2)
    if page.parent == PurePosixPath("book/problem_sets"):
        path = f"{page.name}/{page.name}.ipynb"
        return Made(f"solutions/{path}", f"exercises/{path}")
    return None


def missing(root: Path, made: Made) -> str | None:
    """Return the path of the first notebook that is not there."""
    return next(
        (path for path in (made.executed, made.offered) if not (root / path).is_file()), None
    )
