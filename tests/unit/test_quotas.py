"""Quotas: what flows in flows out, never more, and the refusal says when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sybilgate.core.trust import Caller, Role
from sybilgate.errors import QuotaExceeded
from sybilgate.rpc.quotas import Buckets, Quotas
from sybilgate.v1 import assessment_service_pb2 as assessments
from sybilgate.v1 import event_service_pb2 as events

FLOW = Caller(Role.SIGNUP, "flow", "t1")
_ASSESS = "/sybilgate.v1.AssessmentService/CreateAssessment"
_BATCH = "/sybilgate.v1.EventService/BatchCreateEvents"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def assess(account_id: str) -> assessments.CreateAssessmentRequest:
    request = assessments.CreateAssessmentRequest()
    request.event.account_id = account_id
    return request


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_more_leaves_than_flows_in(pauses: list[float]) -> None:
    clock = Clock()
    bucket, taken = Buckets(2.0, 5.0, clock), 0
    for pause in pauses:
        clock.now += pause
        taken += bucket.take("a", 1.0) == 0
    assert taken <= 5 + 2 * sum(pauses)


def test_wait_that_was_told_is_enough() -> None:
    clock = Clock()
    bucket = Buckets(0.5, 1.0, clock)
    assert bucket.take("a", 1.0) == 0
    clock.now += bucket.take("a", 1.0)
    assert bucket.take("a", 1.0) == 0


def test_account_has_its_share() -> None:
    quotas = Quotas(0, 3, Clock())
    for _ in range(3):
        quotas(FLOW, _ASSESS, assess("a1"))
    with pytest.raises(QuotaExceeded, match="account") as caught:
        quotas(FLOW, _ASSESS, assess("a1"))
    assert caught.value.retry_after == pytest.approx(1200)
    quotas(FLOW, _ASSESS, assess("a2"))


def test_batch_counts_its_events() -> None:
    quotas = Quotas(1.0, 0, Clock())
    batch = events.BatchCreateEventsRequest()
    for _ in range(600):
        batch.events.add()
    quotas(FLOW, _BATCH, batch)
    with pytest.raises(QuotaExceeded, match="caller"):
        quotas(FLOW, _BATCH, batch)
    quotas(Caller(Role.BILLING, "other", "t2"), _BATCH, batch)


def test_forgotten_buckets_are_bounded() -> None:
    bucket = Buckets(1.0, 1.0, Clock(), kept=10)
    assert all(bucket.take(str(number), 1.0) == 0 for number in range(1000))
    assert len(bucket._levels) == 10


def test_no_quota_lets_all_through() -> None:
    quotas = Quotas(0, 0, Clock())
    for _ in range(5000):
        quotas(FLOW, _ASSESS, assess("a1"))
    assert quotas._events is quotas._assessments is None
