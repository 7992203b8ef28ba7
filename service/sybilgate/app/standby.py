"""Answers go on while the store is away: events are scored by what this process remembers, kept in the spool, and
applied once when the store is back.

The store is left when it refuses twice in a row, or does not answer in time; from then on nobody waits for it, and a
thread of its own asks every second whether it is back. It is trusted again once it has passed the check of the start
and taken the oldest of the spool. Whatever was scored without it is then assessed again, with links.

Every request has an id, its caller's or one made up, so that an attempt that was given up and came through after all
counts once. What needs the store (labels, accounts to be re-scored) is refused meanwhile; so is everything once the
spool is full or its disk fails, because an acknowledgement is a promise.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sybilgate.app.assess import Assessor
from sybilgate.app.attempt import Attempts, Caller, GaveUp
from sybilgate.app.batch import Answer
from sybilgate.app.replay import Replay
from sybilgate.app.spooled import Spool, Spooled, decode, degraded, encode, late_task, observations
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.campaign.records import DueRecord
from sybilgate.core.pipeline import Pipeline
from sybilgate.errors import RequestIdReused, SybilgateError, Unavailable

log = logging.getLogger(__name__)
#: Seconds between two questions whether the store is back.
LOOK_SECONDS = 1.0
#: Seconds that each event or account adds to the time a batch may take.
_PER_EVENT = 0.005
#: Requests of the spool that are stored at a time.
_SLICE = 64
#: Accounts that the process remembers before it begins anew; 10 KiB each.
_REMEMBERED = 5_000
#: Request ids of callers hold no such character.
_OWN_ID = "own/"
_REFUSED = "the store does not answer"
#: Why accounts are assessed again that were scored without the store.
CAUSE = "recovered"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that an attempt may take, for a single event, and between two looks at a store that is away."""

    attempt: float = 2.0
    look: float = LOOK_SECONDS


class Standby:
    """Stands before the assessor, and for it. ``pipeline`` must not ask the store. One thread calls ``run``."""

    def __init__(
        self,
        assessor: Assessor,
        spool: Spool,
        pipeline: Callable[[], Pipeline],
        patience: Patience = Patience(),
        attempts: Caller | None = None,
    ) -> None:
        #: What is asked while the store answers; to be replaced, if at all, before the first call.
        self.assessor = assessor
        self._spool, self._pipeline, self._patience = spool, pipeline, patience
        self._attempts: Caller = attempts or Attempts()
        self._away = False
        self._memory: Replay | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="standby", daemon=True)

    @property
    def away(self) -> bool:
        """Whether the store is left alone for now."""
        return self._away

    @property
    def waiting(self) -> int:
        """Acknowledged requests that the store does not have yet."""
        return len(self._spool)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread. What waits stays in the spool."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._attempts.close()
        self._spool.close()

    def run(self, tasks: Sequence[Task]) -> list[Answer]:
        """As ``Assessor.run``, whether or not the store answers."""
        named = [task if task.request_id else replace(task, request_id=self._own_id()) for task in tasks]
        answers = [self._told(task) for task in named]
        rest = [t for t, answer in enumerate(answers) if answer is None]
        if rest:
            made = self._answer([named[t] for t in rest])
            for t, answer in zip(rest, made, strict=True):
                answers[t] = answer
        return [answer for answer in answers if answer is not None]

    def recover(self) -> bool:
        """One step: look whether the store is back, and give it the oldest of the spool. False if there is no more
        to do for now. Raises what goes wrong."""
        if self._away and self._attempts.busy:
            return False
        if self._away:
            self._attempts.run(self.assessor.store.check, self._patience.attempt)
        kept = self._head()
        if kept:
            self._store(kept)
        if self._away:
            self._away, self._memory = False, None
            log.warning("the store is back; %d requests wait in the spool", len(self._spool))
        return len(self._spool) > 0

    def _head(self) -> list[tuple[str, Spooled]]:
        """The oldest of the spool. What this build cannot read is put aside, so that the rest does not wait for it."""
        kept: list[tuple[str, Spooled]] = []
        for key, body in self._spool.head(_SLICE):
            try:
                kept.append((key, decode(body)))
            except (ValueError, KeyError, TypeError):
                if not kept:
                    self._spool.reject(key)
                break
        return kept

    def _own_id(self) -> str:
        return _OWN_ID + self.assessor.new_id()

    def _told(self, task: Task) -> Answer | None:
        """The answer to a request that waits in the spool."""
        body = self._spool.find(task.request_id or "") if len(self._spool) else None
        if body is None:
            return None
        kept = decode(body)
        if kept.digest != task.digest:
            return RequestIdReused(f"request_id {task.request_id} was used before with another payload")
        return replace(kept.result, replayed=True)

    def _answer(self, tasks: list[Task]) -> list[Answer]:
        since = self.assessor.clock()
        # A connection that died while nobody used it is noticed by the first attempt, and made anew by the second.
        for _ in range(2):
            if not self._away:
                try:
                    return self._attempts.run(lambda: self.assessor.run(tasks), self._time_for(tasks))
                except Unavailable as error:
                    fault = str(error)
                except GaveUp:
                    fault = "it took too long"
                    break
        if not self._away:
            self._away = True
            log.error("going on without the store: %s", fault)
        return self._alone(tasks, since)

    def _time_for(self, tasks: Sequence[Task]) -> float:
        size = sum(len(task.events) + len(task.account_ids) for task in tasks)
        return self._patience.attempt + _PER_EVENT * size

    def _alone(self, tasks: list[Task], since: float) -> list[Answer]:
        """Answers without the store, once they are in the spool."""
        answers: list[Answer] = [Unavailable(_REFUSED) for _ in tasks]
        first: dict[str, int] = {}
        for t, task in enumerate(tasks):
            if _needs_no_store(task):
                first.setdefault(task.request_id or "", t)
        if not first:
            return answers
        made = self.assessor.unstored([tasks[t] for t in first.values()], self._remembered())
        kept: dict[str, Spooled] = {}
        for (key, t), one in zip(first.items(), made, strict=True):
            kept[key] = Spooled(
                key, tasks[t].digest, tasks[t].mode, since, tuple(one.events), tuple(one.made), tuple(one.before)
            )
        try:
            self._spool.append([(key, encode(item)) for key, item in kept.items()])
        except OSError as error:
            log.error("nothing can be acknowledged: %s", error)
            return [Unavailable(f"{_REFUSED}, and the spool takes no more") for _ in tasks]
        for t, task in enumerate(tasks):
            item = kept.get(task.request_id or "")
            if item is not None and _needs_no_store(task):
                answers[t] = _answer_of(item, task, again=first[item.request_id] != t)
        return answers

    def _remembered(self) -> Replay:
        pipeline = self._pipeline()
        memory = self._memory
        if memory is None or memory.pipeline is not pipeline or len(memory.accounts) > _REMEMBERED:
            self._memory = memory = Replay(pipeline)
        return memory

    def _store(self, kept: list[tuple[str, Spooled]]) -> None:
        """Apply requests of the head of the spool, then forget them there."""
        # What was missing is told of a batch as a whole.
        alike = [(key, item) for key, item in kept if degraded(item) == degraded(kept[0][1])]
        slice_ = alike if len(alike) == len(kept) else kept[:1]
        try:
            self._apply([item for _, item in slice_])
        except (SybilgateError, GaveUp):
            raise
        except Exception as error:
            log.error("%d requests of the spool failed: %s", len(slice_), type(error).__name__)
            for key, item in slice_:
                self._store_one(key, item)
            return
        self._spool.drop([key for key, _ in slice_])

    def _store_one(self, key: str, item: Spooled) -> None:
        try:
            self._apply([item])
        except (SybilgateError, GaveUp):
            raise
        except Exception as error:
            log.error("a request of the spool failed: %s", type(error).__name__)
            self._spool.reject(key)
        else:
            self._spool.drop([key])

    def _apply(self, kept: list[Spooled]) -> None:
        tasks = [self._late(item) for item in kept]
        answers = self._apply_tasks(tasks, kept)
        reused = [i for i, answer in enumerate(answers) if isinstance(answer, RequestIdReused)]
        if reused:
            # Another replica took the id for something else meanwhile; both were acknowledged, so both count.
            renamed = [
                replace(tasks[i], request_id=f"late/{tasks[i].request_id}/{tasks[i].digest.hex()[:16]}") for i in reused
            ]
            self._apply_tasks(renamed, [kept[i] for i in reused])

    def _apply_tasks(self, tasks: list[Task], kept: list[Spooled]) -> list[Answer]:
        observed = replace(observations(kept), degraded=tuple(filter(None, degraded(kept[0]).split(","))))
        return self._attempts.run(lambda: self.assessor.store_late(tasks, observed), self._time_for(tasks))

    def _late(self, item: Spooled) -> Task:
        now = self.assessor.clock()
        names = {made.account_id for made in item.told}
        return replace(late_task(item), due=tuple(DueRecord(name, CAUSE, now) for name in sorted(names)))

    def _run(self) -> None:
        more, told = False, ""
        while not self._stop.wait(0.0 if more else self._patience.look):
            try:
                self._spool.adopt()
                more = self.recover() if self._away or len(self._spool) else False
                told = ""
            except (Unavailable, GaveUp):
                more = False
            except Exception as error:
                # Whatever it is, the thread goes on: what was promised stays promised.
                what = f"{type(error).__name__}: {error}" if isinstance(error, SybilgateError) else type(error).__name__
                if what != told:
                    log.error("the store cannot be used: %s", what)
                more, told = False, what


def _needs_no_store(task: Task) -> bool:
    return task.mode is not Mode.RESCORE and not (task.account_ids or task.labels or task.due or task.done)


def _answer_of(kept: Spooled, task: Task, again: bool) -> Answer:
    if kept.digest != task.digest:
        return RequestIdReused(f"request_id {task.request_id} was used before with another payload")
    return Result(assessments=kept.told, seqs=kept.result.seqs, replayed=again)
