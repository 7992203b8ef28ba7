"""For flows that must go on without an answer: a marked fallback now, the real assessment later.

>>> with FailOpen(client) as judge:
...     verdict = judge.assess(event, request_id="signup-1042")
...     if verdict.decision == DECISION_ALLOW: ...

An event that got no answer is kept in memory and sent again in the background with the same request id, until it is
answered: it is then counted once, and ``on_late`` is told. What is still waiting when the process ends is lost, so
``pending`` wants watching.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import grpc

from sybilgate.client.aio import AsyncClient
from sybilgate.client.errors import ServiceError
from sybilgate.client.messages import AnyEvent, as_message
from sybilgate.client.sync import Client
from sybilgate.v1.assessment_pb2 import DECISION_ALLOW, Assessment, Decision
from sybilgate.v1.event_pb2 import Event

log = logging.getLogger(__name__)
#: These would fail again in the same way: the event is not sent again.
_HOPELESS = frozenset(
    {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.FAILED_PRECONDITION}
)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do. ``fallback`` marks a decision that nobody made: the service gave no answer, because of ``reason``."""

    decision: Decision
    assessment: Assessment | None = None
    fallback: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Waiting:
    event: Event
    request_id: str


class _Queue:
    """What waits, oldest first, at most ``most``; and how long to pause after failures in a row."""

    def __init__(self, most: int, fallback: Decision, on_late: Callable[[Assessment], None] | None) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.most, self.fallback, self.on_late = most, fallback, on_late
        self.failures = 0

    def failed(self, event: Event, request_id: str, error: ServiceError) -> Verdict:
        reason = error.reason or error.code.name
        if error.code in _HOPELESS:
            log.error("the service refused an event: %s", reason)
        elif len(self.waiting) < self.most:
            self.waiting.append(_Waiting(event, request_id))
        else:
            log.error("%d events wait for the service: one more was given up", self.most)
        return Verdict(self.fallback, fallback=True, reason=reason)

    def sent(self, late: Assessment | None) -> None:
        """The oldest was answered, or never will be."""
        self.failures = 0
        self.waiting.popleft()
        if late is not None and self.on_late is not None:
            self.on_late(late)

    def pause(self) -> float:
        """Seconds, doubling from half a second to thirty, each drawn from the upper half."""
        self.failures += 1
        longest: float = min(_FIRST_PAUSE * 2 ** (self.failures - 1), _LONGEST_PAUSE)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 -- a pause is no secret


class FailOpen:
    """Over a ``Client``. ``timeout``: seconds a flow waits for its answer; ``fallback``: what to do without one;
    ``most``: events kept; ``on_late`` is called by a thread of its own."""

    def __init__(
        self,
        client: Client,
        *,
        timeout: float = 0.5,
        fallback: Decision = DECISION_ALLOW,
        most: int = 10_000,
        on_late: Callable[[Assessment], None] | None = None,
    ) -> None:
        self._client, self._timeout = client, timeout
        self._queue = _Queue(most, fallback, on_late)
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="fail-open", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pending(self) -> int:
        """Events that wait to be sent again."""
        return len(self._queue.waiting)

    def assess(self, event: AnyEvent, *, request_id: str | None = None) -> Verdict:
        """The service's decision or, in time, the fallback. Raises ValueError only for an event that cannot be made."""
        message, request_id = as_message(event), request_id or uuid.uuid4().hex
        try:
            made = self._client.create_assessment(message, request_id=request_id, timeout=self._timeout)
        except ServiceError as error:
            with self._changed:
                verdict = self._queue.failed(message, request_id, error)
                self._changed.notify()
            return verdict
        return Verdict(made.decision, made)

    def close(self) -> None:
        """Stop sending; what waits is given up. The client stays open."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._queue.waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                item = self._queue.waiting[0]
            self._send(item)

    def _send(self, item: _Waiting) -> None:
        late = None
        try:
            late = self._client.create_assessment(item.event, request_id=item.request_id)
        except ServiceError as error:
            if error.code not in _HOPELESS:
                pause = error.retry_after or self._queue.pause()
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, pause)
                return
            log.error("the service refused an event: %s", error.reason)
        self._queue.sent(late)


class AsyncFailOpen:
    """The same over an ``AsyncClient``; ``on_late`` is called in its event loop."""

    def __init__(
        self,
        client: AsyncClient,
        *,
        timeout: float = 0.5,
        fallback: Decision = DECISION_ALLOW,
        most: int = 10_000,
        on_late: Callable[[Assessment], None] | None = None,
    ) -> None:
        self._client, self._timeout = client, timeout
        self._queue = _Queue(most, fallback, on_late)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def pending(self) -> int:
        """Events that wait to be sent again."""
        return len(self._queue.waiting)

    async def assess(self, event: AnyEvent, *, request_id: str | None = None) -> Verdict:
        """The service's decision or, in time, the fallback. Raises ValueError only for an event that cannot be made."""
        message, request_id = as_message(event), request_id or uuid.uuid4().hex
        try:
            made = await self._client.create_assessment(message, request_id=request_id, timeout=self._timeout)
        except ServiceError as error:
            verdict = self._queue.failed(message, request_id, error)
            if self._queue.waiting and (self._task is None or self._task.done()):
                self._task = asyncio.create_task(self._work())
            return verdict
        return Verdict(made.decision, made)

    async def close(self) -> None:
        """Stop sending; what waits is given up. The client stays open."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while self._queue.waiting:
            item, late = self._queue.waiting[0], None
            try:
                late = await self._client.create_assessment(item.event, request_id=item.request_id)
            except ServiceError as error:
                if error.code not in _HOPELESS:
                    await asyncio.sleep(error.retry_after or self._queue.pause())
                    continue
                log.error("the service refused an event: %s", error.reason)
            self._queue.sent(late)
