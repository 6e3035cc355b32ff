"""Fills a folder with a class: ``<student>/<set>/<set>.ipynb``, the same for the same seed."""

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from course_utils.grading.classroom.kinds import HONEST, ODD, SLOW, HandIn, Kind, Material, material
from course_utils.grading.files import write_bytes, write_text
from course_utils.grading.grade import places
from course_utils.problem_sets.release import ReleaseError, find

SMALLEST, LARGEST = 1, 10_000
# In a big class one notebook in twenty is odd, one in five hundred never ends.
_ODD_SHARE, _SLOW_SHARE = 0.05, 0.002
_NAMES = (
    "heron", "kite", "wren", "tern", "rook", "finch", "dove", "ibis", "crane", "plover",
    "Möwe", "Kräll", "señal", "łabędź", "čáp", "гусь", "鶴", "=SUM(A1)", "+swift", "-auk",
    "@owl", "o'lark", "grey shrike", "a.b", "UPPER",
)  # fmt: skip


def roster(students: int, rng: random.Random, slow: bool) -> list[Kind]:
    """What each student hands in. A class of 30 has every kind once, and honest work."""
    special = [*ODD, *(SLOW if slow else ())]
    if students <= len(special):
        return rng.sample([*HONEST, *special], students)
    kinds = [*special]
    while len(kinds) < students:
        if len(kinds) < 30:
            kinds.append(HONEST[len(kinds) % len(HONEST)])
        else:
            draw = rng.random()
            pool = SLOW if slow and draw < _SLOW_SHARE else ODD if draw < _ODD_SHARE else HONEST
            kinds.append(rng.choice(pool))
    rng.shuffle(kinds)
    return kinds


def hand_ins(
    stuff: Material, students: int, seed: int, *, slow: bool = True
) -> Iterator[tuple[str, HandIn]]:
    """Student and hand-in, one by one. Raises `ValueError` for an impossible size."""
    if not SMALLEST <= students <= LARGEST:
        raise ValueError(f"a class has {SMALLEST} to {LARGEST} students, not {students}")
    rng = random.Random(seed)
    for number, kind in enumerate(roster(students, rng, slow)):
        yield f"{_NAMES[number % len(_NAMES)]}-{number:04}", kind(stuff, rng)


def fill(
    folder: Path, stuff: Material, students: int, seed: int, *, slow: bool = True
) -> dict[str, HandIn]:
    """Write a class into ``folder``; what each student handed in (but its bytes), what is fair."""
    release, made = stuff.folder.release, {}
    everybody = hand_ins(stuff, students, seed, slow=slow)
    for student, one in tqdm(everybody, total=students, unit="student", disable=None):
        place = folder / student / release.name / release.notebook
        if one.link is None:
            write_bytes(place, one.data)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            place.symlink_to(one.link)
        made[student] = replace(one, data=b"")
    return made


def make_class(out: Path, set_name: str, students: int, seed: int, *, slow: bool = True) -> int:
    """``course class``: OUT/submitted, and OUT/expected.json with what is fair; the exit code.

    Known answers come from ``tests/problem_sets/<set>`` where that folder is there.
    """
    lists = Path("tests") / "problem_sets" / set_name
    try:
        stuff = material(find(set_name, places(None)), lists if lists.is_dir() else None)
        write_expected(
            out / "expected.json", fill(out / "submitted", stuff, students, seed, slow=slow)
        )
    except (ReleaseError, OSError, ValueError) as bad:
        print(f"course class: {bad}.", file=sys.stderr)
        return 2
    print(f"{students} students in {out / 'submitted'}; what is fair: {out / 'expected.json'}")
    return 0


def write_expected(path: Path, made: dict[str, HandIn]) -> None:
    """Write what is fair for every student and task, as JSON."""
    data = {
        student: {
            "kind": one.kind,
            "tasks": {task: asdict(fair) for task, fair in one.expected.items()},
        }
        for student, one in made.items()
    }
    write_text(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
