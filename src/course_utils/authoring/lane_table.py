"""`course lanes`: every text in every lane, as a table; a run that was broken off goes on.

What a lane gave is kept in ``_build/lanes/`` until the text's code or its stored outputs change.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.authoring import margins
from course_utils.authoring.catalogue import catalogue, choose
from course_utils.authoring.errors import AuthoringError, UsageError
from course_utils.authoring.files import write
from course_utils.authoring.lanes import Lane, describe, why_not
from course_utils.authoring.lanes import choose as choose_lanes
from course_utils.authoring.notebook import to_json

if TYPE_CHECKING:
    from course_utils.authoring.portability import LaneRun
    from course_utils.authoring.recipe import Recipe

FOLDER = "_build/lanes"


def lanes(
    root: Path, names: Sequence[str] = (), lane_names: Sequence[str] = (), workers: int = 2
) -> int:
    """Execute texts in lanes, compare with what is stored, and print the table text × lane.

    Args:
        root: the top of the course, where ``book/`` is.
        names: names of texts; all without any.
        lane_names: names of lanes; all without any.
        workers: how many notebooks run at a time.

    Returns:
        The exit code: 0 where all that ran is equal and has its margins, 1 where not, 2 bad usage.
        A lane that this machine cannot run is named as not run.
    """
    from course_utils.authoring.book import Book
    from course_utils.authoring.make import PACKAGE
    from course_utils.authoring.recipe import Recipe

    root = root.resolve()
    try:
        entries, asked = choose(catalogue(root), names), choose_lanes(lane_names)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    absent = {lane.name: reason for lane in asked if (reason := why_not(lane))}
    here = [lane for lane in asked if lane.name not in absent]
    for lane in asked:
        print(f"{lane.name}: {lane.stands_for}; {absent.get(lane.name) or describe(lane)}")
    book = Book(root)
    try:
        recipes = [Recipe(root, entry, book, PACKAGE.parent) for entry in entries]
        stored = [_stored_outputs(root, recipe) for recipe in recipes]
    except AuthoringError as error:
        print(error, file=sys.stderr)
        return 1
    rows = _run_all(root, recipes, stored, here, workers)
    problems = _print_table(recipes, asked, absent, rows)
    return 1 if problems else 0


def _stored_outputs(root: Path, recipe: Recipe) -> list:
    from course_utils.authoring.make import read_made

    stored = read_made(root, recipe.entry)
    if stored is None or not recipe.fits(stored):
        raise AuthoringError(
            f"not made from its text as it is; run 'course make {recipe.entry.stem}'",
            recipe.entry.notebook,
        )
    return recipe.outputs(stored)


def _run_all(
    root: Path,
    recipes: Sequence[Recipe],
    stored: Sequence[list],
    here: Sequence[Lane],
    workers: int,
) -> list[list[LaneRun]]:
    from tqdm import tqdm

    from course_utils.authoring.portability import side_by_side

    jobs = [
        (recipe, outputs, lane)
        for recipe, outputs in zip(recipes, stored, strict=True)
        for lane in here
    ]
    with tqdm(total=len(jobs), unit="run", leave=False, disable=None) as bar:

        def work(job: tuple[Recipe, list, Lane]) -> LaneRun:
            done = _run_or_recall(root, *job)
            bar.update()
            return done

        done = side_by_side(work, jobs, workers)
    return [done[n : n + len(here)] for n in range(0, len(done), len(here))] if here else []


def _run_or_recall(root: Path, recipe: Recipe, outputs: list, lane: Lane) -> LaneRun:
    """Run a text in a lane, or return what it gave when the same was run before."""
    from course_utils.authoring.portability import LaneRun, run

    name = f"{FOLDER}/{recipe.entry.stem}.{lane.name}"
    record, recording = root / f"{name}.json", root / f"{name}.jsonl"
    key = f"{recipe.key} {lane} {hashlib.sha256(json.dumps(outputs).encode()).hexdigest()}"
    if record.is_file() and (kept := json.loads(record.read_text("utf-8")))["key"] == key:
        problems = tuple(AuthoringError(*each) for each in kept["problems"])
        return LaneRun(lane, kept["seconds"], problems, margins.read(recording))
    done = run(recipe, lane, outputs, recording)
    problems = [(each.message, each.path, each.line) for each in done.problems]
    write(
        root,
        {f"{name}.json": to_json({"key": key, "seconds": done.seconds, "problems": problems})},
    )
    return done


def _print_table(
    recipes: Sequence[Recipe],
    asked: Sequence[Lane],
    absent: dict[str, str],
    rows: Sequence[Sequence[LaneRun]],
) -> list[AuthoringError]:
    """Print the table and what is wrong; return what is wrong."""
    from course_utils.authoring.portability import thin

    print(f"\n{'':26}" + "".join(f"{lane.name:>13}" for lane in asked) + "      margins")
    problems: list[AuthoringError] = []
    for number, recipe in enumerate(recipes):
        runs = {run.lane.name: run for run in rows[number]} if rows else {}
        narrow = list(thin(recipe, list(runs.values())))
        cells = [_cell(runs.get(lane.name)) for lane in asked]
        margin = f"{len(narrow)} thin" if narrow else "ok" if len(runs) > 1 else "-"
        print(
            f"{recipe.entry.stem:26}" + "".join(f"{cell:>13}" for cell in cells) + f"{margin:>13}"
        )
        problems += [problem for run in runs.values() for problem in run.problems] + narrow
    for name, reason in absent.items():
        print(f"{name} was not run: {reason}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return problems


def _cell(run: LaneRun | None) -> str:
    if run is None:
        return "not run"
    return f"{len(run.problems)} differ" if run.problems else f"equal {run.seconds:.0f} s"
