"""Small edits of a right solution, one at a time: a sign, an index, an order, a term left out.

    for edit in edits(source, defines): ...

Each edit is named by the statement, or the entry of a dictionary, that it changes: before and
after. The last few wrap a function whole: its first result is kept, its arguments are altered, axes
of length 1 are dropped.
"""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
}
COMPARISON: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
CALLED = {
    **{"max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "sum": "mean"},
    **{"mean": "sum", "zeros": "ones", "ones": "zeros", "zeros_like": "ones_like"},
    **{"empty": "ones", "floor": "ceil", "log": "log2", "exp": "exp2", "tanh": "arctan"},
    **{"maximum": "minimum", "minimum": "maximum", "any": "all", "all": "any", "std": "var"},
    **{"cumsum": "cumprod", "append": "extend", "triu": "tril", "tril": "triu", "vstack": "hstack"},
    **{"left": "right", "abs": "sign", "rint": "floor", "normal": "uniform"},
}
EITHER_WAY = ("max", "min", "maximum", "minimum")
WRAPPED = {
    "the first result is kept": """
def {name}(*args, **kwargs):
    if not {kept}:
        {kept}.append({whole}(*args, **kwargs))
    return {kept}[0]
""",
    "a result is kept for equal shapes": """
def {name}(*args, **kwargs):
    shapes = repr([getattr(a, "shape", type(a)) for a in (*args, *kwargs.values())])
    for known, result in {kept}:
        if known == shapes:
            return result
    {kept}.append((shapes, {whole}(*args, **kwargs)))
    return {kept}[-1][1]
""",
    "axes of length 1 are dropped": """
def {name}(*args, **kwargs):
    def squeezed(value):
        if isinstance(value, dict):
            return {{key: squeezed(part) for key, part in value.items()}}
        return np.squeeze(value) if isinstance(value, np.ndarray) else value
    return squeezed({whole}(*args, **kwargs))
""",
    "arguments are altered": """
def {name}(*args, **kwargs):
    def alter(value):
        if isinstance(value, np.ndarray) and value.size and value.flags.writeable:
            value[...] = value[..., :1] if value.ndim else 0
        elif isinstance(value, (dict, list)) and value:
            key = list(value)[-1] if isinstance(value, dict) else -1
            if alter(value[key]) == value[key]:
                value[key] = type(value[key])()
        elif isinstance(value, tuple):
            for part in value:
                alter(part)
        return value if isinstance(value, (int, float, str)) else object()
    result = {whole}(*args, **kwargs)
    alter((*args, *kwargs.values()))
    return result
""",
}


@dataclass(frozen=True)
class Edit:
    """A changed solution, and the statement that was changed: ``before`` and ``after``."""

    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


def edits(source: str, defines: Sequence[str]) -> Iterator[Edit]:
    """Every edit of a solution that is another programme; ``defines`` are the task's names."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for place in _places(tree):
        for new in _changes(place.node, place.names):
            edit = _made(tree, place, new)
            if edit.source not in seen:
                seen.add(edit.source)
                yield edit
    yield from wrapped(source, defines)


def wrapped(source: str, defines: Sequence[str]) -> Iterator[Edit]:
    """The edits that leave a function as it is and wrap it: what it keeps, alters or drops."""
    body = ast.parse(source).body
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    for name in (name for name in defines if name in functions):
        for what, wrapper in WRAPPED.items():
            whole, kept = f"_whole_{name}", f"_kept_{name}"
            added = wrapper.format(name=name, whole=whole, kept=kept)
            yield Edit(name, what, f"{source}\n\n{whole}, {kept} = {name}, []\n{added}")


@dataclass(frozen=True)
class _Place:
    """A node, the way to it from the root, how far it is to the statement or the entry of a
    dictionary that it stands in, and the names that it may confuse.
    """

    node: ast.AST
    path: tuple[tuple[str, int | None], ...]
    statement: int
    names: tuple[str, ...]


def _places(tree: ast.Module) -> Iterator[_Place]:
    todo: list[_Place] = [_Place(tree, (), 0, ())]
    while todo:
        place = todo.pop()
        node, names, statement = place.node, place.names, place.statement
        if isinstance(node, ast.stmt):
            statement = len(place.path)
            yield _Place(node, place.path, statement, names)
        elif isinstance(node, ast.ExceptHandler):
            statement = len(place.path)
        elif isinstance(node, ast.expr | ast.keyword | ast.Slice | ast.comprehension):
            yield place
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            names = (*names, *_local(node))
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list", "ctx"):
                continue
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(child, ast.AST) and not _is_docstring(node, field, index, child):
                    path = (*place.path, (field, index if isinstance(value, list) else None))
                    entry = isinstance(node, ast.Dict) and field == "values"
                    todo.append(_Place(child, path, len(path) if entry else statement, names))


def _local(function: ast.FunctionDef | ast.Lambda) -> list[str]:
    """The names that a function binds: its parameters, and what it assigns itself."""
    found = [argument.arg for argument in function.args.args]
    body = function.body if isinstance(function.body, list) else []
    for node in (inner for statement in body for inner in ast.walk(statement)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
    return list(dict.fromkeys(found))


def _is_docstring(parent: ast.AST, field: str, index: int, child: ast.AST) -> bool:
    first = field == "body" and index == 0 and isinstance(parent, ast.FunctionDef | ast.Module)
    return first and isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)


def _made(tree: ast.Module, place: _Place, new: ast.AST) -> Edit:
    changed = copy.deepcopy(tree)
    *way, (field, index) = place.path
    parent = _at(changed, tuple(way))
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new
    ast.fix_missing_locations(changed)
    statement = place.path[: place.statement]
    before, after = _headline(tree, statement), _headline(changed, statement)
    return Edit(before, after, ast.unparse(changed))


def _at(node: ast.AST, path: tuple[tuple[str, int | None], ...]) -> ast.AST:
    for field, index in path:
        value = getattr(node, field)
        node = value if index is None else value[index]
    return node


def _headline(tree: ast.Module, path: tuple[tuple[str, int | None], ...]) -> str:
    """A statement or an entry in one line; of a loop, a condition or a function its first one."""
    node, text = _at(tree, path), ast.unparse(_at(tree, path)).strip()
    if isinstance(node, ast.stmt | ast.ExceptHandler):
        return text.split("\n")[0] if hasattr(node, "body") else " ".join(text.split())
    return f"{ast.unparse(_at(tree, (*path[:-1], ('keys', path[-1][1]))))}: {text}"


def _changes(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """The nodes that may stand in the place of this one."""
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
    elif isinstance(node, ast.BinOp):
        yield from _of_binary(node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARISON.get(type(node.ops[0]), ()):
            yield _with(node, ops=[other()])
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node)
    elif isinstance(node, ast.Slice):
        yield from _of_slice(node)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (ast.Name(name, ast.Load()) for name in names if name != node.id)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield node.value
        if not isinstance(node.slice, ast.Slice | ast.Constant | ast.Tuple):
            yield _with(node, slice=_shifted(node.slice, 1))
            yield _with(node, slice=_shifted(node.slice, -1))
    elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        for i, (left, right) in enumerate(pairwise(node.elts)):
            yield _with(node, elts=[*node.elts[:i], right, left, *node.elts[i + 2 :]])
    elif isinstance(node, ast.Dict):
        for i, (left, right) in enumerate(pairwise(node.values)):
            yield _with(node, values=[*node.values[:i], right, left, *node.values[i + 2 :]])
    elif isinstance(node, ast.comprehension):
        yield from (_with(node, iter=other) for other in _fewer(node.iter))
        if node.ifs:
            yield _with(node, ifs=[])


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for field, value in fields.items():
        setattr(changed, field, value)
    return changed


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.For | ast.While | ast.If):
        yield ast.Pass()
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value)
        yield from (_with(node, op=other()) for other in BINARY.get(type(node.op), ()))
    elif isinstance(node, ast.For):
        yield from (_with(node, iter=other) for other in _fewer(node.iter))
    elif isinstance(node, ast.If | ast.While):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        if isinstance(node, ast.If):
            yield _with(node, test=ast.Constant(True))
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()


def _fewer(iterated: ast.expr) -> Iterator[ast.expr]:
    """What is iterated over, without its first item, without its last one, and backwards."""
    for part in ("[1:]", "[:-1]", "[::-1]"):
        yield ast.parse(f"list({ast.unparse(iterated)}){part}", mode="eval").body


def _of_binary(node: ast.BinOp) -> Iterator[ast.AST]:
    yield from (_with(node, op=other()) for other in BINARY.get(type(node.op), ()))
    yield node.left
    yield node.right
    if isinstance(node.op, ast.MatMult):
        yield _with(node, left=ast.Attribute(node.left, "T", ast.Load()))
        yield _with(node, right=ast.Attribute(node.right, "T", ast.Load()))
    if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.MatMult | ast.Pow):
        yield _with(node, left=node.right, right=node.left)


def _of_constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(other) for other in (value + 1, value - 1))
    elif isinstance(value, float):
        yield from (ast.Constant(other) for other in (2 * value, value / 2, value + 1))
    elif isinstance(value, str) and "->" in value:  # a formula of einsum
        for i, (left, right) in enumerate(pairwise(value)):
            if left.isalpha() and right.isalpha():
                yield ast.Constant(value[:i] + right + left + value[i + 2 :])


def _of_slice(node: ast.Slice) -> Iterator[ast.AST]:
    for end in ("lower", "upper"):
        bound = getattr(node, end)
        if bound is not None:
            yield from (_with(node, **{end: other}) for other in (None, _shifted(bound, 1)))
            yield _with(node, **{end: _shifted(bound, -1)})
    if node.step is not None:
        yield _with(node, step=None)
    if node.lower is None:
        yield _with(node, lower=ast.Constant(1))
    if node.upper is None:
        yield _with(node, upper=ast.Constant(-1))


def _shifted(node: ast.expr, by: int) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return ast.Constant(node.value + by)
    return ast.BinOp(node, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    args = node.args
    yield from (arg for arg in args[:1] if not isinstance(arg, ast.GeneratorExp | ast.Starred))
    if isinstance(node.func, ast.Attribute):
        if not isinstance(node.func.value, ast.Name) or node.func.value.id != "np":
            yield node.func.value  # x.copy() → x
        if node.func.attr in CALLED:
            yield _with(node, func=_with(node.func, attr=CALLED[node.func.attr]))
    elif isinstance(node.func, ast.Name) and node.func.id in CALLED:
        yield _with(node, func=ast.Name(CALLED[node.func.id], ast.Load()))
    called = ast.unparse(node.func).removeprefix("np.")
    for i, (left, right) in enumerate(pairwise(args) if called not in EITHER_WAY else ()):
        yield _with(node, args=[*args[:i], right, left, *args[i + 2 :]])
    for i in range(len(args)):
        if len(args) > 1:
            yield _with(node, args=[*args[:i], *args[i + 1 :]])
    for i in range(len(node.keywords)):
        yield _with(node, keywords=[*node.keywords[:i], *node.keywords[i + 1 :]])
