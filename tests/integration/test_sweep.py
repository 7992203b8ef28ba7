"""The sweep over real databases: what is written, that it may stop anywhere, and what newcomers find afterwards."""

from __future__ import annotations

from dataclasses import replace

from sybilgate.core.campaign.book import Limits
from sybilgate.core.campaign.records import CampaignState, Change, MemberRecord, Role
from sybilgate.core.identifier import keys_of
from sybilgate.core.state import unpack_keys
from sybilgate.jobs.sweep import Sweeper
from sybilgate.store.store import SqlStore
from tests.factories import HAND_LIMITS, MATES
from tests.integration.test_campaigns import assessed
from tests.unit.test_campaigns import farm, strangers

NOW = 5000.0


def sweeper(store: SqlStore) -> Sweeper:
    return Sweeper(store, MATES, Limits(), frozenset(), lambda: NOW, sweep_limits=HAND_LIMITS)


def flagged(store: SqlStore) -> list[MemberRecord]:
    return store.members_after(int(Role.FLAGGED), "", 1000)


def broken(store: SqlStore) -> tuple[int, int]:
    """Two farms, a member of the one in the campaign of the other: what it should be in, and what it is in."""
    assessed(store, [*strangers(320), *farm(9), *farm(6, "e", "f", 30.0)], 50)
    home = {member.account_id: member.campaign for member in flagged(store)}
    right, wrong = home["d5"], home["e5"]
    with store.unit() as unit:
        rows = unit.campaigns([right, wrong])
        lost = [member for member in flagged(store) if member.account_id == "d5"]
        unit.write_members([replace(member, campaign=wrong) for member in lost])
        unit.write_campaigns([
            replace(rows[right], members=rows[right].members - 1), replace(rows[wrong], members=rows[wrong].members + 1)
        ])  # fmt: skip
    return right, wrong


def test_stray_member_is_brought_home(store: SqlStore) -> None:
    home, stray = broken(store)
    report = sweeper(store).run()
    member = store.member("d5")
    assert member is not None and member.campaign == home and report.moved == 1
    assert store.changes(stray, 1)[0].kind == Change.SPLIT and store.changes(home, 1)[0].other == stray
    assert "device_id" in member.evidence and member.margin > 0


def test_counts_agree_with_members(store: SqlStore) -> None:
    broken(store)
    sweeper(store).run()
    for ref in {member.campaign for member in flagged(store)}:
        row = store.campaign(ref)
        inside = [member for member in flagged(store) if member.campaign == ref]
        assert row is not None and row.members == len(inside)


def test_second_sweep_writes_nothing(store: SqlStore) -> None:
    broken(store)
    sweeper(store).run()
    before = flagged(store)
    assert sweeper(store).run().changed == 0
    assert repr(flagged(store)) == repr(before)


def test_dry_run_writes_nothing(store: SqlStore) -> None:
    broken(store)
    before = repr(flagged(store))
    assert sweeper(store).run(dry=True).moved == 1
    assert repr(flagged(store)) == before


def test_pieces_merge_and_point_on(store: SqlStore) -> None:
    assessed(store, [*strangers(40), *farm(9)], 5)
    big = flagged(store)[0].campaign
    pieces = flagged(store)[:2]
    account = store.account(pieces[0].account_id)
    assert account is not None
    row = store.campaign(big)
    assert row is not None
    with store.unit() as unit:
        unit.write_members([replace(member, campaign=account.ref + 1) for member in pieces])
        unit.write_campaigns([
            replace(row, members=row.members - 2), replace(row, ref=account.ref + 1, members=2, state=0)
        ])  # fmt: skip
    assert sweeper(store).run().merged == 1
    gone = store.campaign(account.ref + 1)
    assert gone is not None and (gone.state, gone.merged_into) == (CampaignState.MERGED, big)
    assert {member.campaign for member in flagged(store)} == {big}


def test_parted_campaign_is_founded_and_found(store: SqlStore) -> None:
    assessed(store, [*strangers(40), *farm(9), *farm(6, "e", "f", 30.0)], 5)
    homes = sorted({member.campaign for member in flagged(store)})
    into = {member.account_id: member.campaign for member in flagged(store)}["d5"]
    others = [home for home in homes if home != into]
    with store.unit() as unit:
        rows = unit.campaigns(homes)
        unit.merge_campaigns([(into, other) for other in others])
        total = sum(row.members for row in rows.values())
        gone = [replace(rows[ref], state=4, merged_into=into, members=0) for ref in others]
        unit.write_campaigns([replace(rows[into], members=total), *gone])
    assert sweeper(store).run().founded == 1
    moved = store.member("e5")
    assert moved is not None and moved.campaign != into
    assessed(store, farm(9, "e", "f", 30.0)[8:], 1)
    late = store.member("e8")
    assert late is not None and late.campaign == moved.campaign
    account = store.account("e5")
    assert account is not None
    key = next(key for key in keys_of(unpack_keys([account.keys])[0]) if key)
    assert all(value.members >= 0 for value in store.values_of(into, [key]))
