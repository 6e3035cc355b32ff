"""Messages over a stream socket: a small header in msgpack, then the raw bytes of the arrays.

A frame is eight bytes (header length, then total length of the blobs, big endian), the header
``[sequence, kind, body, blob lengths]`` and the blobs. Structure and bulk are apart so that each
has a cap of its own: a header of 4 MB cannot grow into gigabytes of Python objects, and a blob is
received straight into the memory that its array will use.
"""

import socket
import struct
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgpack

PREFIX = struct.Struct(">II")
MAX_HEADER = 4 * 2**20
MAX_BLOBS = 256 * 2**20
MAX_BLOB_COUNT = 20_000
_SMALL = 64 * 2**10


class WireError(Exception):
    """The other side broke the protocol: the message says how. Nothing it sent may be used."""


class HangupError(Exception):
    """The other side closed the connection between two frames or in the middle of one."""


@dataclass(frozen=True)
class Frame:
    """One message: ``kind`` says what it is, ``body`` is plain data that may name ``blobs``."""

    sequence: int
    kind: str
    body: Any
    blobs: list[Any] = field(default_factory=list)


def send(sock: socket.socket, frame: Frame) -> None:
    """Write one frame. Raises `WireError` if it is too large, `HangupError` on a dead socket."""
    # Students' texts may hold lone surrogates, which UTF-8 has no code for.
    pack = partial(msgpack.packb, use_bin_type=True, unicode_errors="backslashreplace")
    views = [memoryview(blob).cast("B") for blob in frame.blobs]
    sizes = [len(view) for view in views]
    header = pack([frame.sequence, frame.kind, frame.body, sizes])
    if len(header) > MAX_HEADER or sum(sizes) > MAX_BLOBS or len(sizes) > MAX_BLOB_COUNT:
        raise WireError(f"a message of {len(header) + sum(sizes)} bytes is too large to send")
    prefix = PREFIX.pack(len(header), sum(sizes))
    try:
        if sum(sizes) <= _SMALL:
            sock.sendall(b"".join([prefix, header, *views]))
        else:
            sock.sendall(prefix + header)
            for view in views:
                sock.sendall(view)
    except (BrokenPipeError, ConnectionResetError) as closed:
        raise HangupError("the other side is gone") from closed


def receive(
    sock: socket.socket, *, max_header: int = MAX_HEADER, max_blobs: int = MAX_BLOBS
) -> Frame:
    """Read one frame. Raises `WireError` for a malformed one, `HangupError` at the end."""
    header_size, blob_size = PREFIX.unpack(_exactly(sock, PREFIX.size))
    if header_size > max_header or blob_size > max_blobs:
        raise WireError(f"a message of {header_size + blob_size} bytes is too large")
    sequence, kind, body, sizes = _header(bytes(_exactly(sock, header_size)))
    if sum(sizes) != blob_size:
        raise WireError("the sizes in a message contradict each other")
    return Frame(sequence, kind, body, [_exactly(sock, size) for size in sizes])


def _header(raw: bytes) -> tuple[int, str, Any, list[int]]:
    try:
        header = msgpack.unpackb(raw, raw=False, strict_map_key=True)
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as bad:
        raise WireError(f"a message is not well formed ({type(bad).__name__})") from bad
    if type(header) is not list or len(header) != 4:
        raise WireError("a message has no header of four parts")
    sequence, kind, _, sizes = header
    if type(sequence) is not int or type(kind) is not str or type(sizes) is not list:
        raise WireError("a message has a header of the wrong types")
    if len(sizes) > MAX_BLOB_COUNT or any(type(size) is not int or size < 0 for size in sizes):
        raise WireError("a message lists impossible sizes")
    return tuple(header)


def _exactly(sock: socket.socket, size: int) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        try:
            count = sock.recv_into(view)
        except ConnectionResetError as closed:
            raise HangupError("the connection was reset") from closed
        if count == 0:
            raise HangupError("the connection was closed")
        view = view[count:]
    return buffer
