"""A tiny book with our configuration, and the command that builds it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import yaml

from course_utils.authoring.text import parse
from course_utils.figures import house_style
from course_utils.figures.glue import PREFIX
from course_utils.figures.show import to_svg
from course_utils.figures.widgets import unroll

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).parent / "sample"


@dataclass(frozen=True)
class Built:
    """A finished build: its source, what it said, and how it ended."""

    source: Path
    said: str
    status: int

    @property
    def html(self) -> Path:
        return self.source / "_build" / "html"

    def page(self, name: str) -> str:
        return (self.html / f"{name}.html").read_text(encoding="utf-8")


def build(source: Path) -> Built:
    """Run the command of the Makefile on ``source``."""
    command = [Path(sys.executable).parent / "jupyter-book", "build", ".", "-W", "-n"]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
    done = subprocess.run(
        [*command, "--keep-going"],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    return Built(source, said, done.returncode)


def sample_book(folder: Path) -> Path:
    """Copy the sample with our own configuration and notebooks as ``course make`` would leave."""
    shutil.copytree(SAMPLE, folder)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"]["course_katex"] = str(ROOT / "node_modules/katex/dist")
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    chapter = made(folder, "book/chapters/01_sample.md")
    for cell, outputs in zip(code(chapter), chapter_outputs(), strict=True):
        cell.outputs = outputs
    write(folder / "notebooks/01_sample.ipynb", chapter)
    solved = made(folder, "book/problem_sets/ps01_sample.md")
    write(folder / "solutions/ps01_sample/ps01_sample.ipynb", solved)
    write(folder / "exercises/ps01_sample/ps01_sample.ipynb", for_students(solved))
    return folder


def made(folder: Path, path: str) -> nbformat.NotebookNode:
    text = parse((folder / path).read_text(encoding="utf-8"), path)
    new = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    cells = [new[cell.kind](cell.source, metadata={"tags": list(cell.tags)}) for cell in text.cells]
    return nbformat.v4.new_notebook(cells=cells)


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def for_students(solved: nbformat.NotebookNode) -> nbformat.NotebookNode:
    notebook = nbformat.from_dict(solved)
    hidden = r"\n### BEGIN HIDDEN TESTS.*### END HIDDEN TESTS"
    for cell in notebook.cells:
        cell.source = re.sub(hidden, "", cell.source, flags=re.DOTALL)
        solution = r"### BEGIN SOLUTION.*### END SOLUTION"
        cell.source = re.sub(solution, "# YOUR CODE HERE", cell.source, flags=re.DOTALL)
        if "manual" in cell.metadata.tags:
            cell.source = "YOUR ANSWER HERE"
            cell.metadata.nbgrader = {"grade_id": "explain"}
    return notebook


def chapter_outputs() -> list[list[nbformat.NotebookNode]]:
    def shown(data: dict[str, str], metadata: dict | None = None) -> nbformat.NotebookNode:
        return nbformat.v4.new_output("display_data", data=data, metadata=metadata or {})

    glued = shown(
        {f"{PREFIX}text/plain": "'0.12'"},
        {"scrapbook": {"name": "loss", "mime_prefix": PREFIX}},
    )
    figures = [[shown({"image/svg+xml": figure(title)})] for title in ("It falls", "It rises")]
    h = np.tanh(np.arange(-10.0, 10.0).reshape(5, 4) / 5)
    live = shown({"text/html": unroll("steep", h).html(), "text/plain": "A word, unrolled."})
    return [[glued], *figures, [live]]


def figure(title: str) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.use("agg")
    with house_style():
        fig = Figure()
        ax = fig.add_subplot()
        ax.plot([0, 1], [1, 0])
        ax.set_title(title)
        return to_svg(fig, alt=f"{title}, from left to right.")


def write(path: Path, notebook: nbformat.NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
