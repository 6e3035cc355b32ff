"""A long run of the grader: `python tools/soak.py [--students N] [--kills N] [--out FOLDER]`.

A made-up class is graded twice: once undisturbed, once killed by SIGKILL again and again and
resumed. Both must give the same journal and the same table, everybody what is fair, every verdict
once; the processes that last must not grow, and nothing may be left running. Exit code 1 otherwise.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import psutil
from tqdm import tqdm

from course_utils.grading.classroom.generate import fill
from course_utils.grading.classroom.kinds import HandIn, material
from course_utils.grading.grade import JOURNAL, default_journal
from course_utils.grading.orchestrator.journal import Journal
from course_utils.grading.table import read
from course_utils.problem_sets.release import find

ROOT = Path(__file__).parents[1]
LOOK = 0.25  # seconds between two looks
FEWEST = 60  # notebooks of a run that says something about growth; before, processes warm up
MAX_GROWTH = 24  # MiB that a process may gain between the first and the last third of a run
Sizes = dict[int, list[tuple[int, float]]]  # by process: notebooks so far and MiB, at every look


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", default="ps02_recurrence", dest="name", help="problem set")
    parser.add_argument("--students", type=int, default=200, help="1 to 10000 (default 200)")
    parser.add_argument("--kills", type=int, default=5, help="of the second run (default 5)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fast", action="store_true", help="without notebooks that never end")
    parser.add_argument("--out", type=Path, default=Path("_build/soak"), help="folder to write to")
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)

    stuff = material(find(options.name, (ROOT,)), ROOT / "tests" / "problem_sets" / options.name)
    submitted = options.out / "submitted"
    made = fill(submitted, stuff, options.students, options.seed, slow=not options.fast)
    calm, killed = options.out / "calm", options.out / "killed"
    began = time.monotonic()
    sizes, seen = run(options, submitted, calm, None)
    wrong = grown(sizes)
    notebooks = judged(calm)
    for kill in range(options.kills):
        _, more = run(options, submitted, killed, notebooks * (kill + 1) // (options.kills + 1))
        seen |= more
    _, more = run(options, submitted, killed, None)
    wrong += left_running(seen | more)
    wrong += differences(calm, killed)
    wrong += unfair(made, calm)

    result = {
        "students": options.students,
        "kills": options.kills,
        "seconds": round(time.monotonic() - began, 1),
        "most memory of one process, MiB": round(max(m for s in sizes.values() for _, m in s)),
        "wrong": wrong,
    }
    (options.out / "soak.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, value in result.items():
        print(f"{name}: {value or 'nothing' if name == 'wrong' else value}")
    return 1 if wrong else 0


def run(
    options: argparse.Namespace, submitted: Path, out: Path, until: int | None
) -> tuple[Sizes, set[psutil.Process]]:
    """``course grade``, killed once ``until`` notebooks are judged: sizes, and processes seen."""
    words = ["grade", submitted, "--set", options.name, "--out", out, "--seconds", "5"]
    words += ["--workers", options.workers]
    code = "from course_utils.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, words)]
    sizes: Sizes = defaultdict(list)
    seen: set[psutil.Process] = set()
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL) as process,
        tqdm(total=options.students, unit="notebook", desc=out.name) as bar,
    ):
        while process.poll() is None:
            done = judged(out)
            bar.update(done - bar.n)
            if until is not None and done >= until:
                process.kill()
                break
            for one in family(process.pid):
                seen.add(one)
                sizes[one.pid].append((done, mebibytes(one)))
            time.sleep(LOOK)
        bar.update(judged(out) - bar.n)
    # 1: made-up classes hold files that need a look.
    if until is None and process.returncode not in (0, 1):
        raise SystemExit(f"soak: course grade ended with exit code {process.returncode}")
    return sizes, seen


def family(pid: int) -> list[psutil.Process]:
    """The process and everything below it."""
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def mebibytes(process: psutil.Process) -> float:
    """Memory that a process holds; nothing where it is gone."""
    try:
        return process.memory_info().rss / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def judged(out: Path) -> int:
    """How many notebooks the journal has judged."""
    path = out / JOURNAL
    if not path.exists():
        return 0
    link = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return link.execute("select count(*) from remarks").fetchone()[0]
    except sqlite3.OperationalError:  # its tables are being made
        return 0
    finally:
        link.close()


def grown(sizes: Sizes) -> list[str]:
    """Processes that lasted through the run and hold more at its end than at its beginning."""
    end = max(done for looks in sizes.values() for done, _ in looks)
    if end < FEWEST:
        print(f"{end} notebooks are too few to show whether memory grows; wanted {FEWEST}")
        return []
    found = []
    for pid, looks in sizes.items():
        early = [size for done, size in looks if end / 6 < done < end / 2]
        late = [size for done, size in looks if done > 2 * end / 3]
        if len(early) > 2 and len(late) > 2:
            gain = statistics.median(late) - statistics.median(early)
            if gain > MAX_GROWTH:
                found.append(f"process {pid} grew by {gain:.0f} MiB")
    return found


def left_running(seen: set[psutil.Process]) -> list[str]:
    """Processes of the runs that are still there after a minute."""
    _, alive = psutil.wait_procs(list(seen), timeout=60)
    return [f"process {one.pid} is still running" for one in alive]


def differences(calm: Path, killed: Path) -> list[str]:
    """What the killed run decided otherwise, or twice."""
    found, dumps = [], []
    for out in (calm, killed):
        journal = Journal(default_journal(out), "", writes=False)
        dumps.append(journal.dump())
        journal.close()
    if dumps[0] != dumps[1]:
        found.append(f"{len(set(dumps[0]) ^ set(dumps[1]))} rows of the journals differ")
    if (calm / "grades.csv").read_bytes() != (killed / "grades.csv").read_bytes():
        found.append("the tables of grades differ")
    link = sqlite3.connect(killed / JOURNAL)
    (most,) = link.execute("select max(gradings) from verdicts").fetchone()
    link.close()
    return found if most == 1 else [*found, f"a verdict was given {most} times"]


def unfair(made: dict[str, HandIn], out: Path) -> list[str]:
    """Where the table says other points or states than are fair."""
    table = {(line.student, line.task): line for line in read(out / "grades.csv")}
    found = []
    for student, one in made.items():
        for task, fair in one.expected.items():
            line = table[student, task]
            if line.points != fair.points or line.state not in fair.states:
                said = f"{line.points} ({line.state})"
                found.append(f"{student}, {one.kind}, {task}: {said}, fair is {asdict(fair)}")
    return found


if __name__ == "__main__":
    os.chdir(ROOT)
    raise SystemExit(main())
