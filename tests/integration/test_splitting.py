"""Splitting a campaign by one of its values, over both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sybilgate.app.splitting import Splitter
from sybilgate.core.campaign.book import Limits
from sybilgate.core.campaign.records import CampaignState, Change
from sybilgate.core.identifier import COLUMN, Key, Kind
from sybilgate.errors import CampaignClosed, InvalidInput
from sybilgate.review_client import ReviewClient
from sybilgate.store.store import SqlStore
from tests.integration.test_campaigns import assessed
from tests.integration.test_review import client, keys, refusal, review, server
from tests.unit.test_campaigns import farm, own, strangers

__all__ = ["client", "review", "server"]
#: As farm(9), on another card.
SECOND = [own(f"x{i}", 900.0 + 60.0 * i, device_id="d", card="e") for i in range(6)]


def card() -> Key:
    key = keys(SECOND[0])[COLUMN[Kind.CARD]]
    assert key is not None
    return key


@pytest.fixture
def whole(store: SqlStore) -> int:
    """One campaign on one device, with two cards. The first account came when nothing spoke against it."""
    assessed(store, [*strangers(320), *farm(9), *SECOND], 50)
    member = store.member("x0")
    record = store.campaign(member.campaign) if member else None
    assert record is not None and record.members == 14
    return record.ref


def splitter(store: SqlStore) -> Splitter:
    return Splitter(store, Limits(), frozenset(), lambda: 9000.0)


def test_preview_changes_nothing(store: SqlStore, whole: int) -> None:
    before = store.campaign(whole)
    parts = splitter(store).preview(whole, card())
    assert (parts.moving, parts.staying, parts.ref) == (6, 8, 0)
    assert store.campaign(whole) == before


def test_holders_get_their_own(store: SqlStore, whole: int) -> None:
    parts = splitter(store).split(whole, card(), "ada", "a family's card")
    made, rest = store.campaign(parts.ref), store.campaign(whole)
    assert made is not None and rest is not None
    assert (made.members, made.state, rest.members) == (6, CampaignState.OPEN, 8)
    assert {one.account_id for one in store.members_page(parts.ref, 99)} == {event.account_id for event in SECOND}
    assert [value.members for value in store.values_of(parts.ref, [card()])] == [6]
    assert sum(value.members for value in store.values_of(whole, [card()])) == 0
    for ref, other in ((whole, parts.ref), (parts.ref, whole)):
        line = next(change for change in store.changes(ref, 9) if change.kind == Change.SPLIT)
        assert (line.other, line.actor, line.detail) == (other, "ada", "a family's card")


def test_newcomer_finds_the_part(store: SqlStore, whole: int) -> None:
    parts = splitter(store).split(whole, card(), "ada", "two operators")
    assessed(store, [own("late", 1400.0, device_id="d", card="e")], 1)
    member = store.member("late")
    assert member is not None and member.campaign == parts.ref


def test_split_needs_two_sides(store: SqlStore, whole: int) -> None:
    device = keys(SECOND[0])[COLUMN[Kind.DEVICE_ID]]
    assert device is not None
    with pytest.raises(InvalidInput, match="held by all"):
        splitter(store).preview(whole, device)
    splitter(store).split(whole, card(), "ada", "once")
    with pytest.raises(InvalidInput, match="held by no"):
        splitter(store).split(whole, card(), "ada", "twice")


def test_decided_campaign_stays_whole(store: SqlStore, whole: int) -> None:
    record = store.campaign(whole)
    assert record is not None
    with store.unit() as unit:
        unit.write_campaigns([replace(record, state=int(CampaignState.CONFIRMED))])
    with pytest.raises(CampaignClosed):
        splitter(store).preview(whole, card())


def test_service_refuses_foreign_links(review: ReviewClient) -> None:
    link = review.find("accounts/ring2").campaign.top_links[0].name
    assert refusal(review.split, link, "ada", "x").violations[0][0] == "link"
    assert refusal(review.split, link.rpartition("/")[0] + "/00000000", "ada", "x").reason == "NOT_FOUND"
    assert refusal(review.split, "accounts/ring2/links/00000000", "ada", "x").violations[0][0] == "link"
