"""Before each batch: what is broken on our side refuses the batch and names the task."""

import json

import mini_set
import pytest
from grading_cases import QUICK

from course_utils.grading.grade import grade
from course_utils.grading.orchestrator.calibrate import CalibrationError, calibrate
from course_utils.grading.orchestrator.schedule import Scheduler
from course_utils.problem_sets.release import ReleaseError, find

REFUSED = {
    "a broken solution": (
        {"answers": {"double": "def double(x):\n    return 3 * x", "table": "table = 1 / 0"}},
        "the instructor's solution does not pass double (graded: double, its result: wrong values.",
    ),
    "a broken stub": (
        {"stubs": {"centre": mini_set.ANSWERS["centre"]}},
        "the untouched student notebook already passes centre",
    ),
    "a package that is missing in the jail": (
        {"answers": {"double": "from course_utils import nn\ndouble = nn.twice"}},
        "course_utils.nn is not there when your work is graded",
    ),
    "a reference handed to student code": (
        {
            "checks": {
                "objects": "from course_utils import nn\ntwice(nn.softmax, 1.0)\n",
            }
        },
        "does not pass objects (check failed",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path, name):
    changes, words = REFUSED[name]
    folder = find("mini", (mini_set.write_release(tmp_path, **changes),))
    with Scheduler(folder, QUICK) as scheduler, pytest.raises(CalibrationError) as refused:
        calibrate(scheduler, folder)
    assert words in str(refused.value)
    assert all(task in str(refused.value) for task in changes[next(iter(changes))])


def test_a_refused_batch_grades_nothing(tmp_path, capsys):
    changes, words = REFUSED["a broken stub"]
    root = mini_set.write_release(tmp_path / "release", **changes)
    place = tmp_path / "submitted" / "wren" / "mini"
    place.mkdir(parents=True)
    (place / "mini.ipynb").write_bytes(mini_set.submission())
    out = tmp_path / "out"
    assert grade(tmp_path / "submitted", "mini", out, QUICK, root) == 1
    assert words in capsys.readouterr().err
    assert not (out / "grades.csv").exists()


def test_a_sound_set_calibrates(grader):
    calibrate(grader.scheduler, grader.scheduler.folder)


def change_manifest(root, change):
    path = root / "exercises" / "mini" / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


DAMAGE = {
    "another version": (lambda m: m.update(manifest_version=9), "manifest version 9"),
    "a locked cell that differs": (lambda m: m["cells"][1].update(source="other"), "differs"),
    "a stub that was written in": (
        lambda m: m["cells"][2].update(source="x"),
        "as it was released",
    ),
    "a cell that is gone": (lambda m: m["cells"][1].update(id="gone"), "is missing"),
    "no tasks": (lambda m: m.pop("tasks"), "cannot be read"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_release_is_named(tmp_path, name):
    change, words = DAMAGE[name]
    change_manifest(mini_set.write_release(tmp_path), change)
    with pytest.raises(ReleaseError, match=words):
        find("mini", (tmp_path,))
