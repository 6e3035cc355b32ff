"""The ``course`` command: each command parses its words and calls one function of one room.

Exit codes: 0 done, 1 the work itself failed (a cell, a check, our machinery), 2 bad usage.
"""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 — pip refuses an older Python, a path does not
    raise SystemExit(f"course needs Python 3.11 or newer; this is Python {sys.version.split()[0]}")

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
@click.argument("name", required=False)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Put it below FOLDER, not below work/.",
)
def start(name: str | None, into: Path | None) -> None:
    """Put the problem set NAME into a place of your own; list all sets without NAME.

    Nothing that lies there is replaced.
    """
    from course_utils.start import start

    sys.stdout.reconfigure(errors="replace")  # a console may lack a letter of a folder's name
    raise SystemExit(start(name, into, click.echo))


@main.command()
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option("--check", is_flag=True, help="Write and run nothing; fail if a made file is stale.")
@click.option(
    "--replace", is_flag=True, help="Replace edited files, too; a copy of each is kept beside."
)
def make(names: tuple[str, ...], check: bool, replace: bool) -> None:
    """Make the notebooks of the texts in book/ (all, or those NAMES begin)."""
    from course_utils.authoring.make import make

    raise SystemExit(make(Path.cwd(), names, check, replace))


@main.command()
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option("--lane", "lane_names", multiple=True, metavar="LANE", help="All without any.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
def lanes(names: tuple[str, ...], lane_names: tuple[str, ...], workers: int) -> None:
    """Execute texts as other processors would, and compare with what is stored."""
    from course_utils.authoring.lane_table import lanes

    raise SystemExit(lanes(Path.cwd(), names, lane_names, workers))


@main.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "--seconds",
    default=60.0,
    show_default=True,
    type=click.FloatRange(1, 3600),
    help="Time that a single cell may take.",
)
def check(notebook: Path, seconds: float) -> None:
    """Run your own NOTEBOOK as the grader would, with the visible checks only."""
    import sys

    from course_utils.selfcheck import check

    sys.stdout.reconfigure(errors="replace")  # a console may lack a letter of a student's text
    raise SystemExit(check.check(notebook, seconds, click.echo))


@main.command()
@click.argument("submitted", type=click.Path(path_type=Path))
@click.option("--set", "set_name", required=True, metavar="NAME", help="The problem set.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Output folder.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--seconds",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="CPU seconds for one cell, and for the check of one task.",
)
@click.option(
    "--class-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The class's secret (16 bytes or more): hidden inputs are drawn from it.",
)
@click.option(
    "--journal",
    metavar="URL",
    envvar="COURSE_JOURNAL",
    help="Keep the journal in a PostgreSQL database (postgresql+psycopg://…), not in OUT. "
    "Also read from COURSE_JOURNAL; leave the password to ~/.pgpass.",
)
@click.option("--trust", is_flag=True, help="Grade without walls. Only for work that you trust.")
def grade(
    submitted: Path,
    set_name: str,
    out: Path,
    workers: int,
    seconds: float,
    class_key: Path | None,
    journal: str | None,
    trust: bool,
) -> None:
    """Grade a class: SUBMITTED/<student>/<set>/<set>.ipynb into OUT."""
    from course_utils.grading.command import grade_class

    raise SystemExit(
        grade_class(submitted, set_name, out, workers, seconds, class_key, journal, trust)
    )


@main.command()
@click.argument("out", type=click.Path(path_type=Path))
def report(out: Path) -> None:
    """Write OUT/report.html about the grades in OUT: distribution, tasks, states."""
    from course_utils.grading.command import call

    raise SystemExit(call("report", out))


@main.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "--format",
    "form",
    type=click.Choice(["csv", "gradescope", "nbgrader"]),
    default="csv",
    show_default=True,
)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write to FOLDER, not to OUT/exports; for nbgrader, its course folder.",
)
@click.option(
    "--journal",
    metavar="URL",
    envvar="COURSE_JOURNAL",
    help="As for course grade; for gradescope and nbgrader.",
)
def export(out: Path, form: str, into: Path | None, journal: str | None) -> None:
    """Write the grades in OUT for other systems, to OUT/exports."""
    from course_utils.grading.command import call

    raise SystemExit(call("export", out, form, into, journal))


@main.command("class")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--set", "set_name", default="ps02_recurrence", show_default=True, metavar="NAME")
@click.option("--students", default=30, show_default=True, help="1 to 10000.")
@click.option("--seed", default=0, show_default=True)
@click.option("--slow/--no-slow", default=True, help="With notebooks that never end.")
def make_class(out: Path, set_name: str, students: int, seed: int, slow: bool) -> None:
    """Make up a class of submissions in OUT, to try the grader on."""
    from course_utils.grading.command import call

    raise SystemExit(call("class", out, set_name, students, seed, slow=slow))
