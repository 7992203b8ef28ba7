"""Whatever bytes come, the answer is one the contract names, and no state is harmed."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any, cast

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.message import DecodeError, Message
from google.rpc.code_pb2 import Code

from sybilgate.app.ports import Store
from sybilgate.client import to_message
from sybilgate.core.event import EventType
from sybilgate.errors import InvalidInput, SybilgateError
from sybilgate.rpc.assessments import AssessmentServicer
from sybilgate.rpc.batching import Batcher
from sybilgate.rpc.events import EventServicer
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.server import SERVICES
from sybilgate.rpc.status import status_of
from sybilgate.rpc.validation import check
from sybilgate.v1 import assessment_service_pb2 as assessments
from sybilgate.v1 import event_service_pb2 as events
from tests.factories import KEYRING, assessor, signup
from tests.hostile import made, mutated
from tests.memory_store import MemoryStore
from tests.rpc_fakes import FakeExplainer
from tests.simulated import Loners

#: Cases of each method; SYBILGATE_LONG=1 for ten times as many.
CASES = 5_000 * (10 if os.environ.get("SYBILGATE_LONG") else 1)
ALLOWED = {Code.OK, Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED, Code.ALREADY_EXISTS, Code.NOT_FOUND}
METHODS = {
    "CreateAssessment": assessments.CreateAssessmentRequest,
    "ListAssessments": assessments.ListAssessmentsRequest,
    "CreateEvent": events.CreateEventRequest,
    "BatchCreateEvents": events.BatchCreateEventsRequest,
}


class Context:
    """A caller that waits for ever."""

    def time_remaining(self) -> None:
        return None

    def invocation_metadata(self) -> tuple[()]:
        return ()


class Nothing:
    """A reader of an empty store."""

    def assessments(self, account_id: str, limit: int, before: str | None) -> list[object]:
        return []

    def placements(self, account_ids: object) -> dict[str, tuple[int, int]]:
        return {}


class Service:
    """The servicers over a store in memory, called as the server would."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        serving = assessor(cast(Store, self.store), Loners())
        nothing: Any = Nothing()
        backend = Backend(serving, nothing, FakeExplainer(), KEYRING, nothing, nothing)
        self.batcher = Batcher(serving)
        self._servicers = (AssessmentServicer(backend, self.batcher), EventServicer(backend, self.batcher))

    def call(self, method: str, data: bytes) -> int:
        """The status code of the answer; what no status is made of on purpose is raised."""
        servicer: Any = next(one for one in self._servicers if method in vars(type(one)))
        try:
            getattr(servicer, method)(METHODS[method].FromString(data), Context())
        except SybilgateError as error:
            return status_of(error).code
        return Code.OK


@pytest.fixture(scope="module")
def service() -> Any:
    service = Service()
    yield service
    service.batcher.close()


@pytest.mark.parametrize("method", METHODS)
def test_hostile_messages_get_known_answers(method: str, service: Service) -> None:
    rng, codes = Random(method), Counter[int]()
    whole = _ordinary(method)
    for _ in range(CASES):
        data = made(METHODS[method].DESCRIPTOR, rng).SerializeToString()
        if rng.random() < 0.6:
            data = mutated(whole, rng)
        try:
            codes[service.call(method, data)] += 1
        except DecodeError:
            # Bytes that are no message never reach a handler: gRPC itself answers INTERNAL.
            codes[Code.INTERNAL] += 1
            continue
        assert codes.keys() <= ALLOWED | {Code.INTERNAL}
    assert codes[Code.INVALID_ARGUMENT] > CASES // 10
    assert codes[Code.OK] > CASES // 100


def _ordinary(method: str) -> bytes:
    """A request that is answered, to be damaged."""
    if method == "ListAssessments":
        return assessments.ListAssessmentsRequest(parent="accounts/a", page_size=3).SerializeToString()
    event = to_message(signup("a", card="c1"))
    assert event.type == EventType.SIGNUP
    request: Message = METHODS[method]()
    if method == "BatchCreateEvents":
        cast(Any, request).events.extend([event, event])
    else:
        cast(Any, request).event.CopyFrom(event)
    return request.SerializeToString()


def test_every_request_type_is_validated() -> None:
    """Of all methods of all services: accepted, or every broken rule named."""
    rng, tried, accepted = Random(1), 0, 0
    for name in SERVICES:
        service = descriptor_pool.Default().FindServiceByName(name)
        for method in service.methods:
            for _ in range(100):
                tried += 1
                with suppress(InvalidInput):
                    check(made(method.input_type, rng))
                    accepted += 1
    assert 0 < accepted < tried


def test_store_survives_hostile_messages(service: Service) -> None:
    assert service.call("CreateAssessment", _ordinary("CreateAssessment")) == Code.OK
    assert all(len(row.account_id) <= 128 for row in service.store.tables.events)
