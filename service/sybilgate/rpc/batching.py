"""Natural micro-batches: one worker takes whatever queued while its previous batch ran. No timers.

An idle service answers one request as fast as it can; a busy one shares reads, commit and model calls.
The queue is bounded in tasks and in events, and refuses rather than makes everybody late.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field

from sybilgate.app.task import Result, Task
from sybilgate.errors import DeadlineExceeded, Overloaded, SybilgateError, Unavailable
from sybilgate.rpc.ports import Assessor

log = logging.getLogger(__name__)
_LATE = "the deadline passed before the answer"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the queue. A task larger than ``batch_events`` runs in a batch of its own."""

    batch_events: int = 256
    queued_tasks: int = 256
    queued_events: int = 4096


DEFAULT_LIMITS = Limits()


@dataclass(slots=True, eq=False)
class _Entry:
    task: Task
    size: int
    deadline: float | None
    future: Future[Result] = field(default_factory=Future)


class Batcher:
    """Feeds ``assessor.run`` from many threads through one. ``close`` answers what was accepted, then ends."""

    def __init__(self, assessor: Assessor, limits: Limits = DEFAULT_LIMITS) -> None:
        self._assessor = assessor
        self._limits = limits
        self._changed = threading.Condition()
        self._queue: deque[_Entry] = deque()
        self._events = 0
        self._closed = False
        self._seconds_per_event = 0.001
        self._worker = threading.Thread(target=self._work, name="batch-worker", daemon=True)
        self._worker.start()

    def run(self, task: Task, timeout: float | None = None) -> Result:
        """The task's result, waited for up to ``timeout`` seconds.

        Raises Overloaded when the queue is full, DeadlineExceeded when time ran out (a task already in a batch
        is still done: a retry with its request id finds it), Unavailable while draining, or the task's own error.
        """
        entry = self._put(task, timeout)
        try:
            return entry.future.result(timeout)
        except FutureTimeout:
            entry.future.cancel()
            raise DeadlineExceeded(_LATE) from None

    def submit(self, task: Task) -> Future[Result]:
        """The task's result to be, for work that nobody waits for. Raises Overloaded or Unavailable as ``run`` does."""
        return self._put(task, None).future

    @property
    def waiting(self) -> int:
        """Tasks in the queue."""
        return len(self._queue)

    @property
    def waiting_events(self) -> int:
        """Events and accounts in the queue."""
        return self._events

    @property
    def seconds_per_event(self) -> float:
        """What an event has cost lately, in batches of the size there were."""
        return max(self._seconds_per_event, 1e-6)

    def close(self, timeout: float | None = None) -> None:
        """Refuses new tasks, answers the accepted ones, ends the worker; waits for that up to ``timeout`` seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._worker.join(timeout)

    def _put(self, task: Task, timeout: float | None) -> _Entry:
        size = max(1, len(task.events) + len(task.account_ids))
        entry = _Entry(task, size, None if timeout is None else time.monotonic() + timeout)
        with self._changed:
            if self._closed:
                raise Unavailable("the server is stopping")
            full = len(self._queue) >= self._limits.queued_tasks
            if full or (self._queue and self._events + size > self._limits.queued_events):
                raise Overloaded("too many requests are waiting", self._retry_after())
            self._queue.append(entry)
            self._events += size
            self._changed.notify()
        return entry

    def _retry_after(self) -> float:
        """Seconds the present queue will take, as far as the last batches tell; 0.05 to 30."""
        return min(30.0, max(0.05, self._events * self._seconds_per_event))

    def _work(self) -> None:
        while batch := self._take():
            live = [entry for entry in batch if self._start(entry)]
            if live:
                self._answer(live)

    def _take(self) -> list[_Entry]:
        """The next batch; empty once closed and drained."""
        batch: list[_Entry] = []
        room = self._limits.batch_events
        with self._changed:
            while not self._queue and not self._closed:
                self._changed.wait()
            while self._queue and (not batch or self._queue[0].size <= room):
                entry = self._queue.popleft()
                room -= entry.size
                self._events -= entry.size
                batch.append(entry)
        return batch

    def _start(self, entry: _Entry) -> bool:
        """False if nobody waits for it any more."""
        if not entry.future.set_running_or_notify_cancel():
            return False
        if entry.deadline is not None and entry.deadline <= time.monotonic():
            entry.future.set_exception(DeadlineExceeded(_LATE))
            return False
        return True

    def _answer(self, batch: list[_Entry]) -> None:
        began = time.monotonic()
        answers = self._outcomes([entry.task for entry in batch])
        taken = (time.monotonic() - began) / sum(entry.size for entry in batch)
        self._seconds_per_event += 0.2 * (taken - self._seconds_per_event)
        for entry, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Result):
                entry.future.set_result(answer)
            else:
                entry.future.set_exception(answer)

    def _outcomes(self, tasks: list[Task]) -> list[Result | Exception]:
        """What became of each task. A batch that fails unexpectedly is run again task by task, so that one bad
        task fails alone: its transaction was rolled back, nothing counts twice."""
        try:
            answers = list(self._assessor.run(tasks))
            if len(answers) != len(tasks):
                raise RuntimeError(f"{len(answers)} answers to {len(tasks)} tasks")
            return list(answers)
        except SybilgateError as error:
            return [error] * len(tasks)
        except Exception as error:
            log.error("batch of %d failed: %s", len(tasks), type(error).__name__)
            if len(tasks) == 1:
                return [error]
        return [self._outcomes([task])[0] for task in tasks]
