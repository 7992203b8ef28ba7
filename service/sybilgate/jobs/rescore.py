"""Running a job that assesses existing accounts again: block after block, from wherever it was left.

A block and the place that the job then stands at are one transaction, which holds only for whoever still owns the job:
killed anywhere and taken up again, also by two at once, a job assesses every account exactly once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace

from sybilgate.app.ports import Jobs
from sybilgate.app.rescoring import Block, JobLost, Rescorer
from sybilgate.core.rescoring import ENDED, JobRecord, JobState
from sybilgate.errors import ModelRejected, NotFound

#: Accounts in a block, when nobody else works on the store and beside a server.
BLOCK, SMALL_BLOCK = 2000, 200
#: Seconds after which somebody who runs a job and was not heard of is taken for dead.
LEASE = 60.0
_AHEAD = 3

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Runner:
    """``rescorer``: by the name of a model, empty for the one that serves; raises ModelRejected. ``share``: of the
    time, spent working; the rest is left to others. ``owner`` is told apart from all others'. ``ahead`` has a block
    scored by another process, by a model and the accounts' ids."""

    store: Jobs
    rescorer: Callable[[str], Rescorer]
    clock: Callable[[], float]
    owner: str
    block: int = BLOCK
    share: float = 1.0
    ahead: Callable[[str, list[str]], Future[Block]] | None = None

    def run(self, job_id: str, stop: threading.Event, tell: Tell = lambda stage, done, total: None) -> JobRecord:
        """Run a job until it has ended, is somebody else's, or ``stop`` is set: it is then queued again.

        Raises NotFound, and what the store raises; the job then stays where it is."""
        with self.store.unit() as unit:
            now = self.clock()
            taken = unit.take_job(job_id, self.owner, now, now - LEASE)
        job = self._job(job_id)
        if not taken:
            return job
        try:
            job, rescorer = self._begin(job)
            began = told = time.monotonic()
            for block in self._blocks(rescorer, job):
                with self.store.unit() as unit:
                    # What it takes to write a block is told with the next one.
                    job, told = rescorer.write(unit, job, block, (now := time.monotonic()) - told), now
                tell("assess", job.done, job.total)
                worked = time.monotonic()
                stop.wait((worked - began) * (1.0 / self.share - 1.0))
                began = time.monotonic()
                told += began - worked
                if stop.is_set():
                    return self._end(job, JobState.QUEUED)
            job = replace(job, seconds=job.seconds + time.monotonic() - told)
            return self._end(job, JobState.SUCCEEDED)
        except JobLost:
            return self._job(job_id)
        except ModelRejected as error:
            return self._end(job, JobState.FAILED, str(error))

    def _begin(self, job: JobRecord) -> tuple[JobRecord, Rescorer]:
        """Settle the model and the number of accounts, once for all runs."""
        rescorer = self.rescorer(job.model)
        if job.start_time:
            return job, rescorer
        with self.store.view() as view:
            total = view.count(job)
        models = rescorer.assessor.pipeline().models
        begun = replace(job, model=models.name if models else "", total=total, start_time=self.clock())
        self._set(begun, job.cursor)
        return begun, rescorer

    def _blocks(self, rescorer: Rescorer, job: JobRecord) -> Iterator[Block]:
        """The blocks that are left, in order. Where others score, they are a few blocks ahead."""
        if self.ahead is None:
            yield from (self._score(rescorer, names) for names in self._names(job))
            return
        waiting: deque[Future[Block]] = deque()
        for names in self._names(job):
            waiting.append(self.ahead(job.model, names))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _names(self, job: JobRecord) -> Iterator[list[str]]:
        """The accounts that are left, a block at a time; each block is asked for when it is wanted."""
        cursor = job.cursor
        while True:
            with self.store.view() as view:
                names = view.names(job, cursor, self.block)
            if not names:
                return
            yield names
            cursor = names[-1]

    def _score(self, rescorer: Rescorer, names: list[str]) -> Block:
        with self.store.view() as view:
            return rescorer.score(view, names)

    def _end(self, job: JobRecord, state: JobState, error: str = "") -> JobRecord:
        """Leave a job, for good or to whoever takes it up."""
        now = self.clock()
        ended = replace(job, state=int(state), owner="", update_time=now, error=error)
        if state in ENDED:
            ended = replace(ended, end_time=now, cursor="")
        try:
            self._set(ended, job.cursor)
        except JobLost:
            return self._job(job.job_id)
        return ended

    def _set(self, job: JobRecord, cursor: str) -> None:
        with self.store.unit() as unit:
            if not unit.set_job(job, self.owner, cursor):
                raise JobLost

    def _job(self, job_id: str) -> JobRecord:
        job = self.store.job(job_id)
        if job is None:
            raise NotFound("no such job")
        return job
