"""Jobs as billing orders and reads them, and the feed of what changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from sybilgate.app.explain import Explainer
from sybilgate.app.task import Mode
from sybilgate.client import Client, ServiceError
from sybilgate.core.rescoring import JobState
from sybilgate.rpc.server import Server
from sybilgate.store.store import SqlStore
from sybilgate.v1 import rescore_job_pb2 as pb
from sybilgate.v1 import rescore_service_pb2 as api
from sybilgate.v1.assessment_pb2 import DECISION_ALLOW
from sybilgate.v1.rescore_service_pb2_grpc import RescoreServiceStub
from tests.factories import KEYRING, CountingModels, assessor, outcome, ring, task
from tests.integration.test_rescore import NOW, given, runner
from tests.rpc_fakes import FakeAssessor, backend

ALL = api.CreateRescoreJobRequest(filter=pb.RescoreFilter(all=Empty()))


class Billing:
    """Every method of the service, called with a deadline; errors as the client raises them."""

    def __init__(self, client: Client) -> None:
        self._client, self._stub = client, RescoreServiceStub(client.channel)

    def __getattr__(self, name: str) -> Any:
        return lambda request, **options: self._client.call(getattr(self._stub, name), request, **options)

    def results(self, name: str, **fields: Any) -> list[api.StreamRescoreResultsResponse]:
        return list(self._stub.StreamRescoreResults(api.StreamRescoreResultsRequest(name=name, **fields), timeout=20.0))

    def changes(self, count: int, after: int = 0) -> list[pb.AssessmentChange]:
        stream = self._stub.WatchAssessments(api.WatchAssessmentsRequest(after_sequence=after), timeout=20.0)
        found = [next(stream).change for _ in range(count)]
        stream.cancel()
        return found


@pytest.fixture
def billing(store: SqlStore) -> Iterator[Billing]:
    serving = assessor(store)
    parts = replace(backend(FakeAssessor()).reviews, store=store, clock=lambda: NOW, new_id=serving.new_id)
    explainer = Explainer(lambda name: CountingModels())  # type: ignore[arg-type,return-value]
    whole = replace(backend(FakeAssessor()), reader=store, explainer=explainer, keyring=KEYRING, reviews=parts)
    server = Server(replace(whole, jobs=store), "127.0.0.1:0")
    server.start()
    with Client(f"127.0.0.1:{server.port}") as client:
        yield Billing(client)
    server.drain(1.0)


def finish(store: SqlStore, job: pb.RescoreJob, now: float = NOW) -> None:
    runner(store, owner=f"r{now:.0f}", block=6, now=now).run(job.name.partition("/")[2], threading.Event())


def test_job_is_made_once_per_request(billing: Billing) -> None:
    asked = api.CreateRescoreJobRequest(filter=ALL.filter, request_id="nightly-1", dry_run=True)
    made = billing.CreateRescoreJob(asked)
    assert billing.CreateRescoreJob(asked) == made and made.filter.HasField("all")
    assert (made.state, made.dry_run) == (pb.RESCORE_JOB_STATE_QUEUED, True)
    with pytest.raises(ServiceError, match="used before"):
        billing.CreateRescoreJob(api.CreateRescoreJobRequest(filter=ALL.filter, request_id="nightly-1"))


def test_jobs_are_listed_by_the_page(billing: Billing) -> None:
    names = [billing.CreateRescoreJob(ALL).name for _ in range(3)]
    first = billing.ListRescoreJobs(api.ListRescoreJobsRequest(page_size=2))
    rest = billing.ListRescoreJobs(api.ListRescoreJobsRequest(page_size=2, page_token=first.next_page_token))
    assert [job.name for page in (first, rest) for job in page.jobs] == names[::-1]
    assert not rest.next_page_token


def test_job_without_filter_is_refused(billing: Billing) -> None:
    with pytest.raises(ServiceError) as caught:
        billing.CreateRescoreJob(api.CreateRescoreJobRequest(filter=pb.RescoreFilter()))
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(ServiceError) as caught:
        billing.GetRescoreJob(api.GetRescoreJobRequest(name="rescoreJobs/none"))
    assert caught.value.code is grpc.StatusCode.NOT_FOUND


def test_results_are_resumed_by_number(store: SqlStore, billing: Billing) -> None:
    names = given(store)
    job = billing.CreateRescoreJob(ALL)
    finish(store, job)
    blocks = billing.results(job.name, block_size=8)
    assert [len(block.results) for block in blocks] == [8, 8, 4]
    assert [row.account_id for block in blocks for row in block.results] == names
    again = billing.results(job.name, after_number=15)
    assert [row.number for block in again for row in block.results] == [16, 17, 18, 19, 20]
    done = billing.GetRescoreJob(api.GetRescoreJobRequest(name=job.name))
    assert (done.done_count, done.account_count, done.watermark) == (20, 20, 20)
    assert done.model_version == CountingModels.name and done.accounts_per_second > 0


def test_change_is_told_with_its_reasons(store: SqlStore, billing: Billing) -> None:
    assessor(store, ids="in").run([task(ring(2)[0])])
    assessor(store, ids="jn").run([task(*ring(9)[1:], mode=Mode.RECORD)])
    job = billing.CreateRescoreJob(ALL)
    finish(store, job)
    told = billing.results(job.name, changed_only=True, explain=True)[0].results
    first = next(row for row in told if row.account_id == "ring0")
    assert first.decision > first.previous_decision == DECISION_ALLOW and first.previous_assessment
    device = next(reason for reason in first.reasons if reason.code == "SHARED_DEVICE")
    assert device.contribution > device.previous_contribution
    assert "device_id" in [item.kind for item in first.new_evidence]


def test_cancelled_job_ends_its_stream(store: SqlStore, billing: Billing) -> None:
    given(store)
    job = billing.CreateRescoreJob(ALL)
    assert billing.CancelRescoreJob(api.CancelRescoreJobRequest(name=job.name)).state == JobState.CANCELLED
    finish(store, job)
    assert billing.results(job.name) == []


def test_feed_goes_on_where_it_was_left(store: SqlStore, billing: Billing) -> None:
    given(store)
    finish(store, billing.CreateRescoreJob(ALL))
    count = len(store.standing_changes(0, 99))
    first = billing.changes(count)
    assessor(store, ids="zz", now=lambda: NOW + 9.0).run([task(outcome("stranger00", at=1e6), mode=Mode.RECORD)])
    finish(store, billing.CreateRescoreJob(ALL), now=NOW + 10.0)
    assert [change.sequence for change in first] == sorted({change.sequence for change in first})
    assert billing.changes(1, after=first[-2].sequence)[0] == first[-1]


def test_server_without_jobs_says_so() -> None:
    server = Server(backend(FakeAssessor()), "127.0.0.1:0")
    server.start()
    with Client(f"127.0.0.1:{server.port}") as client, pytest.raises(ServiceError) as caught:
        Billing(client).CreateRescoreJob(ALL)
    server.drain(1.0)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
