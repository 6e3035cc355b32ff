"""The ``course`` command: each command parses its words and calls one function of one room.

Exit codes: 0 done, 1 the work itself failed (a cell, a check, our machinery), 2 bad usage.
"""

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="learning-to-remember")
def main() -> None:
    """Make, check and grade the course *Learning to Remember*."""


@main.command()
def doctor() -> None:
    """Say what is present here, what is missing, and what that costs."""
    from course_utils import doctor

    raise SystemExit(doctor.report())


@main.command()
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option("--check", is_flag=True, help="Write and run nothing; fail if a made file is stale.")
def make(names: tuple[str, ...], check: bool) -> None:
    """Make the notebooks of the texts in book/ (all, or those NAMES begin)."""
    from pathlib import Path

    from course_utils.authoring.make import make

    raise SystemExit(make(Path.cwd(), names, check))
