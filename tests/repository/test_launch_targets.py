"""What a launch button installs covers what its page imports (`make launch-check` runs them)."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course_utils.authoring.key import closure

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("notebooks/*.ipynb")), *sorted(ROOT.glob("exercises/*/ps*.ipynb"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COLAB = ("ipython", "torch")  # what is there before anything is installed, and pages use
OPTIONAL = {"anywidget", "traitlets"}  # without them an interactive figure is a table


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def code(page: Path) -> list[str]:
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def needed(page: Path) -> set[str]:
    """The packages that a page's cells import, and the modules of the course that they reach."""
    modules = {name for source in code(page) for name in imports(source)}
    reached = [path for path in closure(modules, ROOT / "src") if path.suffix == ".py"]
    modules |= {name for path in reached for name in imports(path.read_text(encoding="utf-8"))}
    packages = {name.split(".")[0] for name in modules}
    return packages - set(sys.stdlib_module_names) - {"course_utils"}


def installed(requirements: list[str]) -> set[str]:
    """Distributions that come with these requirements, those that they require included."""
    waiting, found = list(requirements), set()
    while waiting:
        name = canonicalize_name(Requirement(waiting.pop()).name)
        if name in found:
            continue
        found.add(name)
        try:
            more = [Requirement(one) for one in requires(name) or ()]
        except PackageNotFoundError:  # PyTorch need not be here
            continue
        waiting += [str(one) for one in more if one.marker is None or one.marker.evaluate()]
    return found


def binder() -> list[str]:
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith(("#", "--"))]
    assert ".[lab]" in lines
    own = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
    return [line for line in lines if line != ".[lab]"] + own


@cache
def by_package() -> Mapping[str, list[str]]:
    return packages_distributions()


def missing(page: Path, requirements: list[str]) -> set[str]:
    there = installed(requirements)
    distributions = by_package()
    return {
        package
        for package in needed(page)
        if not there & {canonicalize_name(one) for one in distributions.get(package, [package])}
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_binder_has_what_a_page_imports(page):
    assert missing(page, binder()) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_colab_has_what_a_page_imports_once_the_course_is_installed(page):
    assert missing(page, [*PROJECT["dependencies"], *COLAB]) <= OPTIONAL


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_page_says_how_to_install_the_course(page):
    first = "".join(json.loads(page.read_text(encoding="utf-8"))["cells"][0]["source"])
    assert re.search(r"`%pip install git\+https://\S+/learning-to-remember`", first)


def test_the_pages_that_need_pytorch_are_known():
    """A page that imports it at its beginning cannot run without; the others ask first."""
    found = {page.stem for page in PAGES for source in code(page) if at_once(source)}
    assert found == {"08_char_lstm", "rosetta"}


def at_once(source: str) -> bool:
    return re.search(r"^import torch", source, re.MULTILINE) is not None


def test_binder_takes_a_python_that_the_course_supports():
    wanted = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    version = wanted.removeprefix("python-")
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


def test_binder_and_the_set_up_take_the_same_pytorch_without_graphics_cards():
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert "--extra-index-url https://download.pytorch.org/whl/cpu" in lines
    (pinned,) = [line for line in lines if line.startswith("torch")]
    assert f"{{TORCH:-{pinned}}}" in (ROOT / "tools" / "setup.sh").read_text(encoding="utf-8")
    assert pinned in (ROOT / "tools" / "launch_check.py").read_text(encoding="utf-8")
