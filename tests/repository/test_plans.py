"""Run times and working times that pages print are the sums of the texts' front matter.

After a change of `seconds` or `minutes`: `python tools/times.py` writes the sums anew.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from course_utils.authoring.text import front_matter

BOOK = Path(__file__).parents[2] / "book"
PLANS = BOOK / "instructor/plans.md"
TEXT = re.compile(r"(?:chapters|problem_sets)/(\w+)>`")
TIMES = re.compile(r"\| (\d+) s \| (\d+) min \|$")


def times(stem: str) -> tuple[int, int]:
    """Seconds and minutes of a text, from its front matter."""
    folder = "problem_sets" if stem.startswith("ps") else "chapters"
    path = BOOK / folder / f"{stem}.md"
    course = front_matter(path.read_text(encoding="utf-8"), path.name)["course"]
    return course["seconds"], course["minutes"]


def total(stems: list[str]) -> tuple[int, int]:
    seconds, minutes = zip(*map(times, stems), strict=True)
    return sum(seconds), sum(minutes)


def stems(folder: str, pattern: str) -> list[str]:
    return sorted(path.stem for path in (BOOK / folder).glob(pattern))


def tables(page: Path) -> Iterator[list[str]]:
    """The rows with times of each table of a page."""
    source = page.read_text(encoding="utf-8")
    for table in re.findall(r"(?:^\|.*\n?)+", source, re.M):
        rows = [row for row in table.splitlines() if TIMES.search(row)]
        if rows:
            yield rows


def test_rows_of_the_plans_are_sums_of_what_they_link_to() -> None:
    found = list(tables(PLANS))
    assert len(found) == 4
    for rows in found:
        for row in rows[:-1]:
            assert tuple(map(int, TIMES.search(row).groups())) == total(TEXT.findall(row)), row


def test_last_rows_of_the_plans_are_sums_of_their_tables() -> None:
    for rows in tables(PLANS):
        linked = [stem for row in rows[:-1] for stem in TEXT.findall(row)]
        assert tuple(map(int, TIMES.search(rows[-1]).groups())) == total(linked), rows[-1]
        assert "All of it" in rows[-1]


def test_minutes_in_class_add_up() -> None:
    for rows in list(tables(PLANS))[1:]:
        column = 1 if len(rows[0].split("|")) == 7 else 5
        minutes = [int(row.split("|")[column]) for row in rows]
        assert sum(minutes[:-1]) == minutes[-1], rows[-1]


def test_the_plans_know_every_chapter_and_set() -> None:
    everything, day, four, eight = tables(PLANS)
    numbered = {*stems("chapters", "[0-9]*.md"), *stems("problem_sets", "ps*.md")}
    assert {stem for row in everything for stem in TEXT.findall(row)} == numbered
    assert {stem for row in eight for stem in TEXT.findall(row)} == numbered
    assert len(day) == 9
    assert len(four) == 5


def test_the_index_prints_the_sums() -> None:
    parts = {
        "Chapters 00 to 09": stems("chapters", "[0-9]*.md"),
        "Problem sets 1 to 9": stems("problem_sets", "ps*.md"),
        "Appendices that run": stems("chapters", "[a-z]*.md"),
    }
    (rows,) = tables(BOOK / "index.md")
    printed = {row.split("|")[1].strip(): TIMES.search(row).groups() for row in rows}
    wanted = {name: total(texts) for name, texts in parts.items()}
    wanted["All of it"] = total([stem for texts in parts.values() for stem in texts])
    assert {name: tuple(map(int, both)) for name, both in printed.items()} == wanted
    hours = round(wanted["All of it"][1] / 60)
    assert f"about {hours} hours" in (BOOK / "index.md").read_text(encoding="utf-8")
