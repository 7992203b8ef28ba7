"""Who is assessed again because of others: earlier neighbours, those around a label, those on a new card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sybilgate.app.assess import Assessor
from sybilgate.app.spreading import NEIGHBOURS
from sybilgate.app.task import Mode
from sybilgate.core.campaign.records import MemberRecord, Role
from sybilgate.core.event import Event, EventType, OutcomeKind, Payment
from sybilgate.core.identifier import COLUMN, Kind
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision
from sybilgate.jobs.due import DueWorker
from sybilgate.rpc.batching import Batcher
from sybilgate.store.store import SqlStore
from tests.factories import KEYRING, START, CountingModels, assessor, outcome, task
from tests.unit.test_campaigns import STRICT, farm, own, strangers

NOW = START + 1e6


@pytest.fixture
def service(store: SqlStore) -> Assessor:
    """An assessor that flags from the second account on a device, after many strangers came."""
    chosen = Pipeline(CountingModels(), STRICT, KEYRING)
    service = replace(assessor(store), pipeline=lambda: chosen)
    service.run([task(event) for event in strangers(60)])
    return service


def due(store: SqlStore) -> dict[str, str]:
    """Who is due, and why."""
    return {row.account_id: row.cause for row in store.due(NOW, 9999)}


def payment(account: str, card: str, at: float) -> Event:
    return Event(account_id=account, time=START + at, type=EventType.PAYMENT, payment=Payment(fingerprint=card))


def come(service: Assessor, *events: Event) -> None:
    for event in events:
        service.run([task(event)])


def work(service: Assessor, store: SqlStore) -> None:
    batcher = Batcher(service)
    worker = DueWorker(store, batcher, lambda: NOW)
    while worker.slice():
        pass
    batcher.close()


def test_opened_campaign_reveals_first_account(service: Assessor, store: SqlStore) -> None:
    come(service, *farm(3))
    assert due(store) == {} and store.assessments("d0", 1)[0].decision == Decision.ALLOW
    come(service, farm(4)[3])
    assert due(store) == {"d0": "campaign"}
    work(service, store)
    newest = store.assessments("d0", 1)[0]
    assert newest.cause == "campaign" and newest.decision >= Decision.CHALLENGE


def test_due_work_ends_by_itself(service: Assessor, store: SqlStore) -> None:
    come(service, *farm(20))
    work(service, store)
    assert due(store) == {}
    assert max(len(store.assessments(f"d{i}", 99)) for i in range(20)) <= 4


def test_linked_members_look_again(service: Assessor, store: SqlStore) -> None:
    come(service, *farm(3))
    ref = KEYRING.account_ref("d1")
    with store.unit() as unit:
        unit.write_members([MemberRecord("s1", ref, Role.LINKED, START, 0.1, 3.5, "[]")])
    come(service, farm(4)[3])
    assert due(store) == {"d0": "campaign", "s1": "campaign"}


def test_ban_reaches_campaign_and_neighbours(service: Assessor, store: SqlStore) -> None:
    come(service, *farm(6), own("n", 900.0, card="c"))
    work(service, store)
    service.run([task(outcome("d4", at=1000.0), mode=Mode.RECORD)])
    assert due(store) == dict.fromkeys(["d0", "d1", "d2", "d3", "d5", "n"], "outcome")
    work(service, store)
    assert store.assessments("d2", 1)[0].cause == "outcome"
    service.run([task(outcome("d4", at=2000.0), mode=Mode.RECORD)])
    assert due(store) == {}


def test_silent_outcome_reaches_nobody(service: Assessor, store: SqlStore) -> None:
    come(service, *farm(2))
    service.run([task(outcome("d1", at=500.0, kind=OutcomeKind.CLOSED), mode=Mode.RECORD)])
    service.run([task(outcome("d1", at=600.0), mode=Mode.RECORD, spread=False)])
    assert due(store) == {}


def test_member_payment_reaches_its_card(service: Assessor, store: SqlStore) -> None:
    come(service, *farm(5))
    work(service, store)
    come(service, own("n", 900.0, card="other"), payment("s3", "other", 950.0))
    assert due(store) == {}
    come(service, payment("d3", "other", 1000.0))
    assert due(store) == {"n": "payment", "s3": "payment"}
    work(service, store)
    come(service, payment("d3", "other", 2000.0))
    assert due(store) == {}


def test_wave_of_bans_is_bounded(service: Assessor, store: SqlStore) -> None:
    pairs = [own(f"{side}{i}", 60.0 * i, card=f"pair{i}") for i in range(NEIGHBOURS + 20) for side in "ab"]
    service.run([task(*pairs, mode=Mode.RECORD)])
    service.run([task(*[outcome(f"a{i}", at=9e4) for i in range(NEIGHBOURS + 20)], mode=Mode.RECORD)])
    assert len(due(store)) == NEIGHBOURS and set(due(store).values()) == {"outcome"}


def test_protected_card_spreads_nothing(service: Assessor, store: SqlStore) -> None:
    come(service, own("a", 0.0, card="office"), own("b", 60.0, card="office"))
    with store.unit() as unit:
        row = unit.accounts(["a"])["a"]
    key = row.keys[16 * COLUMN[Kind.CARD] :][:16]
    chosen = replace(service.pipeline(), protected=frozenset([key]))
    replace(service, pipeline=lambda: chosen).run([task(outcome("a", at=900.0), mode=Mode.RECORD)])
    assert due(store) == {}
