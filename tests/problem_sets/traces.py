"""What an answer leaves behind that the other tasks of its set can see.

Where it leaves nothing, their verdicts are those without it, and nobody has to run them again
behind every answer.
"""

import io
import operator
import pickle
import random
import symtable
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import FunctionType, ModuleType
from typing import NamedTuple

import numpy as np

from course_utils.problem_sets import names


class State(NamedTuple):
    """What a cell finds that others have run before it."""

    named: dict[str, bytes]
    modules: dict[str, dict[str, object]]
    moods: dict[str, object]


def state(namespace: Mapping[str, object]) -> State:
    """The state of a namespace, of the modules that are found in it, and of NumPy."""
    named = {name: written(value) for name, value in namespace.items() if name != "__builtins__"}
    modules = {name: dict(vars(module)) for name, module in _modules(namespace)}
    moods = {f"np.seterr({kind}=…)": what for kind, what in np.geterr().items()}
    moods["the state of random"] = written(random.getstate())
    moods["the state of np.random"] = written(np.random.get_bit_generator().state)
    return State(named, modules, moods)


def traces(before: State, after: State, cells: Iterable[str]) -> frozenset[str]:
    """What has changed between two states, as far as one of the other ``cells`` looks it up."""
    changed = {name for name, value in before.named.items() if after.named.get(name) != value}
    new = after.named.keys() - before.named.keys()
    seen = changed & set().union(*(late(cell) | free(cell) for cell in cells))
    seen |= new & set().union(*map(free, cells))
    seen |= {mood for mood, value in before.moods.items() if after.moods[mood] != value}
    for name, parts in before.modules.items():
        now = after.modules.get(name, parts)
        others = [part for part, value in parts.items() if now.get(part) is not value]
        seen |= {f"{name}.{part}" for part in others if not part.startswith("_")}
    return frozenset(seen)


@cache
def late(cell: str) -> frozenset[str]:
    """The names that a cell's functions look up whenever they run, its own among them."""
    _, *inner = _scopes(symtable.symtable(cell, "<cell>", "exec"))
    symbols = [symbol for scope in inner for symbol in scope.get_symbols()]
    return frozenset(symbol.get_name() for symbol in symbols if symbol.is_global())


@cache
def free(cell: str) -> frozenset[str]:
    """The names that a cell needs and does not bind, builtins among them."""
    top = symtable.symtable(cell, "<cell>", "exec").get_symbols()
    return (late(cell) | {symbol.get_name() for symbol in top}) - set(names.bound(cell))


def written(value: object) -> bytes:
    """A value as bytes, which are others as soon as anything in it is changed."""
    out = io.BytesIO()
    _Pickler(out).dump(value)
    return out.getvalue()


class _Pickler(pickle.Pickler):
    """Writes functions, classes and modules as which object they are, all else in full."""

    def reducer_override(self, value: object) -> object:
        which = isinstance(value, FunctionType | type | ModuleType)
        return (operator.index, (id(value),)) if which else NotImplemented


def _modules(namespace: Mapping[str, object]) -> Iterator[tuple[str, ModuleType]]:
    """The modules that have a name, and the modules of their package that are found in them."""
    for name, module in namespace.items():
        if isinstance(module, ModuleType):
            yield name, module
            for part, inner in vars(module).items():
                if isinstance(inner, ModuleType) and inner.__name__.startswith(module.__name__):
                    yield f"{name}.{part}", inner


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)
