"""What is not there while work is graded: importing it costs nothing, using it says so.

A module that a cell's own import statement does not find becomes a stand-in. An import that stands
in ``try`` or in a function fails as ever.
"""

import ast
import re
import sys
from typing import Any, NoReturn

_BIND = "__bind_absent__"
_OURS = re.compile(r"cannot import name '(\w+)' from 'course_utils'")
_found: list[str] = []


def sentence(name: str) -> str:
    """What is said of the module ``name``, before grading and by the grader."""
    what = f"{name} is not there when your work is graded"
    if name.startswith("course_utils."):
        return f"{what}: write this part yourself."
    return f"{what}: beside Python's own modules, only NumPy, Matplotlib and tqdm are."


def missing(error: BaseException | None) -> str | None:
    """The module that was not found, or None for any other error."""
    if isinstance(error, ModuleNotFoundError):
        return error.name
    if isinstance(error, ImportError) and error.name == "course_utils":
        room = _OURS.match(str(error))
        return f"course_utils.{room[1]}" if room else None
    return None


class Absent:
    """Stands for a module, or something from one, that is not there: any use of it is refused."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise ImportError(sentence(self._name), name=self._name)

    __getattr__ = __call__ = __getitem__ = __iter__ = __bool__ = __mro_entries__ = _refuse


class Imports(ast.NodeTransformer):
    """Wraps the import statements of a cell, so that what is missing binds an `Absent`."""

    def visit_Module(self, module: ast.Module) -> ast.Module:
        body = [part for statement in module.body for part in _wrapped(statement)]
        return ast.Module(body, module.type_ignores)


def _wrapped(statement: ast.stmt) -> list[ast.stmt]:
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return [statement]
    source = "" if isinstance(statement, ast.Import) else statement.module
    if source in (None, "__future__") or any(alias.name == "*" for alias in statement.names):
        return [statement]
    wrapped = []
    for alias in statement.names:
        package, _, inside = ("", "", "") if source or alias.asname else alias.name.partition(".")
        target = alias.asname or package or alias.name
        one = ast.Import([alias]) if not source else ast.ImportFrom(source, [alias], 0)
        call = f"try: pass\nexcept ImportError: {_BIND}(globals(), {target!r}, {bool(inside)})"
        rescue = ast.parse(call).body[0]
        rescue.body = [one]
        for node in ast.walk(rescue):
            if "lineno" in node._attributes:
                ast.copy_location(node, statement)
        wrapped.append(rescue)
    return wrapped


def bind(space: dict[str, Any], target: str, inside: bool) -> None:
    """Called where an import has failed: bind the stand-in, or let the error go on.

    ``inside`` a package that is there (``import course_utils.nn``), the package is what to bind.
    """
    name = missing(sys.exc_info()[1])
    if name is None:
        raise
    _found.append(name)
    package = sys.modules.get(target) if inside else None
    space[target] = Absent(name) if package is None else package


def take() -> list[str]:
    """The modules that were found missing since the last call."""
    found, _found[:] = sorted(set(_found)), []
    return found


def prepare(shell: Any) -> None:
    """Have the cells of an IPython shell go on without what is absent."""
    import builtins

    setattr(builtins, _BIND, bind)
    shell.ast_transformers.append(Imports())
