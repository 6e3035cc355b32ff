"""The tree keeps its promises: no traces of one machine, no torch in the lock, real commands."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked_texts() -> dict[str, str]:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    files = [ROOT / name for name in names if name and (ROOT / name).is_file()]
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in files
        if path.suffix not in {".png", ".npz", ".safetensors", ".woff2", ".ico"}
    }


def test_the_locks_name_no_place_to_fetch_from():
    """Which mirror a lock was made with is nobody else's business."""
    assert "://" not in (ROOT / "requirements.lock").read_text()
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert "node_modules/katex" in packages
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_no_path_of_one_machine_is_committed():
    traces = re.compile(r"/(?:root|work|home/[a-z]+)/")
    found = {name: traces.findall(text) for name, text in tracked_texts().items()}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_the_lock_leaves_torch_to_the_machine():
    lock = (ROOT / "requirements.lock").read_text()
    names = re.findall(r"^([a-z0-9-]+)==", lock, flags=re.MULTILINE)
    assert "numpy" in names
    assert not [name for name in names if name.startswith(("torch", "nvidia", "triton"))]


def test_every_command_of_the_readme_is_a_target():
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    commands = set(re.findall(r"`?make ([a-z]+)", readme))
    assert {"book", "test"} <= commands
    for command in commands:
        assert re.search(rf"^{command}:", makefile, flags=re.MULTILINE), command


def test_ci_runs_the_readmes_test_command():
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("exec make test")


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE-TEXT", "CITATION.cff", "CONTRIBUTING.md"])
def test_licences_and_guides_are_there(name):
    assert (ROOT / name).stat().st_size > 200


def test_links_of_the_readme_lead_somewhere():
    for document in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / document).read_text()):
            if not target.startswith("https://"):
                assert (ROOT / target).exists(), f"{document}: {target}"


def test_no_two_test_files_share_a_name():
    """Without packages, pytest would collect only the first of them."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
