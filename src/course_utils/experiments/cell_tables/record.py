"""Keep outcomes in a file, one line a run, and read them again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from course_utils.experiments.cell_tables.tables import SEEDS, TABLES, measure
from course_utils.experiments.solving import Outcome

OUTCOMES = Path(__file__).with_name("outcomes.csv")
COLUMNS = ("table", "cell", "seed", "solved", "updates", "value")


def stored(table: str, path: Path = OUTCOMES) -> list[Outcome]:
    """The recorded outcomes of a table, in its order; their `seconds` are not kept and read 0.

    Raises
    ------
    KeyError
        If there is no such table, or a run of it is not recorded.
    """
    found = _read(path)
    return [found[table, cell, seed] for cell in TABLES[table] for seed in SEEDS]


def record(path: Path = OUTCOMES, tables: Iterable[str] = TABLES) -> int:
    """Do every run of the tables that the file does not hold, and add it; how many were done."""
    done = _read(path) if path.exists() else {}
    missing = [
        (table, cell, seed)
        for table in tables
        for cell in TABLES[table]
        for seed in SEEDS
        if (table, cell, seed) not in done
    ]
    for table, cell, seed in missing:
        _append(path, table, measure(table, cell, seed))
    return len(missing)


def _append(path: Path, table: str, outcome: Outcome) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        solved, value = int(outcome.solved), f"{outcome.value:.4g}"
        writer.writerow([table, outcome.cell, outcome.seed, solved, outcome.steps, value])


def _read(path: Path) -> dict[tuple[str, str, int], Outcome]:
    with path.open(newline="", encoding="utf-8") as file:
        return {
            (row["table"], row["cell"], int(row["seed"])): Outcome(
                cell=row["cell"],
                seed=int(row["seed"]),
                solved=row["solved"] == "1",
                steps=int(row["updates"]),
                value=float(row["value"]),
                seconds=0.0,
            )
            for row in csv.DictReader(file)
        }
