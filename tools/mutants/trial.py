"""Run the tests of a mutant in a forked child that imports the mutated source."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import resource
import shlex
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import CodeType

import pytest

ROOT = Path(__file__).parents[2]
MEMORY = 4 * 2**30


class Mutated(importlib.machinery.SourceFileLoader):
    """A loader and finder in one: this module comes from the mutated source, never from a cache."""

    def __init__(self, module: str, path: Path, source: str) -> None:
        super().__init__(module, str(path))
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec")

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)


def path_of(module: str) -> Path:
    """The source file of a module of the package."""
    return ROOT / "src" / Path(*module.split(".")).with_suffix(".py")


def start(
    module: str, source: str, tests: Sequence[str], seconds: int, *, loud: bool = False
) -> int:
    """Fork a child that tests this source, and return its process id.

    Each of ``tests`` is the command line of one pytest run; the first that fails ends the trial.
    The exit code is 0 if every test passes. A child over its CPU seconds or its memory dies, and
    counts as killed. ``loud`` shows what a failing run printed.
    """
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take ten times what a test takes
        sys.meta_path.insert(0, Mutated(module, path_of(module), source))
        code = _run(tests, loud)
    except BaseException:
        if loud:
            traceback.print_exc()
        raise
    finally:
        os._exit(code)


def _run(tests: Sequence[str], loud: bool) -> int:
    options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis is here already
    options.append("--tb=short" if loud else "--tb=no")
    for command in tests:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = pytest.main([*options, *shlex.split(command)])
        if code != pytest.ExitCode.OK:
            if loud:
                print(f"pytest {command}", said.getvalue(), sep="\n", file=sys.stderr, flush=True)
            return int(code)
    return 0
