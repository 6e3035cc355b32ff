"""What the checker may say about a task: a fixed schema that the orchestrator enforces.

The checker reads what students sent, so the orchestrator believes only this much of it: a state of
the list, whether the check passed (points come from the manifest, never from the checker), and
short texts.
"""

from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

GRADED = "graded"
RAISED = "raised"
TIMED_OUT = "timed out"
CRASHED = "crashed"
UNREADABLE = "unreadable"
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
UNSCORED = (CHECK_FAILED, INFRASTRUCTURE, AWAITING)
FAULTS = (CHECK_FAILED, INFRASTRUCTURE)

MAX_BYTES = 64 * 2**10
MAX_MESSAGE = 2_000
MAX_NOTES = 20

_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["task", "state", "passed", "message", "notes", "recheck"],
    "properties": {
        "task": {"type": "string", "maxLength": 200},
        "state": {"enum": list(STATES)},
        "passed": {"type": "boolean"},
        "message": {"type": "string", "maxLength": MAX_MESSAGE},
        "notes": {
            "type": "array",
            "maxItems": MAX_NOTES,
            "items": {"type": "string", "maxLength": MAX_MESSAGE},
        },
        "recheck": {"type": "boolean"},
    },
}
_VALIDATOR = Draft202012Validator(_SCHEMA)


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
        if not _VALIDATOR.is_valid(data) or data["task"] not in tasks:
            raise VerdictError("the checker sent something that is no verdict")
        return Verdict(**{**data, "notes": tuple(data["notes"])})


def cut(text: str) -> str:
    """``text`` without control characters or lone surrogates, at most ``MAX_MESSAGE`` long."""
    plain = text[:MAX_MESSAGE].encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() or c == "\n" else " " for c in plain)
