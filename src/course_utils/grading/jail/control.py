"""Short control messages with descriptors, over a SOCK_SEQPACKET pair between our own processes."""

import socket
from typing import Any

import msgpack

LONGEST = 192 * 1024


def tell(sock: socket.socket, message: Any, descriptors: tuple[int, ...] = ()) -> None:
    """Send one message of plain data, with descriptors for the other side to keep."""
    socket.send_fds(sock, [msgpack.packb(message)], list(descriptors))


def hear(sock: socket.socket, descriptors: int = 0) -> tuple[Any, list[int]]:
    """Receive one message and its descriptors; ``None`` when the other side has gone."""
    try:
        data, received, _, _ = socket.recv_fds(sock, LONGEST, descriptors)
    except ConnectionResetError:
        return None, []
    return (msgpack.unpackb(data) if data else None), received
