"""What operators are told: metrics with a closed set of labels, logs without a caller's values, traces."""

from __future__ import annotations

import io
import json
import logging
import math
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from sybilgate.app.task import Mode, Task
from sybilgate.client import Client, ServiceError
from sybilgate.core.campaign.records import Change, ChangeRecord
from sybilgate.core.event import Event, EventType, Signup
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.loading import load_model, packaged_model
from sybilgate.rpc.server import Server
from sybilgate.rpc.watching import CallWatch
from sybilgate.telemetry import logs
from sybilgate.telemetry.drift import FEWEST, Recent
from sybilgate.telemetry.exposure import Exposure
from sybilgate.telemetry.measured import Measured
from sybilgate.telemetry.metrics import Known, Metrics
from sybilgate.telemetry.stages import TimedStore
from sybilgate.telemetry.traces import Traces
from tests.rpc_fakes import FakeAssessor, backend, record

METHOD = "/sybilgate.v1.AssessmentService/CreateAssessment"
SIGNUP = {"account_id": "a1", "type": "SIGNUP", "event_time": 1.7e9}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(spans: InMemorySpanExporter) -> Iterator[Traces]:
    made = Traces(spans)
    yield made
    made.close()


@pytest.fixture
def client(metrics: Metrics, traces: Traces) -> Iterator[Client]:
    server = Server(backend(FakeAssessor()), "127.0.0.1:0", watch=CallWatch(metrics, traces))
    server.start()
    server.ready()
    with Client(f"127.0.0.1:{server.port}") as client:
        yield client
    server.drain(1.0)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"sybilgate_{name}", labels)


def test_calls_are_counted_by_code(client: Client, metrics: Metrics) -> None:
    client.create_assessment(SIGNUP)
    with pytest.raises(ServiceError):
        client.create_assessment(SIGNUP | {"account_id": "boom"})
    assert value(metrics, "rpc_calls_total", method=METHOD, code="OK") == 1
    assert value(metrics, "rpc_calls_total", method=METHOD, code="INTERNAL") == 1
    assert value(metrics, "refusals_total", reason="INTERNAL") == 1
    assert value(metrics, "rpc_seconds_count", method=METHOD) == 2


def test_call_ids_come_back(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    from sybilgate.v1.assessment_service_pb2 import GetAssessmentRequest

    request = GetAssessmentRequest(name="accounts/a1/assessments/none")
    call = client._assessments.GetAssessment.future(request, metadata=((logs.CALL_ID_KEY, "0123abcd"),))
    assert call.exception() is not None
    assert (logs.CALL_ID_KEY, "0123abcd") in call.trailing_metadata()
    assert [line.reason for line in caplog.records if hasattr(line, "reason")] == ["NOT_FOUND"]


def test_strange_call_ids_are_replaced() -> None:
    assert logs.id_of([(logs.CALL_ID_KEY, "0123abcd-ef")]) == "0123abcd-ef"
    assert logs.id_of([(logs.CALL_ID_KEY, "dana.fox@example.com")]) not in ("", "dana.fox@example.com")


def test_traces_continue_the_callers(client: Client, traces: Traces, spans: InMemorySpanExporter) -> None:
    from sybilgate.v1.assessment_service_pb2 import GetAssessmentRequest

    request = GetAssessmentRequest(name="accounts/a1/assessments/none")
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client._assessments.GetAssessment.future(request, metadata=(("traceparent", parent),)).exception()
    traces.close()
    (span,) = spans.get_finished_spans()
    assert f"{span.context.trace_id:x}" == "af7651916cd43dd8448eb211c80319c"
    assert span.attributes is not None
    assert span.attributes["rpc.grpc.status_code"] == 5


class _Unit:
    def accounts(self, ids: Any) -> dict[str, Any]:
        return {}

    def append_changes(self, rows: Any) -> list[int]:
        return [1]


class _Store:
    def unit(self) -> Any:
        from contextlib import nullcontext

        return nullcontext(_Unit())


class _Inner(FakeAssessor):
    """Works on a store as the real one does, and finds a campaign."""

    def __init__(self, store: TimedStore) -> None:
        super().__init__()
        self.store = store

    def run(self, tasks: Any) -> Any:
        with self.store.unit() as unit:
            unit.accounts(["a"])
            unit.append_changes([ChangeRecord(1, 0.0, Change.OPENED, 0, 3, "", "")])
        return super().run(tasks)


def measured(metrics: Metrics) -> Measured:
    nothing: Any = _Store()
    store = TimedStore(nothing)
    return Measured(_Inner(store), store, metrics, ["/join"], lambda: 1.8e9)


def signup(path: str) -> Task:
    event = Event(account_id="a", time=1.7e9, type=EventType.SIGNUP, signup=Signup(path=path))
    return Task(mode=Mode.ASSESS, events=(event,))


def test_batches_tell_stages_and_campaigns(metrics: Metrics) -> None:
    measured(metrics).run([signup("/join")])
    assert value(metrics, "batch_events_sum") == 1
    assert value(metrics, "campaign_changes_total", change="opened") == 1
    for stage in ("observe", "read", "core", "write", "commit"):
        assert value(metrics, "stage_seconds_count", stage=stage) == 1


def test_unknown_paths_are_other(metrics: Metrics) -> None:
    measured(metrics).run([signup("/join"), signup("/join?email=dana.fox@example.com"), signup("")])
    for path in ("/join", "other", "none"):
        labels = {"method": "unspecified", "path": path}
        assert value(metrics, "signups_total", **labels, outcome="assessed") == 1
        assert value(metrics, "last_signup_timestamp_seconds", **labels) == 1.8e9


def test_replays_count_once(metrics: Metrics) -> None:
    assessor = measured(metrics)
    task = Task(mode=Mode.ASSESS, events=signup("").events, request_id="r")
    for _ in range(2):
        assessor.run([task])
    assert value(metrics, "batch_events_count") == 2
    labels = {"method": "unspecified", "path": "none", "outcome": "assessed"}
    assert value(metrics, "signups_total", **labels) == 1


def test_failed_batches_are_counted(metrics: Metrics) -> None:
    event = Event(account_id="boom", time=1.7e9, type=EventType.SIGNUP)
    with pytest.raises(RuntimeError):
        measured(metrics).run([Task(mode=Mode.ASSESS, events=(event,))])
    assert value(metrics, "batch_failures_total") == 1


def test_names_beyond_bound_are_other() -> None:
    known = Known(2)
    assert [known(name) for name in "abca"] == ["a", "b", "other", "a"]


def test_metrics_are_served(metrics: Metrics) -> None:
    exposure = Exposure("127.0.0.1:0", metrics)
    with urlopen(f"http://127.0.0.1:{exposure.port}/metrics") as page:
        families = {family.name for family in text_string_to_metric_families(page.read().decode())}
    exposure.close()
    assert {"sybilgate_rpc_seconds", "sybilgate_batch_events", "process_resident_memory_bytes"} <= families


def test_json_logs_hold_no_values() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    logger = logging.Logger("made")
    logger.addHandler(handler)
    logs.call_id.set("0123abcd")
    try:
        raise ValueError("dana.fox@example.com")
    except ValueError:
        logger.exception("it failed", extra={"method": METHOD, "payload": "dana.fox@example.com"})
    logs.call_id.set("")
    line = json.loads(stream.getvalue())
    assert line["request_id"] == "0123abcd"
    assert (line["exception"], line["method"], line["level"]) == ("ValueError", METHOD, "error")
    assert "dana" not in stream.getvalue()


def test_drift_is_told_of_newest_signups(metrics: Metrics) -> None:
    bundle = load_model(packaged_model())
    rows = np.zeros((len(FEATURE_NAMES),), "<f4").tobytes()
    now = [0.0]
    recent = Recent({bundle.manifest.title: bundle}.get, lambda: now[0])
    assert math.isnan(recent.risk())
    for _ in range(FEWEST):
        recent.add(record(cause="signup", model=bundle.manifest.title, features=rows, risk=0.99))
    assert math.isnan(recent.shifted())
    now[0] += 61.0
    assert recent.risk() > 0.25
    assert 20 < recent.shifted() <= len(FEATURE_NAMES)
