"""EventService."""

from __future__ import annotations

import grpc

from sybilgate.app.task import Mode
from sybilgate.rpc import calls
from sybilgate.rpc.batching import Batcher
from sybilgate.rpc.convert import event_from
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.validation import check
from sybilgate.v1 import event_service_pb2 as api
from sybilgate.v1 import event_service_pb2_grpc as stubs


class EventServicer(stubs.EventServiceServicer):
    def __init__(self, backend: Backend, batcher: Batcher) -> None:
        self._backend = backend
        self._batcher = batcher

    def CreateEvent(self, request: api.CreateEventRequest, context: grpc.ServicerContext) -> api.CreateEventResponse:
        check(request)
        events = (event_from(request.event),)
        task = calls.make_task(
            self._backend.keyring, request, Mode.RECORD, request_id=request.request_id, events=events
        )
        result = calls.run(self._batcher, task, context)
        return api.CreateEventResponse(sequence=result.seqs[0], replayed=result.replayed)

    def BatchCreateEvents(
        self, request: api.BatchCreateEventsRequest, context: grpc.ServicerContext
    ) -> api.BatchCreateEventsResponse:
        check(request)
        events = tuple(map(event_from, request.events))
        task = calls.make_task(
            self._backend.keyring, request, Mode.RECORD, request_id=request.request_id, events=events
        )
        result = calls.run(self._batcher, task, context)
        return api.BatchCreateEventsResponse(sequences=result.seqs, replayed=result.replayed)
