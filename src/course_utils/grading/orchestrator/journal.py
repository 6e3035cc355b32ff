"""The journal: every verdict, by what was judged and how. Only the orchestrator writes it.

A verdict belongs to the bytes of a submission, the key of a task (`Release.task_key`) and the
environment (`environment.describe`). Whatever is in here is never graded again; whatever changes
its key is. SQLite by default, PostgreSQL by URL. One submission is one transaction.

SQLite's file lies in the output folder and is held by the folder's lock. In PostgreSQL the one
connection that writes holds an advisory lock of the schema, so a writer that dies lets it go.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError, SQLAlchemyError

from course_utils.grading.verdict import FAULTS, Verdict

VERSION = "2"
_PATIENCE = 5.0  # seconds: a writer that was killed holds its lock a moment longer
_LOCK = "select pg_try_advisory_lock(hashtext('course grade'), hashtext(current_schema()))"

_tables = sql.MetaData()
_about = sql.Table(
    "about",
    _tables,
    sql.Column("key", sql.String(40), primary_key=True),
    sql.Column("value", sql.String(200), nullable=False),
)
_submissions = sql.Table(
    "submissions",
    _tables,
    sql.Column("problem_set", sql.String(200), primary_key=True),
    sql.Column("student", sql.String(1000), primary_key=True),
    sql.Column("sha256", sql.String(64), nullable=True),
    sql.Column("problem", sql.Text, nullable=False),
)
_shown = sql.Table(
    "shown",
    _tables,
    sql.Column("problem_set", sql.String(200), primary_key=True),
    sql.Column("student", sql.String(1000), primary_key=True),
    sql.Column("sha256", sql.String(64), nullable=True),
)
_verdicts = sql.Table(
    "verdicts",
    _tables,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("problem_set", sql.String(200), nullable=False),
    sql.Column("sha256", sql.String(64), nullable=False),
    sql.Column("task", sql.String(200), nullable=False),
    sql.Column("task_key", sql.String(64), nullable=False),
    sql.Column("environment", sql.String(64), nullable=False),
    sql.Column("state", sql.String(40), nullable=False),
    sql.Column("points", sql.Float, nullable=True),
    sql.Column("message", sql.Text, nullable=False),
    sql.Column("notes", sql.Text, nullable=False),
    sql.Column("answer", sql.Text, nullable=False),
    sql.Column("gradings", sql.Integer, nullable=False),
    sql.UniqueConstraint("problem_set", "sha256", "task", "task_key", "environment"),
)
_remarks = sql.Table(
    "remarks",
    _tables,
    sql.Column("problem_set", sql.String(200), primary_key=True),
    sql.Column("sha256", sql.String(64), primary_key=True),
    sql.Column("notes", sql.Text, nullable=False),
)
_pictures = sql.Table(
    "pictures",
    _tables,
    sql.Column("problem_set", sql.String(200), primary_key=True),
    sql.Column("sha256", sql.String(64), primary_key=True),
    sql.Column("task", sql.String(200), primary_key=True),
    sql.Column("place", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("caption", sql.Text, nullable=False),
    sql.Column("png", sql.LargeBinary, nullable=False),
)
_marks = sql.Table(
    "marks",
    _tables,
    sql.Column("problem_set", sql.String(200), primary_key=True),
    sql.Column("student", sql.String(1000), primary_key=True),
    sql.Column("task", sql.String(200), primary_key=True),
    sql.Column("points", sql.Float, nullable=False),
    sql.Column("sha256", sql.String(64), nullable=True),
)


class JournalError(Exception):
    """The journal cannot be used: one sentence for the instructor."""


@dataclass(frozen=True)
class Entry:
    """A verdict as the journal keeps it: with points (None where unscored)."""

    task: str
    state: str
    points: float | None
    message: str
    notes: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Mark:
    """Points that a person gave, and the hash of the bytes that were looked at."""

    points: float
    sha256: str | None


@dataclass(frozen=True)
class Plate:
    """A picture as the journal keeps it: a PNG file of our making, for a task ("": for none)."""

    task: str
    caption: str
    png: bytes


class Journal:
    """The journal of one output folder, for one problem set and one way of grading."""

    def __init__(
        self,
        url: str,
        problem_set: str,
        keys: dict[str, str] | None = None,
        environment: str = "",
        *,
        writes: bool = True,
    ) -> None:
        """``keys`` maps each task to its key; only those who write lock. Raises `JournalError`."""
        self.set, self.keys, self.environment = problem_set, keys or {}, environment
        self.engine = _engine(url, lock=writes)
        shown = self.engine.url.render_as_string(hide_password=True)
        try:
            self._open(writes)
        except OperationalError as bad:
            if "locked" in str(bad):
                raise JournalError(
                    "the journal is locked: another `course grade` is running on this folder"
                ) from bad
            raise JournalError(f"the journal {shown} cannot be opened: {_why(bad)}") from bad
        except DatabaseError as bad:
            raise JournalError(f"the journal {shown} is no journal: {_why(bad)}") from bad
        except JournalError:
            self.close()
            raise

    def _open(self, writes: bool = True) -> None:
        present = set(sql.inspect(self.engine).get_table_names())
        if present and "about" not in present:
            raise JournalError(
                "the database is no journal of this grader; choose another folder or database"
            )
        if not present and not writes:
            raise JournalError("the database holds no journal yet; run course grade first")
        with self.engine.begin() as link:
            _tables.create_all(link)
            found = link.execute(
                sql.select(_about.c.value).where(_about.c.key == "version")
            ).scalar()
            if found is None:  # new, or its maker was killed before this line
                link.execute(_about.insert().values(key="version", value=VERSION))
            elif found != VERSION:
                raise JournalError(
                    f"the journal has version {found}, this grader writes version {VERSION}; "
                    "grade into another folder or database (the grades in this one are kept)"
                )

    def close(self) -> None:
        """Let the database go."""
        self.engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[sql.Connection]:
        """One transaction. Raises `JournalError` where the database takes no more."""
        try:
            with self.engine.begin() as link:
                yield link
        except DatabaseError as bad:
            raise JournalError(
                f"the journal cannot be written: {_why(bad)}; the grades given so far are kept, "
                "so make room and run the same command again"
            ) from bad

    @contextmanager
    def _reading(self) -> Iterator[sql.Connection]:
        try:
            with self.engine.connect() as link:
                yield link
        except DatabaseError as bad:
            raise JournalError(
                f"the journal cannot be read: {_why(bad)}; the grades given so far are kept, "
                "so run the same command again"
            ) from bad

    def enter_submissions(self, handed_in: list[tuple[str, str | None, str]]) -> None:
        """Remember who handed in what (student, hash of the bytes, problem), in place of before.

        Verdicts on earlier hand-ins are kept.
        """
        columns = ("student", "sha256", "problem")
        rows = [dict(zip(columns, row, strict=True)) for row in handed_in]
        with self._writing() as link:
            link.execute(_submissions.delete().where(_submissions.c.problem_set == self.set))
            if rows:
                link.execute(_submissions.insert(), [{"problem_set": self.set, **r} for r in rows])

    def submissions(self) -> list[tuple[str, str | None, str]]:
        """Student, hash of the bytes, problem; sorted by student."""
        columns = _submissions.c.student, _submissions.c.sha256, _submissions.c.problem
        query = sql.select(*columns).where(_submissions.c.problem_set == self.set)
        with self._reading() as link:  # sorted here: databases differ in how they sort texts
            return sorted(tuple(row) for row in link.execute(query))

    def show(self) -> None:
        """Remember that a person now sees these submissions in the table.

        Of a student who is gone the last one stays: the mark on it is kept, too.
        """
        now = {student: sha256 for student, sha256, _ in self.submissions()}
        rows = [
            {"problem_set": self.set, "student": student, "sha256": sha256}
            for student, sha256 in {**self.shown(), **now}.items()
        ]
        with self._writing() as link:
            link.execute(_shown.delete().where(_shown.c.problem_set == self.set))
            if rows:
                link.execute(_shown.insert(), rows)

    def shown(self) -> dict[str, str | None]:
        """For each student, the hash of what the table last showed."""
        query = sql.select(_shown).where(_shown.c.problem_set == self.set)
        with self._reading() as link:
            return {row.student: row.sha256 for row in link.execute(query)}

    def enter_marks(self, marks: dict[tuple[str, str], Mark | None]) -> None:
        """Keep points that a person gave, by student and task; None takes them back."""
        with self._writing() as link:
            for (student, task), mark in marks.items():
                key = {"problem_set": self.set, "student": student, "task": task}
                link.execute(_marks.delete().where(*(_marks.c[k] == v for k, v in key.items())))
                if mark is not None:
                    given = {"points": mark.points, "sha256": mark.sha256}
                    link.execute(_marks.insert().values(**key, **given))

    def marks(self) -> dict[tuple[str, str], Mark]:
        """Points that a person gave, by student and task."""
        query = sql.select(_marks).where(_marks.c.problem_set == self.set)
        with self._reading() as link:
            rows = link.execute(query)
            return {(row.student, row.task): Mark(row.points, row.sha256) for row in rows}

    def entries(self, sha256: str) -> dict[str, Entry]:
        """What is known about these bytes under the keys of today, by task."""
        query = sql.select(_verdicts).where(
            (_verdicts.c.problem_set == self.set)
            & (_verdicts.c.sha256 == sha256)
            & (_verdicts.c.environment == self.environment)
        )
        with self._reading() as link:
            rows = [row for row in link.execute(query) if self.keys.get(row.task) == row.task_key]
        return {row.task: _entry(row) for row in rows}

    def unfinished(self, sha256: str) -> frozenset[str]:
        """Tasks without a verdict; our own faults are no verdicts and are tried again."""
        known = {task for task, entry in self.entries(sha256).items() if entry.state not in FAULTS}
        return frozenset(self.keys) - known

    def remarks(self, sha256: str) -> tuple[str, ...]:
        """Notes on a submission as a whole."""
        query = sql.select(_remarks.c.notes).where(
            (_remarks.c.problem_set == self.set) & (_remarks.c.sha256 == sha256)
        )
        with self._reading() as link:
            found = link.execute(query).scalar()
        return tuple(json.loads(found)) if found else ()

    def enter(
        self,
        sha256: str,
        verdicts: list[tuple[Verdict, float | None]],
        remarks: Iterable[str],
        answers: dict[str, str],
        plates: Iterable[Plate] = (),
    ) -> None:
        """Write the verdicts on one submission, all or none."""
        with self._writing() as link:
            for verdict, points in verdicts:
                self._write(link, sha256, verdict, points, answers.get(verdict.task, ""))
            key = (_remarks.c.problem_set == self.set) & (_remarks.c.sha256 == sha256)
            link.execute(_remarks.delete().where(key))
            text = json.dumps(list(remarks))
            link.execute(_remarks.insert().values(problem_set=self.set, sha256=sha256, notes=text))
            self._write_plates(link, sha256, {v.task for v, _ in verdicts}, plates)

    def _write_plates(
        self, link: sql.Connection, sha256: str, tasks: set[str], plates: Iterable[Plate]
    ) -> None:
        """Pictures of these tasks and of none, in place of those of an earlier grading."""
        own = (_pictures.c.problem_set == self.set) & (_pictures.c.sha256 == sha256)
        link.execute(_pictures.delete().where(own & _pictures.c.task.in_({"", *tasks})))
        key = {"problem_set": self.set, "sha256": sha256}
        rows = [
            {**key, "task": one.task, "place": place, "caption": one.caption, "png": one.png}
            for place, one in enumerate(plates)
        ]
        if rows:
            link.execute(_pictures.insert(), rows)

    def plates(self, sha256: str) -> list[Plate]:
        """The pictures of a submission, in their order."""
        query = sql.select(_pictures.c.task, _pictures.c.caption, _pictures.c.png).where(
            (_pictures.c.problem_set == self.set) & (_pictures.c.sha256 == sha256)
        )
        with self._reading() as link:
            return [Plate(*row) for row in link.execute(query.order_by(_pictures.c.place))]

    def _write(
        self,
        link: sql.Connection,
        sha256: str,
        verdict: Verdict,
        points: float | None,
        answer: str,
    ) -> None:
        key = {
            "problem_set": self.set,
            "sha256": sha256,
            "task": verdict.task,
            "task_key": self.keys[verdict.task],
            "environment": self.environment,
        }
        row = {
            "state": verdict.state,
            "points": points,
            "message": verdict.message,
            "notes": json.dumps(list(verdict.notes)),
            "answer": answer,
        }
        here = sql.and_(*(_verdicts.c[name] == value for name, value in key.items()))
        again = {**row, "gradings": _verdicts.c.gradings + 1}
        if link.execute(_verdicts.update().where(here).values(again)).rowcount == 0:
            link.execute(_verdicts.insert().values(**key, **row, gradings=1))

    def answers(self, sha256: str) -> dict[str, str]:
        """The marked answers of a submission as HTML, by task, under whatever key."""
        query = sql.select(_verdicts.c.task, _verdicts.c.answer).where(
            (_verdicts.c.problem_set == self.set)
            & (_verdicts.c.sha256 == sha256)
            & (_verdicts.c.answer != "")
        )
        with self._reading() as link:
            rows = link.execute(query.order_by(_verdicts.c.number))
            return {row.task: row.answer for row in rows}

    def dump(self) -> list[tuple[Any, ...]]:
        """Everything but row numbers, sorted: equal for runs that decided the same."""
        found = []
        with self._reading() as link:
            for table in (_about, _submissions, _shown, _verdicts, _remarks, _pictures, _marks):
                columns = [column for column in table.c if column.name != "number"]
                for row in link.execute(sql.select(*columns)):
                    found.append((table.name, *row))
        return sorted(found, key=repr)


def _engine(url: str, *, lock: bool) -> sql.Engine:
    """The database behind a URL. Raises `JournalError` for one that cannot be used.

    What is said about a URL never holds its password.
    """
    try:
        where = sql.make_url(url)
        if where.drivername == "postgresql":
            where = where.set(drivername="postgresql+psycopg")
        if where.drivername == "sqlite":
            return sql.create_engine(where, connect_args={"timeout": _PATIENCE})
        if where.drivername != "postgresql+psycopg":
            raise JournalError(
                f"a journal cannot be kept in {where.drivername}; wanted postgresql+psycopg://…"
            )
        engine = sql.create_engine(where, pool_size=1, max_overflow=0)
    except ImportError as missing:
        raise JournalError(
            f"{missing.name} is missing: install the course with pip install '.[grading,postgres]'"
        ) from missing
    except (ArgumentError, ValueError) as bad:
        raise JournalError(
            "the journal's URL cannot be read; wanted postgresql+psycopg://…"
        ) from bad
    if lock:
        sql.event.listen(engine, "connect", _hold)
    return engine


def _hold(connection: Any, _: Any) -> None:
    """Take the schema's lock for as long as this connection lives. Raises `JournalError`."""
    late = time.monotonic() + _PATIENCE
    with connection.cursor() as cursor:
        while not cursor.execute(_LOCK).fetchone()[0]:
            if time.monotonic() > late:
                raise JournalError(
                    "the journal is locked: another `course grade` is running on this database"
                )
            time.sleep(0.05)
    connection.commit()


def _why(bad: SQLAlchemyError) -> str:
    """What the database says, in one line."""
    return str(getattr(bad, "orig", None) or bad).strip().splitlines()[0].rstrip(".")


def _entry(row: Any) -> Entry:
    notes = tuple(json.loads(row.notes))
    return Entry(row.task, row.state, row.points, row.message, notes, row.answer)
