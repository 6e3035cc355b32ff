"""Whether a notebook stores the same on every machine: run it in lanes, compare, and say where not.

``course make`` asks after it has executed a text, in two lanes; ``course lanes`` asks for every
text, in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from course_utils.authoring import margins
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.lanes import Lane
from course_utils.authoring.notebook import GLUED, Outputs

if TYPE_CHECKING:
    from course_utils.authoring.recipe import Recipe

T = TypeVar("T")

NOT_COMPARED = ("image/png",)  # drawn from the same figure as the SVG, by another rasteriser
SHOWN = 60  # characters of a value that a message quotes


@dataclass(frozen=True)
class LaneRun:
    """What a lane gave: its outputs, or why it stopped; and the numbers behind them."""

    lane: Lane
    seconds: float
    problems: tuple[AuthoringError, ...]
    events: margins.Events


def run(recipe: Recipe, lane: Lane, stored: Outputs, recording: Path) -> LaneRun:
    """Execute a text in one lane and compare with the outputs that are, or would be, stored.

    Args:
        recipe: the text.
        lane: how to compute.
        stored: the outputs of each code cell, in order.
        recording: a file for the numbers behind the outputs; it is written anew.
    """
    from course_utils.authoring.execute import TIMEOUT, execute

    recording.parent.mkdir(parents=True, exist_ok=True)
    recording.unlink(missing_ok=True)
    timeout = 3 * float(recipe.text.course.get("timeout", TIMEOUT))  # narrow code is slower
    try:
        done = execute(
            recipe.parts, recipe.entry.text, timeout=timeout, lane=lane, recording=recording
        )
    except AuthoringError as error:
        problem = AuthoringError(
            f"in the lane {lane.name}: {error.message}", error.path, error.line, detail=error.detail
        )
        return LaneRun(lane, 0.0, (problem,), margins.read(recording))
    found = tuple(differences(recipe, lane, stored, done.outputs))
    return LaneRun(lane, done.seconds, found, margins.read(recording))


def differences(
    recipe: Recipe, lane: Lane, stored: Outputs, outputs: Outputs
) -> Iterator[AuthoringError]:
    """Yield each code cell whose outputs in a lane are not those stored, with what differs."""
    code = [part for part in recipe.parts if part.cell.kind == "code"]
    for part, kept, got in zip(code, stored, outputs, strict=True):
        if what := _difference([_plain(o) for o in kept], [_plain(o) for o in got]):
            yield AuthoringError(
                f"in the lane {lane.name} {what}; print fewer digits, a range or a median, "
                "or draw from rounded values",
                recipe.text.path,
                part.cell.line,
            )


def thin(recipe: Recipe, runs: Sequence[LaneRun]) -> Iterator[AuthoringError]:
    """Yield each number and each claim that is too near to its edge, seen over several lanes."""
    code = [part for part in recipe.parts if part.cell.kind == "code"]
    for found in margins.thin([done.events for done in runs]):
        part = code[found.cell]
        yield AuthoringError(found.message, recipe.text.path, part.cell.line + found.line - 1)


def unsafe(
    recipe: Recipe, lanes: Sequence[Lane], outputs: Outputs, folder: Path
) -> list[AuthoringError]:
    """Return what of a text's outputs other machines would not store, or nearly not."""
    jobs = [(recipe, lane, outputs, folder / f"{lane.name}.jsonl") for lane in lanes]
    runs = list(side_by_side(lambda job: run(*job), jobs, workers=2))
    different = [problem for done in runs for problem in done.problems]
    return different + list(thin(recipe, runs))


def side_by_side(work: Callable[[T], LaneRun], jobs: Iterable[T], workers: int) -> list[LaneRun]:
    """Do the jobs, so many at a time, each in a thread with an event loop of its own."""
    from jupyter_core.utils import ensure_event_loop

    def with_loop(job: T) -> LaneRun:
        loop = ensure_event_loop()  # the one that nbclient then uses in this thread
        try:
            return work(job)
        finally:
            loop.close()

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(with_loop, jobs))


def _plain(output: Mapping[str, Any]) -> dict[str, Any]:
    """An output without what is not compared, its texts joined."""
    kept = {name: value for name, value in output.items() if name != "execution_count"}
    if "data" in kept:
        kept["data"] = {
            kind: _joined(value) for kind, value in kept["data"].items() if kind not in NOT_COMPARED
        }
    return kept | ({"text": _joined(kept["text"])} if "text" in kept else {})


def _joined(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "".join(value)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _difference(stored: list[dict], got: list[dict]) -> str | None:
    if len(stored) != len(got):
        return f"this cell gives {len(got)} outputs, not {len(stored)}"
    for before, now in zip(stored, got, strict=True):
        if before == now:
            continue
        data, other = before.get("data", {}), now.get("data", {})
        if GLUED in data:
            name = before["metadata"]["scrapbook"]["name"]
            return f"{name} is {other.get(GLUED)}, not {data[GLUED]}"
        for kind in data:
            if data[kind] != other.get(kind) and "svg" not in kind:
                return _lines(data[kind], str(other.get(kind)))
        if data != other:
            return "this figure is drawn differently"
        return _lines(str(before.get("text", before)), str(now.get("text", now)))
    return None


def _lines(stored: str, got: str) -> str:
    """Say which line of a text differs first, and how."""
    ours, theirs = stored.splitlines(), got.splitlines()
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            pairs = zip(one, other, strict=False)
            same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
            start = max(0, same - SHOWN // 3)
            return f"this cell shows {_short(other[start:])}, not {_short(one[start:])}"
    return f"this cell shows {len(theirs)} lines, not {len(ours)}"


def _short(text: object) -> str:
    text = str(text).strip()
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")
