"""Code that sleeps is ended soon; code that a loaded machine keeps from running is not."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import mini_set
import pytest
from grading_cases import QUICK, Grader

from course_utils.grading.jail import clocks, supervisor
from course_utils.grading.orchestrator.schedule import Scheduler
from course_utils.problem_sets.release import find

IDLE = 1.0
SLEEPY = replace(QUICK, cpu=4.0, wall=600.0, idle=IDLE)


@pytest.fixture(scope="module")
def impatient(release_root):
    """A worker that ends code which does nothing for a second."""
    with Scheduler(find("mini", (release_root,)), SLEEPY) as scheduler:
        yield Grader(scheduler)


SLEEPERS = {
    "a cell": "import time\ntime.sleep(600)",
    "a call": "import time\ndef double(x):\n    time.sleep(600)",
    "a cell that naps": "import time\nwhile True:\n    time.sleep(0.01)",
    "a lock that is never opened": "import threading\nthreading.Event().wait()",
    "a thread that never ends": (
        "import threading, time\nt = threading.Thread(target=time.sleep, args=(600,))\n"
        "t.start()\nt.join()"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SLEEPERS)
def test_a_sleeper_is_ended_long_before_the_wall_clock(impatient, name):
    verdicts = impatient.judge(mini_set.submission(double=SLEEPERS[name])).verdicts
    (late,) = [one for one in verdicts if not one.passed and one.task != "explain"]
    assert (late.task, late.state) == ("double", "timed out")
    assert f"did nothing for {IDLE:g} second" in " ".join([late.message, *late.notes])


def test_a_check_that_takes_its_time_is_not_the_students_sleep(tmp_path):
    """While the checker works, the job waits for it and does nothing."""
    centre = f"import time\ntime.sleep({IDLE + 1})\n{mini_set._CHECKS['centre']}"
    root = mini_set.write_release(tmp_path, checks={"centre": centre})
    with Scheduler(find("mini", (root,)), SLEEPY) as scheduler:
        assert Grader(scheduler).lost(mini_set.submission()) == {}


AWAKE = {
    "a nap": f"import time\ntime.sleep({IDLE / 2})",
    "a computation longer than a sleep may be": (
        "import time\nend = time.thread_time() + 1.2\nwhile time.thread_time() < end: pass"
    ),
    "a thread that works while the notebook waits for it": (
        "import threading, time\n"
        "def work():\n"
        "    end = time.thread_time() + 1.2\n"
        "    while time.thread_time() < end: pass\n"
        "t = threading.Thread(target=work)\nt.start()\nt.join()"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AWAKE)
def test_honest_waiting_costs_nothing(impatient, name):
    source = f"{AWAKE[name]}\n{mini_set.ANSWERS['double']}"
    assert impatient.lost(mini_set.submission(double=source)) == {}


def _watched(program: str, seconds: float, *, crowd: int = 0) -> tuple[float, float, float]:
    """How many seconds a process was watched, idle, and queued, with others on its processor."""
    words = [sys.executable, "-c", program]
    processor = min(os.sched_getaffinity(0))
    rivals = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(crowd)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    proc = os.open("/proc", os.O_PATH)
    try:
        process.stdout.readline()  # it has begun
        for one in (process, *rivals):
            os.sched_setaffinity(one.pid, {processor})
        begun, before = time.monotonic(), clocks.queued(process.pid, proc)
        watched = clocks.Idleness(process.pid, proc, most=1e9)
        while time.monotonic() < begun + seconds:
            time.sleep(0.1)
            watched.over()
        queued = clocks.queued(process.pid, proc) - before
        return time.monotonic() - begun, 1e9 - watched.left, queued
    finally:
        os.close(proc)
        for one in (process, *rivals):
            one.kill()
            one.wait()
        process.stdout.close()


SPIN = "print(flush=True)\nwhile True: pass"
SLEEP = "import time\nprint(flush=True)\ntime.sleep(600)"


def test_sleep_is_idle():
    passed, idle, queued = _watched(SLEEP, 1.0)
    assert idle > 0.7 * passed
    assert queued < 0.3 * passed


def test_work_is_not():
    passed, idle, _ = _watched(SPIN, 1.0)
    assert idle < 0.2 * passed


def test_who_waits_for_a_processor_is_not_idle():
    passed, idle, queued = _watched(SPIN, 1.5, crowd=5)
    assert idle < 0.2 * passed
    assert queued > 0.5 * passed


@pytest.fixture
def silent(tmp_path):
    """A /proc of a kernel that does not tell."""
    proc = os.open(tmp_path, os.O_PATH)
    yield proc
    os.close(proc)


def test_nobody_is_idle_or_queues_where_the_kernel_does_not_tell(silent):
    watched = clocks.Idleness(os.getpid(), silent, most=0.01)
    time.sleep(0.1)
    assert not watched.over()
    assert clocks.queued(os.getpid(), silent) == 0.0


WALL = {
    "within its time": (5.0, 0.0, False),
    "over it": (11.0, 0.0, True),
    "over it, for others were on the processor": (40.0, 31.0, False),
    "far over it, whoever was": (51.0, 49.0, True),
}


@pytest.mark.parametrize("name", WALL)
def test_wall_time_is_time_in_which_the_job_could_run(monkeypatch, name):
    passed, queued, late = WALL[name]
    monkeypatch.setattr(clocks, "queued", lambda child, proc: queued)
    segment = supervisor._Segment(cpu=1.0, wall=10.0, began=time.monotonic() - passed)
    assert segment.late(0, 0) == late
