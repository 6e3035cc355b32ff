"""Stand-ins for what the student's code defined: they ask the jail and hand out plain copies.

No stand-in gives access to anything whose name begins with an underscore. Arguments are sent as
copies; what became of them comes back beside the result and is reported, never copied into the
check's own variables.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import numpy as np

from course_utils.checks import RemoteError, RemoteFunction, RemoteIterator
from course_utils.grading.checker.jail import Jail
from course_utils.grading.wire.frames import Frame, WireError
from course_utils.grading.wire.types import Reader, Writer, text

MAX_ITEMS = 10_000
MAX_CALLBACKS = 10_000
MAX_MESSAGE = 600
MAX_READING = 3.0  # seconds of unpacking for one check
_OURS = ("course_utils.",)


class CheckBrokenError(BaseException):
    """The check itself did something it must not: our fault. Not an Exception."""


class StudentFunction(RemoteFunction):
    """A function, bound method or closure of the student's."""

    def __init__(self, space: "Space", number: int, name: str, parameters: list[str]) -> None:
        self._space, self._number = space, number
        self.name, self.parameters = name, tuple(parameters)

    def exchange(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """Call it; return the result and the arguments as they are after the call."""
        return self._space.call(self._number, self.name, args, kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it without `checks`: an altered argument is noted, because nobody looks at it."""
        result, after, named = self.exchange(args, kwargs)
        given = [*zip(args, after, strict=True), *((kwargs[key], named[key]) for key in kwargs)]
        if any(before is not now for before, now in given if not _random(now)):
            self._space.altered.add(self.name)
        return result

    def __repr__(self) -> str:
        return f"<the student's {self.name}>"


class StudentClass(StudentFunction):
    """A class of the student's: calling it makes an object. ``bases`` are names only."""

    def __init__(self, space: "Space", number: int, name: str, bases: list[str]) -> None:
        super().__init__(space, number, name, [])
        self.bases = tuple(bases)


class StudentObject:
    """An object of a student's class: public attributes and methods, asked for one by one."""

    def __init__(self, space: "Space", number: int, name: str, bases: list[str]) -> None:
        self._space, self._number = space, number
        self._name, self._bases = name, tuple(bases)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._space.attribute(self._number, name)

    def __repr__(self) -> str:
        return f"<an object of the student's {self._name}>"


class StudentCallable(StudentObject, StudentFunction):
    """An object that can be called like a function."""

    def __init__(self, space: "Space", number: int, name: str, bases: list[str]) -> None:
        StudentObject.__init__(self, space, number, name, bases)
        self.name, self.parameters = name, ()


class StudentIterator(RemoteIterator):
    """A generator of the student's, which may never end: at most ``MAX_ITEMS`` items."""

    def __init__(self, space: "Space", number: int) -> None:
        self._space, self._number, self._count = space, number, 0

    def __next__(self) -> Any:
        self._count += 1
        if self._count > MAX_ITEMS:
            raise RemoteError(f"more than {MAX_ITEMS} items were asked for", ("RuntimeError",))
        return self._space.next(self._number)


class Opaque:
    """Something that does not cross; only the name of its type is known."""


class Space:
    """The checker's side of live things, for one jail."""

    def __init__(self, jail: Jail) -> None:
        self.jail = jail
        self.callbacks: list[Callable] = []
        self.called_back = 0
        self.inside_callback = False
        self.names: dict[str, Any] = {}
        self.altered: set[str] = set()
        self.reading = 0.0  # seconds that unpacking has cost in the check that runs

    # What the wire asks of a space.

    def foreign(self, value: Any) -> str | None:
        """Stand-ins go home as handles; functions of the check become callbacks."""
        if isinstance(value, StudentFunction | StudentObject | StudentIterator):
            return "handle" if value._space is self else None
        if type(value) is FunctionType:
            return None if value.__module__.startswith(_OURS) else "callback"
        return None

    def export(self, tag: str, value: Any) -> list[Any]:
        """The number of a stand-in, or of a function that may be called back."""
        if tag == "handle":
            return [value._number]
        self.callbacks.append(value)
        return [len(self.callbacks) - 1]

    def claim(self, tag: str, parts: list[Any]) -> Any:
        """A stand-in for what the jail describes."""
        if self.inside_callback:
            raise WireError("a callback was given something other than plain data")
        if tag == "opaque" and len(parts) == 1:
            return _opaque(text(parts[0]))
        if tag == "function" and len(parts) == 3:
            return StudentFunction(self, _number(parts), text(parts[1]), _names(parts[2]))
        if tag == "class" and len(parts) == 3:
            return StudentClass(self, _number(parts), text(parts[1]), _names(parts[2]))
        if tag == "instance" and len(parts) == 4:
            kind = StudentCallable if parts[3] is True else StudentObject
            return kind(self, _number(parts), text(parts[1]), _names(parts[2]))
        if tag == "generator" and len(parts) == 2:
            return StudentIterator(self, _number(parts))
        raise WireError(f"the jail sent a malformed {tag}")

    def record_class(self, name: str, fields: tuple[str, ...]) -> type | None:
        """A namedtuple of the check's own namespace, where it has the same fields.

        Dataclasses are not built from a student's values: their constructors may run code of ours.
        """
        kind = self.names.get(name)
        named = isinstance(kind, type) and issubclass(kind, tuple)
        return kind if named and getattr(kind, "_fields", None) == fields else None

    # Requests.

    def ask(self, kind: str, body: Any, writer: Writer | None = None) -> tuple[Any, Reader]:
        """Send a request, serve the callbacks it causes, and return the reply's body."""
        if self.inside_callback:
            raise CheckBrokenError("an instructor's function called student code from a callback")
        frame = self.jail.ask(kind, body, writer.blobs if writer else None)
        while frame.kind == "callback":
            frame = self.jail.answer(*self._called_back(frame))
        return frame.body, Reader(self, frame.blobs)

    def bind(self, names: tuple[str, ...]) -> dict[str, Any]:
        """The values or stand-ins of ``names``; those that do not exist are left out."""
        body, reader = self.ask("names", list(names))
        found = {}
        for pair in self._reply(list, body):
            name, value = self._reply(list, pair)
            if name not in names:
                raise self.jail.violated("a name came that nobody asked for")
            found[name] = self._read(reader, value)
        return found

    def call(
        self, number: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """Call a student's function by its handle."""
        writer = Writer(self)
        try:
            written = [writer.write(value) for value in args]
            named = [[key, writer.write(value)] for key, value in kwargs.items()]
        except WireError as unsendable:
            raise CheckBrokenError(f"the check calls {name} with {unsendable}") from unsendable
        body, reader = self.ask("call", [number, written, named], writer)
        reply = self._outcome(body)
        given = [*args, *kwargs.values()]
        for pair in self._reply(list, reply.get("after", [])):
            place, value = self._reply(list, pair)
            if type(place) is not int or not 0 <= place < len(given):
                raise self.jail.violated("an argument came back that was never sent")
            given[place] = self._read(reader, value)
        result = self._read(reader, reply.get("returned"))
        after = dict(zip(kwargs, given[len(args) :], strict=True))
        return result, tuple(given[: len(args)]), after

    def attribute(self, number: int, name: str) -> Any:
        """A public attribute of a student's object."""
        body, reader = self.ask("attribute", [number, name])
        try:
            return self._read(reader, self._outcome(body).get("returned"))
        except RemoteError as raised:
            if "AttributeError" in raised.kinds:
                raise AttributeError(name) from None
            raise

    def next(self, number: int) -> Any:
        """The next item of a student's generator."""
        body, reader = self.ask("next", [number])
        reply = self._outcome(body)
        if "returned" not in reply:
            raise StopIteration
        return self._read(reader, reply["returned"])

    # Replies, which may be anything.

    def _called_back(self, frame: Frame) -> tuple[str, Any, list[Any]]:
        self.called_back += 1
        if self.called_back > MAX_CALLBACKS:
            return "refused", f"more than {MAX_CALLBACKS} callbacks", []
        number, args, named = self._parts(frame.body, 3)
        reader, writer = Reader(self, frame.blobs), Writer(self)
        self.inside_callback = True
        try:
            if type(number) is not int or not 0 <= number < len(self.callbacks):
                raise self.jail.violated("a callback that does not exist was called")
            with self._charged():
                values = reader.several(args)
                keywords = {text(key): reader.read(value) for key, value in self._pairs(named)}
            return "result", writer.write(self.callbacks[number](*values, **keywords)), writer.blobs
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as wrong:
            return "refused", f"{type(wrong).__name__} in the function that was passed in", []
        except WireError as wrong:
            return "refused", str(wrong), []
        finally:
            self.inside_callback = False

    def _pairs(self, data: Any) -> list[Any]:
        return [self._parts(pair, 2) for pair in self._reply(list, data)]

    def _parts(self, data: Any, count: int) -> list[Any]:
        if type(data) is not list or len(data) != count:
            raise self.jail.violated("a message had the wrong form")
        return data

    def _read(self, reader: Reader, data: Any) -> Any:
        try:
            with self._charged():
                return reader.read(data)
        except WireError as broken:
            raise self.jail.violated(str(broken)) from None

    @contextmanager
    def _charged(self) -> Iterator[None]:
        """Unpacking is the student's cost: a reply made to be slow ends the student's job."""
        began = time.thread_time()
        yield
        self.reading += time.thread_time() - began
        if self.reading > MAX_READING:
            raise self.jail.violated("what it sent takes too long to unpack")

    def _reply(self, kind: type, data: Any) -> Any:
        if type(data) is not kind:
            raise self.jail.violated("a message had the wrong form")
        return data

    def _outcome(self, body: Any) -> dict[str, Any]:
        """The reply, where the student's code returned. Raises `RemoteError` where it raised."""
        reply = self._reply(dict, body)
        if "unsendable" in reply:
            raise RemoteError(_plain_text(reply["unsendable"])[:MAX_MESSAGE], ("TypeError",))
        raised = raised_of(reply.get("raised"))
        if raised is not None:
            raise raised
        return reply


def raised_of(data: Any) -> RemoteError | None:
    """The student's exception as data; anything malformed counts as an unnamed one."""
    if data is None:
        return None
    if type(data) is not list or len(data) != 3 or type(data[0]) is not list:
        return RemoteError("an unknown error", ("Exception",))
    kinds = tuple(_plain_text(kind)[:100] for kind in data[0][:20]) or ("Exception",)
    error = RemoteError(_plain_text(data[1])[:MAX_MESSAGE], kinds)
    error.line = data[2] if type(data[2]) is int else None
    return error


def _plain_text(data: Any) -> str:
    """A text of a reply; nothing else is turned into one, however deeply it is nested."""
    return data if type(data) is str else "(no text)"


def _random(value: Any) -> bool:
    """Random generators move on when they are used: that is their work."""
    return isinstance(value, np.random.Generator)


def _number(parts: list[Any]) -> int:
    if type(parts[0]) is not int or not 0 <= parts[0] < 2**31:
        raise WireError("a handle without a number")
    return parts[0]


def _names(data: Any) -> list[str]:
    if type(data) is not list or len(data) > 100:
        raise WireError("a list of names was expected")
    return [text(one) for one in data]


def _opaque(name: str) -> Opaque:
    plain = name if name.isidentifier() else "object"
    return type(plain, (Opaque,), {})()
