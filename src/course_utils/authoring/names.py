"""Which names a cell binds, and which it expects from elsewhere: read, not run."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterator

MAGIC = re.compile(r"^\s*(%{1,2}\w|!|\?\w)|^[^#'\"]*\w\?{1,2}\s*$")
BUILTINS = frozenset(dir(builtins)) | {"__name__"}


def magic_line(source: str) -> int | None:
    """Return the index of the first line that only IPython understands, if there is one."""
    try:
        ast.parse(source)
    except SyntaxError:
        lines = source.split("\n")
        return next((i for i, line in enumerate(lines) if MAGIC.match(line)), None)
    return None


def without_magics(source: str) -> str:
    """Return the source with its magics commented out, so that Python can parse the rest."""
    if source.lstrip().startswith("%%"):
        return ""
    lines = source.split("\n")
    return "\n".join(f"#{line}" if re.match(r"\s*[%!?]", line) else line for line in lines)


def bound(source: str, *, imports: bool = True) -> tuple[str, ...]:
    """Return the names a cell binds at top level, in the order of their first appearance."""
    table = symtable.symtable(source, "<cell>", "exec")
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_namespace() or (imports and symbol.is_imported())
    } | {
        symbol.get_name()
        for child in _descendants(table)
        for symbol in child.get_symbols()
        if symbol.is_declared_global() and symbol.is_assigned()
    }
    if not imports:
        names -= _imported(source)
    return tuple(sorted(names, key=lambda name: (_first_line(source, name), name)))


def free(source: str) -> dict[str, int]:
    """Return the names a cell needs from elsewhere, each with its line in the cell (from 1)."""
    table = symtable.symtable(source, "<cell>", "exec")
    own = set(bound(source))
    needed = {
        symbol.get_name()
        for scope in (table, *_descendants(table))
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or scope is table)
    }
    needed -= own | BUILTINS
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id in needed:
            found[node.id] = min(node.lineno, found.get(node.id, node.lineno))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def star_import_line(source: str) -> int | None:
    """Return the line (from 1) of a ``from … import *``, if there is one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return node.lineno
    return None


def modules(source: str) -> set[str]:
    """Return the dotted names of the modules a source imports, anywhere in it.

    ``from a import b`` counts as ``a`` and ``a.b``, since ``b`` may be a module.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def check_names(source: str) -> set[str]:
    """Return the names under which a cell knows ``course_utils.checks`` or its functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "course_utils":
            found |= {a.asname or a.name for a in node.names if a.name == "checks"}
        elif isinstance(node, ast.ImportFrom) and node.module == "course_utils.checks":
            found |= {a.asname or a.name for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.asname for a in node.names if a.name == "course_utils.checks" and a.asname}
    return found


def bare_comparison(source: str) -> tuple[int, str] | None:
    """Return the line (from 1) and the words of a comparison that does not explain itself."""
    for node in sorted(
        (node for node in ast.walk(ast.parse(source)) if hasattr(node, "lineno")),
        key=lambda node: node.lineno,
    ):
        if isinstance(node, ast.Assert):
            return node.lineno, "assert"
        if isinstance(node, ast.Attribute):
            words = ast.unparse(node)
            if ".testing." in f"{words}." or node.attr in COMPARISONS:
                return node.lineno, words
        if isinstance(node, ast.ImportFrom) and (
            "testing" in (node.module or "").split(".")
            or any(alias.name in (*COMPARISONS, "testing") for alias in node.names)
        ):
            return node.lineno, ast.unparse(node)
    return None


COMPARISONS = ("allclose", "isclose", "array_equal", "array_equiv")


def calls(source: str, names: set[str]) -> bool:
    """Say whether a source calls one of ``names``, or an attribute of one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            function = node.func
            while isinstance(function, ast.Attribute):
                function = function.value
            if isinstance(function, ast.Name) and function.id in names:
                return True
    return False


def functions_calling(source: str, names: set[str]) -> set[str]:
    """Return the functions defined at top level of a source that call one of ``names``."""
    return {
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and calls(ast.unparse(node), names)
    }


def _descendants(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _descendants(child)


def _imported(source: str) -> set[str]:
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _first_line(source: str, name: str) -> int:
    for node in ast.walk(ast.parse(source)):
        if getattr(node, "name", None) == name or getattr(node, "id", None) == name:
            return node.lineno
    return 0
