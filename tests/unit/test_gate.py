"""Calls beyond what is answered soon are refused at the door, with a time to come back."""

from __future__ import annotations

import threading

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from grpc_status import rpc_status

from sybilgate.client import Client, to_message
from sybilgate.core.event import Event, EventType
from sybilgate.rpc.server import Server
from sybilgate.v1 import assessment_service_pb2 as api
from sybilgate.v1.assessment_service_pb2_grpc import AssessmentServiceStub
from tests.rpc_fakes import FakeAssessor, backend, until

EVENT = Event(account_id="a", time=1.7e9, type=EventType.SIGNUP)


def test_crowd_is_refused_at_door() -> None:
    """At a millisecond a call 250 may be under way; they hang, and the other 50 are told to come back."""
    gate, asked = threading.Event(), api.CreateAssessmentRequest()
    asked.event.CopyFrom(to_message(EVENT))
    server = Server(backend(assessor := FakeAssessor(gate=gate)), "127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = AssessmentServiceStub(channel)
        calls = [stub.CreateAssessment.future(asked, timeout=20) for _ in range(300)]
        until(lambda: sum(call.done() for call in calls) == 50, seconds=9)
        refused = [call for call in calls if call.done()]
        gate.set()
        assert sum(call.exception() is None for call in calls) == 250
    server.drain(1.0)
    assert assessor.batches
    assert {call.code() for call in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    status = rpc_status.from_call(refused[0])
    assert any(detail.Is(RetryInfo.DESCRIPTOR) for detail in status.details)


def test_reads_pass_a_full_door() -> None:
    server = Server(backend(FakeAssessor()), "127.0.0.1:0")
    server.start()
    with Client(f"127.0.0.1:{server.port}") as client:
        made = client.create_assessment(EVENT)
        assert client.get_assessment(made.name).name == made.name
    server.drain(1.0)
