"""Who may do what: every role against every method, and what each role is told."""

from __future__ import annotations

import time
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.descriptor_pool import Default
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection

from sybilgate.client import Client, ServiceError
from sybilgate.core.trust import Role, TokenRecord
from sybilgate.errors import ConfigurationError
from sybilgate.review_client import ReviewClient
from sybilgate.rpc.access import Access, Guarded
from sybilgate.rpc.probing import Probing
from sybilgate.rpc.quotas import Quotas
from sybilgate.rpc.rights import POLICY
from sybilgate.rpc.server import SERVICES, Server
from sybilgate.v1 import assessment_pb2 as pb
from tests.rpc_fakes import KEYRING, FakeAssessor, backend

READS = (
    "ListCampaigns GetCampaign ListCampaignMembers WatchCampaigns ListLinks FindCampaign ListLabels ListProtections "
    "ListReviewItems CountReviewItems ListClaims GetCampaignPicture ListFeatureReadings FindAccounts GetServingModel "
    "GetRecentTraffic"
)
WRITES = (
    "ConfirmCampaign DismissCampaign SplitCampaign CreateLabel ProtectSubject UnprotectSubject ClaimSubject "
    "ReleaseSubject"
)
JOBS = "CreateRescoreJob GetRescoreJob ListRescoreJobs CancelRescoreJob StreamRescoreResults WatchAssessments"
STORED = "GetAssessment ListAssessments"
HEALTH = "Check List Watch"
#: What each role may call, written down a second time.
OPEN = {
    Role.SIGNUP: f"CreateAssessment {STORED} CreateEvent {HEALTH}",
    Role.BILLING: f"{STORED} CreateEvent BatchCreateEvents AssessAccounts {JOBS} {HEALTH}",
    Role.REVIEWER_READ: f"{STORED} {READS} {HEALTH}",
    Role.REVIEWER_ANNOTATE: f"{STORED} {READS} {WRITES} {HEALTH}",
    Role.HEALTH: HEALTH,
}


class OneEach:
    """A token for every role, named after it."""

    def find(self, text: str) -> TokenRecord | None:
        known = text in [role.value for role in Role]
        return TokenRecord("id", b"", text, f"{text}-person", 0.0, 0.0, 0.0) if known else None


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = Server(backend(FakeAssessor()), "127.0.0.1:0", access=Access(Guarded(OneEach())))
    server.start()
    yield f"127.0.0.1:{server.port}"
    server.drain(1.0)


def every_method() -> list[str]:
    names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
    services = [Default().FindServiceByName(name) for name in names]
    return [f"/{service.full_name}/{method.name}" for service in services for method in service.methods]


def refusal(address: str, method: str, token: str | None) -> grpc.StatusCode:
    """What a call with an empty request is refused with, or UNKNOWN once it got past the door."""
    metadata = [("authorization", f"Bearer {token}")] if token else []
    with grpc.insecure_channel(address) as channel:
        try:
            next(channel.stream_stream(method)(iter([b""]), metadata=metadata, timeout=0.5))
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.UNKNOWN


def test_every_method_has_policy() -> None:
    assert set(every_method()) == set(POLICY)


@pytest.mark.parametrize("role", Role)
def test_role_opens_its_methods_only(address: str, role: Role) -> None:
    refused = {refusal(address, name, role.value): name for name in every_method()}
    denied = {
        name for name in every_method() if refusal(address, name, role.value) == grpc.StatusCode.PERMISSION_DENIED
    }
    wanted = OPEN.get(role)
    opened = {name.rpartition("/")[2] for name in every_method() if name not in denied}
    assert grpc.StatusCode.UNAUTHENTICATED not in refused
    assert opened == (set(wanted.split()) if wanted else {name.rpartition("/")[2] for name in every_method()})


@pytest.mark.parametrize("token", [None, "nobody"])
def test_stranger_opens_nothing(address: str, token: str | None) -> None:
    assert {refusal(address, name, token) for name in every_method()} == {grpc.StatusCode.UNAUTHENTICATED}


def test_unknown_method_is_unimplemented(address: str) -> None:
    assert refusal(address, "/sybilgate.v1.AssessmentService/Nothing", "admin") == grpc.StatusCode.UNIMPLEMENTED


def signup(account_id: str = "a1") -> dict[str, object]:
    return {"account_id": account_id, "type": "SIGNUP", "event_time": time.time(), "network.ip_address": "203.0.113.7"}


def test_signup_is_told_band_and_codes(address: str) -> None:
    with Client(address, token="signup") as client:
        answer = client.create_assessment(signup("member"), explain=True)
    assert (answer.risk, answer.risk_band, answer.decision) == (0.5, pb.RISK_BAND_HIGH, pb.DECISION_CHALLENGE)
    assert list(answer.reasons) == [pb.Reason(code="SHARED_CARD")]
    assert not answer.campaign and not answer.axes and not answer.contributions and not answer.evidence


def test_billing_is_told_risk_not_weights(address: str) -> None:
    with Client(address, token="billing") as client:
        answer = client.assess_accounts(["member"], explain=True).results[0].assessment
    assert answer.risk == 0.7
    assert (answer.reasons[0].text, answer.reasons[0].contribution) == ("Shares a card.", 0.0)
    assert not answer.campaign and not answer.HasField("margin")


def test_reviewers_are_told_everything(address: str) -> None:
    with Client(address, token="admin") as admin:
        name = admin.create_assessment(signup("member")).name
    with Client(address, token="reviewer-read") as client:
        answer = client.get_assessment(name)
    assert answer.contributions and answer.evidence and answer.campaign and answer.margin == 0.85


@pytest.mark.parametrize("token", ["signup", "billing"])
def test_full_view_is_for_reviewers(address: str, token: str) -> None:
    with Client(address, token=token) as client, pytest.raises(ServiceError) as caught:
        client.get_assessment("accounts/a1/assessments/0000", full=True)
    assert caught.value.reason == "PERMISSION_DENIED"


def test_signup_tells_no_outcomes(address: str) -> None:
    event = signup() | {"type": "OUTCOME", "outcome.kind": "CONFIRMED_HONEST"}
    for call in ("create_assessment", "create_event"):
        with Client(address, token="signup") as client, pytest.raises(ServiceError) as caught:
            getattr(client, call)(event)
        assert caught.value.reason == "PERMISSION_DENIED"


def test_refused_reviewer_is_told_why(address: str) -> None:
    with Client(address, token="reviewer-read") as client, pytest.raises(ServiceError) as caught:
        ReviewClient(client).dismiss("campaigns/0000000000007", "ada", "no")
    assert caught.value.code == grpc.StatusCode.PERMISSION_DENIED
    assert "reviewer-read" in str(caught.value)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_open_server_stays_on_loopback(address: str) -> None:
    with pytest.raises(ConfigurationError, match="not loopback"):
        Server(backend(FakeAssessor()), address)


def test_probing_account_is_told_as_before() -> None:
    assessor, alerts = FakeAssessor(), list[str]()
    access = Access(
        Guarded(OneEach()), Quotas(0, 5, time.monotonic), None, Probing(KEYRING, time.monotonic, alerts.append)
    )
    server = Server(backend(assessor), "127.0.0.1:0", access=access)
    server.start()
    with Client(f"127.0.0.1:{server.port}", token="signup") as client:
        names = [client.create_assessment(signup()).name for _ in range(5)]
        with pytest.raises(ServiceError) as caught:
            client.create_assessment(signup(), timeout=2.0)
    server.drain(1.0)
    assert names[1:] == [names[1]] * 4 and names[0] != names[1]
    assert sum(len(task.events) for batch in assessor.batches for task in batch) == 5
    assert alerts == ["account"] * 3
    assert (caught.value.code, caught.value.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
    assert caught.value.retry_after and caught.value.retry_after > 600
