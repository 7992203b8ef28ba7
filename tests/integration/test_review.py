"""The reviewers' service as its callers see it, over both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import grpc
import numpy as np
import pytest

from sybilgate.app.bundle import Bundle
from sybilgate.app.explain import Explainer
from sybilgate.app.manifest import Manifest
from sybilgate.app.readings import Readings
from sybilgate.app.reviewers import LABELS_A_DAY, check_share
from sybilgate.app.task import Mode
from sybilgate.client import Client, ServiceError
from sybilgate.core.campaign.records import (
    CampaignRecord,
    CampaignState,
    Change,
    ChangeRecord,
    LabelRecord,
    MemberRecord,
    Role,
    SharedValue,
)
from sybilgate.core.enrichment import enrich
from sybilgate.core.identifier import COLUMN, KINDS, Key, Kind
from sybilgate.core.identify import identify
from sybilgate.core.state import unpack_states
from sybilgate.errors import QuotaExceeded
from sybilgate.jobs.due import DueWorker
from sybilgate.review_client import ReviewClient
from sybilgate.rpc.names import campaign_name
from sybilgate.rpc.ports import Backend, ReviewParts
from sybilgate.rpc.server import Server
from sybilgate.store.store import SqlStore
from sybilgate.v1 import campaign_pb2 as pb
from sybilgate.v1.assessment_pb2 import AXIS_DEVICE
from sybilgate.v1.campaign_state_pb2 import (
    CAMPAIGN_STATE_CONFIRMED,
    CAMPAIGN_STATE_DISMISSED,
    CAMPAIGN_STATE_MERGED,
    CAMPAIGN_STATE_OPEN,
)
from sybilgate.v1.label_pb2 import LABEL_VERDICT_HONEST, LABEL_VERDICT_SYBIL
from sybilgate.v1.review_service_pb2 import CAMPAIGN_ORDER_MEMBER_COUNT, AccountValue, SharedIdentifier
from tests.factories import KEYRING, POLICY, REFERENCE, START, CountingModels, assessor, ring, signup, task
from tests.rpc_fakes import until

REF = KEYRING.account_ref("ring0")
NAME = campaign_name(REF)
SIZE = 6
CAMPAIGN = CampaignRecord(
    REF, CampaignState.OPEN, 0, SIZE, 0, START, START + 300, 1.0, 5.0, 6.0,
    np.full(len(KINDS), SIZE, "<i4").tobytes(), 4.5, 12.0,
)  # fmt: skip
MANIFEST = Manifest(
    name="counting", version="1", features=(), first=0, calibration=((-1.0, 0.2), (1.0, 0.8)), guards={}, tails={},
    files={}, notes={
        "report": {"out_of_fold": {"auc": 0.75, "text": "no number"}},
        "reference": {
            "rows": 10, "causes": ["signup"], "risk": "0.5 | 0.5 0.5 0.0",
            "features": {"device_id.month": "0.0 1.0 | 0.5 0.2 0.1 0.2"},
        },
    },
)  # fmt: skip


def keys(event: object) -> list[Key | None]:
    return identify(event, enrich(event, REFERENCE), KEYRING)  # type: ignore[arg-type]


def device() -> Key:
    key = keys(ring(1)[0])[COLUMN[Kind.DEVICE_ID]]
    assert key is not None
    return key


def found(store: SqlStore, record: CampaignRecord = CAMPAIGN, size: int = SIZE) -> None:
    """Keep the ring as a campaign: what finds campaigns is not under test here."""
    evidence = '[{"kind": "device_id", "axis": "device", "members": 2, "of": 2, "holders": 2.5}]'
    with store.unit() as unit:
        unit.write_campaigns([record])
        unit.add_shared_values([SharedValue(record.ref, device(), size, START, START + 300)])
        unit.write_members(
            [
                MemberRecord(
                    f"ring{i}", record.ref, Role.FLAGGED, START + 60.0 * i, 0.75, 1.5 if i else np.nan, evidence
                )
                for i in range(size)
            ]
        )
        unit.append_changes([ChangeRecord(record.ref, START + 120, Change.OPENED, 0, 3, "", "")])


@pytest.fixture
def server(store: SqlStore) -> Iterator[Server]:
    """A server in which the ring and two strangers signed up."""
    service = assessor(store)
    service.run([task(*ring(SIZE), signup("b1"), signup("b2"), mode=Mode.RECORD)])
    bundle = Bundle(CountingModels(), "", MANIFEST)  # type: ignore[arg-type]
    readings = Readings(lambda name: bundle)
    parts = ReviewParts(store, service.clock, service.new_id, keys, readings, lambda: (bundle, POLICY))
    backend = Backend(service, store, Explainer(lambda name: CountingModels()), KEYRING, parts)
    server = Server(backend, "127.0.0.1:0", job=lambda batcher: DueWorker(store, batcher, service.clock))
    server.start()
    server.ready()
    yield server
    server.drain(5.0)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(f"127.0.0.1:{server.port}") as client:
        yield client


@pytest.fixture
def review(client: Client, store: SqlStore) -> ReviewClient:
    """A reviewer's client, beside a campaign."""
    found(store)
    return ReviewClient(client)


def refusal(call: object, *arguments: object, **fields: object) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        call(*arguments, **fields)  # type: ignore[operator]
    return caught.value


def test_campaign_is_found_with_links(review: ReviewClient) -> None:
    answer = review.find("accounts/ring2")
    assert (answer.campaign.name, answer.campaign.state) == (NAME, CAMPAIGN_STATE_OPEN)
    assert answer.campaign.mean_risk == pytest.approx(0.75)
    assert list(answer.campaign.axes) == [AXIS_DEVICE]
    (link,) = answer.campaign.top_links
    assert (link.name, link.kind, link.member_count) == (f"{NAME}/links/{device().hex()[:8]}", "device_id", SIZE)
    assert link.holders == SIZE and link.rarity_bits > 2 and link.chance_probability < 0.01
    assert answer.campaign.history[0].kind == pb.CAMPAIGN_CHANGE_KIND_OPENED
    assert (answer.member.account, answer.member.evidence[0].of_members) == ("accounts/ring2", 2)


def test_no_key_is_ever_shown(review: ReviewClient) -> None:
    shown = str(review.campaign(NAME)) + "".join(map(str, [*review.links(NAME), *review.links("accounts/ring1")]))
    assert device().hex()[:8] in shown
    assert device().hex()[:9] not in shown and "shared-device" not in shown


def test_stranger_is_in_no_campaign(review: ReviewClient) -> None:
    assert refusal(review.find, "accounts/b1").reason == "NOT_FOUND"
    assert refusal(review.campaign, campaign_name(5)).reason == "NOT_FOUND"
    assert refusal(lambda: list(review.links("accounts/nobody"))).reason == "NOT_FOUND"


def test_candidate_is_not_shown(client: Client, store: SqlStore) -> None:
    found(store, replace(CAMPAIGN, state=CampaignState.CANDIDATE))
    review = ReviewClient(client)
    assert refusal(review.campaign, NAME).reason == refusal(review.find, "accounts/ring1").reason == "NOT_FOUND"
    assert client.create_assessment(signup("ring1", at=400.0)).campaign == ""


def test_account_links_count_members(review: ReviewClient) -> None:
    mine = {link.kind: link for link in review.links("accounts/ring1")}
    assert mine["device_id"].member_count == SIZE and mine["device_id"].chance_probability < 0.01
    assert (mine["ip"].member_count, mine["ip"].holders) == (0, SIZE + 2)
    others = {link.kind for link in review.links("accounts/b1")}
    assert "ip" in others and "device_id" not in others


def test_lists_come_page_by_page(review: ReviewClient, store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_campaigns([replace(CAMPAIGN, ref=n, members=n) for n in range(1, 60)])
        unit.write_campaigns([replace(CAMPAIGN, ref=99, state=CampaignState.MERGED, merged_into=1)])
    sizes = [campaign.member_count for campaign in review.campaigns(order=CAMPAIGN_ORDER_MEMBER_COUNT)]
    assert sizes == sorted([*range(1, 60), SIZE], reverse=True)
    (merged,) = review.campaigns([CAMPAIGN_STATE_MERGED])
    assert merged.merged_into == campaign_name(1)


def test_members_list_in_order(review: ReviewClient, store: SqlStore) -> None:
    more = [MemberRecord(f"m{n:03d}", REF, Role.LINKED, START + 1e4 + n // 10, 0.2, 3.5, "[]") for n in range(100)]
    with store.unit() as unit:
        unit.write_members(more)
    members = list(review.members(NAME))
    assert [member.account for member in members] == [
        f"accounts/{n}" for n in [*(f"ring{i}" for i in range(SIZE)), *(m.account_id for m in more)]
    ]
    assert not members[0].HasField("log_odds") and members[1].log_odds == 1.5


def test_foreign_page_token_is_refused(review: ReviewClient, store: SqlStore) -> None:
    from sybilgate.v1 import review_service_pb2 as api

    with store.unit() as unit:
        unit.write_campaigns([replace(CAMPAIGN, ref=1)])
    page = review._client.call(review._stub.ListCampaigns, api.ListCampaignsRequest(page_size=1))
    other = api.ListCampaignsRequest(page_size=1, page_token=page.next_page_token, order=CAMPAIGN_ORDER_MEMBER_COUNT)
    assert refusal(review._client.call, review._stub.ListCampaigns, other).violations[0][0] == "page_token"


def test_two_reviewers_confirm(review: ReviewClient, store: SqlStore) -> None:
    first = review.confirm(NAME, "ada", "one device")
    assert (first.state, first.confirmed_first_by) == (CAMPAIGN_STATE_OPEN, "ada")
    assert refusal(review.confirm, NAME, "Ada ", "again").reason == "SECOND_REVIEWER_NEEDED"
    assert not list(review.labels("accounts/ring1"))
    second = review.confirm(NAME, "bob", "I agree")
    assert (second.state, second.confirmed_first_by) == (CAMPAIGN_STATE_CONFIRMED, "")
    assert (second.history[0].kind, second.history[0].reviewer) == (pb.CAMPAIGN_CHANGE_KIND_CONFIRMED, "bob")
    for i in range(SIZE):
        (label,) = review.labels(f"accounts/ring{i}")
        assert (label.verdict, label.reviewer, label.second_reviewer) == (LABEL_VERDICT_SYBIL, "ada", "bob")
        assert label.by_campaign == NAME
    assert [row.label for row in store.events(0, 100)[-SIZE:]] == [1] * SIZE


def test_confirming_again_labels_nobody_twice(review: ReviewClient, store: SqlStore) -> None:
    review.confirm(NAME, "ada", "one device", request_id="r1")
    assert review.confirm(NAME, "ada", "one device", request_id="r1").confirmed_first_by == "ada"
    review.confirm(NAME, "bob", "I agree", request_id="r2")
    with store.unit() as unit:  # as if the server had died before the last step
        unit.write_campaigns([CAMPAIGN])
    seen = len(store.events(0, 100))
    review.confirm(NAME, "bob", "I agree", request_id="r2")
    assert len(store.events(0, 100)) == seen
    assert refusal(review.confirm, NAME, "bob", "other words", request_id="r2").reason == "REQUEST_ID_REUSED"


def test_broken_confirmation_goes_on(review: ReviewClient, store: SqlStore) -> None:
    review.confirm(NAME, "ada", "one device")
    review.confirm(NAME, "bob", "I agree")
    members = [MemberRecord("b1", REF, Role.LINKED, START + 900, 0.2, 3.5, "[]")]
    with store.unit() as unit:
        unit.write_campaigns([replace(CAMPAIGN, state=CampaignState.OPEN)])
        unit.write_members(members)
        unit._connection.exec_driver_sql("DELETE FROM campaign_change")  # type: ignore[attr-defined]
    assert review.confirm(NAME, "cleo", "finish it", include_linked=True).state == CAMPAIGN_STATE_CONFIRMED
    assert [len(list(review.labels(f"accounts/{name}"))) for name in ("ring0", "ring5", "b1", "b2")] == [1, 1, 1, 0]


def test_dismissed_campaign_labels_nobody(review: ReviewClient, store: SqlStore) -> None:
    review.confirm(NAME, "ada", "one device")
    campaign = review.dismiss(NAME, "bob", "a test bench")
    assert campaign.state == CAMPAIGN_STATE_DISMISSED and campaign.confirmed_first_by == ""
    assert campaign.history[0].detail == "a test bench"
    for decide in (review.confirm, review.dismiss):
        assert refusal(decide, NAME, "bob", "no").reason == "CAMPAIGN_CLOSED"
    assert {row.label for row in store.events(0, 100)} == {0}


def test_known_honest_member_stays_honest(review: ReviewClient, store: SqlStore) -> None:
    review.label("accounts/ring3", LABEL_VERDICT_HONEST, "ada", "spoke to her")
    for reviewer in ("ada", "bob"):
        review.confirm(NAME, reviewer, "one device")
    assert [label.verdict for label in review.labels("accounts/ring3")] == [LABEL_VERDICT_HONEST]
    assert store.truths(["ring2", "ring3", "nobody"]) == {"ring2": 1, "ring3": -1}


def test_reopened_campaign_starts_anew(review: ReviewClient, store: SqlStore) -> None:
    review.confirm(NAME, "ada", "one device")
    with store.unit() as unit:
        unit.append_changes([ChangeRecord(REF, START + 2e6, Change.REOPENED, 0, SIZE, "", "")])
    assert review.campaign(NAME).confirmed_first_by == ""


def test_label_counts_once(review: ReviewClient, store: SqlStore) -> None:
    seen = len(store.events(0, 100))
    first = review.label("accounts/ring1", LABEL_VERDICT_SYBIL, "ada", "same operator", request_id="r1")
    again = review.label("accounts/ring1", LABEL_VERDICT_SYBIL, "ada", "same operator", request_id="r1")
    assert again.replayed and again.name == first.name and not first.replayed
    assert [(row.account_id, row.label) for row in store.events(0, 100)[seen:]] == [("ring1", 1)]
    assert [label.name for label in review.labels("accounts/ring1")] == [first.name]


def test_label_is_taken_back(review: ReviewClient, store: SqlStore) -> None:
    wrong = review.label("accounts/ring1", LABEL_VERDICT_SYBIL, "ada", "same operator")
    same = refusal(review.label, "accounts/ring1", LABEL_VERDICT_SYBIL, "ada", "no", revokes=wrong.name)
    foreign = refusal(review.label, "accounts/ring2", LABEL_VERDICT_HONEST, "ada", "no", revokes=wrong.name)
    assert same.violations[0][0] == foreign.violations[0][0] == "revokes"
    right = review.label("accounts/ring1", LABEL_VERDICT_HONEST, "bob", "wrong", revokes=wrong.name)
    assert right.revokes == wrong.name
    assert [row.label for row in store.events(0, 100)[-2:]] == [1, -1]
    assert refusal(review.label, "accounts/nobody", LABEL_VERDICT_SYBIL, "ada", "no").reason == "NOT_FOUND"


def test_label_shows_in_neighbours(review: ReviewClient, client: Client, store: SqlStore) -> None:
    review.label("accounts/ring1", LABEL_VERDICT_SYBIL, "ada", "same operator")
    until(lambda: not store.due(2 * START, 9), 20.0)
    made = store.assessments("ring4", 9)
    assert [record.cause for record in made] == ["label"]
    assert [record.cause for record in store.assessments("b1", 9)] == ["label"]  # the same address
    answer = client.get_assessment(f"accounts/ring4/assessments/{made[0].assessment_id}")
    bad = {item.feature: item.value for item in answer.contributions}["device_id.bad"]
    assert bad == pytest.approx(1 / 8)  # one of five others, shrunk
    assert (answer.campaign, answer.campaign_state) == (NAME, CAMPAIGN_STATE_OPEN)


def test_watching_goes_on_where_it_ended(review: ReviewClient) -> None:
    (opened,) = review.campaign(NAME).history
    seen: list[pb.CampaignChange] = []
    watching = threading.Thread(target=lambda: seen.extend(_first(review.watch(opened.sequence), 1)))
    watching.start()
    review.dismiss(NAME, "bob", "a test bench")
    watching.join(20.0)
    assert [change.kind for change in seen] == [pb.CAMPAIGN_CHANGE_KIND_DISMISSED]
    assert next(iter(review.watch())) == opened
    assert refusal(lambda: list(review.watch(-1))).violations[0][0] == "after_sequence"


def test_stopping_server_ends_watching(review: ReviewClient, server: Server) -> None:
    seen: list[object] = []
    watching = threading.Thread(target=lambda: seen.extend(review.watch()))
    watching.start()
    until(lambda: seen)
    server.drain(10.0)
    watching.join(5.0)
    assert not watching.is_alive()


def test_protection_tells_who_and_why(review: ReviewClient) -> None:
    (link,) = review.links(NAME)
    card = review.protect("ada", "office card", identifier=SharedIdentifier(card="office"))
    named = review.protect("ada", "our test bench", link=link.name)
    account = review.protect("ada", "ours", account="accounts/b1")
    assert (card.kind, named.kind, account.subject) == ("card", "device_id", "accounts/b1")
    assert named.subject == f"identifiers/{device().hex()[:8]}"
    (link,) = review.links(NAME)
    assert link.under_protection
    ended = review.unprotect(named.name, "bob", "sold")
    assert ended.taken_back and {item.name for item in review.protections()} == {card.name, account.name}
    assert [item.reviewer for item in review.protections(history=True)] == ["bob", "ada", "ada", "ada"]


def test_account_names_what_to_protect(review: ReviewClient) -> None:
    made = review.protect(
        "ada", "a shared desk", account_value=AccountValue(account="accounts/ring2", kind="device_id")
    )
    assert (made.kind, made.subject) == ("device_id", f"identifiers/{device().hex()[:8]}")
    absent = AccountValue(account="accounts/ring2", kind="card")
    assert refusal(review.protect, "ada", "no", account_value=absent).reason == "NOT_FOUND"
    meaningless = AccountValue(account="accounts/ring2", kind="country")
    assert refusal(review.protect, "ada", "no", account_value=meaningless).violations[0][0] == "account_value.kind"


def test_protecting_again_counts_once(review: ReviewClient) -> None:
    once = [review.protect("ada", "ours", account="accounts/b1", request_id="r1") for _ in range(2)]
    assert once[0] == once[1]
    assert len(list(review.protections(history=True))) == 1
    assert refusal(review.unprotect, NAME.replace("campaigns", "protections"), "a", "b").reason == "NOT_FOUND"


def test_meaningless_subject_is_refused(review: ReviewClient) -> None:
    error = refusal(review.protect, "ada", "no", identifier=SharedIdentifier(phone="12"))
    assert error.violations[0][0] == "identifier"
    assert refusal(review.protect, "ada", "no", link=f"{NAME}/links/00000000").reason == "NOT_FOUND"
    assert refusal(review.protect, "", "").code == grpc.StatusCode.INVALID_ARGUMENT
    card = refusal(review.protect, "ada", "no", identifier=SharedIdentifier(card="4111 1111 1111 1111"))
    assert card.reason == "PAN_REFUSED"


def _first(changes: Iterator[pb.CampaignChange], count: int) -> list[pb.CampaignChange]:
    return [next(changes) for _ in range(count)]


def test_opposite_word_names_the_other(review: ReviewClient) -> None:
    first = review.label("accounts/ring1", LABEL_VERDICT_SYBIL, "ada", "same operator", request_id="r1")
    error = refusal(review.label, "accounts/ring1", LABEL_VERDICT_HONEST, "bob", "no")
    assert first.name in error.violations[0][1]
    right = review.label("accounts/ring1", LABEL_VERDICT_HONEST, "bob", "no", revokes=first.name)
    assert review.label("accounts/ring1", LABEL_VERDICT_SYBIL, "ada", "same operator", request_id="r1").replayed
    assert review.label("accounts/ring1", LABEL_VERDICT_SYBIL, "Bob ", "I erred").name > right.name


def test_reviewer_has_a_share_a_day(review: ReviewClient, store: SqlStore) -> None:
    now = time.time()
    line = LabelRecord("", "b1", 0, 1, "review", "ada", "", START, now, "", "")
    with store.unit() as unit:
        unit.write_labels([replace(line, label_id=f"l{number}") for number in range(LABELS_A_DAY)])
        unit.write_labels([replace(line, label_id=f"m{number}", campaign=REF, author="bob") for number in range(900)])
    check_share(store, "bob", now)
    with pytest.raises(QuotaExceeded) as caught:
        check_share(store, "ada", now + 1000.0)
    assert caught.value.retry_after == pytest.approx(86400 - 1000)
    check_share(store, "ada", now + 86401.0)


def test_revoked_label_leaves_neighbours_clean(review: ReviewClient, store: SqlStore) -> None:
    def bad() -> int:
        (_, state) = store.identifier_states([device()])[device()]
        return int(unpack_states([state])["bad"][0])

    wrong = review.label("accounts/ring1", LABEL_VERDICT_SYBIL, "ada", "same operator")
    assert bad() == 1
    review.label("accounts/ring1", LABEL_VERDICT_HONEST, "bob", "wrong", revokes=wrong.name)
    assert bad() == 0
