"""Record, in the kernel, the numbers that a notebook prints, rounds and asserts about.

What a lane prints is compared as text. This records the numbers behind the text, so that
:mod:`course_utils.authoring.margins` can say how near each was to another digit, or to a failure.
The cells themselves stay as they are: IPython hands their syntax trees to :class:`Marking` before
it compiles them.
"""

from __future__ import annotations

import ast
import json
import operator
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

RECORDER = "__recorder__"
SPEC = re.compile(r"[^.]*\.(\d+)([feg%])")
TOLERANCES = {"allclose": (1e-5, 1e-8), "isclose": (1e-5, 1e-8), "assert_allclose": (1e-7, 0.0)}
"""NumPy's comparisons with a tolerance: the default rtol and atol of each."""
COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
MOST = 20_000  # numbers of one event that are kept


def start(path: str) -> None:
    """Record every further cell of this kernel in the file ``path``, a JSON object a line."""
    from IPython import get_ipython

    shell = get_ipython()
    recorder = Recorder(path)
    shell.user_ns_hidden[RECORDER] = shell.user_ns[RECORDER] = recorder
    shell.ast_transformers.append(Marking())
    shell.events.register("post_run_cell", recorder.write)


class Recorder:
    """What marked expressions call; each returns what the expression itself would give."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.events: list[dict[str, Any]] = []

    def write(self, _: Any = None) -> None:
        """Append what was recorded since the last call to the file."""
        with Path(self.path).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(event) + "\n" for event in self.events)
        self.events.clear()

    def printed(self, value: Any, spec: str, *at: int) -> Any:
        """Note that ``value`` is written as ``spec`` says, and return it."""
        self._note("printed", value, spec, at)
        return value

    def compared(self, left: Any, sign: str, right: Any, *at: int) -> Any:
        """Compare two values and note by how much the comparison holds (below 0: fails)."""
        smaller, larger = (left, right) if sign.startswith("<") else (right, left)
        with suppress(TypeError, ValueError):  # words, sets: nothing that is near to anything
            self._note("asserted", np.subtract(larger, smaller, dtype=float), sign, at)
        return COMPARISONS[sign](left, right)

    def close(
        self, function: Any, at: tuple[int, ...], got: Any, wanted: Any, *rest: Any, **more: Any
    ) -> Any:
        """Call one of NumPy's comparisons and note which part of its tolerance was left."""
        rtol, atol = TOLERANCES[function.__name__]
        rtol, atol = (*rest[:2], *(rtol, atol)[len(rest[:2]) :])
        rtol, atol = more.get("rtol", rtol), more.get("atol", atol)
        with suppress(TypeError, ValueError), np.errstate(all="ignore"):
            left, right = _array(got), _array(wanted)
            used = np.abs(left - right) / (atol + rtol * np.abs(right))
            self._note("asserted", 1.0 - used, "close", at)
        return function(got, wanted, *rest, **more)

    def _note(self, kind: str, value: Any, how: str, at: tuple[int, ...]) -> None:
        array = _array(value)
        whole = array.dtype.kind in "biu"
        if array.dtype.kind == "f" or (whole and kind == "asserted"):
            numbers = array.astype(float).ravel()[:MOST].tolist()
            self.events.append({"kind": kind, "how": how, "at": at, "numbers": numbers})


def _array(value: Any) -> np.ndarray:
    """A value as an array; tensors of PyTorch, too."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


class Marking(ast.NodeTransformer):
    """Mark what is formatted with digits, rounded, or compared in an ``assert``."""

    def __init__(self) -> None:
        self.cell = -1
        self.asserting = False

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.cell += 1
        return ast.fix_missing_locations(self.generic_visit(node))

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        self.asserting = True
        node.test = self.visit(node.test)
        self.asserting = False
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        self.generic_visit(node)
        spec = node.format_spec
        if (
            isinstance(spec, ast.JoinedStr)
            and len(spec.values) == 1
            and isinstance(spec.values[0], ast.Constant)
            and SPEC.fullmatch(spec.values[0].value)
        ):
            node.value = self._printed(node.value, spec.values[0].value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        signs = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
        if not self.asserting or len(node.ops) != 1 or type(node.ops[0]) not in signs:
            return node
        sign = ast.Constant(signs[type(node.ops[0])])
        return self._call("compared", node, [node.left, sign, node.comparators[0], *self._at(node)])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        if isinstance(node.func, ast.Name):
            name = node.func.id
        if name in TOLERANCES and len(node.args) >= 2:
            at = ast.Tuple(self._at(node), ast.Load())
            return self._call("close", node, [node.func, at, *node.args], node.keywords)
        if name == "round":
            self._mark_rounding(node)
        return node

    def _mark_rounding(self, node: ast.Call) -> None:
        """Mark ``x.round(2)``, ``np.round(x, 2)`` and ``round(x, 2)``."""
        digits = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if not digits or not isinstance(digits[-1], int):
            return
        spec = f".{digits[-1]}f"
        if isinstance(node.func, ast.Attribute) and len(node.args) == 1:
            node.func.value = self._printed(node.func.value, spec)
        elif len(node.args) == 2:
            node.args[0] = self._printed(node.args[0], spec)

    def _printed(self, value: ast.expr, spec: str) -> ast.Call:
        return self._call("printed", value, [value, ast.Constant(spec), *self._at(value)])

    def _at(self, node: ast.expr) -> list[ast.expr]:
        """Where a mark stands: its cell (from 0), line (from 1) and column."""
        return [ast.Constant(n) for n in (self.cell, node.lineno, node.col_offset)]

    def _call(
        self, method: str, node: ast.expr, args: list[ast.expr], keywords: list | None = None
    ) -> ast.Call:
        function = ast.Attribute(ast.Name(RECORDER, ast.Load()), method, ast.Load())
        return ast.copy_location(ast.Call(function, args, keywords or []), node)
