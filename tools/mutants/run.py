"""Change the numerics and the checks one line at a time, and see that a test notices each change.

    python tools/mutants/run.py [MODULE …] [--jobs 2] [--list]

A mutant that no test kills must be listed, with its reason, in justified.toml; otherwise the exit
code is 1. MODULE narrows the run, such as ``nn.lstm`` or ``checks``. Results are kept in
_build/mutants, and a module is run again only when it, its tests or the code beside it changed.
"""

import argparse
import hashlib
import json
import os
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
import hypothesis.extra.numpy  # noqa: F401
import numpy
import numpy.random
import numpy.testing  # noqa: F401
from mutants import Mutant, decorated_functions, mutants_of
from trial import ROOT, path_of, start

HERE = Path(__file__).parent
CACHE = ROOT / "_build" / "mutants"
KILLED, SURVIVED = "killed", "survived"


@dataclass(frozen=True)
class Target:
    """A module to mutate, and the pytest runs that may kill its mutants."""

    module: str
    tests: tuple[str, ...]


@dataclass
class Outcome:
    """What became of the mutants of one module."""

    killed: list[Mutant] = field(default_factory=list)
    survived: list[Mutant] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="such as nn, nn.lstm or checks.arrays; else all")
    parser.add_argument("--jobs", type=int, default=2, help="trials at a time")
    parser.add_argument("--list", action="store_true", help="only print the mutants")
    options = parser.parse_args()
    os.chdir(ROOT)

    chosen = [target for target in targets() if wanted(target.module, options.modules)]
    if not chosen:
        print(f"No module matches {options.modules}; see tools/mutants/targets.toml.")
        return 2
    total = Outcome()
    for target in chosen:
        source = path_of(target.module).read_text()
        mutants = list(mutants_of(target.module, source))
        if options.list:
            print(*mutants, sep="\n")
            continue
        began = time.monotonic()
        outcome = tried(target, mutants, options.jobs)
        total.killed += outcome.killed
        total.survived += outcome.survived
        decorated = len(decorated_functions(source))
        print(
            f"{target.module}: {len(outcome.killed)} of {len(mutants)} killed,"
            f" {decorated} decorated functions mutated like the rest,"
            f" {time.monotonic() - began:.0f} s",
            flush=True,
        )
    return 0 if options.list else verdict(total, chosen)


def targets() -> Iterator[Target]:
    """The modules named in targets.toml; in a room with ``every_module``, all that have mutants."""
    for room in tomllib.loads((HERE / "targets.toml").read_text()).values():
        for name, tests in room.get("modules", {}).items():
            yield Target(room["prefix"] + name, tuple(tests))
        if "every_module" in room:
            folder = path_of(room["prefix"] + "any").parent
            for name in sorted(file.stem for file in folder.glob("[!_]*.py")):
                yield Target(room["prefix"] + name, tuple(room["every_module"]))


def wanted(module: str, names: Iterable[str]) -> bool:
    short = module.removeprefix("course_utils.")
    return not names or any(short == name or short.startswith(name + ".") for name in names)


def tried(target: Target, mutants: list[Mutant], jobs: int) -> Outcome:
    """The outcome of every mutant, from the cache if nothing that matters has changed."""
    file = CACHE / f"{target.module}.json"
    key = fingerprint(target)
    cached = json.loads(file.read_text()) if file.exists() else {}
    if cached.get("key") != key:
        survivors = run_trials(target, mutants, jobs)
        cached = {"key": key, "survived": survivors}
        CACHE.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(cached))
        part.replace(file)
    survived = set(cached["survived"])
    return Outcome(
        killed=[mutant for n, mutant in enumerate(mutants) if n not in survived],
        survived=[mutant for n, mutant in enumerate(mutants) if n in survived],
    )


def fingerprint(target: Target) -> str:
    """Everything that the outcomes depend on: the rooms, tests and their helpers, this tool."""
    files = [*HERE.glob("*.py")]
    for room in ("nn", "checks"):
        files += (ROOT / "src/course_utils" / room).glob("*.py")
    for place in {ROOT / test.split()[0] for test in target.tests}:
        folder = place if place.is_dir() else place.parent
        helpers = [file for file in folder.glob("*.py") if not file.name.startswith("test_")]
        files += helpers + ([place] if place.is_file() else [*folder.glob("test_*.py")])
    digest = hashlib.sha256(repr(target).encode())
    for file in sorted(set(files)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def run_trials(target: Target, mutants: list[Mutant], jobs: int) -> list[int]:
    """The numbers of those that survive. The untouched module must pass, and sets the limit."""
    began = time.monotonic()
    source = path_of(target.module).read_text()
    code, seconds = finish(start(target.module, source, target.tests, 600, loud=True))
    if code != 0:
        raise SystemExit(f"{target.module}: the tests fail without any mutant (see above)")
    limit = int(3 * seconds) + 10
    running: dict[int, int] = {}
    survivors = []
    queue = list(enumerate(mutants))[::-1]
    done = 0
    while queue or running:
        while queue and len(running) < jobs:
            n, mutant = queue.pop()
            running[start(target.module, mutant.source, target.tests, limit)] = n
        child, status = os.wait()
        n = running.pop(child)
        done += 1
        if os.waitstatus_to_exitcode(status) == 0:
            survivors.append(n)
            print(f"survived: {mutants[n]}", flush=True)
        elif done % 50 == 0:
            print(f"  {done} of {len(mutants)}, {time.monotonic() - began:.0f} s", flush=True)
    return sorted(survivors)


def finish(child: int) -> tuple[int, float]:
    """Wait for one child: its exit code and its CPU seconds."""
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime


def verdict(total: Outcome, chosen: list[Target]) -> int:
    """Compare the survivors with the justified ones; the exit code."""
    modules = {target.module for target in chosen}
    entries = tomllib.loads((HERE / "justified.toml").read_text()).get("mutant", [])
    reasons = {
        (e["module"], e["function"], e["before"], e["after"]): e["reason"]
        for e in entries
        if e["module"] in modules
    }
    survived = {mutant.key for mutant in total.survived}
    killed = {mutant.key for mutant in total.killed} - survived
    for key in reasons:
        if key in killed:
            print(f"justified, but killed now; take it out of the list: {key}")
        elif key not in survived:
            print(f"justified, but no such mutant exists any more: {key}")
    unexplained = [mutant for mutant in total.survived if not reasons.get(mutant.key, "").strip()]
    for mutant in unexplained:
        print(f"neither killed nor justified: {mutant}")
    everything = len(total.killed) + len(total.survived)
    print(
        f"{everything} mutants: {len(total.killed)} killed,"
        f" {len(total.survived) - len(unexplained)} justified, {len(unexplained)} unexplained"
    )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
