"""Fresh inputs that a whole class shares: random numbers from a key, a set and a task."""

import hashlib
import hmac

import numpy as np

PUBLIC_KEY = b"Learning to Remember: the key that everybody knows"
_key = PUBLIC_KEY


def set_class_key(key: bytes | None) -> None:
    """Draw the inputs of a class from its own ``key``; None goes back to the public one.

    The grader's checker calls this before any check. Raises `TypeError` for anything but bytes and
    `ValueError` for fewer than 16 of them.
    """
    global _key
    if key is not None and type(key) is not bytes:
        raise TypeError(f"a class key is bytes, not {type(key).__name__}")
    if key is not None and len(key) < 16:
        raise ValueError(f"a class key has at least 16 bytes, not {len(key)}")
    _key = PUBLIC_KEY if key is None else key


def rng(set_id: str, task_id: str) -> np.random.Generator:
    """A generator seeded by HMAC-SHA256 (RFC 2104) of the class key over set and task."""
    return _generator(_key, f"{set_id}\0{task_id}")


def visible_rng(set_id: str, task_id: str) -> np.random.Generator:
    """A generator for the visible part of a check: the same numbers under every key.

    What a grader says about the visible part is then about numbers that a student has seen.
    """
    return _generator(PUBLIC_KEY, f"{set_id}\0{task_id}\0visible")


def _generator(key: bytes, message: str) -> np.random.Generator:
    digest = hmac.new(key, message.encode(), hashlib.sha256).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32).tolist())
