"""Every page as its launch button runs it: in a clean environment with exactly what that installs.

``make launch-check`` takes all environments, ``make launch-check LAUNCH="oldest binder"`` some.

- ``binder``: what binder/ says, for every notebook.
- ``colab``: the command of the notebooks' first lines, beside what Colab has anyway.
- ``oldest`` and ``newest``: the lowest and the highest versions that pyproject.toml allows; without
  PyTorch, so pages that import it at their beginning are left out, and said to be.

A chapter must run without an error. A problem set stops at its first empty answer: what is given
must run, and nothing may be missing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "_build" / "launch"
BINDER = ROOT / "binder"
COLAB = ("ipykernel", "torch==2.13.0")  # of what Colab has: what pages use and the course does not
SECONDS = 900
MISSING = ("ImportError", "ModuleNotFoundError", "SyntaxError")


def pages() -> list[Path]:
    """The notebooks that pages hand out."""
    return [*sorted(ROOT.glob("notebooks/*.ipynb")), *sorted(ROOT.glob("exercises/*/ps*.ipynb"))]


def requirements(target: str) -> list[str]:
    """What is installed for a target, in pip's words."""
    if target == "binder":
        lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
        return [word for line in lines if line and line[0] != "#" for word in _reachable(line)]
    return [".", *COLAB] if target == "colab" else [".[lab]"]


def _reachable(line: str) -> list[str]:
    """The words of a line; none where it names an index that this machine does not reach."""
    words = line.split()
    if words[0] == "--extra-index-url":
        host = words[1].split("/")[2]
        try:
            socket.getaddrinfo(host, 443)
        except OSError:
            print(f"{host} cannot be reached: PyTorch comes from this machine's own sources")
            return []
    return words


def interpreter(target: str) -> str:
    """The Python that a target uses, or ours where this machine does not have that one."""
    if target != "binder":
        return sys.executable
    wanted = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().replace("-", "")
    if (found := shutil.which(wanted)) and _runs(found):
        return found
    print(f"{wanted} is not here: binder is tried with this Python")
    return sys.executable


def _runs(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def install(target: str) -> Path:
    """Make a clean environment for a target; return its Python."""
    folder = PLACE / target
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv") or "uv"
    subprocess.run([uv, "venv", "-q", "--python", interpreter(target), str(folder)], check=True)
    python = folder / "bin" / "python"
    resolution = ["--resolution", "lowest-direct"] if target == "oldest" else []
    links = ["--find-links", os.environ["PIP_FIND_LINKS"]] if "PIP_FIND_LINKS" in os.environ else []
    command = [uv, "pip", "install", "-q", "--python", str(python), *resolution, *links]
    subprocess.run([*command, *requirements(target)], cwd=ROOT, check=True)
    return python


def described(python: Path) -> str:
    """Python's and NumPy's versions, and PyTorch's where it is there."""
    code = (
        "import importlib.metadata as m, platform; has = {d.name.lower() for d in "
        "m.distributions()}; print('Python', platform.python_version(), *(f'{n} {m.version(n)}' "
        "for n in ('numpy', 'matplotlib', 'torch') if n in has))"
    )
    return _output(python, code)


def _output(python: Path, code: str) -> str:
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True, env=_clean()
    )
    return done.stdout.strip()


def _clean() -> dict[str, str]:
    """Our variables without those that would lead to the sources of this repository."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**own, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # old debuggers warn at every start


def faults(path: Path, python: Path, folder: Path) -> Iterator[str]:
    """Run a notebook in an empty folder; yield what must not happen."""
    notebook = nbformat.read(path, as_version=4)
    kernel = folder / "kernels" / "launch"
    kernel.mkdir(parents=True, exist_ok=True)
    argv = [str(python), "-m", "ipykernel_launcher", "--IPKernelApp.log_level=CRITICAL"]
    argv += ["-f", "{connection_file}"]
    specification = {"argv": argv, "display_name": "launch", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(specification))
    here = folder / "here"
    here.mkdir(exist_ok=True)
    resources = {"metadata": {"path": str(here)}}
    client = NotebookClient(
        notebook, timeout=SECONDS, kernel_name="launch", allow_errors=True, resources=resources
    )
    try:
        client.execute(env={**_clean(), "JUPYTER_PATH": str(folder)})
    except (CellTimeoutError, DeadKernelError) as error:
        yield f"{type(error).__name__}"
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and _matters(cell, output.ename, path):
                yield f"cell {number}: {output.ename}: {output.evalue[:120]}"


def _matters(cell: nbformat.NotebookNode, error: str, path: Path) -> bool:
    if "raises-exception" in cell.metadata.get("tags", []):
        return False
    if path.parent.name == "notebooks" or error in MISSING:
        return True
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("locked")) and not marks.get("grade")


def needs_torch(path: Path) -> bool:
    """Whether a page imports PyTorch without asking first whether it is there."""
    cells = nbformat.read(path, as_version=4).cells
    return any(re.search(r"^import torch", c.source, re.M) for c in cells if c.cell_type == "code")


def check(target: str) -> bool:
    """Install a target, run its pages, print a line each; return whether all is well."""
    python = install(target)
    print(f"{target}: {described(python)}", flush=True)
    torch = "torch" in described(python)
    well = True
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_PATH"] = folder
        for path in pages():
            if needs_torch(path) and not torch:
                print(f"  {path.stem:<26} left out: it needs PyTorch", flush=True)
                continue
            began = time.perf_counter()
            found = list(faults(path, python, Path(folder)))
            well &= not found
            state = f"{len(found)} faults; {found[0]}" if found else "runs"
            print(f"  {path.stem:<26} {time.perf_counter() - began:4.0f} s  {state}", flush=True)
    return well


def main(names: list[str]) -> int:
    """Check the named targets, all without names; return the exit code."""
    known = ("binder", "colab", "oldest", "newest")
    if unknown := [name for name in names if name not in known]:
        print(f"there is no launch target {unknown[0]!r}; there are {', '.join(known)}")
        return 2
    well = [check(name) for name in names or known]
    return 0 if all(well) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
