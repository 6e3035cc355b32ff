"""Speed and memory of the grader: `python bench/grading.py [--quick] [--out FOLDER]`.

A class of honest NumPy submissions to problem set 2, one worker. In every round each submission is
graded once. What counts is the wall time beyond the CPU time of the student's own code: the time of
the jail's process from the first cell on, which its supervisor reads from the kernel. CPU times of
every process stand beside it, because wall times are worth little on a machine that does other
things too:

- the checker runs the instructor's check cells (references, hidden inputs, comparisons), which cost
  the same in any grader; what they cost alone is measured apart. The rest is the grader's own:
  fork, parsing, the wire;
- the jail is made (fork, namespaces, walls) while the submission before is at work, and what ended
  gives its memory back beside the one after: submissions follow each other without a pause;
- supervisor, warm processes and orchestrator work beside the other two.

`nbgrader autograde` grades some of the same files in between and must give the same points. Nothing
here can fail because a machine is slow.
"""

import os

os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import argparse
import contextlib
import io
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from course_utils.checks import RemoteFunction
from course_utils.grading.checker.main import warm
from course_utils.grading.classroom.generate import hand_ins
from course_utils.grading.classroom.kinds import (
    SLOW,
    Material,
    material,
    partial,
    right,
    solved,
    wrong,
)
from course_utils.grading.jail.clocks import cpu
from course_utils.grading.orchestrator.calibrate import calibrate
from course_utils.grading.orchestrator.schedule import Job, Scheduler
from course_utils.grading.settings import Settings
from course_utils.problem_sets.check_cells import compile_checks
from course_utils.problem_sets.release import find

ROOT = Path(__file__).parents[1]
SET = "ps02_recurrence"
GOAL_MS, GOAL_CLASS_S = 30.0, 8.0
DIFFER = "points that differ from nbgrader's"
ALONE = "CPU of the check cells alone, ms"
WALL = ("wall", "wall beyond the student's CPU")
CPU = (
    "CPU of the student's code, in the jail",
    "CPU of the checker, check cells included",
    "CPU of making the jail (ahead of time)",
    "CPU of the jail's supervisor",
    "CPU of the two warm processes (forks)",
    "CPU of the orchestrator",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few submissions, few rounds")
    parser.add_argument("--out", type=Path, default=Path("_build/bench"), help="folder to write to")
    options = parser.parse_args()
    rounds, students, compared = (2, 3, 1) if options.quick else (10, 10, 4)

    lists = ROOT / "tests" / "problem_sets" / SET
    full = material(find(SET, (ROOT,)), lists)
    stuff = Material(full.folder, tuple(a for a in full.right if not _torch(a.source)), full.wrong)
    honest = _honest(stuff, students)
    with tempfile.TemporaryDirectory() as folder:
        result = race(stuff, honest, rounds, compared, Path(folder))
    result["class of 30"] = class_of_thirty(stuff)
    result["machine"] = {
        "python": platform.python_version(),
        "processor": platform.machine(),
        "load, 1 min": os.getloadavg()[0],
    }
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "grading.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print("\n".join(describe(result)))
    print(f"written: {path}")


def _torch(source: str) -> bool:
    return "torch" in source.replace("torch_state", "")


def _honest(stuff: Material, students: int) -> list[bytes]:
    """Solved, right-but-different, partly wrong and partial notebooks, in turn."""
    import random

    rng = random.Random(1)
    kinds = (solved, right, wrong, partial)
    return [kinds[i % len(kinds)](stuff, rng).data for i in range(students)]


def race(
    stuff: Material, honest: list[bytes], rounds: int, compared: int, folder: Path
) -> dict[str, Any]:
    """Grade everything ``rounds`` times; in the first rounds nbgrader grades one file each."""
    names = frozenset(task.name for task in stuff.folder.release.tasks)
    course = Nbgrader(stuff, folder)
    spent: dict[str, list[float]] = {name: [] for name in (*WALL, *CPU)}
    rival, peaks, points = [], [], {}
    begun = time.perf_counter()
    with Scheduler(stuff.folder, Settings()) as scheduler:
        start = time.perf_counter() - begun
        worker = scheduler.workers[0]
        zygote, checker = (
            _python_inside(one.process.pid) for one in (worker.zygote, worker.checker)
        )
        scheduler.alone(Job("0" * 64, honest[0], names))  # a checker's CPU is told one later
        for turn in range(rounds):
            for number, raw in enumerate(honest):
                before = time.perf_counter(), time.process_time(), cpu(zygote), cpu(checker)
                judged = scheduler.alone(Job("0" * 64, raw, names))
                after = time.perf_counter(), time.process_time(), cpu(zygote), cpu(checker)
                seconds, ours, forks, forked = (b - a for a, b in zip(before, after, strict=True))
                cost = judged.cost
                for name, value in zip(spent, (
                    seconds, seconds - cost.student, cost.student, worker.checker_cpu,
                    cost.start, cost.watch, forks + forked, ours,
                ), strict=True):  # fmt: skip
                    spent[name].append(value)
                peaks.append(cost.peak)
                points[number] = {one.task: one.passed for one in judged.verdicts}
            if turn < compared:
                rival.append(course.grade(honest[turn], f"student{turn}"))
        memory = {
            "orchestrator": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "jail, at most": max(peaks) // 1024,
            **{name: rss // 1024 for name, rss in worker.memory.items()},
        }
    theirs = course.points()
    differ = [
        (number, task)
        for number in range(min(compared, rounds))
        for task, passed in theirs[f"student{number}"].items()
        if points[number][task] != passed
    ]
    return {
        "submissions": len(honest),
        "rounds": rounds,
        "start of a worker, s": start,
        "milliseconds a submission: median and quartiles": {
            name: [1e3 * value for value in _quartiles(values)] for name, values in spent.items()
        },
        ALONE: 1e3 * checks_alone(stuff),
        "goal beyond the student's CPU, ms": GOAL_MS,
        "nbgrader autograde, s a submission": statistics.median(rival),
        "times faster than nbgrader": statistics.median(rival) / statistics.median(spent[WALL[0]]),
        DIFFER: differ,
        "peak memory, MiB": memory,
    }


def _quartiles(values: list[float]) -> tuple[float, float, float]:
    lower, middle, upper = statistics.quantiles(values, n=4)
    return middle, lower, upper


def _python_inside(pid: int) -> int:
    """The worker's own process, below those of bubblewrap."""
    while Path(f"/proc/{pid}/comm").read_text().strip() == "bwrap":
        pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return pid


def checks_alone(stuff: Material, times: int = 9) -> float:
    """CPU seconds that the check cells take where every answer is right, the answers not counted.

    References, hidden inputs and comparisons: the instructor's work, whoever grades. As in the
    grader, each time in a fresh fork; the answers are called here, without a wire.
    """
    release = stuff.folder.release
    cells = compile_checks(release)
    warm(release)
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in release.cells:
            if cell.kind == "code" and cell.role in ("given", "solution"):
                exec(cell.source, names)
    found = []
    for _ in range(times):
        reading, writing = os.pipe()
        if os.fork() == 0:
            answers: list[float] = []
            before = time.process_time()
            for cell in cells.values():
                wanted = {key: _Local.of(names[key], answers) for key in cell.task.defines}
                cell.run(wanted, {})
            os.write(writing, repr(time.process_time() - before - sum(answers)).encode())
            os._exit(0)
        os.wait()
        found.append(float(os.read(reading, 100)))
        os.close(reading)
        os.close(writing)
    return statistics.median(found)


class _Local(RemoteFunction):
    """A function of this process, called as the grader's stand-ins are; it notes its CPU time."""

    def __init__(self, function: Any, spent: list[float]) -> None:
        self.function, self.spent, self.name = function, spent, function.__name__
        code = function.__code__
        self.parameters = code.co_varnames[: code.co_argcount]

    @staticmethod
    def of(value: Any, spent: list[float]) -> Any:
        """A stand-in for a function, everything else itself."""
        return _Local(value, spent) if callable(value) else value

    def exchange(self, args: tuple, kwargs: dict) -> tuple[Any, tuple, dict]:
        before = time.process_time()
        result = self.function(*args, **kwargs)
        self.spent.append(time.process_time() - before)
        return result, args, kwargs


class Nbgrader:
    """A course of nbgrader's own, with this set released."""

    def __init__(self, stuff: Material, folder: Path) -> None:
        self.folder, self.release = folder, stuff.folder.release
        self.home = {"HOME": str(folder), "JUPYTER_PLATFORM_DIRS": "0"}
        (folder / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
        source = folder / "source" / SET
        source.mkdir(parents=True)
        shutil.copy(ROOT / "solutions" / SET / f"{SET}.ipynb", source)
        self._run("generate_assignment", SET)

    def _run(self, *words: str) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=self.folder,
            env=os.environ | self.home | {"PATH": path},
            capture_output=True,
            check=True,
        )

    def grade(self, raw: bytes, student: str) -> float:
        """Seconds that ``nbgrader autograde`` takes for one student."""
        place = self.folder / "submitted" / student / SET
        place.mkdir(parents=True)
        (place / f"{SET}.ipynb").write_bytes(raw)
        before = time.perf_counter()
        self._run("autograde", SET, "--student", student)
        return time.perf_counter() - before

    def points(self) -> dict[str, dict[str, bool]]:
        """For every student, the tasks with all of their points."""
        from nbgrader.api import Gradebook

        tasks = {task.check: task.name for task in self.release.tasks if not task.manual}
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as book:
            return {
                one.student.id: {
                    tasks[grade.name]: grade.auto_score == grade.max_score
                    for notebook in one.notebooks
                    for grade in notebook.grades
                    if grade.name in tasks
                }
                for one in book.assignment_submissions(SET)
            }


def class_of_thirty(stuff: Material) -> dict[str, float]:
    """Seconds for a made-up class with one worker: start, calibration, and the deliberate waits."""
    names = frozenset(task.name for task in stuff.folder.release.tasks)
    made = [one for _, one in hand_ins(stuff, 30, seed=3) if one.link is None]
    slow = {kind.__name__ for kind in SLOW}
    spent = {"start and calibration": 0.0, "deliberate time-outs": 0.0, "everybody else": 0.0}
    begun = time.perf_counter()
    with Scheduler(stuff.folder, Settings(cpu=1.0, wall=10.0)) as scheduler:
        calibrate(scheduler, stuff.folder)
        spent["start and calibration"] = time.perf_counter() - begun
        for one in made:
            before = time.perf_counter()
            list(scheduler.judge([Job("0" * 64, one.data, names)]))
            share = "deliberate time-outs" if one.kind in slow else "everybody else"
            spent[share] += time.perf_counter() - before
    spent["besides the time-outs"] = spent["start and calibration"] + spent["everybody else"]
    return spent


def describe(result: dict[str, Any]) -> list[str]:
    """The figures in words."""
    spent, thirty = result["milliseconds a submission: median and quartiles"], result["class of 30"]
    load = result["machine"]["load, 1 min"]
    return [
        f"{result['submissions']} honest submissions, {result['rounds']} rounds, one worker",
        "  milliseconds a submission: median (quartiles)",
        *(f"  {name:<42}{m:8.1f} ({a:.1f} to {b:.1f})" for name, (m, a, b) in spent.items()),
        f"  {'the check cells alone, every answer right':<42}{result[ALONE]:8.1f}",
        f"  goal: wall beyond the student's CPU at most {GOAL_MS:.0f} ms",
        f"nbgrader autograde: {result['nbgrader autograde, s a submission']:.1f} s a submission",
        f"  {result['times faster than nbgrader']:.0f} times as long",
        f"  {len(result[DIFFER])} points differ",
        *(
            f"  peak memory {name:<26}{value:8} MiB"
            for name, value in result["peak memory, MiB"].items()
        ),
        f"class of 30, without time-outs: {thirty['besides the time-outs']:.1f} s",
        f"  goal: {GOAL_CLASS_S:.0f} s",
        f"load average {load:.1f}: on a busy machine wall times say little",
    ]


if __name__ == "__main__":
    main()
