"""Which names a cell binds, and which it expects from elsewhere: read, never run."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from symtable import Symbol, SymbolTable, symtable

BUILTINS = frozenset(dir(builtins)) | {"__name__"}
MAGIC = re.compile(r"^\s*(%{1,2}\w|!|\?\w)|^[^#'\"]*\w\?{1,2}\s*$")
# Magics of a whole cell whose body is Python that shares the notebook's names.
_AROUND_PYTHON = re.compile(r"\s*%%(time|capture|prun)\b")
_ONE_LINE = re.compile(r"\s*[%!?]|.*\w\?{1,2}\s*$")
_ASSIGNED = re.compile(r"^(\s*[\w\s,.]+=\s*)[%!].*$")  # files = !ls
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def magic_line(source: str) -> int | None:
    """Return the index of the first line that only IPython understands, if there is one."""
    if _parses(source):
        return None
    return next((i for i, line in enumerate(source.split("\n")) if MAGIC.match(line)), None)


def plain(source: str) -> str:
    """Return the source as Python: IPython's own lines become comments, what they assign None.

    A cell that is Python already stays as it is. A cell in another language becomes empty.
    """
    if _parses(source):
        return source
    lines = source.split("\n")
    if source.lstrip().startswith("%%"):
        if not _AROUND_PYTHON.match(source):
            return ""
        first = next(i for i, line in enumerate(lines) if line.strip())
        lines[first] = f"#{lines[first]}"
        if _parses("\n".join(lines)):
            return "\n".join(lines)
    return "\n".join(_plain_line(line) for line in lines)


def _plain_line(line: str) -> str:
    assigned = _ASSIGNED.match(line)
    if assigned:
        return f"{assigned[1]}None"
    return f"#{line}" if _ONE_LINE.match(line) else line


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except _UNREADABLE:
        return False
    return True


def bound(source: str, *, imports: bool = True) -> tuple[str, ...]:
    """Return the notebook's names that a cell binds, in the order of their first appearance.

    Every binding statement counts, wherever it stands but in the body of a function or class; there
    it counts for names that are declared global. A cell that is no Python binds none.
    """
    try:
        tree, table = ast.parse(source), symtable(source, "<cell>", "exec")
    except _UNREADABLE:
        return ()
    names = {symbol.get_name() for symbol in table.get_symbols() if _binds(symbol, imports)}
    names |= {
        symbol.get_name()
        for child in _below(table)
        for symbol in child.get_symbols()
        if symbol.is_declared_global() and symbol.is_assigned()
    }
    names -= _only_annotated(tree)
    if not imports:
        names -= _imported(tree)
    first = _first_lines(tree)
    return tuple(sorted(names, key=lambda name: (first.get(name, 0), name)))


def _binds(symbol: Symbol, imports: bool) -> bool:
    assigned = symbol.is_assigned() or symbol.is_namespace()
    return assigned or (imports and symbol.is_imported())


def _only_annotated(tree: ast.Module) -> set[str]:
    """Names of ``x: int`` alone, which a symbol table takes for assigned."""
    bare = {
        id(node.target): node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and not node.value and isinstance(node.target, ast.Name)
    }
    if not bare:
        return set()
    stored = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in bare
    }
    defined = {getattr(node, "name", None) for node in ast.walk(tree)} | _imported(tree)
    return set(bare.values()) - stored - defined


def _imported(tree: ast.Module) -> set[str]:
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _first_lines(tree: ast.Module) -> dict[str, int]:
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        for name in (getattr(node, "name", None), getattr(node, "id", None)):
            if isinstance(name, str) and hasattr(node, "lineno"):
                lines[name] = min(node.lineno, lines.get(name, node.lineno))
    return lines


def asked(source: str) -> set[str]:
    """Return the notebook's names that a cell asks for; variables of its functions are none.

    A name that the cell has bound before is among them: ``n += 1`` asks for n, and so does
    ``rate = rate`` in the body of a class.
    """
    names = {
        node.target.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    table = symtable(source, "<cell>", "exec")
    for scope in (table, *_below(table)):
        open_scope = scope.get_type() in ("module", "class")
        names |= {
            symbol.get_name()
            for symbol in scope.get_symbols()
            if symbol.is_referenced() and (symbol.is_global() or open_scope)
        }
    return names


def free(source: str) -> dict[str, int]:
    """Return the names a cell needs from elsewhere, each with its line in the cell (from 1)."""
    table = symtable(source, "<cell>", "exec")
    needed = {
        symbol.get_name()
        for scope in (table, *_below(table))
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or scope is table)
    }
    needed -= {*bound(source), *BUILTINS}
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id in needed:
            found[node.id] = min(node.lineno, found.get(node.id, node.lineno))
    return dict(sorted(found.items(), key=lambda item: item[1]))


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


def _below(table: SymbolTable) -> Iterator[SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _below(child)
