"""The job: answers the checker from inside the jail, in the same process as the student's code.

Nothing here is trusted by the other side, because student code can rewrite all of it. It therefore
holds no secret: no expected value, no check, no reference ever enters this process.
"""

import builtins
import inspect
import os
import random
import socket
import types
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from markdown_it import MarkdownIt

from ..wire.frames import Frame, HangupError, WireError, receive, send
from ..wire.types import Reader, Writer
from . import absent, kernel, pictures

MAX_HANDLES = 10_000
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_FIXED = frozenset((type(None), bool, int, float, complex, str, bytes))
_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    partial,
    np.vectorize,
)


def warm() -> None:
    """Touch what is imported late, so that every job finds it in memory."""
    np.random.default_rng(0)
    inspect.signature(warm)
    _MARKDOWN.render("*warm*\n\n| a |\n|---|\n| b |\n")


def workplace(scratch: str, files: str, number: int, own: bool) -> Path:
    """The folder that student code starts in, with links to the set's data ``files``."""
    folder = Path(scratch) / ("work" if own else f"course-work-{os.getpid()}-{number}")
    folder.mkdir()
    source = Path(files) if files else None
    for path in sorted(source.iterdir()) if source and source.is_dir() else ():
        (folder / path.name).symlink_to(path)
    return folder


def excuse(wire: int, why: str) -> None:
    """Tell the checker that no student code was run, and why."""
    with socket.socket(fileno=os.dup(wire)) as sock:
        send(sock, Frame(0, "walls", why))


class _Space:
    """The jail's side of live things: a registry of the student's, a wire to the instructor's."""

    def __init__(self, job: "Job") -> None:
        self.job = job
        self.things: list[Any] = []
        self.numbers: dict[int, int] = {}

    def number(self, value: Any) -> int:
        """The handle of a live thing; the registry keeps it alive."""
        if id(value) not in self.numbers:
            if len(self.things) >= MAX_HANDLES:
                raise WireError(f"more than {MAX_HANDLES} objects were handed over")
            self.numbers[id(value)] = len(self.things)
            self.things.append(value)
        return self.numbers[id(value)]

    def foreign(self, value: Any) -> str:
        """Which row of the table a live thing belongs to."""
        if isinstance(value, type):
            return "class"
        if isinstance(value, _FUNCTIONS):
            return "function"
        if isinstance(value, types.ModuleType):
            return "opaque"
        if hasattr(type(value), "__next__"):
            return "generator"
        return "instance"

    def export(self, tag: str, value: Any) -> list[Any]:
        """Plain data about a live thing."""
        name = str(getattr(value, "__name__", type(value).__name__))[:100]
        if tag == "opaque":
            return [_type_name(value)]
        if tag == "function":
            return [self.number(value), name, _parameters(value)]
        if tag == "class":
            bases = [base.__name__[:100] for base in value.__mro__[1:-1]][:20]
            return [self.number(value), name, bases]
        if tag == "instance":
            kind = type(value)
            bases = [base.__name__[:100] for base in kind.__mro__[:-1]][:20]
            return [self.number(value), kind.__name__[:100], bases, callable(value)]
        return [self.number(value), name]

    def claim(self, tag: str, parts: list[Any]) -> Any:
        """A thing of ours that comes home, or a function of the instructor's to call back."""
        if tag == "handle":
            return self.things[parts[0]]
        if tag == "callback":
            return partial(self.job.call_back, parts[0])
        raise WireError(f"the checker sent a {tag}")

    def record_class(self, name: str, fields: tuple[str, ...]) -> type | None:
        """The notebook's own class for a record, where it has the same fields."""
        kind = kernel.namespace().get(name)
        if not isinstance(kind, type):
            return None
        if getattr(kind, "_fields", None) == fields:
            return kind
        known = getattr(kind, "__dataclass_fields__", {})
        return kind if tuple(known) == fields else None


_NAME = type.__dict__["__name__"]


def _type_name(value: Any) -> str:
    """The name of ``value``'s type, read past anything its metaclass may define."""
    return _NAME.__get__(type(value))[:100]


def _parameters(function: Any) -> list[str]:
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        return []
    skip = 1 if isinstance(function, types.MethodType) else 0
    return [str(name)[:100] for name in code.co_varnames[skip : code.co_argcount][:50]]


class Job:
    """One submission's process: reads requests, runs student code, writes replies."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.space = _Space(self)
        self.sequence = 0
        self.calling_back = False
        self.handlers: dict[str, Callable[[Any, Reader, Writer], Any]] = {
            "cell": self.cell,
            "names": self.names,
            "call": self.call,
            "attribute": self.attribute,
            "next": self.next,
            "markdown": self.markdown,
            "pictures": self.pictures,
            "image": self.image,
        }

    def serve(self) -> None:
        """Answer until the checker hangs up."""
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002 - the old interface's state would differ from run to run
        send(self.sock, Frame(0, "ready", [getattr(os, "getuid", int)(), os.getpid()]))
        while True:
            try:
                frame = receive(self.sock)
            except HangupError:
                return
            self.sequence = frame.sequence
            writer = Writer(self.space)
            try:
                body = self.handlers[frame.kind](
                    frame.body, Reader(self.space, frame.blobs), writer
                )
                self.reply(frame, body, writer.blobs)
            except WireError as unsendable:
                self.reply(frame, {"unsendable": str(unsendable)}, [])

    def reply(self, frame: Frame, body: Any, blobs: list[Any]) -> None:
        """Answer the request ``frame``."""
        send(self.sock, Frame(frame.sequence, "reply", body, blobs))

    def cell(self, _: Any, reader: Reader, __: Writer) -> Any:
        """Run a cell, whose source comes as raw bytes."""
        stream = kernel.Captured()
        error = kernel.run(str(reader.blob(0), "utf-8"), stream)
        shown = 0
        with kernel.Caught():
            shown = pictures.end()
        return {
            "raised": _plain(error),
            "text": stream.take(),
            "shown": shown,
            "absent": absent.take(),
        }

    def names(self, body: Any, _: Reader, writer: Writer) -> Any:
        """Values, or stand-ins, of the names asked for; missing ones are left out."""
        space, found = kernel.namespace(), []
        for name in body:
            if name in space or hasattr(builtins, name):
                value = space[name] if name in space else getattr(builtins, name)
                found.append([name, self._written(value, writer)])
        return found

    def _written(self, value: Any, writer: Writer) -> Any:
        """The value as data, or an opaque mark where it cannot cross, whatever its class does."""
        with kernel.Caught():
            return writer.write(value)
        return ["opaque", _type_name(value)]

    def call(self, body: Any, reader: Reader, writer: Writer) -> Any:
        """Call a thing: ``[handle, arguments, [[name, argument], …]]``."""
        function = self.space.things[body[0]]
        args = tuple(reader.several(body[1]))
        kwargs = {name: reader.read(value) for name, value in body[2]}
        given = [*args, *kwargs.values()]
        before = [self._snapshot(value) for value in given]
        stream = kernel.Captured()
        result, error = kernel.call(function, args, kwargs, stream)
        reply: dict[str, Any] = {"text": stream.take(), "raised": _plain(error)}
        if error is None:
            reply["returned"] = self._written(result, writer)
        reply["after"] = [
            [place, self._written(value, writer)]
            for place, value in enumerate(given)
            if self._snapshot(value) != before[place]
        ]
        return reply

    def _snapshot(self, value: Any) -> Any:
        """Bytes that change when the value does; None for what cannot change or be written."""
        if type(value) in _FIXED:
            return None
        writer = Writer(self.space)
        with kernel.Caught():
            if type(value) is np.ndarray:
                return value.dtype.str, value.shape, value.tobytes()
            return writer.write(value), [bytes(memoryview(blob)) for blob in writer.blobs]
        return None

    def attribute(self, body: Any, _: Reader, writer: Writer) -> Any:
        """A public attribute: ``[handle, name]``."""
        number, name = body
        result, error = kernel.call(
            getattr, (self.space.things[number], name), {}, kernel.Captured()
        )
        if error is not None:
            return {"raised": _plain(error)}
        return {"raised": None, "returned": self._written(result, writer)}

    def next(self, body: Any, _: Reader, writer: Writer) -> Any:
        """The next item of a generator: ``[handle]``; no ``returned`` at its end."""
        stream = kernel.Captured()
        result, error = kernel.call(next, (self.space.things[body[0]],), {}, stream)
        if isinstance(error, StopIteration):
            return {"raised": None}
        if error is not None:
            return {"raised": _plain(error)}
        return {"raised": None, "returned": self._written(result, writer)}

    def call_back(self, number: int, *args: Any, **kwargs: Any) -> Any:
        """Ask the checker to call an instructor's function with plain data."""
        writer = Writer(self.space)
        body = [number, [writer.write(value) for value in args], []]
        body[2] = [[name, writer.write(value)] for name, value in kwargs.items()]
        send(self.sock, Frame(self.sequence, "callback", body, writer.blobs))
        answer = receive(self.sock)
        if answer.kind != "result":
            raise RuntimeError(str(answer.body))
        return Reader(self.space, answer.blobs).read(answer.body)

    def markdown(self, body: Any, _: Reader, __: Writer) -> Any:
        """Markdown as HTML, which the orchestrator cleans: ``[text]``."""
        html, error = kernel.call(_MARKDOWN.render, (body[0],), {}, kernel.Captured())
        return {"raised": _plain(error), "html": html}

    def pictures(self, body: Any, _: Reader, writer: Writer) -> Any:
        """What the last cell showed, as pixels: ``[most pictures, most bytes]``."""
        found, left = pictures.take(*body)
        return _album(found, left, writer)

    def image(self, body: Any, reader: Reader, writer: Writer) -> Any:
        """An image that is stored in the notebook, as pixels: base64 in, ``[1, most bytes]``."""
        pictures.begin()
        pictures.keep(str(reader.blob(0), "utf-8"))
        return self.pictures(body, reader, writer)


def _album(found: list[tuple[int, int, bytes]], left: int, writer: Writer) -> Any:
    for _, _, pixels in found:
        writer.blob(pixels)
    return {"sizes": [[width, height] for width, height, _ in found], "left": left}


def _plain(error: BaseException | None) -> Any:
    if error is None:
        return None
    raised = kernel.describe(error)
    return [list(raised.kinds), raised.message, raised.line]
