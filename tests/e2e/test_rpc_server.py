import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from sybilgate.client import Client, ServiceError
from sybilgate.errors import ConfigurationError
from sybilgate.rpc.batching import Limits
from sybilgate.rpc.server import SERVICES, Server, serve
from sybilgate.v1 import assessment_pb2 as pb
from tests.rpc_fakes import FakeAssessor, backend, until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def signup(**changes):
    return {"account_id": "a1", "type": "SIGNUP", "event_time": time.time()} | changes


@pytest.fixture
def assessor():
    return FakeAssessor()


@pytest.fixture
def server(assessor):
    server = Server(backend(assessor), "127.0.0.1:0", limits=Limits(queued_tasks=2))
    server.start()
    server.ready()
    yield server
    server.drain(1.0)


@pytest.fixture
def client(server):
    with Client(f"127.0.0.1:{server.port}") as client:
        yield client


def refusal(call, *arguments, **options):
    with pytest.raises(ServiceError) as caught:
        call(*arguments, **options)
    return caught.value


def test_signup_is_assessed(client):
    answer = client.create_assessment(signup(**{"network.ip_address": "203.0.113.7"}))
    assert answer.name == "accounts/a1/assessments/0000"
    assert (answer.decision, answer.risk) == (pb.DECISION_CHALLENGE, 0.7)
    assert list(answer.axes) == [pb.AXIS_NETWORK, pb.AXIS_DEVICE]
    assert not answer.replayed


def test_full_view_on_request(client):
    answer = client.create_assessment(signup(), full=True)
    assert answer.explanation_state == pb.EXPLANATION_STATE_READY
    assert len(answer.contributions) == 2


def test_stored_assessment_reads_back(client):
    made = client.create_assessment(signup())
    read = client.get_assessment(made.name, full=False)
    assert read == made


def test_answer_names_the_campaign(client):
    answer = client.create_assessment(signup(account_id="member"))
    assert (answer.campaign, answer.campaign_state) == ("campaigns/0000000000007", 1)
    assert answer == client.get_assessment(answer.name, full=False)
    assert answer == next(client.list_assessments("member"))


def test_all_violations_in_one_answer(client):
    bad = signup(**{"network.ip_address": "fe80::1%eth0", "contact.email": "a\0b", "payment.bin": "1", "type": 99})
    error = refusal(client.create_assessment, bad | {"event_time": time.time() + 3600})
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_INPUT")
    assert {path for path, _ in error.violations} == {
        "event.network.ip_address",
        "event.contact.email",
        "event.payment.bin",
        "event.type",
        "event.event_time",
    }


def test_card_number_is_refused_silently(client, assessor, caplog):
    error = refusal(client.create_assessment, signup(**{"contact.display_name": "4111 1111 1111 1111"}))
    assert error.reason == "PAN_REFUSED"
    assert error.violations[0][0] == "event.contact.display_name"
    assert "1111" not in str(error) + str(error.violations) + caplog.text
    assert not assessor.batches


def test_retry_is_replayed(client):
    event = signup()
    first = client.create_assessment(event, request_id="r1")
    again = client.create_assessment(event, request_id="r1")
    assert again.replayed
    assert again.name == first.name


def test_reused_request_id_is_refused(client):
    client.create_assessment(signup(), request_id="r1")
    error = refusal(client.create_assessment, signup(account_id="other"), request_id="r1")
    assert (error.code, error.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


def test_unknown_assessment_is_not_found(client):
    error = refusal(client.get_assessment, "accounts/a1/assessments/nothing")
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


def test_spooled_assessment_is_not_denied(assessor):
    waiting = [1, 0]
    server = Server(replace(backend(assessor), spooled=lambda: waiting.pop(0)), "127.0.0.1:0")
    server.start()
    server.ready()
    with Client(f"127.0.0.1:{server.port}") as client:  # which asks again
        error = refusal(client.get_assessment, "accounts/a1/assessments/nothing")
    server.drain(1.0)
    assert error.code == grpc.StatusCode.NOT_FOUND and waiting == []


def test_list_pages_newest_first(client, server):
    for _ in range(120):
        client.create_assessment(signup())
    names = [item.name for item in client.list_assessments("a1")]
    assert len(names) == 120
    assert names == sorted(names, reverse=True)


def test_page_token_is_bound_to_parent(client):
    for _ in range(2):
        client.create_assessment(signup())
    page = client._assessments.ListAssessments(
        client_request(parent="accounts/a1", page_size=1),
    )
    error = refusal(
        client.call,
        client._assessments.ListAssessments,
        client_request(parent="accounts/b", page_token=page.next_page_token),
    )
    assert error.violations[0][0] == "page_token"


def client_request(**fields):
    from sybilgate.v1.assessment_service_pb2 import ListAssessmentsRequest

    return ListAssessmentsRequest(**fields)


def test_events_get_sequences(client):
    assert client.create_event(signup()).sequence == 1
    assert list(client.create_events([signup(), signup(account_id="b")]).sequences) == [1, 2]


def test_accounts_keep_order_and_errors(client):
    answer = client.assess_accounts(["x", "missing", "y"])
    assert [item.account_id for item in answer.results] == ["x", "missing", "y"]
    assert [item.WhichOneof("result") for item in answer.results] == ["assessment", "error", "assessment"]
    assert answer.results[1].error.code == grpc.StatusCode.NOT_FOUND.value[0]


def test_unexpected_error_is_opaque(client, caplog):
    error = refusal(client.create_assessment, signup(account_id="boom"))
    assert (error.code, error.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "secret@example.com" not in str(error) + caplog.text


def test_overload_is_refused_with_delay(client, assessor):
    assessor.gate = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(client.create_assessment, signup())]
        until(lambda: assessor.batches)  # the worker is busy: from here on calls queue
        calls += [pool.submit(client.create_assessment, signup()) for _ in range(7)]
        until(lambda: sum(call.done() for call in calls) == 5)
        assessor.gate.set()
        errors = [call.exception(5) for call in calls]
    refused = [error for error in errors if error is not None]
    assert {(error.code, error.reason) for error in refused} == {(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")}
    assert len(refused) == 5
    assert all(error.retry_after > 0 for error in refused)


def test_deadline_is_respected(server, assessor):
    assessor.gate = threading.Event()
    with Client(f"127.0.0.1:{server.port}", timeout=0.1) as client:
        assert refusal(client.create_assessment, signup()).code == grpc.StatusCode.DEADLINE_EXCEEDED
    assessor.gate.set()


def test_health_waits_for_ready(assessor):
    server = Server(backend(assessor), "127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        request = health_pb2.HealthCheckRequest(service=SERVICES[0])
        assert check(request).status == NOT_SERVING
        server.ready()
        assert check(request).status == SERVING
    server.drain(1.0)


def test_draining_flips_health_and_answers(assessor):
    assessor.gate = threading.Event()
    server = Server(backend(assessor), "127.0.0.1:0")
    server.start()
    server.ready()
    with Client(f"127.0.0.1:{server.port}") as client, ThreadPoolExecutor(2) as pool:
        watch = health_pb2_grpc.HealthStub(client.channel).Watch(health_pb2.HealthCheckRequest(service=SERVICES[0]))
        assert next(watch).status == SERVING
        waiting = pool.submit(client.create_assessment, signup())
        until(lambda: assessor.batches)
        drained = pool.submit(server.drain, 5.0)
        assert next(watch).status == NOT_SERVING
        assessor.gate.set()
        assert waiting.result(5).account_id == "a1"
        drained.result(5)


def test_reflection_lists_services(client):
    stub = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    answer = next(stub.ServerReflectionInfo(iter([request])))
    listed = {service.name for service in answer.list_services_response.service}
    assert {*SERVICES, "grpc.health.v1.Health"} <= listed


def test_taken_port_is_refused(server, assessor):
    with pytest.raises(ConfigurationError):
        Server(backend(assessor), f"127.0.0.1:{server.port}")


def test_sigterm_ends_serving(assessor):
    ports = []

    def ready(port):
        ports.append(port)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    serve(backend(assessor), "127.0.0.1:0", on_ready=ready)
    assert ports
    assert signal.getsignal(signal.SIGTERM) == before
