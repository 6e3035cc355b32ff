"""How many letters of a word a decoder gets right (chapter 09): recorded runs.

A training that fails to pack a word into one state amplifies rounding, so that its share differs
by some hundredths between processors. ``python -m course_utils.experiments.repeated_words`` does
every run that ``shares.csv`` does not hold; tests do one of them again.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from course_utils.experiments import seq2seq

SHARES = Path(__file__).with_name("shares.csv")


@dataclass(frozen=True)
class Setting:
    """One run: words of T letters, with a lookup or not, units, and a start."""

    T: int
    lookup: bool
    H: int = 32
    seed: int = 0


SETTINGS = (
    *(Setting(T, lookup) for T in (4, 8, 16, 24) for lookup in (False, True)),
    Setting(16, False, H=64),
    *(Setting(16, lookup, seed=1) for lookup in (False, True)),
)


def measure(setting: Setting) -> float:
    """Train one network from nothing, 600 updates; its share of right letters in fresh words."""
    network, _ = seq2seq.train_repeater(
        setting.T, lookup=setting.lookup, H=setting.H, seed=setting.seed
    )
    return seq2seq.share_right(network, setting.T, lookup=setting.lookup)


def stored() -> dict[Setting, float]:
    """The share of every recorded run."""
    if not SHARES.exists():
        return {}
    with SHARES.open(newline="", encoding="utf-8") as file:
        return {
            Setting(int(row["T"]), row["lookup"] == "1", int(row["H"]), int(row["seed"])): float(
                row["share"]
            )
            for row in csv.DictReader(file)
        }


def record() -> int:
    """Do every run that is not recorded, and add it; how many were done."""
    missing = [setting for setting in SETTINGS if setting not in stored()]
    for setting in missing:
        new = not SHARES.exists()
        with SHARES.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(("T", "lookup", "H", "seed", "share"))
            share = f"{measure(setting):.3f}"
            writer.writerow((setting.T, int(setting.lookup), setting.H, setting.seed, share))
    return len(missing)
