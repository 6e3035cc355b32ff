"""Comparisons that explain: what student notebooks call and the grader trusts.

A check looks at type, then shape, then dtype kind, then finiteness, then values; nothing
broadcasts, and no method of a student's class is ever called. What fails raises `CheckFailed` with
a message for students: what was wanted, what came, the first wrong time step, batch row and unit,
and the likely cause.
"""

from course_utils.checks.arrays import array, arrays, names
from course_utils.checks.calls import call, inplace, raises
from course_utils.checks.failure import CheckFailed
from course_utils.checks.form import form
from course_utils.checks.remote import RemoteError, RemoteFunction, RemoteIterator
from course_utils.checks.scalars import choice, integer, number, numbers, text
from course_utils.checks.seeds import rng, set_class_key, visible_rng
from course_utils.checks.sequences import sequence

__all__ = [
    "CheckFailed",
    "RemoteError",
    "RemoteFunction",
    "RemoteIterator",
    "array",
    "arrays",
    "call",
    "choice",
    "form",
    "inplace",
    "integer",
    "names",
    "number",
    "numbers",
    "raises",
    "rng",
    "sequence",
    "set_class_key",
    "text",
    "visible_rng",
]
