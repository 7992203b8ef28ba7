"""What every store keeps of campaigns, labels, due work and protections."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sybilgate.core.campaign.records import (
    CampaignRecord,
    CampaignState,
    Change,
    ChangeRecord,
    DueRecord,
    LabelRecord,
    MemberRecord,
    ProtectionRecord,
    Role,
    SharedValue,
    Verdict,
)
from sybilgate.store.store import SqlStore

Opener = Callable[[str], SqlStore]

OPEN, MERGED = int(CampaignState.OPEN), int(CampaignState.MERGED)
CAMPAIGN = CampaignRecord(7, OPEN, 0, 3, 1, 10.0, 20.0, 0.5, 1.5, 2.5, b"\x01\0", 2.25, 12.5)
MEMBER = MemberRecord("a", 7, int(Role.FLAGGED), 11.0, 0.75, 1.5, "[]")
CHANGE = ChangeRecord(7, 12.0, int(Change.OPENED), 0, 3, "", "three on one card")
LABEL = LabelRecord("l1", "a", 0, int(Verdict.SYBIL), "review", "ada", "", 5.0, 6.0, "same operator", "")
PROTECTION = ProtectionRecord("key/00ff", "card", "ada", "office card", 5.0, math.inf)


def _key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def _shared(campaign: int, number: int, members: int = 1, first: float = 1.0, last: float = 2.0) -> SharedValue:
    return SharedValue(campaign, _key(number), members, first, last)


def test_campaign_reads_back_whole(store: SqlStore) -> None:
    lowest = replace(CAMPAIGN, ref=-(2**63))
    with store.unit() as unit:
        unit.write_campaigns([CAMPAIGN, lowest])
        unit.write_campaigns([replace(CAMPAIGN, members=4)])
        assert unit.campaigns([7, 8, -(2**63)]) == {7: replace(CAMPAIGN, members=4), -(2**63): lowest}
    assert store.campaign(7) == replace(CAMPAIGN, members=4)
    assert store.campaign(8) is None


def test_merged_campaigns_are_followed(store: SqlStore) -> None:
    chain = [replace(CAMPAIGN, ref=ref, state=MERGED, merged_into=ref - 1) for ref in (9, 8)]
    with store.unit() as unit:
        unit.write_campaigns([*chain, CAMPAIGN, replace(CAMPAIGN, ref=6)])
    with store.unit() as unit:
        assert set(unit.campaigns([9])) == {9, 8, 7}
        assert set(unit.campaigns([6, 5])) == {6}


@pytest.mark.parametrize("count", [0, 1, 9, 700])
def test_shared_values_cross_lists(store: SqlStore, count: int) -> None:
    with store.unit() as unit:
        unit.add_shared_values([_shared(campaign, number) for campaign in (1, 2, 3) for number in range(count)])
        found = unit.shared_values([1, 3, 3, 4], [_key(number) for number in range(0, count + 5, 2)])
    assert {(row.campaign, row.key) for row in found} == {(c, _key(n)) for c in (1, 3) for n in range(0, count, 2)}
    assert len(found) == 2 * math.ceil(count / 2)


@pytest.mark.parametrize("held", [40, 4000])
def test_many_values_cross_many_campaigns(store: SqlStore, held: int) -> None:
    with store.unit() as unit:
        unit.add_shared_values([_shared(campaign, number) for campaign in (1, 2, 3) for number in range(held)])
        found = unit.shared_values([1, 3], [_key(number) for number in range(20, 1520)])
    known = range(20, min(held, 1520))
    assert sorted((row.campaign, row.key) for row in found) == sorted((c, _key(n)) for c in (1, 3) for n in known)


def test_shared_values_add_up(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.add_shared_values([_shared(1, 1, 2, 5.0, 6.0), _shared(1, 2)])
        unit.add_shared_values([_shared(1, 1, 3, 4.0, 5.5), _shared(1, 3, 9)])
        unit.add_shared_values([_shared(1, 1, -1, 9.0, 7.0)])
    assert store.top_values(1, 2) == [_shared(1, 3, 9), _shared(1, 1, 4, 4.0, 7.0)]


def test_merging_moves_what_is_held(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.add_shared_values([_shared(1, 1, 2, 3.0, 4.0), _shared(2, 1, 5, 2.0, 3.0), _shared(3, 2, 4)])
        unit.write_members([replace(MEMBER, account_id=str(ref), campaign=ref) for ref in (1, 2, 3)])
        unit.merge_campaigns([(2, 3), (1, 2)])
        assert unit.shared_values([2, 3], [_key(1), _key(2)]) == []
    assert store.top_values(1, 9) == [_shared(1, 1, 7, 2.0, 4.0), _shared(1, 2, 4)]
    assert [row.account_id for row in store.members_page(1, 9)] == ["1", "2", "3"]


def test_founder_has_no_margin(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_members([replace(MEMBER, margin=math.nan), replace(MEMBER, account_id="b")])
        found = unit.members(["a", "b", "c"])
    assert math.isnan(found["a"].margin)
    assert found.keys() == {"a", "b"} and found["b"] == store.member("b") == replace(MEMBER, account_id="b")
    assert store.member("c") is None


def test_members_page_by_joining(store: SqlStore) -> None:
    rows = [replace(MEMBER, account_id=name, join_time=time) for name, time in (("c", 1.0), ("b", 2.0), ("a", 2.0))]
    with store.unit() as unit:
        unit.write_members([*rows, replace(MEMBER, account_id="other", campaign=8)])
    assert [row.account_id for row in store.members_page(7, 2)] == ["c", "a"]
    assert [row.account_id for row in store.members_page(7, 2, (2.0, "a"))] == ["b"]
    assert [row.account_id for row in store.members_page(7, 2, newest=True)] == ["b", "a"]
    assert [row.account_id for row in store.members_page(7, 2, (2.0, "a"), newest=True)] == ["c"]


@pytest.mark.parametrize("order", ["last_time", "significance", "members"])
def test_campaigns_page_by_order(store: SqlStore, order: str) -> None:
    values = {1: 5, 2: 7, 3: 5, 4: 9}
    rows = [
        replace(CAMPAIGN, ref=ref, **{order: value if order == "members" else value / 2})
        for ref, value in values.items()
    ]
    with store.unit() as unit:
        unit.write_campaigns([*rows, replace(CAMPAIGN, ref=5, state=MERGED, merged_into=1)])
    first = store.campaigns_page([OPEN, int(CampaignState.CONFIRMED)], order, 3)
    rest = store.campaigns_page([OPEN], order, 3, (getattr(first[-1], order), first[-1].ref))
    assert [row.ref for row in first + rest] == [4, 2, 3, 1]


def test_history_reads_both_ways(store: SqlStore) -> None:
    with store.unit() as unit:
        seqs = unit.append_changes([replace(CHANGE, members=n, campaign=7 + n % 2) for n in range(4)])
    assert [row.members for row in store.changes(7, 5)] == [2, 0]
    assert [row.members for row in store.changes(7, 5, seqs[2])] == [0]
    assert store.changes_after(seqs[1], 2) == [
        replace(CHANGE, members=n, campaign=7 + n % 2, seq=seqs[n]) for n in (2, 3)
    ]


def test_labels_list_newest_first(store: SqlStore) -> None:
    of_campaign = replace(LABEL, label_id="l0", account_id="", campaign=7)
    with store.unit() as unit:
        unit.write_labels([replace(LABEL, label_id="l3", campaign=7), LABEL, of_campaign])
    assert [row.label_id for row in store.labels_of(account_id="a")] == ["l3", "l1"]
    assert store.labels_of(account_id="a", limit=5, before="l3") == [LABEL]
    assert store.labels_of(campaign=7) == [of_campaign]
    assert store.labels(["l1", "l2"]) == {"l1": LABEL}


def test_account_is_placed(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_campaigns([CAMPAIGN])
        unit.write_members([MEMBER, replace(MEMBER, account_id="lost", campaign=9)])
    assert store.placements(["a", "lost", "nobody"]) == {"a": (7, OPEN)}


def test_values_are_found_by_prefix(store: SqlStore) -> None:
    keys = [b"\x17\x01" + b"\xff" * 14, b"\x17\x02" + bytes(14), b"\x17\x02" + b"\xff" * 14, b"\x17\x03" + bytes(14)]
    rows = [SharedValue(ref, key, 1, 1.0, 2.0) for key in keys for ref in (1, 2)]
    with store.unit() as unit:
        unit.add_shared_values(rows)
    assert [row.key for row in store.values_under(1, b"\x17\x02")] == keys[1:3]
    assert store.values_of(2, keys[:1]) == [rows[1]]
    assert [row.key for row in store.top_values(1, 2, 1)] == keys[1:3]


def test_account_is_due_once(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.enqueue([DueRecord("b", "campaign", 2.0), DueRecord("a", "label", 1.0), DueRecord("a", "later", 0.0)])
        unit.enqueue([DueRecord("a", "campaign", 0.5), DueRecord("c", "label", 9.0)])
    assert [(row.account_id, row.cause, row.time) for row in store.due(5.0, 9)] == [
        ("a", "label", 1.0),
        ("b", "campaign", 2.0),
    ]
    with store.unit() as unit:
        unit.dequeue([row.seq for row in store.due(5.0, 1)])
    assert [row.account_id for row in store.due(10.0, 9)] == ["b", "c"]


def test_renewed_reason_is_kept(postgres_url: str, open_on: Opener) -> None:
    ours, theirs = open_on(postgres_url), open_on(postgres_url)
    with ours.unit() as unit:
        unit.enqueue([DueRecord("a", "label", 1.0)])
    (read,) = ours.due(5.0, 9)
    with theirs.unit() as other:
        other.enqueue([DueRecord("a", "campaign", 2.0)])
    with ours.unit() as unit:
        unit.dequeue([read.seq])
    assert [(row.account_id, row.cause) for row in ours.due(5.0, 9)] == [("a", "label")]


def test_newest_protection_line_holds(store: SqlStore) -> None:
    account = replace(PROTECTION, subject="account/a", create_time=6.0, end_time=60.0)
    with store.unit() as unit:
        unit.protect([PROTECTION, account])
        unit.protect([replace(account, author="bob", create_time=7.0, end_time=70.0)])
    assert [(row.subject, row.author) for row in store.protections()] == [("account/a", "bob"), ("key/00ff", "ada")]
    with store.unit() as unit:
        unit.protect([replace(PROTECTION, create_time=8.0, end_time=8.0)])
    assert [(row.subject, row.end_time) for row in store.protections()] == [("account/a", 70.0), ("key/00ff", 8.0)]
    assert [row.create_time for row in store.protection_lines(3)] == [8.0, 7.0, 6.0]


def test_identifier_states_read_outside(store: SqlStore) -> None:
    assert store.identifier_states([_key(1)]) == {}


def test_campaign_lock_excludes_others(postgres_url: str, open_on: Opener) -> None:
    ours, theirs = open_on(postgres_url), open_on(postgres_url)
    with ours.unit() as unit:
        unit.write_campaigns([CAMPAIGN, replace(CAMPAIGN, ref=8)])
    with ThreadPoolExecutor(1) as pool, theirs.unit() as other:
        with ours.unit() as unit:
            unit.campaigns([7])
            unit.write_campaigns([replace(CAMPAIGN, state=MERGED, merged_into=8)])
            waiting = pool.submit(other.campaigns, [7])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.2)
        assert set(waiting.result(timeout=5)) == {7, 8}


def test_history_waits_for_earlier_numbers(postgres_url: str, open_on: Opener) -> None:
    ours, theirs = open_on(postgres_url), open_on(postgres_url)
    with ThreadPoolExecutor(1) as pool:
        with ours.unit() as unit:
            early = unit.append_changes([CHANGE])
            with theirs.unit() as other:
                late = other.append_changes([CHANGE])
            reading = pool.submit(theirs.changes_after, 0, 10)
            with pytest.raises(TimeoutError):
                reading.result(timeout=0.2)
        assert [row.seq for row in reading.result(timeout=5)] == early + late
