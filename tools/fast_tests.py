#!/usr/bin/env python
"""The tests that a small change is likely to break, in under a minute: `make test-fast`.

    python tools/fast_tests.py [--list]

git says what has changed: what is not committed, and what was since the branch left origin/main.
Layout and imports say what that concerns:

- a module of the package: the tests of its room, then every test that imports it through others,
  the nearest first;
- a text, or a file made from it: `course make --check`, its stored outputs, the known answers;
- a test, a helper or a list of answers: itself, the tests that import it, the set's answers;
- a tool: the tests that have its name; anything else: `tests/repository`.

No test begins when `SECONDS` are over; what did not begin is counted and named. `make test` runs
everything.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from course_utils.authoring.catalogue import Entry, catalogue
from course_utils.problem_sets import names

ROOT = Path(__file__).parents[1]
SECONDS = 40
ANSWERS = "tests/problem_sets"
SLOW = {f"{ANSWERS}/test_nbgrader.py": "nbgrader's own view of a problem set"}
FAR = 99  # imports away: near by the folder only
UNTIL = "FAST_TESTS_UNTIL"
NO_TIME = "no time left"


@dataclass(frozen=True)
class Plan:
    """What to run: texts by name, files of tests and notebooks in their order, sets by number."""

    texts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()


# What has changed.


def changed_files(root: Path = ROOT) -> list[str]:
    """Paths below ``root`` that differ from where the branch began, new files among them."""
    base = _git(root, "merge-base", "origin/main", "HEAD") or ["HEAD"]
    found = _git(root, "diff", "--name-only", "--no-renames", base[0])
    return sorted({*found, *_git(root, "ls-files", "--others", "--exclude-standard")})


def _git(root: Path, *words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


# What that concerns.


def plan(changed: Sequence[str], root: Path = ROOT) -> Plan:
    """What to run for these changed files."""
    entries = catalogue(root)
    texts: set[Entry] = set()
    sets: set[Entry] = set()
    near: dict[str, int] = {}  # files of tests, and how many imports they are away
    for path in changed:
        made = {entry for entry in entries if path in (entry.text, *entry.made)}
        answers = {entry for entry in entries if path.startswith(f"{ANSWERS}/{entry.stem}/")}
        texts |= made
        sets |= answers | {entry for entry in made if entry.problem_set}
        for file, away in ({} if answers else _concerned(path, root)).items():
            near[file] = min(away, near.get(file, away))
    # What is slow is left out, unless it changed itself or nothing else tests the change.
    chosen = near.keys() - (SLOW.keys() - {*changed}) or near.keys()
    files = sorted(chosen, key=lambda file: (near[file], file))
    return Plan(
        texts=tuple(sorted(entry.stem for entry in texts)),
        files=(*files, *sorted(entry.notebook for entry in texts)),
        sets=tuple(sorted(entry.stem.partition("_")[0] for entry in sets)),
    )


def _concerned(path: str, root: Path) -> dict[str, int]:
    """Files of tests that a changed file concerns, and how many imports they are away."""
    if path.startswith("src/"):
        return _tests_of_module(path, root)
    if path.startswith("tests/"):
        return _tests_of_test(path, root)
    return _tests_of_tool(path, root) or dict.fromkeys(_files("tests/repository", root), FAR)


def _files(folder: str, root: Path) -> list[str]:
    """The files of tests in a folder."""
    return sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("test_*.py"))


def _tests_of_module(path: str, root: Path) -> dict[str, int]:
    """The tests of the module's room, and those that reach the module by imports."""
    away = _importers(_module(path, root), root)
    room = "/".join(["tests", *Path(path).with_suffix("").parts[2:3]])
    found = {}
    for test in _files("tests", root):
        near = min((away[name] + 1 for name in _imports(root / test) if name in away), default=FAR)
        if test.startswith(f"{room}/"):
            found[test] = 0 if Path(path).stem in Path(test).stem else near
        elif near < FAR:
            found[test] = near + FAR
    return found


def _module(path: str, root: Path) -> str:
    """The module that a file below ``src`` is; for a data file, the package that it lies in."""
    place = root / path
    if place.suffix != ".py":
        place = next(one / "__init__.py" for one in place.parents if (one / "__init__.py").exists())
    parts = place.relative_to(root / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _importers(module: str, root: Path) -> dict[str, int]:
    """The modules that import a module, directly (1) or through others, and itself (0).

    A package that imports its modules when they are asked for (PEP 562) imports all of them.
    """
    graph, found = _graph(root), {module: 0}
    package = module.rpartition(".")[0]
    front = root.joinpath("src", *package.split("."), "__init__.py")
    if package and "def __getattr__" in front.read_text(encoding="utf-8"):
        found[package] = 1
    for each in (queue := [*found]):
        if each in graph.modules:
            new = graph.find_modules_that_directly_import(each) - found.keys()
            found |= dict.fromkeys(new, found[each] + 1)
            queue += sorted(new)
    return found


@cache
def _graph(root: Path) -> Any:
    import grimp

    return grimp.build_graph("course_utils", cache_dir=None)


@cache
def _imports(file: Path) -> frozenset[str]:
    """What a file of tests imports, itself and through its conftest and helpers."""
    found = {"conftest"}
    for each in (queue := [file]):
        found |= names.modules(each.read_text(encoding="utf-8"))
        helpers = {file.with_name(f"{name}.py") for name in found} - {*queue}
        queue += sorted(helper for helper in helpers if helper.exists())
    return frozenset(found)


def _tests_of_test(path: str, root: Path) -> dict[str, int]:
    """The file itself; for a helper the tests that import it; else all of the folder."""
    place = root / path
    beside = _files(place.parent.relative_to(root).as_posix(), root)
    if place.name.startswith("test_"):
        return {path: 0} if place.exists() else {}
    if place.suffix == ".py" and place.stem != "conftest":
        importers = {file: 0 for file in beside if place.stem in _imports(root / file)}
        return importers or dict.fromkeys(beside, FAR)  # a tool of the folder, run by `make`
    folder = "/".join(path.split("/")[:2]) if path.count("/") > 1 else "tests"
    return dict.fromkeys(_files(folder, root), 0)


def _tests_of_tool(path: str, root: Path) -> dict[str, int]:
    """The tests that have the name of a file or of a folder around it."""
    stems = {Path(part).stem for part in Path(path).parts}
    tests = _files("tests/tools", root)
    return {file: 0 for file in tests if Path(file).stem.removeprefix("test_") in stems}


# Running it.


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="only say what would run")
    options = parser.parse_args()
    begun = time.time()
    changed = changed_files()
    chosen = plan(changed)
    print("\n".join(words(changed, chosen)), flush=True)
    if options.list:
        return 0
    path = os.pathsep.join([str(ROOT / "tools"), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, UNTIL: str(begun + SECONDS)}
    runs = [subprocess.run(words, cwd=ROOT, env=env, check=False) for words in commands(chosen)]
    return max((run.returncode for run in runs), default=0)


def commands(chosen: Plan) -> list[list[str]]:
    """The command lines of a plan."""
    found = []
    if chosen.texts:
        make = "from course_utils.cli import main; main()"
        found.append([sys.executable, "-c", make, "make", "--check", *chosen.texts])
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "fast_tests", "--nbval"]
    tests += ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    answers = [file for file in _files(ANSWERS, ROOT) if file not in SLOW]
    for number in chosen.sets:
        own_first = sorted(answers, key=lambda file: number not in file)
        found.append([*tests, "-k", number, *own_first])
    if chosen.files:
        found.append([*tests, *chosen.files])
    return found


def words(changed: Sequence[str], chosen: Plan) -> list[str]:
    """What has changed, what runs and what does not, in words."""
    if not changed:
        return ["Nothing has changed: there is nothing to test."]
    folders = Counter(file.split("/")[1] for file in chosen.files if file.startswith("tests/"))
    runs = [f"tests/{folder} ({count} files)" for folder, count in folders.items()]
    runs += [f"the known answers of {number}" for number in chosen.sets]
    runs += [f"{name} against what is made of it, and its outputs" for name in chosen.texts]
    all_folders = {file.split("/")[1] for file in _files("tests", ROOT)}
    left = [f"tests/{folder}" for folder in sorted(all_folders - folders.keys())]
    left += [*SLOW.values(), "the outputs of all other notebooks", "the site"]
    return [
        f"changed: {_few(changed)}",
        f"runs: {'; '.join(runs) or 'nothing'}",
        f"leaves out: {'; '.join(left)}; what has not begun after {SECONDS} s",
    ]


def _few(paths: Sequence[str], most: int = 8) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more


# The plugin (`-p fast_tests`), in every process of pytest.


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no test when time is up."""
    if time.time() > float(os.environ[UNTIL]):
        pytest.skip(NO_TIME)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the files with tests that did not begin."""
    late = Counter(_late(terminalreporter.stats.get("skipped", [])))
    for file, count in late.items():
        terminalreporter.write_line(f"{NO_TIME} for {count} of {file}: make test runs them")


def _late(reports: Iterable[pytest.TestReport]) -> Iterable[str]:
    return (one.nodeid.partition("::")[0] for one in reports if NO_TIME in str(one.longrepr))


if __name__ == "__main__":
    sys.exit(main())
