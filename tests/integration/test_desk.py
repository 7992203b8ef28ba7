"""What reviewers' pages ask of the service, over both databases."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sybilgate.app.picture import STEPS
from sybilgate.client import Client
from sybilgate.core.campaign.records import CampaignState, MemberRecord, Role
from sybilgate.core.records import AssessmentRecord
from sybilgate.review_client import ReviewClient
from sybilgate.store.store import SqlStore
from sybilgate.v1 import assessment_pb2, desk_pb2
from sybilgate.v1.label_pb2 import LABEL_VERDICT_HONEST
from sybilgate.v1.review_service_pb2 import REVIEW_ORDER_OLDEST, REVIEW_ORDER_RISK, SharedIdentifier
from tests.factories import START, ring
from tests.integration.test_review import CAMPAIGN, NAME, REF, SIZE, client, found, refusal, review, server

__all__ = ["client", "review", "server"]
FEATURES = b"\0" * 4


def asked(account: str, number: int, risk: float = 0.8, decision: int = 3) -> AssessmentRecord:
    return AssessmentRecord(
        f"{number:08d}", account, "signup", START, START + number, risk, 1.0, 0.5, decision, "", "counting@1", "test",
        FEATURES, None, "", "{}",
    )  # fmt: skip


@pytest.fixture
def desk(review: ReviewClient, store: SqlStore) -> ReviewClient:
    """A queue: ring0 to ring2 in a campaign, b1 by himself; b2 was let in since."""
    rows = [asked(f"ring{i}", i, 0.7 + i / 100) for i in range(3)]
    rows += [asked("b1", 4, 0.99, 4), asked("b2", 5), asked("b2", 6, 0.1, 1)]
    with store.unit() as unit:
        unit.write_assessments(rows)
    return review


def accounts(items: object) -> list[str]:
    return [item.assessment.account_id for item in items]  # type: ignore[attr-defined]


def test_queue_holds_newest_assessments(desk: ReviewClient) -> None:
    items = list(desk.items())
    assert accounts(items) == ["b1", "ring2", "ring1", "ring0"]
    assert items[1].assessment.campaign == NAME and items[1].assessment.cause == "signup"
    assert accounts(desk.items(order=REVIEW_ORDER_OLDEST)) == ["ring0", "ring1", "ring2", "b1"]
    assert accounts(desk.items(order=REVIEW_ORDER_RISK)) == ["b1", "ring2", "ring1", "ring0"]


def test_queue_is_filtered(desk: ReviewClient) -> None:
    wanted = desk_pb2.ReviewFilter
    assert accounts(desk.items(wanted(place=desk_pb2.REVIEW_PLACE_SINGLE))) == ["b1"]
    assert accounts(desk.items(wanted(place=desk_pb2.REVIEW_PLACE_IN_CAMPAIGN, min_risk=0.71))) == ["ring2", "ring1"]
    assert accounts(desk.items(wanted(decisions=[assessment_pb2.DECISION_DENY]))) == ["b1"]
    late = wanted()
    late.start_time.FromSeconds(int(START) + 2)
    late.end_time.FromSeconds(int(START) + 4)
    assert accounts(desk.items(late)) == ["ring2"]
    (country,) = {item.country for item in desk.items()}
    assert len(accounts(desk.items(wanted(country=country)))) == sum(one.count for one in desk.counts()) == 4
    assert accounts(desk.items(wanted(country="ZZ"))) == []
    assert sum(one.count for one in desk.counts(wanted(network="tor"))) == 0
    assert refusal(desk.counts, wanted(min_risk=2.0)).violations[0][0] == "filter.min_risk"


def test_labelled_account_leaves_queue(desk: ReviewClient) -> None:
    desk.label("accounts/b1", LABEL_VERDICT_HONEST, "ada", "known to us")
    assert accounts(desk.items()) == ["ring2", "ring1", "ring0"]
    assert {one.decision: one.count for one in desk.counts()} == {3: 3, 4: 0}


def test_queue_comes_page_by_page(desk: ReviewClient, store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_assessments([asked(f"x{i:03d}", 100 + i, 0.9 if i % 2 else 0.8) for i in range(120)])
    for order in (0, REVIEW_ORDER_OLDEST, REVIEW_ORDER_RISK):
        names = accounts(desk.items(order=order))
        assert len(names) == len(set(names)) == 124
    assert sum(one.count for one in desk.counts()) == 124


def test_claim_keeps_others_out(desk: ReviewClient) -> None:
    mine = desk.claim(NAME, "ada")
    assert mine.lease_end_time.seconds - mine.create_time.seconds == 900
    assert refusal(desk.claim, NAME, "bob").reason == "ALREADY_CLAIMED"
    assert desk.claim(NAME, "ada", 1800).create_time == mine.create_time
    desk.release(NAME, "bob")
    assert [claim.reviewer for claim in desk.claims()] == ["ada"]
    desk.release(NAME, "ada")
    assert desk.claim(NAME, "bob").reviewer == "bob"
    assert refusal(desk.claim, "accounts/nobody", "ada").reason == "NOT_FOUND"


def test_picture_groups_members(desk: ReviewClient, store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_members([MemberRecord("b1", REF, Role.LINKED, START + 400, 0.05, 1.0, "[]")])
    picture = desk.picture(NAME)
    assert [(list(g.value_indexes), g.member_count, g.linked_count) for g in picture.groups] == [
        ([0], SIZE, 0), ([], 1, 1),
    ]  # fmt: skip
    assert (picture.sampled_count, picture.total_count, len(picture.steps)) == (SIZE + 1, SIZE + 1, STEPS)
    assert sum(step.flagged_count for step in picture.steps) == SIZE
    assert picture.doubtful_members[0].account == "accounts/b1"
    assert list(picture.risk_tenths) == [0] * 7 + [SIZE, 0, 0]


def test_known_honest_members_are_counted(desk: ReviewClient) -> None:
    desk.label("accounts/ring3", LABEL_VERDICT_HONEST, "ada", "asked him")
    picture = desk.picture(NAME)
    assert picture.honest_count == 1 and picture.doubtful_members[0].account == "accounts/ring3"


def test_candidate_is_not_drawn(client: Client, store: SqlStore) -> None:
    found(store, replace(CAMPAIGN, state=CampaignState.CANDIDATE))
    assert refusal(ReviewClient(client).picture, NAME).reason == "NOT_FOUND"


def test_readings_stand_among_training(desk: ReviewClient, client: Client) -> None:
    made = [client.create_assessment(event, full=True) for event in ring(3)][-1]
    readings = {one.feature: one for one in desk.readings(made.name)}
    month = readings["device_id.month"]
    assert (month.share_below, month.share_up_to) == pytest.approx((0.7 / 0.8, 1.0))
    assert month.share_missing == 0.2 and not readings["ip.month"].HasField("share_below")
    total = sum(one.contribution for one in readings.values())
    assert math.isclose(made.base_value + total, made.margin, abs_tol=1e-9)


def test_holders_of_typed_value(desk: ReviewClient) -> None:
    answer = desk.holders(SharedIdentifier(device_id="shared-device"))
    assert (answer.kind, answer.holders) == ("device_id", SIZE)
    assert list(answer.accounts) == [f"accounts/ring{i}" for i in reversed(range(SIZE))]
    assert refusal(desk.holders, SharedIdentifier(device_id="never seen")).reason == "NOT_FOUND"


def test_serving_model_is_told(desk: ReviewClient) -> None:
    model = desk.model()
    assert (model.model_version, model.policy_version, model.review_risk) == ("counting@1", "test", 0.6)
    assert [(one.name, one.value) for one in model.figures] == [("out_of_fold.auc", 0.75)]
    assert [point.risk for point in model.calibration] == [0.2, 0.8]


def test_newest_signups_are_summed_up(desk: ReviewClient, store: SqlStore) -> None:
    told = desk.traffic()
    assert told.model_version == "counting@1" and not told.HasField("risk_index")
    assert told.signup_count == sum(told.risk_counts) == 6
    assert {one.decision: one.count for one in told.decision_counts} == {1: 1, 3: 4, 4: 1}
    assert sum(told.risk_counts[800:]) == 2
    assert len(store.newest_signups(2)) == 2
