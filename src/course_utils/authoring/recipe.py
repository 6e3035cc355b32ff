"""One text, read and expanded: what has to be run, and what is made of the outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from course_utils.authoring.book import Book
from course_utils.authoring.catalogue import Entry
from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.expand import ProblemSet, expand
from course_utils.authoring.key import execution_key
from course_utils.authoring.manifest import manifest
from course_utils.authoring.markup import leftover_markup
from course_utils.authoring.notebook import Outputs, assemble, stored_outputs, to_bytes, to_json
from course_utils.authoring.parts import Part, plain_parts
from course_utils.authoring.portable import Portable
from course_utils.authoring.rules import check_python
from course_utils.authoring.student import mark, student_version
from course_utils.authoring.text import Cell, Text, read
from course_utils.problem_sets import names


class Recipe:
    """How the made files of one text come about.

    Raises:
        AuthoringError: the text breaks a rule; the message has its line.
    """

    def __init__(self, root: Path, entry: Entry, book: Book, source_folder: Path) -> None:
        self.entry = entry
        self.book = book
        self.source_folder = source_folder
        self.text: Text = read(root, root / entry.text)
        self.problem_set: ProblemSet | None = expand(self.text) if entry.problem_set else None
        self.parts: tuple[Part, ...] = (
            self.problem_set.parts if self.problem_set else plain_parts(self.text)
        )
        for part in self.parts:
            if part.cell.kind == "code" and "raises-exception" not in part.plain_tags:
                _check_python(part.cell, self.text.path)

    @cached_property
    def key(self) -> str:
        """The key that decides whether the text has to run again."""
        return execution_key(self.text, self.source_folder)

    def fits(self, stored: Mapping[str, Any]) -> bool:
        """Say whether a stored notebook has exactly the code cells of the text."""
        sources = [
            "".join(cell["source"]) for cell in stored["cells"] if cell["cell_type"] == "code"
        ]
        return len(sources) == sum(part.cell.kind == "code" for part in self.parts)

    def outputs(self, stored: Mapping[str, Any]) -> Outputs:
        """Return the outputs that a stored notebook holds."""
        return stored_outputs(stored)

    def rehearse(self) -> None:
        """Render all Markdown with any value for what the cells will glue.

        Raises:
            AuthoringError: a reference, citation, term or directive in it is unknown.
        """
        page = Portable(self.text.path, self.book, _Anything())
        for part in self.parts:
            if part.cell.kind == "markdown":
                page.render(part.cell.source, part.cell.line)

    def files(self, outputs: Outputs) -> dict[str, bytes]:
        """Return every made file by its name, given the outputs of the code cells.

        Raises:
            AuthoringError: the Markdown refers to something unknown, or MyST would be left in it.
        """
        notebook = assemble(self.text, self.parts, self.book, outputs, {"key": self.key})
        self._complain_about_markup(notebook)
        if self.problem_set is None:
            return {self.entry.notebook: to_bytes(notebook)}
        mark(notebook, self.problem_set)
        student = student_version(notebook)
        del student.metadata["course"]["key"]
        self._complain_about_student(student)
        return {
            self.entry.notebook: to_bytes(notebook),
            self.entry.exercise: to_bytes(student),
            self.entry.manifest: to_json(manifest(self.problem_set, student)),
        }

    def _complain_about_markup(self, notebook: Mapping[str, Any]) -> None:
        for identifier, markup in leftover_markup(notebook):
            raise AuthoringError(
                f"this MyST cannot be shown in a notebook: {markup}",
                self.text.path,
                self._line(identifier),
            )

    def _complain_about_student(self, student: Mapping[str, Any]) -> None:
        sources = {cell["id"]: cell["source"] for cell in student["cells"]}
        for part in self.parts:
            if part.role in ("solution", "checks"):
                try:
                    compile(sources[part.id], self.text.path, "exec")
                except SyntaxError as error:
                    raise AuthoringError(
                        f"what the student gets of the cell {part.id} is not Python: {error.msg}",
                        self.text.path,
                        part.cell.line,
                    ) from error

    def _line(self, identifier: str) -> int | None:
        return next((part.cell.line for part in self.parts if part.id == identifier), None)

    def difference(self, expected: bytes, found: bytes) -> str:
        """Say in a few words where a made file differs from what its text makes."""
        try:
            wanted, got = json.loads(expected), json.loads(found)
            wanted_cells = {cell["id"]: cell for cell in wanted["cells"]}
            got_cells = {cell["id"]: cell for cell in got["cells"]}
        except (ValueError, KeyError, TypeError):
            return f"not what {self.text.path} makes"
        for identifier in [*wanted_cells, *got_cells]:
            if wanted_cells.get(identifier) != got_cells.get(identifier):
                line = self._line(identifier)
                where = f"{self.text.path}:{line}" if line else self.text.path
                return f"the cell {identifier} is not what {where} makes"
        if list(wanted_cells) != list(got_cells):
            return f"the cells are not in the order of {self.text.path}"
        key = [
            notebook.get("metadata", {}).get("course", {}).get("key") for notebook in (wanted, got)
        ]
        if key[0] != key[1]:
            return "executed with other code: a cell or a module of course_utils has changed since"
        return f"not what {self.text.path} makes"


def _check_python(cell: Cell, path: str) -> None:
    plain = names.plain(cell.source)
    # Await at top level and the like are IPython's; only what no one could run is refused here.
    check_python(Cell(cell.kind, plain, cell.line), path)


class _Anything(dict):
    """Glued values before anything has run: every name is there."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> str:
        return "0"
