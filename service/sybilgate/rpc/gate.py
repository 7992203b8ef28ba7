"""Refusals at the door: what would wait too long is turned away before it costs anything.

A full queue alone comes too late. By then hundreds of threads read, check and convert requests that nobody will answer
in time, and take the interpreter from those that are being answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import grpc
from grpc_status import rpc_status

from sybilgate.errors import Overloaded
from sybilgate.rpc.batching import Batcher, Limits
from sybilgate.rpc.status import status_of

#: Calls that wait for a micro-batch.
QUEUED = frozenset(
    {
        "/sybilgate.v1.AssessmentService/CreateAssessment",
        "/sybilgate.v1.EventService/CreateEvent",
        "/sybilgate.v1.EventService/BatchCreateEvents",
        "/sybilgate.v1.RescoreService/AssessAccounts",
    }
)
#: Seconds of work that may be under way, as far as the last batches tell; so many calls may be whatever they tell.
_WORK_SECONDS, _ALWAYS = 0.25, 96
_RETRY_SECONDS = 0.5


class Gate(grpc.ServerInterceptor):  # type: ignore[misc]
    """Counts the calls under way and lets no more in than are answered soon. ``queue`` is set before the server
    starts."""

    queue: Batcher

    def __init__(self, limits: Limits) -> None:
        self._most = limits.queued_tasks + limits.batch_events
        self._active = 0
        self._lock = threading.Lock()
        self._status = rpc_status.to_status(status_of(Overloaded("too many requests are under way", _RETRY_SECONDS)))
        self._refusal = grpc.unary_unary_rpc_method_handler(self._refuse)

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        if details.method not in QUEUED:
            return continuation(details)
        if self._active >= self._room():
            return self._refusal
        handler = continuation(details)
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._admit(handler, request, context),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _admit(self, handler: Any, request: Any, context: grpc.ServicerContext) -> Any:
        with self._lock:
            admitted = self._active < self._room()
            self._active += admitted
        if not admitted:
            self._refuse(request, context)
        try:
            return handler.unary_unary(request, context)
        finally:
            with self._lock:
                self._active -= 1

    def _refuse(self, request: Any, context: grpc.ServicerContext) -> Any:
        context.abort_with_status(self._status)

    def _room(self) -> int:
        """How many calls may be under way."""
        return min(self._most, max(_ALWAYS, int(_WORK_SECONDS / self.queue.seconds_per_event)))
