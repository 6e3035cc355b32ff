"""The tables of what the course sets right tell placed items from those still to come."""

from __future__ import annotations

from pathlib import Path

from course_utils.authoring.corrections import LIST, corrections
from course_utils.authoring.sphinx.corrections import _table

ITEMS = """\
[000-1]
said = "A."
true = "B."
chapters = ["01"]

[000-2]
said = "C."
true = "D."
chapters = ["01", "02"]
where = ["book/chapters/01_a.md#sec-a"]

[000-3]
said = "E."
true = "F."
chapters = ["01"]
"""
BOX = "(sec-a)=\n## A\n\n:::{misconception} E\n:label: mis-e\n:corrects: 000-3, 000-2\n\nNo.\n:::\n"


def book(root: Path, text: str) -> Path:
    (root / "book/chapters").mkdir(parents=True)
    (root / LIST).write_text(ITEMS)
    (root / "book/chapters" / text).write_text(BOX)
    return root


def test_an_item_is_placed_by_a_box_or_by_the_list(tmp_path: Path) -> None:
    nowhere, both, box = corrections(book(tmp_path, "01_a.md"))
    assert nowhere.places == ()
    assert both.places == (("book/chapters/01_a.md", "mis-e"), ("book/chapters/01_a.md", "sec-a"))
    assert box.places == (("book/chapters/01_a.md", "mis-e"),)


def test_the_table_counts_what_is_placed_and_links_there(tmp_path: Path) -> None:
    root = book(tmp_path, "01_a.md")
    head, *rows = _table(root, "01", corrections(root))
    assert head == "**Chapter 01: 2 of 3 placed**"
    assert "| A. | B. | – `000-1` |" in rows
    assert "| E. | F. | {ref}`01 <mis-e>` `000-3` |" in rows


def test_a_chapter_that_is_not_there_is_said_to_be_in_preparation(tmp_path: Path) -> None:
    root = book(tmp_path, "02_b.md")
    assert _table(root, "01", corrections(root))[0].startswith("**Chapter 01, in preparation: ")
