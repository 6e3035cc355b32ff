"""Parameters as trees: frozen dataclasses, dicts, tuples and lists, nested, with arrays as leaves.

A gradient is a tree of the same structure. Optimisers, clipping and checkpoints see only leaves.
None, strings, booleans and whole numbers inside a tree are settings: they stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Tree = TypeVar("Tree")

_SETTINGS = (type(None), str, bool, int)


def tree_leaves(tree: Any) -> list[Array]:
    """The arrays of `tree`, in a fixed order: fields and dict entries as declared.

    Raises
    ------
    TypeError
        If the tree holds something that is neither a branch, an array nor a setting.
    """
    return [leaf for _, leaf in tree_items(tree)]


def tree_items(tree: Any) -> list[tuple[str, Array]]:
    """(path, array) of every leaf, for messages and files: `("cell.W_h", array(...))`.

    Raises
    ------
    TypeError
        If the tree holds something that is neither a branch, an array nor a setting.
    """
    return list(_walk(tree, ""))


def tree_map(f: Callable[..., Any], tree: Tree, *others: Any) -> Tree:
    """A tree like `tree` whose leaves are `f(leaf, other_leaf, ...)`.

    Raises
    ------
    TypeError, ValueError
        If the trees differ in structure; the message names the place.
    """
    for other in others:
        check_alike(tree, other, shapes=False)
    columns = [tree_leaves(each) for each in (tree, *others)]
    return tree_rebuild(tree, [f(*row) for row in zip(*columns, strict=True)])


def tree_rebuild(tree: Tree, leaves: list[Any]) -> Tree:
    """A tree with the structure of `tree` and these leaves, in the order of `tree_leaves`.

    Raises
    ------
    ValueError
        If the number of leaves differs.
    """
    wanted = len(tree_leaves(tree))
    if len(leaves) != wanted:
        raise ValueError(f"the tree has {wanted} leaves; got {len(leaves)}")
    rebuilt: Tree = _rebuild(tree, iter(leaves))
    return rebuilt


def check_alike(
    params: Any, grads: Any, *, names: tuple[str, str] = ("params", "grads"), shapes: bool = True
) -> None:
    """Check that two trees have leaves at the same paths, of the same shapes (unless off).

    Raises
    ------
    ValueError
        Naming the first path that differs, what came and what was wanted.
    """
    wanted, got = tree_items(params), tree_items(grads)
    wanted_paths, got_paths = [p for p, _ in wanted], [p for p, _ in got]
    if wanted_paths != got_paths:
        missing = [p for p in wanted_paths if p not in got_paths]
        extra = [p for p in got_paths if p not in wanted_paths]
        difference = f"missing {missing}, unexpected {extra}" if missing or extra else "other order"
        raise ValueError(f"{names[1]} must have the structure of {names[0]}: {difference}")
    if not shapes:
        return
    for (path, want), (_, have) in zip(wanted, got, strict=True):
        if want.shape != have.shape:
            raise ValueError(
                f"{names[1]}.{path} must have the shape of {names[0]}.{path}, {want.shape}; "
                f"got {have.shape}"
            )


def _branches(tree: Any) -> list[tuple[str, Any]] | None:
    """The named children of a branch; None for anything that is not a branch."""
    if is_dataclass(tree) and not isinstance(tree, type):
        return [(field.name, getattr(tree, field.name)) for field in fields(tree)]
    if isinstance(tree, dict):
        return [(str(key), value) for key, value in tree.items()]
    if isinstance(tree, tuple | list):
        return [(str(index), value) for index, value in enumerate(tree)]
    return None


def _walk(tree: Any, path: str) -> Iterator[tuple[str, Array]]:
    if isinstance(tree, np.ndarray | np.generic):
        yield path or "params", np.asarray(tree)
        return
    children = _branches(tree)
    if children is not None:
        for name, child in children:
            yield from _walk(child, f"{path}.{name}" if path else name)
    elif not isinstance(tree, _SETTINGS):
        raise TypeError(
            f"{path or 'params'} must be a NumPy array, or a dataclass, dict, tuple or list of "
            f"them; got {type(tree).__name__}"
        )


def _rebuild(tree: Any, leaves: Iterator[Any]) -> Any:
    if isinstance(tree, np.ndarray | np.generic):
        return next(leaves)
    children = _branches(tree)
    if children is None:
        return tree
    values = [_rebuild(child, leaves) for _, child in children]
    if isinstance(tree, dict):
        return dict(zip(tree, values, strict=True))
    if is_dataclass(tree):
        names = [name for name, _ in children]
        return type(tree)(**dict(zip(names, values, strict=True)))  # type: ignore[misc]
    if hasattr(tree, "_fields"):  # a named tuple
        return type(tree)(*values)
    return type(tree)(values)
