"""Assess again the accounts that something happened around: a neighbour was labelled, a campaign grew.

One account is one task, which removes what was due in the transaction that stores the assessment: it is assessed once
whatever breaks, and by one replica, because the request id is that of the line. Signups come first: a slice is handed
over when nobody waits, or when it has waited its turn.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from sybilgate.app.ports import Reviews
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.campaign.records import DueRecord
from sybilgate.errors import SybilgateError
from sybilgate.rpc.batching import Batcher

log = logging.getLogger(__name__)
#: Accounts in a slice; seconds between looks at an empty list, and that a slice lets signups pass.
SLICE = 64
LOOK_SECONDS, TURN_SECONDS = 0.5, 0.25
#: Seconds to wait after a slice that failed.
_PAUSE = 1.0
#: Seconds until an account whose assessment failed by itself is tried again.
_LATER = 3600.0
_STEP = 0.005


class DueWorker:
    """A thread of the server. ``clock``: unix seconds."""

    def __init__(self, store: Reviews, batcher: Batcher, clock: Callable[[], float]) -> None:
        self._store, self._batcher, self._clock = store, batcher, clock
        self._told = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="due-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the slice that was handed over is done first."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def slice(self) -> int:
        """Assess the accounts longest due, at most a slice of them; how many there were."""
        rows = self._store.due(self._clock(), SLICE)
        if rows:
            self._let_pass()
            given = [self._batcher.submit(_task(row)) for row in rows]
            self._put_off([row for row, one in zip(rows, given, strict=True) if _broken(one)])
        return len(rows)

    def _put_off(self, rows: list[DueRecord]) -> None:
        """What fails by itself, not for want of a store, would stand at the head of the list for good."""
        if rows:
            log.error("%d accounts that are due cannot be assessed; tried again in an hour", len(rows))
            with self._store.unit() as unit:
                unit.dequeue([row.seq for row in rows])
                unit.enqueue([replace(row, time=self._clock() + _LATER) for row in rows])

    def _run(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                pause = 0.0 if self.slice() == SLICE else LOOK_SECONDS
                self._told = ""
            except Exception as error:
                # Whatever it is, the thread goes on: what is due stays due.
                self._tell(type(error).__name__ + (f": {error}" if isinstance(error, SybilgateError) else ""))
                pause = _PAUSE

    def _let_pass(self) -> None:
        end = time.monotonic() + TURN_SECONDS
        while self._batcher.waiting and time.monotonic() < end and not self._stop.is_set():
            time.sleep(_STEP)

    def _tell(self, what: str) -> None:
        """Once, until it goes well again."""
        if what != self._told:
            log.error("accounts that are due wait: %s", what)
        self._told = what


def _broken(given: Future[Result]) -> bool:
    """Whether the assessment failed by a fault of ours. Raises what any other would have met, too."""
    error = given.exception()
    if isinstance(error, SybilgateError):
        raise error
    return error is not None


def _task(row: DueRecord) -> Task:
    return Task(
        mode=Mode.RESCORE,
        account_ids=(row.account_id,),
        request_id=f"due-{row.seq}",
        cause=row.cause,
        done=(row.seq,),
    )
