"""The mutants of a module: every place where an operator applies, except where none can matter."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from operators import operators

Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Mutant:
    """One changed line of one module.

    ``function``, ``before`` and ``after`` (the line, stripped) name it in the list of justified
    mutants: they outlive edits elsewhere in the file.
    """

    module: str
    function: str
    line: int
    operator: str
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.module, self.function, self.before, self.after

    def __str__(self) -> str:
        place = f"{self.module}:{self.line} in {self.function} ({self.operator})"
        return f"{place}\n    - {self.before}\n    + {self.after}"


def mutants_of(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant that is valid Python and is not in an annotation, a message or a decorator."""
    tree = ast.parse(source)
    outside = list(_out_of_scope(tree, source))
    lines = source.splitlines()
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in operators().items():
        positions = [
            (node, *place) for node in nodes for place in operator.mutation_positions(node)
        ]
        for occurrence, (node, start, end) in enumerate(positions):
            if node.type == "operator" and node.parent.type in ("parameters", "param"):
                continue
            if any(first <= start and end <= last for first, last in outside):
                continue
            mutated = MutationVisitor.mutate_code(source, operator, occurrence)
            line = start[0]
            after = mutated.splitlines()[line - 1] if mutated else None
            if after is None or after == lines[line - 1] or not _is_python(mutated):
                continue
            yield Mutant(
                module=module,
                function=_function_at(tree, line),
                line=line,
                operator=name,
                before=lines[line - 1].strip(),
                after=after.strip(),
                source=mutated,
            )


def decorated_functions(source: str) -> list[str]:
    """Functions with a decorator, which some mutation tools pass over. Here they are mutated."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    ]


def _out_of_scope(tree: ast.AST, source: str) -> Iterator[Span]:
    """Where a change has no meaning: annotations, decorators, messages, and ``strict=True``.

    The last tells the reader of a zip that its lengths are equal; it changes nothing.
    """
    for node in ast.walk(tree):
        found: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef):
            found = [node.returns, *node.decorator_list]
        elif isinstance(node, ast.ClassDef):
            found = [*node.decorator_list]
        elif isinstance(node, ast.arg | ast.AnnAssign):
            found = [node.annotation]
        elif isinstance(node, ast.JoinedStr) or getattr(node, "arg", "") == "strict":
            found = [node]
        for part in found:
            if part is not None:
                yield _span(part, source)


def _span(node: ast.AST, source: str) -> Span:
    """Start and end in characters; ast counts bytes."""
    lines = source.splitlines()

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1].encode()[:offset].decode())

    start = node.lineno, column(node.lineno, node.col_offset)  # type: ignore[attr-defined]
    end = node.end_lineno, column(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    return start, end


def _function_at(tree: ast.AST, line: int) -> str:
    """The innermost function or class around a line, with its outer ones."""
    names: list[str] = []
    scopes = ast.FunctionDef | ast.ClassDef
    node: ast.AST | None = tree
    while node is not None:
        inner = [
            child
            for child in ast.iter_child_nodes(node)
            if hasattr(child, "lineno") and child.lineno <= line <= (child.end_lineno or 0)
        ]
        node = inner[0] if inner else None
        if isinstance(node, scopes):
            names.append(node.name)
    return ".".join(names) or "module"


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
