"""How a batch is graded: limits, workers, key. One frozen object from the command line down."""

from dataclasses import dataclass

from course_utils.grading.jail.sandbox import Caps
from course_utils.problem_sets.limits import CELL_SECONDS, MEMORY

JAIL = Caps(address_space=3072, data=MEMORY, threads=16, file_size=32, cpu=900)
CHECKER = Caps(address_space=6144, data=2048, threads=16, file_size=1, cpu=60)


@dataclass(frozen=True)
class Settings:
    """``cpu`` and ``wall`` are seconds for one cell or the check of one task, those in which other
    programs kept it from running not counted; ``idle`` are seconds in which student code may do
    nothing while the grader waits for it.

    ``warm`` modules, and those that the set imports, are imported once for all submissions.
    ``jail`` and ``checker`` cap the two kinds of processes (`sandbox.Caps`: MiB, threads, seconds).
    """

    workers: int = 1
    cpu: float = CELL_SECONDS
    wall: float = 60.0
    idle: float = 20.0
    class_key: bytes | None = None
    trust: bool = False
    warm: tuple[str, ...] = ("numpy", "matplotlib.pyplot")
    jail: Caps = JAIL
    checker: Caps = CHECKER

    def patience(self, tasks: int) -> float:
        """Seconds after which a checker that says nothing any more is ended."""
        return 60.0 + self.checker.cpu + 3 * self.wall * (tasks + 4)
