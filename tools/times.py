#!/usr/bin/env python
"""Write run times and working times into the pages that print them, from the texts' front matter.

    python tools/times.py

Rows of `book/instructor/plans.md` are sums of the texts they link to, their last rows sums of the
tables; `book/index.md` has the sums of chapters, problem sets and appendices. Run it after a change
of `seconds` or `minutes`; `tests/repository/test_plans.py` compares.
"""

from __future__ import annotations

import re
from pathlib import Path

from course_utils.authoring.files import write
from course_utils.authoring.text import front_matter

BOOK = Path(__file__).parents[1] / "book"
TIMES = re.compile(r"\| \d+ s \| \d+ min \|$")
INDEX = {
    "Chapters 00 to 09": "chapters/[0-9]*.md",
    "Problem sets 1 to 9": "problem_sets/ps*.md",
    "Appendices that run": "chapters/[a-z]*.md",
}


def cells(paths: list[Path]) -> str:
    """The last two cells of a row: seconds and minutes of all these texts."""
    courses = [
        front_matter(path.read_text(encoding="utf-8"), path.name)["course"] for path in paths
    ]
    seconds, minutes = (sum(course[name] for course in courses) for name in ("seconds", "minutes"))
    return f"| {seconds} s | {minutes} min |"


def linked(row: str) -> list[Path]:
    """The chapters and problem sets that a row links to."""
    return [BOOK / f"{name}.md" for name in re.findall(r"((?:chapters|problem_sets)/\w+)>`", row)]


def plans(source: str) -> str:
    """The plans, every row with its sum."""
    lines, table = [], []
    for line in source.split("\n"):
        paths = table if "| All of it |" in line else linked(line)
        if TIMES.search(line):
            table = [] if "| All of it |" in line else [*table, *paths]
            line = TIMES.sub(cells(paths), line)
        lines.append(line)
    return "\n".join(lines)


def index(source: str) -> str:
    """The index with its four sums, and the hours in words."""
    groups = {name: sorted(BOOK.glob(pattern)) for name, pattern in INDEX.items()}
    groups["All of it"] = [path for paths in groups.values() for path in paths]
    for name, paths in groups.items():
        row = f"| {name} {cells(paths)}"
        source = re.sub(rf"^\| {name} \| \d+ s \| \d+ min \|$", row, source, flags=re.M)
    hours = {name: round(int(cells(paths).split()[4]) / 60) for name, paths in groups.items()}
    words = (
        f"about {hours['All of it']} hours for everything, "
        f"of which the chapters are about {hours['Chapters 00 to 09']}."
    )
    return re.sub(
        r"about \d+ hours for everything, of which the chapters are about \d+\.", words, source
    )


def main() -> None:
    """Rewrite both pages."""
    pages = {"instructor/plans.md": plans, "index.md": index}
    texts = {name: renewed((BOOK / name).read_text("utf-8")) for name, renewed in pages.items()}
    write(BOOK, {name: text.encode() for name, text in texts.items()})


if __name__ == "__main__":
    main()
