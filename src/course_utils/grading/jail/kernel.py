"""Runs cells as a notebook's kernel does: IPython itself, with its outputs caught and capped.

What differs from Jupyter, on purpose: there is no shell and no network (``!pip install`` prints
a note and goes on), nobody answers ``input()``, every Matplotlib backend is the inline one
(``canvas``), and output beyond a cap is dropped with a note. ``tests/grading/test_kernel.py`` holds
the whole table.
"""

import builtins
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from . import absent, pictures
from .syntax import Transformers

MAX_TEXT = 20_000
MAX_MESSAGE = 600
_CELL = "<ipython-input"


class Caught:
    """A context that keeps whatever student code raises, SystemExit and the like included."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> "Caught":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        return True


@dataclass(frozen=True)
class Raised:
    """An exception of student code, as plain data: class names, message, line in its cell."""

    kinds: tuple[str, ...]
    message: str
    line: int | None


def describe(error: BaseException) -> Raised:
    """Plain data about ``error``, whatever its class does when it is asked."""
    kinds = tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)
    message = "(its message cannot be shown)"
    with Caught():
        # A syntax error's text names the place a second time.
        message = str(error.msg if isinstance(error, SyntaxError) else error)[:MAX_MESSAGE]
        gone = absent.missing(error)
        message = absent.sentence(gone) if gone else message
    line = error.lineno if isinstance(error, SyntaxError) else _line(error.__traceback__)
    return Raised(kinds[:20], message, line if isinstance(line, int) else None)


def _line(trace: TracebackType | None) -> int | None:
    """The deepest line of a notebook cell in a traceback."""
    found, steps = None, 0
    while trace is not None and steps < 10_000:
        if trace.tb_frame.f_code.co_filename.startswith(_CELL):
            found = trace.tb_lineno
        trace, steps = trace.tb_next, steps + 1
    return found


class Captured(io.TextIOBase):
    """A text stream that keeps its first ``MAX_TEXT`` characters and counts the rest."""

    encoding = "utf-8"

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = MAX_TEXT - self.size
        if room > 0:
            self.parts.append(text[:room])
        self.size += len(text)
        return len(text)

    def take(self) -> str:
        """What was written since the last call, with a note where it was cut."""
        text = "".join(self.parts)
        if self.size > MAX_TEXT:
            text += f"\n[… {self.size - MAX_TEXT} more characters]"
        self.parts, self.size = [], 0
        return text


class _Publisher(DisplayPublisher):
    """Keeps what a cell displays: its text form, and a picture where it is one."""

    def publish(self, data: dict, metadata: dict | None = None, **_: Any) -> None:
        if isinstance(data, dict):
            _display(data)

    def clear_output(self, wait: bool = False) -> None:
        """Nothing to clear: output is kept for the feedback."""


class _Hook(DisplayHook):
    """Shows a cell's last value as text, without a prompt."""

    def write_output_prompt(self) -> None:
        """No prompt."""

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        _display(format_dict)

    def finish_displayhook(self) -> None:
        """Nothing to flush."""


class _Shell(InteractiveShell):
    """IPython's shell without a terminal, a shell command, a user or a screen."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def system(self, command: str) -> None:
        print(f"[not run while grading: !{command[:200]}]")

    system_raw = system_piped = system

    def getoutput(self, command: str, split: bool = True, depth: int = 0) -> Any:
        self.system(command)
        return [] if split else ""

    def enable_gui(self, gui: str | None = None) -> None:
        """No window system."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[Any, Any]:
        return None, "inline"

    def ask_exit(self) -> None:
        print("[exit: the notebook goes on while grading]")

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """Errors are taken from the cell's result."""

    showsyntaxerror = showindentationerror = showtraceback


def _display(data: dict) -> None:
    """Print the text form, and keep the image of a display bundle."""
    image = data.get("image/png", data.get("image/jpeg"))
    if isinstance(image, bytes | str):
        pictures.keep(image)
    if isinstance(data.get("text/plain"), str):
        print(data["text/plain"])


_shell: _Shell | None = None


def prepare() -> None:
    """Build the one shell of this process and warm its compiler. Called in the zygote."""
    global _shell
    config = Config()
    config.HistoryManager.enabled = False
    _shell = _Shell.instance(config=config)
    _shell.input_transformer_manager = Transformers()
    absent.prepare(_shell)
    for name in ("input", "raw_input"):
        setattr(builtins, name, _no_input)
    if "matplotlib" in sys.modules:
        _prepare_plots()
    formatter = _shell.display_formatter.formatters["image/png"]
    formatter.for_type_by_name("matplotlib.figure", "Figure", pictures.keep)
    run("1", Captured())
    run("raise ValueError('warm')", Captured())
    run("def (", Captured())


def _prepare_plots() -> None:
    """Import the backend, and let ``%config InlineBackend`` find what it sets, as in Jupyter."""
    from matplotlib_inline.config import InlineBackend

    from . import canvas  # noqa: F401

    inline = InlineBackend.instance(parent=_shell)
    inline.shell = _shell
    _shell.configurables.append(inline)


def _no_input(prompt: Any = "") -> str:
    raise StdinNotImplementedError("input() was called, but nobody is there to answer")


def namespace() -> dict[str, Any]:
    """The names that the notebook's cells share."""
    return _shell.user_ns


def run(source: str, stream: Captured) -> BaseException | None:
    """Run one cell, its output into ``stream``; return what it raised."""
    with Caught():
        pictures.begin()
    with _into(stream), Caught() as outside:
        result = _shell.run_cell(source, store_history=False)
        return result.error_before_exec or result.error_in_exec
    return outside.error


def call(function: Callable, args: tuple, kwargs: dict, stream: Captured) -> tuple[Any, Any]:
    """Call student code, its output into ``stream``; return its result and what it raised."""
    with _into(stream), Caught() as caught:
        return function(*args, **kwargs), None
    return None, caught.error


class _into:  # noqa: N801 - reads as a verb
    """A context that sends print and warnings to ``stream``, whatever student code did to sys."""

    def __init__(self, stream: Captured) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        import sys

        sys.stdout = sys.stderr = self.stream

    def __exit__(self, *_: object) -> None:
        import sys

        sys.stdout = sys.stderr = self.stream
