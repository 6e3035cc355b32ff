"""The table of values that may cross the wire, and how each is written and read.

`TABLE` is the whole list: a value that no row accepts crosses as an opaque handle, by the name of
its type. Live things (functions, classes, instances, generators) never cross; they become numbers
in a registry that their own side keeps (`Space`), and the other side gets a stand-in.

Reading is written for a hostile sender: every shape, name, count and depth is checked first.
"""

import collections
import dataclasses
import keyword
import math
import sys
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from .frames import WireError

MAX_DEPTH = 32
MAX_ITEMS = 500_000
MAX_BITS = 4096
MAX_MEMBERS = 10_000  # of a dict or set: members may be made to collide, which costs the square
MAX_FIELDS = 100
MAX_NAME = 200
NUMERIC_KINDS = "biufc"
ARRAY_KINDS = "biufcUSmM"


class Space(Protocol):
    """What a side of the wire does with live things."""

    def export(self, tag: str, value: Any) -> list[Any]:
        """Write a live ``value`` as plain data that the other side may hold."""

    def claim(self, tag: str, parts: list[Any]) -> Any:
        """Turn what the other side wrote with ``tag`` into a stand-in or the thing itself."""

    def record_class(self, name: str, fields: tuple[str, ...]) -> type | None:
        """A class of this side for a named record, or None to use a fresh namedtuple."""

    def foreign(self, value: Any) -> str | None:
        """The tag under which a value that is no plain data crosses, or None to refuse it."""


class Writer:
    """Writes values into plain data and a list of blobs."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.blobs: list[Any] = []
        self._depth = 0

    def write(self, value: Any) -> Any:
        """Plain data for ``value``. Raises `WireError` for what cannot cross."""
        if value is None or type(value) in (bool, str, bytes, float):
            return value
        if type(value) is int and -(2**63) <= value < 2**63:
            return value
        if self._depth >= MAX_DEPTH:
            raise WireError(f"values nested deeper than {MAX_DEPTH} levels cannot cross")
        self._depth += 1
        try:
            usual = _USUAL.get(type(value))
            for row in TABLE if usual is None else (usual, *TABLE):
                if row.accepts(value):
                    return [row.tag, *row.write(value, self)]
            return self._foreign(value)
        finally:
            self._depth -= 1

    def blob(self, data: Any) -> int:
        """Keep raw bytes beside the header and return their number."""
        self.blobs.append(data)
        return len(self.blobs) - 1

    def _foreign(self, value: Any) -> list[Any]:
        tag = self.space.foreign(value)
        if tag is None:
            raise WireError(f"a value of type {type(value).__name__} cannot cross")
        return [tag, *self.space.export(tag, value)]


class Reader:
    """Reads values back from plain data and blobs that may be hostile."""

    def __init__(self, space: Space, blobs: list[Any]) -> None:
        self.space = space
        self.blobs = blobs
        self._depth = 0
        self._items = 0

    def read(self, data: Any) -> Any:
        """The value. Raises `WireError` for anything that `Writer` could not have written."""
        if type(data) is not list:
            if data is None or type(data) in (bool, str, bytes, float, int):
                return data
            raise WireError(f"unexpected {type(data).__name__} in a message")
        if not data or type(data[0]) is not str or data[0] not in _BY_TAG:
            raise WireError("a value of unknown type in a message")
        self._items += 1
        if self._depth >= MAX_DEPTH or self._items > MAX_ITEMS:
            raise WireError("values nested too deeply, or too many, in a message")
        self._depth += 1
        try:
            return _BY_TAG[data[0]].read(data[1:], self)
        except (ValueError, TypeError, OverflowError) as bad:
            raise WireError(f"a malformed {data[0]} in a message: {bad}") from bad
        finally:
            self._depth -= 1

    def blob(self, number: Any) -> Any:
        """The raw bytes that a message calls by number."""
        if type(number) is not int or not 0 <= number < len(self.blobs):
            raise WireError("a message names bytes that it does not carry")
        return self.blobs[number]

    def several(self, data: Any) -> list[Any]:
        """Every value of a plain list."""
        return [self.read(item) for item in _list(data)]


@dataclasses.dataclass(frozen=True)
class WireType:
    """A row of the table: what it is called, what it takes, and both directions."""

    tag: str
    what: str
    accepts: Callable[[Any], bool]
    write: Callable[[Any, Writer], list[Any]]
    read: Callable[[list[Any], Reader], Any]


def _parts(parts: list[Any], *kinds: type) -> list[Any]:
    if len(parts) != len(kinds) or any(
        type(part) is not kind for part, kind in zip(parts, kinds, strict=True)
    ):
        raise WireError("a value with the wrong parts in a message")
    return parts


def _list(data: Any) -> list[Any]:
    if type(data) is not list:
        raise WireError("a list was expected in a message")
    return data


def text(data: Any, longest: int = MAX_NAME) -> str:
    """A string of bounded length from a message, else `WireError`."""
    if type(data) is not str or len(data) > longest:
        raise WireError("a name was expected in a message")
    return data


def _read_integer(parts: list[Any], _: Reader) -> int:
    (digits,) = _parts(parts, str)
    if len(digits) > MAX_BITS // 4 + 4:
        raise WireError(f"an integer of more than {MAX_BITS} bits")
    return int(digits, 16)


def _write_integer(value: int, _: Writer) -> list[Any]:
    if int.bit_length(value) > MAX_BITS:
        raise WireError(f"an integer of {int.bit_length(value)} bits cannot cross")
    return [hex(value)]


def _dtype(name: Any) -> np.dtype:
    kind = np.dtype(text(name, 32))
    if kind.kind not in ARRAY_KINDS or kind.hasobject or kind.names is not None or kind.shape:
        raise WireError(f"arrays of dtype {kind} do not cross")
    return kind


def _shape(data: Any, itemsize: int, size: int) -> tuple[int, ...]:
    shape = tuple(_list(data))
    if len(shape) > 32 or any(type(axis) is not int or axis < 0 for axis in shape):
        raise WireError("an array of impossible shape in a message")
    if math.prod(shape) * itemsize != size or (itemsize == 0 and math.prod(shape) > MAX_ITEMS):
        raise WireError("an array whose shape and bytes contradict each other")
    return shape


def _write_array(value: np.ndarray, writer: Writer) -> list[Any]:
    plain = np.ndarray.view(value, np.ndarray)
    if plain.dtype.kind not in ARRAY_KINDS:
        raise WireError(f"arrays of dtype {plain.dtype.name} do not cross")
    dense = np.ascontiguousarray(plain).reshape(plain.shape)
    return [dense.dtype.str, list(plain.shape), writer.blob(dense.reshape(-1).view(np.uint8))]


def _read_array(parts: list[Any], reader: Reader) -> np.ndarray:
    name, shape, number = parts
    kind, data = _dtype(name), reader.blob(number)
    return np.frombuffer(data, dtype=kind).reshape(_shape(shape, kind.itemsize, len(data)))


def _read_scalar(parts: list[Any], _: Reader) -> np.generic:
    name, data = _parts(parts, str, bytes)
    kind = _dtype(name)
    if len(data) != kind.itemsize:
        raise WireError("a scalar whose bytes do not fit its type")
    return np.frombuffer(data, dtype=kind)[0] if data else kind.type()


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and _is(value, torch.Tensor)


def _write_tensor(value: Any, writer: Writer) -> list[Any]:
    dense = value.detach().cpu()
    if str(dense.dtype) == "torch.bfloat16":
        raise WireError("tensors of dtype bfloat16 do not cross")
    return [*_write_array(dense.numpy(), writer), bool(value.requires_grad)]


def _read_tensor(parts: list[Any], reader: Reader) -> Any:
    *array, gradient = parts
    if type(gradient) is not bool:
        raise WireError("a tensor with the wrong parts in a message")
    values = _read_array(array, reader)
    if values.dtype.kind not in NUMERIC_KINDS:
        raise WireError(f"tensors of dtype {values.dtype} do not cross")
    try:
        import torch
    except ImportError:
        return reader.space.claim("opaque", ["torch.Tensor"])
    tensor = torch.from_numpy(values if values.flags.writeable else values.copy())
    return tensor.requires_grad_(gradient and tensor.is_floating_point())


def _read_dict(parts: list[Any], reader: Reader) -> dict[Any, Any]:
    (pairs,) = _parts(parts, list)
    _few(pairs)
    result = {}
    for pair in pairs:
        key, value = _list(pair)
        result[_hashable(reader.read(key))] = reader.read(value)
    return result


def _few(members: Any) -> None:
    if len(members) > MAX_MEMBERS:
        raise WireError(f"more than {MAX_MEMBERS} members of a dict or set cannot cross")


def _hashable(key: Any) -> Any:
    plain = (str, bytes, int, float, bool, complex, type(None))
    if type(key) in plain or isinstance(key, np.generic):
        return key
    if isinstance(key, tuple):
        return (
            type(key)(*map(_hashable, key))
            if hasattr(key, "_fields")
            else tuple(map(_hashable, key))
        )
    raise WireError("a key or member that is no plain value")


def _write_dict(value: dict, writer: Writer) -> list[Any]:
    _few(dict.keys(value))
    return [[[writer.write(key), writer.write(item)] for key, item in dict.items(value)]]


def _fields(value: Any) -> tuple[str, ...] | None:
    """Names of a namedtuple's or dataclass instance's fields, None for everything else."""
    kind = type(value)
    if _is(value, tuple) and type(getattr(kind, "_fields", None)) is tuple:
        return kind._fields if len(kind._fields) == tuple.__len__(value) else None
    if "__dataclass_fields__" in kind.__dict__:
        return tuple(one.name for one in dataclasses.fields(kind))
    return None


def _write_record(value: Any, writer: Writer) -> list[Any]:
    names = _fields(value)
    items = tuple.__iter__(value) if _is(value, tuple) else (getattr(value, name) for name in names)
    return [type(value).__name__, list(names), [writer.write(item) for item in items]]


def _read_record(parts: list[Any], reader: Reader) -> Any:
    name, fields, values = _parts(parts, str, list, list)
    names = tuple(text(one) for one in fields)
    if len(names) > MAX_FIELDS or len(names) != len(values) or len(set(names)) != len(names):
        raise WireError("a record with the wrong fields in a message")
    for one in (name, *names):
        plain = one.isidentifier() and not keyword.iskeyword(one) and not one.startswith("_")
        if not plain or len(one) > MAX_NAME:
            raise WireError("a record with an impossible name in a message")
    kind = reader.space.record_class(name, names) or collections.namedtuple(name, names)
    return kind(*reader.several(values))


def _write_random(value: np.random.Generator, writer: Writer) -> list[Any]:
    state = value.bit_generator.state
    if type(value.bit_generator) is not np.random.PCG64:
        raise WireError("only generators of np.random.default_rng cross")
    inner = state["state"]
    return [hex(inner["state"]), hex(inner["inc"]), state["has_uint32"], state["uinteger"]]


def _read_random(parts: list[Any], _: Reader) -> np.random.Generator:
    state, inc, has, last = _parts(parts, str, str, int, int)
    if max(len(state), len(inc)) > 40 or has not in (0, 1) or not 0 <= last < 2**32:
        raise WireError("a random generator in an impossible state")
    source = np.random.PCG64(0)
    source.state = {
        "bit_generator": "PCG64",
        "state": {"state": int(state, 16) % 2**128, "inc": int(inc, 16) % 2**128},
        "has_uint32": has,
        "uinteger": last,
    }
    return np.random.Generator(source)


def _read_ufunc(parts: list[Any], _: Reader) -> np.ufunc:
    (name,) = _parts(parts, str)
    found = getattr(np, name, None) if name.isidentifier() else None
    if not isinstance(found, np.ufunc):
        raise WireError("a message names a NumPy function that does not exist")
    return found


def _is_numpy_ufunc(value: Any) -> bool:
    return type(value) is np.ufunc and getattr(np, value.__name__, None) is value


def _read_members(parts: list[Any], reader: Reader) -> list[Any]:
    (items,) = _parts(parts, list)
    _few(items)
    return [_hashable(item) for item in reader.several(items)]


def _write_items(value: Any, writer: Writer) -> list[Any]:
    kind = next(one for one in (list, tuple, set, frozenset) if _is(value, one))
    if kind.__len__(value) > MAX_ITEMS:
        raise WireError(f"more than {MAX_ITEMS} items cannot cross")
    if kind in (set, frozenset):
        _few(value)
    return [[writer.write(item) for item in kind.__iter__(value)]]


def _read_range(parts: list[Any], _: Reader) -> range:
    return range(*_parts(parts, int, int, int))


def _read_slice(parts: list[Any], reader: Reader) -> slice:
    return slice(*[value if type(value) is int else None for value in reader.several(parts)])


def _is(value: Any, kind: type) -> bool:
    """Like isinstance, but ``__class__`` cannot pretend."""
    return issubclass(type(value), kind)


def _dtype_of(array: np.ndarray) -> np.dtype:
    return np.ndarray.view(array, np.ndarray).dtype


def _only(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


def _never(_: Any) -> bool:
    return False


def _claimed(tag: str, what: str) -> WireType:
    """A live thing: the writer's `Space.foreign` names it, the reader's `Space.claim` takes it."""
    return WireType(tag, what, _never, lambda v, w: [], lambda parts, r: r.space.claim(tag, parts))


TABLE: tuple[WireType, ...] = (
    WireType("int", "an integer of up to 4096 bits", _only(int), _write_integer, _read_integer),
    WireType(
        "complex",
        "a complex number",
        _only(complex),
        lambda v, w: [v.real, v.imag],
        lambda p, r: complex(*_parts(p, float, float)),
    ),
    WireType(
        "scalar",
        "a NumPy scalar, with its dtype",
        lambda v: _is(v, np.generic) and v.dtype.kind in ARRAY_KINDS,
        lambda v, w: [v.dtype.str, v.tobytes()],
        _read_scalar,
    ),
    WireType(
        "array",
        "a NumPy array without objects; a subclass crosses by its numbers",
        lambda v: _is(v, np.ndarray) and _dtype_of(v).kind in ARRAY_KINDS,
        _write_array,
        _read_array,
    ),
    WireType("tensor", "a torch tensor on the CPU", _is_tensor, _write_tensor, _read_tensor),
    WireType(
        "record",
        "a namedtuple or an instance of a dataclass",
        lambda v: not _is(v, type) and _fields(v) is not None,
        _write_record,
        _read_record,
    ),
    WireType(
        "list",
        "a list",
        lambda v: _is(v, list),
        _write_items,
        lambda p, r: r.several(*_parts(p, list)),
    ),
    WireType(
        "tuple",
        "a tuple",
        lambda v: _is(v, tuple),
        _write_items,
        lambda p, r: tuple(r.several(*_parts(p, list))),
    ),
    WireType("dict", "a dictionary", lambda v: _is(v, dict), _write_dict, _read_dict),
    WireType("set", "a set", _only(set), _write_items, lambda p, r: set(_read_members(p, r))),
    WireType(
        "frozenset",
        "a frozen set",
        _only(frozenset),
        _write_items,
        lambda p, r: frozenset(_read_members(p, r)),
    ),
    WireType(
        "range",
        "a range",
        _only(range),
        lambda v, w: [v.start, v.stop, v.step],
        _read_range,
    ),
    WireType(
        "slice",
        "a slice of integers",
        _only(slice),
        lambda v, w: [w.write(v.start), w.write(v.stop), w.write(v.step)],
        _read_slice,
    ),
    WireType("ellipsis", "the ellipsis", lambda v: v is ..., lambda v, w: [], lambda p, r: ...),
    WireType(
        "dtype",
        "a NumPy dtype",
        lambda v: _is(v, np.dtype) and v.kind in ARRAY_KINDS,
        lambda v, w: [v.str],
        lambda p, r: _dtype(*_parts(p, str)),
    ),
    WireType(
        "random",
        "a generator of np.random.default_rng: a copy in the same state",
        _only(np.random.Generator),
        _write_random,
        _read_random,
    ),
    WireType(
        "ufunc",
        "a NumPy function such as np.tanh, by name",
        _is_numpy_ufunc,
        lambda v, w: [v.__name__],
        _read_ufunc,
    ),
    _claimed("function", "a function, a bound method or a returned closure: a handle"),
    _claimed("class", "a class, or a subclass of an instructor's base: an inert handle"),
    _claimed("instance", "an object of a student's class: a handle with methods"),
    _claimed("generator", "a generator or iterator: a handle that gives a bounded number of items"),
    _claimed("callback", "an instructor's function, callable from the jail with data only"),
    _claimed("handle", "a handle on its way back to the side that owns it"),
    _claimed("opaque", "anything else, by the name of its type"),
)
_BY_TAG = {row.tag: row for row in TABLE}
# Where to look first; the table decides all the same.
_USUAL = {
    kind: _BY_TAG[kind.__name__.removeprefix("nd")] for kind in (np.ndarray, list, tuple, dict)
}
