"""Texts that models wrote, side by side with what they cost: a table for notebooks and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class SampleTable:
    """A table with a caption, a header and rows; the last column holds the texts.

    A notebook shows it as HTML, with the texts in a fixed-width font and their line breaks kept;
    printed, it is plain text.

    Raises
    ------
    ValueError
        If a row has not as many entries as the header.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.header):
                raise ValueError(
                    f"SampleTable: row {number} has {len(row)} entries; wanted "
                    f"{len(self.header)}, as in the header."
                )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.header)
        body = "\n".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        return (
            f'<table class="samples"><caption>{escape(self.caption)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
        )

    def _cells(self, row: tuple[str, ...]) -> str:
        *facts, text = row
        cells = "".join(f"<td>{escape(fact)}</td>" for fact in facts)
        return f"{cells}<td><pre>{escape(text)}</pre></td>"

    def __repr__(self) -> str:
        """The table as plain text: a line of facts, then the text, indented."""
        lines = [self.caption]
        for row in self.rows:
            facts = zip(self.header, row[:-1], strict=False)
            lines.append("· " + ", ".join(f"{name}: {fact}" for name, fact in facts))
            lines += ["    " + line for line in row[-1].splitlines()]
        return "\n".join(lines)


def sample_table(
    caption: str, header: Sequence[str], rows: Sequence[Sequence[object]]
) -> SampleTable:
    """A `SampleTable` from any rows; numbers are shown with at most three significant digits."""
    return SampleTable(caption, tuple(header), tuple(tuple(map(_shown, row)) for row in rows))


def _shown(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
