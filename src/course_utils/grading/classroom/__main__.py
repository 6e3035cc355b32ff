"""``python -m course_utils.grading.classroom``: what ``make class`` calls."""

import sys
from pathlib import Path

import click

from course_utils.grading.classroom.generate import LARGEST, SMALLEST, fill, write_expected
from course_utils.grading.classroom.kinds import material
from course_utils.grading.grade import places
from course_utils.grading.release import ReleaseError, find


@click.command()
@click.option("--set", "set_name", required=True, metavar="NAME")
@click.option("--students", default=30, show_default=True, type=click.IntRange(SMALLEST, LARGEST))
@click.option("--seed", default=0, show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--lists", type=click.Path(path_type=Path), help="Folder of right.toml, wrong.toml.")
@click.option("--slow/--no-slow", default=True, help="With notebooks that never end.")
def main(
    set_name: str, students: int, seed: int, out: Path, lists: Path | None, slow: bool
) -> None:
    """Make a class of submissions in OUT/submitted, and OUT/expected.json with what is fair."""
    try:
        folder = find(set_name, places(None))
        usual = Path("tests") / "problem_sets" / set_name
        stuff = material(folder, lists or (usual if usual.is_dir() else None))
        made = fill(out / "submitted", stuff, students, seed, slow=slow)
        write_expected(out / "expected.json", made)
    except (ReleaseError, OSError, ValueError) as bad:
        print(f"class: {bad}.", file=sys.stderr)
        raise SystemExit(2) from bad
    print(f"{students} students in {out / 'submitted'}; what is fair: {out / 'expected.json'}")


if __name__ == "__main__":
    main()
