"""What a check cell imports, calls and compares: read, not run."""

from __future__ import annotations

import ast


def star_import_line(source: str) -> int | None:
    """Return the line (from 1) of a ``from … import *``, if there is one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return node.lineno
    return None


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
