"""Several answers in a row: a list, a tuple, or a generator that may never end."""

from itertools import islice
from types import GeneratorType
from typing import Any

from course_utils.checks.failure import CheckFailed, forgotten_return, sentence
from course_utils.checks.objects import belongs, describe, exactly
from course_utils.checks.remote import RemoteIterator


def sequence(got: Any, length: int, *, name: str = "the answer") -> tuple[Any, ...]:
    """Require a list, tuple or generator of ``length`` items and return them.

    Of a generator at most ``length + 1`` items are asked for. The items themselves are not looked
    at: pass each to a check of its own. Raises `CheckFailed`.
    """
    if exactly(got, GeneratorType) or belongs(got, RemoteIterator):
        items = tuple(islice(got, length + 1))
        came = "more" if len(items) > length else str(len(items))
    elif exactly(got, list, tuple):
        items, came = tuple(got[: length + 1]), str(len(got))
    else:
        hint = forgotten_return(got, name)
        complaint = f"wanted a list or tuple of {length} items, but {describe(got)} came."
        raise CheckFailed(sentence(name, complaint, hint))
    if len(items) != length:
        raise CheckFailed(sentence(name, f"wanted {length} items, but {came} came."))
    return items
