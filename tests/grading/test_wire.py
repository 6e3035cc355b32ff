"""The wire: every row of the type table both ways, and everything that a hostile sender may try."""

import collections
import dataclasses
import os
import socket
import threading

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.grading.jail.job import Job
from course_utils.grading.wire import frames, types

Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass(frozen=True)
class Params:
    W: np.ndarray
    b: float


class Registry:
    """A space that keeps live things by number and hands back what it is shown."""

    def foreign(self, value):
        if isinstance(value, type):
            return "class"
        if hasattr(value, "__next__"):
            return "generator"
        return "function" if callable(value) else None

    def export(self, tag, value):
        return [7, getattr(value, "__name__", "thing")]

    def claim(self, tag, parts):
        return (tag, parts)

    def record_class(self, name, fields):
        return {"Point": Point, "Params": Params}.get(name)


def crossed(value):
    """What arrives of ``value`` on the other side of a real socket."""
    near, far = socket.socketpair()
    writer = types.Writer(Registry())
    body = writer.write(value)
    with near, far:
        sender = threading.Thread(
            target=frames.send, args=(near, frames.Frame(1, "call", body, writer.blobs))
        )
        sender.start()
        frame = frames.receive(far)
        sender.join()
    return types.Reader(Registry(), frame.blobs).read(frame.body)


def generator():
    yield 1


PLAIN = {
    "int": [2**63, -(2**100)],
    "complex": [3 - 4j],
    "scalar": [np.float32(1.5), np.int8(-3), np.bool_(True), np.str_("ok")],
    "array": [
        np.arange(6.0).reshape(2, 3),
        np.array(3.5),
        np.empty((0, 4)),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array([True, False]),
        np.array(["a", "bc"]),
        np.arange(10)[::-2],
        np.broadcast_to(1.0, (3, 2)),
    ],
    "record": [Point(1, [2.0]), Params(np.ones(2), 3.0)],
    "list": [[1, "two", None, [3.0]]],
    "tuple": [(1, (2,), ())],
    "dict": [{"a": 1, 2: [3], (1, "x"): None, None: True}],
    "set": [{1, 2}],
    "frozenset": [frozenset({(1, 2)})],
    "range": [range(3, 10, 2)],
    "slice": [slice(1, None, 2)],
    "ellipsis": [...],
    "dtype": [np.dtype("float32")],
    "ufunc": [np.tanh],
}


def same(a, b):
    """Equal, with types and dtypes."""
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and bool(np.all(a == b))
    if isinstance(a, Params):
        return type(b) is Params and same(a.W, b.W) and a.b == b.b
    return type(a) is type(b) and a == b


@pytest.mark.parametrize(
    ("tag", "value"), [(tag, value) for tag, values in PLAIN.items() for value in values], ids=str
)
def test_plain_rows_cross(tag, value):
    assert types.Writer(Registry()).write(value)[0] == tag
    assert same(value, crossed(value))


@pytest.mark.parametrize("value", [None, True, 3, -1.5, "text", b"bytes", float("inf")])
def test_simple_values_need_no_row(value):
    assert crossed(value) == value
    assert type(crossed(value)) is type(value)


def test_tensors_cross_with_their_need_for_gradients(torch):
    tensor = torch.arange(3.0, requires_grad=True)
    arrived = crossed(tensor)
    assert type(arrived) is torch.Tensor
    assert arrived.dtype == torch.float32
    assert arrived.requires_grad
    assert arrived.tolist() == [0.0, 1.0, 2.0]


def test_random_generators_cross_as_copies_in_the_same_state():
    rng = np.random.default_rng(5)
    rng.integers(3, dtype=np.int32)
    copy = crossed(rng)
    assert copy.normal() == np.random.Generator.normal(rng)


LIVE = {"function": len, "class": Point, "generator": generator()}


@pytest.mark.parametrize("tag", [*LIVE, "callback", "handle", "instance", "opaque"])
def test_live_rows_become_numbers(tag):
    if tag in LIVE:
        found, parts = crossed(LIVE[tag])
        assert found == tag
        assert parts[0] == 7
    else:
        assert types.Reader(Registry(), []).read([tag, 3]) == (tag, [3])


def test_every_row_of_the_table_is_tested():
    tested = {*PLAIN, *LIVE, "tensor", "random", "callback", "handle", "instance", "opaque"}
    assert tested == {row.tag for row in types.TABLE}


def test_a_subclass_of_ndarray_crosses_by_its_numbers():
    class Equal(np.ndarray):
        def __eq__(self, other):
            return True

    arrived = crossed(np.ones(2).view(Equal))
    assert type(arrived) is np.ndarray


def test_an_unknown_record_becomes_a_namedtuple():
    body = ["record", "Other", ["a"], [1]]
    arrived = types.Reader(Registry(), []).read(body)
    assert arrived.a == 1
    assert type(arrived).__name__ == "Other"


HOSTILE = {
    "unknown tag": (["pickle", b"x"], []),
    "no tag": ([], []),
    "a number for a tag": ([3], []),
    "a map": ({"a": 1}, []),
    "object dtype": (["array", "|O", [1], 0], [bytearray(8)]),
    "structured dtype": (["array", "f8,f8", [1], 0], [bytearray(16)]),
    "dtype code": (["array", "import os", [1], 0], [bytearray(8)]),
    "shape and bytes disagree": (["array", "<f8", [10**9, 10**9], 0], [bytearray(8)]),
    "negative shape": (["array", "<f8", [-1, -1], 0], [bytearray(8)]),
    "too many axes": (["array", "<f8", [1] * 64, 0], [bytearray(8)]),
    "float shape": (["array", "<f8", [1.0], 0], [bytearray(8)]),
    "endless items of no size": (["array", "<U0", [10**12], 0], [bytearray(0)]),
    "missing blob": (["array", "<f8", [1], 5], []),
    "scalar of other size": (["scalar", "<f8", b"1"], []),
    "object scalar": (["scalar", "|O", b"12345678"], []),
    "unhashable key": (["dict", [[["list", []], 1]]], []),
    "odd pair": (["dict", [[1]]], []),
    "unhashable member": (["set", [["dict", []]]], []),
    "keyword field": (["record", "P", ["class"], [1]], []),
    "dunder name": (["record", "__class__", ["a"], [1]], []),
    "underscore field": (["record", "P", ["_a"], [1]], []),
    "code as a name": (["record", "P(); import os", ["a"], [1]], []),
    "twice the same field": (["record", "P", ["a", "a"], [1, 2]], []),
    "too many fields": (["record", "P", [f"a{i}" for i in range(999)], [0] * 999], []),
    "no function of NumPy": (["ufunc", "load"], []),
    "a dotted function": (["ufunc", "add.at"], []),
    "endless integer": (["int", "0x" + "f" * 10**6], []),
    "no integer": (["int", "0xyz"], []),
    "range of texts": (["range", "a", "b", "c"], []),
    "range of step 0": (["range", 0, 1, 0], []),
    "random of texts": (["random", "0x" + "f" * 99, "0x1", 0, 0], []),
    "tensor of texts": (["tensor", "<U1", [1], 0, False], [bytearray(4)]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_values_are_refused(name):
    body, blobs = HOSTILE[name]
    with pytest.raises(types.WireError):
        types.Reader(Registry(), blobs).read(body)


def test_deep_nesting_is_refused():
    body = 1
    for _ in range(types.MAX_DEPTH + 5):
        body = ["list", [body]]
    with pytest.raises(types.WireError, match="deeply"):
        types.Reader(Registry(), []).read(body)
    deep = []
    for _ in range(types.MAX_DEPTH + 5):
        deep = [deep]
    with pytest.raises(types.WireError, match="deeper"):
        types.Writer(Registry()).write(deep)


def test_a_list_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(types.WireError):
        types.Writer(Registry()).write(loop)


def raw_frame(raw):
    """What `receive` makes of raw bytes."""
    near, far = socket.socketpair()
    with near, far:
        near.sendall(raw)
        near.shutdown(socket.SHUT_WR)
        return frames.receive(far)


def packed(header, *blobs, total=None):
    """A frame with any header."""
    data = msgpack.packb(header)
    size = sum(map(len, blobs)) if total is None else total
    return frames.PREFIX.pack(len(data), size) + data + b"".join(blobs)


BROKEN = {
    "a huge header": frames.PREFIX.pack(2**32 - 1, 0),
    "huge blobs": frames.PREFIX.pack(1, 2**32 - 1),
    "no msgpack": frames.PREFIX.pack(4, 0) + b"\xc1\xc1\xc1\xc1",
    "no list": packed({"a": 1}),
    "too short": packed([1, "reply", None]),
    "a text for a number": packed(["1", "reply", None, []]),
    "sizes that disagree": packed([1, "reply", None, [5]], b"12345678"),
    "negative sizes": packed([1, "reply", None, [-5, 5]], total=0),
    "deep msgpack": frames.PREFIX.pack(10_001, 0) + b"\x91" * 10_000 + b"\xc0",
}


@pytest.mark.parametrize("name", BROKEN)
def test_malformed_frames_are_refused(name):
    with pytest.raises(frames.WireError):
        raw_frame(BROKEN[name])


@pytest.mark.parametrize("raw", [b"", b"\0\0", packed([1, "reply", None, []])[:-1]])
def test_the_end_of_the_stream_is_no_frame(raw):
    with pytest.raises(frames.HangupError):
        raw_frame(raw)


@given(st.binary(max_size=200))
@settings(max_examples=150)
def test_random_bytes_never_do_more_than_be_refused(raw):
    framed = frames.PREFIX.pack(len(raw), 0) + raw
    try:
        frame = raw_frame(framed)
        types.Reader(Registry(), frame.blobs).read(frame.body)
    except (frames.WireError, frames.HangupError):
        return
    assert msgpack.unpackb(raw)


def test_large_arrays_cross_without_loss():
    big = np.random.default_rng(0).normal(size=(1000, 300))
    assert same(big, crossed(big))


def test_sending_to_a_closed_socket_is_a_hangup():
    near, far = socket.socketpair()
    far.close()
    with near, pytest.raises(frames.HangupError):
        frames.send(near, frames.Frame(1, "x", None, [os.urandom(10)]))


def _reshape(x):
    x.shape = (3, 2)


def _retype(x):
    x.dtype = np.int64


CHANGES = {
    "an entry": (np.zeros((2, 3)), lambda x: x.fill(1.0)),
    "one bit": (np.zeros((2, 3)), lambda x: np.copyto(x[:1, :1], -0.0)),
    "the shape": (np.zeros((2, 3)), _reshape),
    "the dtype": (np.zeros((2, 3)), _retype),
    "a transposed array": (np.zeros((2, 3)).T, lambda x: x[0].fill(1.0)),
    "a list": ([np.zeros(2), 1], lambda x: x.append(2)),
    "an array in a list": ([np.zeros(2), 1], lambda x: x[0].fill(2.0)),
    "a dictionary": ({"a": 1}, lambda x: x.update(b=2)),
    "a generator": (np.random.default_rng(0), lambda x: x.random()),
}


@pytest.mark.filterwarnings("ignore:Setting the:DeprecationWarning")  # students still can
@pytest.mark.parametrize("name", CHANGES)
def test_the_jail_notices_a_changed_argument(name):
    value, change = CHANGES[name]
    job = Job(None)
    before = job._snapshot(value)
    assert job._snapshot(value) == before
    change(value)
    assert job._snapshot(value) != before


@pytest.mark.parametrize("value", [None, True, 3, 2.5, float("nan"), "text", b"bytes", 1j])
def test_what_cannot_change_needs_no_look(value):
    assert Job(None)._snapshot(value) is None
