"""Warm processes are quick because they share memory; nothing else may be shared.

A check that dirties everything it can reach must find everything clean in the next submission, and
so must a student's cell.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import mini_set
import psutil
import pytest
from grading_cases import QUICK, Grader, soon

from course_utils.grading.jail import memory, sandbox, supervisor
from course_utils.grading.jail.control import hear
from course_utils.grading.orchestrator.schedule import Scheduler
from course_utils.problem_sets import check_cells
from course_utils.problem_sets.release import find

ROOT = Path(__file__).parents[2]

# Each looks first, then spoils. `left` names what an earlier submission left behind.
SPOILERS = """
import builtins, gc, json, locale, logging, os, random, sys, warnings

left = []
if "spoilt" in sys.modules:
    left.append("sys.modules")
if "SPOILT" in os.environ:
    left.append("os.environ")
if hasattr(np, "spoilt") or hasattr(builtins, "spoilt") or hasattr(checks, "spoilt"):
    left.append("module globals")
if np.geterr()["over"] == "raise":
    left.append("NumPy's error state")
if np.get_printoptions()["precision"] == 3:
    left.append("NumPy's print options")
if any(one[0] == "error" and one[2] is BytesWarning for one in warnings.filters):
    left.append("warning filters")
if random.random() == 0.5 or not callable(random.seed):
    left.append("random")
if sys.getrecursionlimit() == 1234 or sys.gettrace() or not gc.isenabled():
    left.append("the interpreter")
if logging.getLogger().level == 1:
    left.append("logging")
if hasattr(checks.array, "spoilt") or "spoilt" in sys.path:
    left.append("attributes")
if descriptors() > OPEN:
    left.append("descriptors")

sys.modules["spoilt"] = os
os.environ["SPOILT"] = "1"
np.spoilt = builtins.spoilt = checks.spoilt = checks.array.spoilt = True
np.seterr(over="raise")
np.set_printoptions(precision=3)
warnings.simplefilter("error", BytesWarning)
random.random = lambda: 0.5
np.random.seed(7)
sys.setrecursionlimit(1234)
gc.disable()
logging.getLogger().setLevel(1)
sys.path.append("spoilt")
keep = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
builtins.spoilt_keep = keep
""".replace("descriptors()", "sum(1 for n in range(256) if _open(n))")

_OPEN = """
def _open(number):
    import os
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


OPEN = 12
"""

CHECK = f"""{_OPEN}{SPOILERS}
assert left == [], f"an earlier submission left: {{left}}"
state = np.random.get_state()[1][:3].tolist()
checks.array(checks.call(double, np.ones(3)), np.full(3, 2.0), name="double", axes=("unit",))
"""


@pytest.fixture(scope="module")
def spoiling(tmp_path_factory):
    """A worker whose first check spoils what it can reach."""
    root = mini_set.write_release(tmp_path_factory.mktemp("spoiling"), checks={"double": CHECK})
    with Scheduler(find("mini", (root,)), QUICK) as scheduler:
        yield Grader(scheduler)


def test_without_a_fork_everything_would_be_left_behind():
    """The spoiler finds each of its own traces, so the two tests below can fail."""
    program = f"import numpy as np\nfrom course_utils import checks\n{_OPEN}{SPOILERS}"
    program += f"{SPOILERS}\nprint(json.dumps(left))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert len(json.loads(done.stdout)) == SPOILERS.count("left.append")


def test_a_check_leaves_nothing_behind_in_the_checker(spoiling):
    for _ in range(3):
        assert spoiling.messages(mini_set.submission())["double"] == ""


def test_student_code_leaves_nothing_behind_in_the_jail(grader):
    source = f"{_OPEN}{SPOILERS}\nassert left == [], left\n\ndef double(x):\n    return 2 * x"
    for _ in range(3):
        assert grader.messages(mini_set.submission(double=source))["double"] == ""


def test_a_checker_that_dies_while_it_waits_costs_nobody_a_point(release_root):
    with Scheduler(find("mini", (release_root,)), QUICK) as scheduler:
        grader = Grader(scheduler)
        for _ in range(2):
            soon(lambda: _waiting(scheduler.workers[0])).kill()
            assert grader.lost(mini_set.submission()) == {}


def _waiting(worker):
    """The checker's child that waits, once the one before has left."""
    with contextlib.suppress(psutil.NoSuchProcess):  # it left while we looked
        checker = psutil.Process(worker.checker.process.pid)
        while checker.name() == "bwrap":
            (checker,) = checker.children()
        children = checker.children()
        if len(children) == 1:
            return children[0]
    return None


def test_the_checker_and_the_job_share_one_processor(grader):
    """They take turns; waking another processor for every call costs more than most calls."""
    source = "import os\ntable = {'a': np.arange(3.0), 'b': 6 + len(os.sched_getaffinity(0))}"
    assert grader.lost(mini_set.submission(table=source)) == {}


def test_what_ends_makes_way():
    """It gives its memory back on other processors, and only where nobody else wants to work."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as ending:
        sandbox.make_way(ending.pid, [min(os.sched_getaffinity(0))])
        seen = psutil.Process(ending.pid)
        assert (seen.nice(), seen.cpu_affinity()) == (19, [min(os.sched_getaffinity(0))])
        ending.communicate(b"\n")
    sandbox.make_way(2**22 + 1, [0])  # what is gone already (no process has this number)


LINGERS = "import sys; print('at work', flush=True); sys.stdin.read(); print('on', flush=True)"


def test_a_job_that_is_done_does_nothing_more():
    """The checker hangs up when it has the costs; the job may not work, or end, on its own then."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command, pipe = [sys.executable, "-c", LINGERS], subprocess.PIPE
    with ours, theirs, subprocess.Popen(command, stdin=pipe, stdout=pipe) as job:

        def hang_up():
            assert hear(ours)[0]["dead"] == "stopped"
            job.stdin.close()

        assert job.stdout.readline() == b"at work\n"
        checker = threading.Thread(target=hang_up)
        checker.start()
        supervisor._bury(theirs, job.pid, "stopped", [0.0], 0)
        checker.join()
        assert job.stdout.read() == b""


MAPS = """\
00400000-00a00000 rw-p 00000000 00:00 0                                  [heap]
10100000-105fffff rw-p 00000000 00:00 0
20000000-20200000 rw-p 00000000 00:00 0
30000000-301ff000 rw-p 00000000 00:00 0
40000000-40400000 r--p 00000000 00:00 0
50000000-50400000 rw-s 00000000 00:00 0
60000000-60400000 rw-p 00001000 fe:00 1234                               /usr/lib/libpython3.so
70000000-70400000 rw-p 00000000 00:00 0                                  [stack]
"""


def test_whole_aligned_stretches_of_nameless_memory_become_huge_pages():
    found = [f"{place:x}" for place in memory._huge_places(MAPS)]
    assert found == ["400000", "600000", "800000", "10200000", "20000000"]


SHARE = """
import gc
from course_utils.grading.jail import memory
keep = [bytes([n % 251]) * 1000 for n in range(20_000)]
memory.share()
print(gc.get_freeze_count() > 1000, all(keep[n] == bytes([n % 251]) * 1000 for n in range(20_000)))
"""


def test_memory_to_be_shared_holds_what_it_held():
    done = subprocess.run([sys.executable, "-c", SHARE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


RUN_EVERY_CHECK = """
import contextlib, io, json, sys
from pathlib import Path
from course_utils.grading.checker import main
from course_utils.problem_sets import check_cells, names, plan, submitted
from course_utils.problem_sets.release import find

name, root = sys.argv[1], Path(sys.argv[2])
release = find(name, (root,)).release
checks = check_cells.compile_checks(release)
main.warm(release)
before = set(sys.modules)
plan.make(submitted.parse((root / "exercises" / name / f"{name}.ipynb").read_bytes()), release)
planned = set(sys.modules) - before
space = {}
with contextlib.redirect_stdout(io.StringIO()):
    for cell in release.cells:
        if cell.kind == "code" and cell.role in ("given", "solution"):
            exec(names.plain(cell.source), space)
    late = set(sys.modules)
    for task in release.tasks:
        if not task.manual:
            checks[task.name].run({name: space[name] for name in task.defines}, {})
print(json.dumps(sorted(planned | (set(sys.modules) - late))))
"""


REHEARSE = """
import random, sys
from pathlib import Path
import numpy as np
from course_utils import checks
from course_utils.grading.checker.rehearsal import rehearse
from course_utils.problem_sets.release import find

root = Path(sys.argv[1])
sets = [path.name for path in sorted((root / "solutions").iterdir())]
releases = [find(name, (root,)).release for name in sets]
seen = lambda: (random.getstate(), str(np.random.get_state()), np.geterr(), np.get_printoptions(),
                checks.rng("a", "b").random(), set(sys.modules))
before = seen()
for release in releases:
    rehearse(release)
assert seen() == before
print(len(releases))
"""


def test_a_rehearsal_leaves_nothing_that_a_check_can_see():
    command = [sys.executable, "-c", REHEARSE, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) == 9


@pytest.mark.parametrize("name", ["ps02_recurrence", "ps04_bptt"])
def test_the_checker_imports_nothing_late(name):
    """What the warm process has not imported, every submission's checker would import again."""
    command = [sys.executable, "-c", RUN_EVERY_CHECK, name, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_names_that_cells_ask_of_modules():
    release = find("ps02_recurrence", (ROOT,)).release
    found = check_cells.attributes(release, ("checks",))
    assert ("course_utils.nn", "rnn_forward") in found
    assert all(isinstance(name, str) for pair in found for name in pair)
