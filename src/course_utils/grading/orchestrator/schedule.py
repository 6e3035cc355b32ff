"""Decides what runs where, and what runs again.

Submissions go to workers as they come free. What must not count yet (a result close to a limit, a
kill without a known cause, a checker that died, a worker that failed) is run once more, alone, when
everything else is done.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import SimpleQueue

from course_utils.grading.orchestrator.worker import (
    CheckerDiedError,
    Judgement,
    Worker,
    WorkerError,
)
from course_utils.grading.settings import Settings
from course_utils.grading.verdict import CHECK_FAILED, INFRASTRUCTURE, Verdict
from course_utils.problem_sets.release import Folder


@dataclass(frozen=True)
class Job:
    """A submission to grade, and the tasks that have no verdict yet."""

    sha256: str
    raw: bytes
    tasks: frozenset[str]


@dataclass(frozen=True)
class _Again:
    """A first try that does not count; ``died`` is the task that took the checker with it."""

    job: Job
    died: str | None = None


class Scheduler:
    """The workers of one batch. Use as a context: at its end nothing is left running."""

    def __init__(self, folder: Folder, settings: Settings) -> None:
        self.folder, self.settings = folder, settings
        self.workers: list[Worker] = []

    def __enter__(self) -> "Scheduler":
        try:
            for place in range(self.settings.workers):
                self.workers.append(self._new(place))
            for worker in self.workers:
                worker.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _new(self, place: int = 0) -> Worker:
        return Worker(self.folder, self.settings, place)

    def stop(self) -> None:
        """End every worker."""
        for worker in self.workers:
            worker.stop()
        self.workers = []

    def judge(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Judgement]]:
        """Judge every job, in the order in which they finish."""
        again: list[_Again] = []
        free: SimpleQueue[Worker] = SimpleQueue()
        for worker in self.workers:
            free.put(worker)

        def first(job: Job) -> Judgement | _Again:
            worker = free.get()
            try:
                return _first(worker, job)
            finally:
                free.put(worker)

        with ThreadPoolExecutor(len(self.workers)) as pool:
            try:
                for job, outcome in _each(pool, first, jobs, 2 * len(self.workers)):
                    if isinstance(outcome, _Again):
                        again.append(outcome)
                    else:
                        yield job, outcome
            except BaseException:
                self.stop()  # the pool's threads see their workers go and end
                raise
        for one in again:
            yield one.job, self.alone(one.job, one.died)

    def alone(self, job: Job, died: str | None = None) -> Judgement:
        """Judge while nothing else runs; what it says counts.

        A check that takes the checker with it twice is left out; a worker that fails is renewed
        once.
        """
        deaths, failures = Counter([died] if died else []), 0
        while True:
            broken = frozenset(task for task, count in deaths.items() if count > 1)
            try:
                return self.workers[0].grade(job.raw, job.tasks, broken=broken, alone=True)
            except CheckerDiedError as end:
                deaths[end.task or ""] += 1
                if deaths[""] > 1:
                    text = "The checker ended before any check. Your work was not judged."
                    return _all(job, CHECK_FAILED, text)
            except WorkerError as ours:
                failures += 1
                if failures > 1:
                    return _all(job, INFRASTRUCTURE, f"The grader failed: {ours}.")
                self.workers[0].stop()
                self.workers[0] = self._new()
                self.workers[0].wait()


def _first(worker: Worker, job: Job) -> Judgement | _Again:
    try:
        judgement = worker.grade(job.raw, job.tasks)
    except CheckerDiedError as end:
        return _Again(job, end.task)
    except WorkerError:
        return _Again(job)
    doubtful = any(verdict.recheck for verdict in judgement.verdicts)
    return _Again(job) if doubtful else judgement


def _all(job: Job, state: str, message: str) -> Judgement:
    return Judgement([Verdict(task, state, message=message) for task in sorted(job.tasks)])


def _each(
    pool: ThreadPoolExecutor,
    work: Callable[[Job], Judgement | _Again],
    jobs: Iterable[Job],
    window: int,
) -> Iterator[tuple[Job, Judgement | _Again]]:
    """Results as they come, with at most ``window`` jobs in memory."""
    pending: dict[Future, Job] = {}
    for job in jobs:
        pending[pool.submit(work, job)] = job
        while len(pending) >= window:
            yield from _done(pending)
    while pending:
        yield from _done(pending)


def _done(pending: dict[Future, Job]) -> Iterator[tuple[Job, Judgement | _Again]]:
    for future in wait(pending, return_when=FIRST_COMPLETED).done:
        yield pending.pop(future), future.result()
