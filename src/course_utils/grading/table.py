"""``grades.csv``: written for spreadsheets, and read as spreadsheets save it.

One row a task. A person may type into it; `Written` remembers what the grader wrote itself, so that
what a person changed can be told from it.
"""

import csv
import hashlib
import io
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.grading.files import write_bytes, write_text

NAME = "grades.csv"
BEFORE = "grades.csv.before"  # the table as a person had saved it, before the last run wrote anew
COLUMNS = ("student", "set", "task", "points", "max_points", "state")
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_SEPARATORS = ",;\t"
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class TableError(Exception):
    """A table that cannot be read: one sentence."""


@dataclass(frozen=True)
class Line:
    """A row of the table, and its line in the file."""

    student: str
    set: str
    task: str
    points: float | None
    max_points: float
    state: str
    number: int = 0


def read(path: Path) -> list[Line]:
    """The rows of a table. Raises `TableError`.

    Commas, semicolons or tabs between cells, decimal commas, UTF-8, UTF-16 or a Western code page,
    columns in another order, further columns and empty rows are all understood.
    """
    rows = _rows(path)
    places = {name: rows[0][1].index(name) for name in COLUMNS}
    lines = []
    for number, row in rows[1:]:
        if any(cell.strip() for cell in row):
            cells = [row[place].strip() if place < len(row) else "" for place in places.values()]
            student = row[places["student"]] if places["student"] < len(row) else ""
            lines.append(_line(student, cells[1:], f"line {number} of {path}", number))
    return lines


def others(path: Path) -> list[str]:
    """Columns of a table that are none of ours. Raises `TableError`."""
    return [name for name in _rows(path)[0][1] if name and name not in COLUMNS]


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The heading and the rows of a file, each with its line. Raises `TableError`."""
    try:
        text = _text(path.read_bytes())
    except FileNotFoundError as missing:
        raise TableError(f"there is no {path}: run course grade first") from missing
    first = text.split("\n", 1)[0]
    between = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as bad:
        raise TableError(f"line {reader.line_num} of {path} cannot be read: {bad}") from bad
    heading = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    missing = [name for name in COLUMNS if name not in heading]
    if missing:
        raise TableError(
            f"{path} is no grades.csv of course grade: the column {missing[0]} is missing; wanted "
            f"{','.join(COLUMNS)} in the first line"
        )
    return [(1, heading), *rows[1:]]


def _text(raw: bytes) -> str:
    if raw.startswith(_UTF16):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _line(student: str, cells: list[str], where: str, number: int) -> Line:
    name, task, points, full, state = cells
    given = _number(points, where, "points")
    most = _number(full, where, "max_points")
    if most is None:
        raise TableError(f"{where} has no max_points; wanted a number")
    return Line(original(student), name, task, given, most, state, number)


def _number(cell: str, where: str, column: str) -> float | None:
    if not cell:
        return None
    plain = cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise TableError(f"{where} has {cell!r} for {column}; wanted a number, as 4.5, or nothing")
    return value


def folded(student: str) -> str:
    """What is the same for names that look the same: forms of letters, blanks at the ends."""
    return unicodedata.normalize("NFC", student).strip()


def neutral(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; `original` takes it back."""
    return "'" + text if text.lstrip("'").startswith(_FORMULA) else text


def original(cell: str) -> str:
    """The text that `neutral` made a cell of: a name may begin with an apostrophe, too."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def number(points: float | None) -> str:
    """Points as text: nothing for None, no decimals for whole numbers."""
    return "" if points is None else f"{points:g}"


def _file(lines: Iterable[Line]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in lines:
        points, full = number(one.points), number(one.max_points)
        cells = (one.student, one.set, one.task, points, full, one.state)
        writer.writerow([neutral(cell) for cell in cells])
    return file.getvalue()


def write(out: Path, lines: list[Line]) -> None:
    """Write ``out/grades.csv``; what a person had saved there is kept beside it."""
    path, written = out / NAME, Written.of(out)
    if path.exists() and not written.knows(path.read_bytes()):
        write_bytes(out / BEFORE, path.read_bytes())
    text = _file(lines)
    written.note(out, text.encode("utf-8", "backslashreplace"), lines)
    write_text(path, text)


@dataclass
class Written:
    """What the grader wrote into a folder's tables: every table's hash, every row's values.

    ``rows`` are points and state by student and task, the last ones last. It is noted before a
    table is written, so that a run that is stopped in between leaves nothing that looks typed.
    """

    tables: list[str] = field(default_factory=list)
    rows: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)

    @staticmethod
    def of(out: Path) -> "Written":
        """What is remembered in ``out``; nothing in a folder of an older grader."""
        try:
            data = json.loads((out / _MEMORY).read_text("utf-8"))
        except FileNotFoundError:
            return Written()
        rows: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for student, task, points, state in data["rows"]:
            rows.setdefault((student, task), []).append((points, state))
        return Written(data["tables"], rows)

    def knows(self, raw: bytes) -> bool:
        """Whether these bytes are a table that the grader wrote."""
        return hashlib.sha256(raw).hexdigest() in self.tables

    def note(self, out: Path, raw: bytes, lines: list[Line]) -> None:
        """Remember a table that will be written."""
        known = hashlib.sha256(raw).hexdigest()
        self.tables = [*(one for one in self.tables if one != known), known]
        for line in lines:
            values = self.rows.setdefault((line.student, line.task), [])
            now = number(line.points), line.state
            if not values or values[-1] != now:
                values.append(now)
        data = {"tables": self.tables, "rows": list(self._plain())}
        write_text(out / _MEMORY, json.dumps(data, indent=0))

    def _plain(self) -> Iterator[tuple[str, str, str, str]]:
        for (student, task), values in self.rows.items():
            for points, state in values:
                yield student, task, points, state


_MEMORY = ".written.json"
