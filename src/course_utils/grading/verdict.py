"""What the checker may say about a task: a fixed schema that the orchestrator enforces.

The checker reads what students sent, so the orchestrator believes only this much of it: a state of
the list, whether the check passed (points come from the manifest, never from the checker), and
short texts.
"""

from dataclasses import dataclass
from typing import Any

GRADED = "graded"
RAISED = "raised"
TIMED_OUT = "timed out"
CRASHED = "crashed"
UNREADABLE = "unreadable"  # says the checker; the grade sheets say that it needs a look
NEEDS_LOOK = "needs a look"
NONDETERMINISTIC = "nondeterministic"
CHECK_FAILED = "check failed"
INFRASTRUCTURE = "infrastructure error"
AWAITING = "awaiting marking"

STATES = (
    GRADED,
    RAISED,
    TIMED_OUT,
    CRASHED,
    UNREADABLE,
    NONDETERMINISTIC,
    CHECK_FAILED,
    INFRASTRUCTURE,
    AWAITING,
)
UNSCORED = (UNREADABLE, NEEDS_LOOK, CHECK_FAILED, INFRASTRUCTURE, AWAITING)
FAULTS = (CHECK_FAILED, INFRASTRUCTURE)
LOUD = (*FAULTS, NEEDS_LOOK)  # named on the terminal, and the exit code is 1

MAX_BYTES = 64 * 2**10
MAX_MESSAGE = 2_000
MAX_NOTES = 20


class VerdictError(Exception):
    """The checker sent something that is no verdict."""


@dataclass(frozen=True)
class Verdict:
    """The outcome of one task: ``recheck`` asks for a run alone before it counts."""

    task: str
    state: str
    passed: bool = False
    message: str = ""
    notes: tuple[str, ...] = ()
    recheck: bool = False

    def plain(self) -> dict[str, Any]:
        """Plain data for the wire, cut to the schema's sizes."""
        return {
            "task": self.task,
            "state": self.state,
            "passed": self.passed,
            "message": cut(self.message),
            "notes": [cut(note) for note in self.notes[:MAX_NOTES]],
            "recheck": self.recheck,
        }

    @staticmethod
    def from_plain(data: Any, tasks: frozenset[str]) -> "Verdict":
        """Read a verdict on one of ``tasks``. Raises `VerdictError` for anything else."""
        if not _sound(data) or data["task"] not in tasks:
            raise VerdictError("the checker sent something that is no verdict")
        return Verdict(**{**data, "notes": tuple(data["notes"])})


def _sound(data: Any) -> bool:
    """The schema: exactly these fields, these types, these lengths, a known state."""
    fields = {"task", "state", "passed", "message", "notes", "recheck"}
    return (
        type(data) is dict
        and data.keys() == fields
        and _short(data["task"])
        and data["state"] in STATES
        and type(data["passed"]) is type(data["recheck"]) is bool
        and (data["state"] in (GRADED, NONDETERMINISTIC) or not data["passed"])
        and _short(data["message"])
        and type(data["notes"]) is list
        and len(data["notes"]) <= MAX_NOTES
        and all(map(_short, data["notes"]))
    )


def _short(text: Any) -> bool:
    return type(text) is str and len(text) <= MAX_MESSAGE


def cut(text: str) -> str:
    """``text`` without control characters or lone surrogates, at most ``MAX_MESSAGE`` long."""
    plain = text[:MAX_MESSAGE].encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() or c == "\n" else " " for c in plain)
