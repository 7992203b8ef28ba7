"""Campaigns over real databases: what is kept is what a replay builds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sybilgate.app.replay import Replay
from sybilgate.core.campaign.records import CampaignState, Change
from sybilgate.core.event import Event
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Pipeline
from sybilgate.store.store import SqlStore
from tests.factories import KEYRING, REFERENCE, CountingModels, assessor, task
from tests.unit.test_campaigns import STRICT, farm, strangers


def assessed(store: SqlStore, events: list[Event], size: int) -> None:
    """All events, ``size`` tasks a batch."""
    chosen = Pipeline(CountingModels(), STRICT, KEYRING)
    runner = replace(assessor(store), pipeline=lambda: chosen)
    for start in range(0, len(events), size):
        runner.run([task(event) for event in events[start : start + size]])


@pytest.mark.parametrize("size", [1, 7])
def test_store_keeps_what_replay_builds(store: SqlStore, size: int) -> None:
    events = [*strangers(40), *farm(6), *farm(5, "e", "f", 30.0)]
    assessed(store, events, size)
    replay = Replay(Pipeline(CountingModels(), STRICT, KEYRING))
    replay.fold(observe(events, REFERENCE, KEYRING))
    assert replay.shelf.campaigns
    assert {ref: store.campaign(ref) for ref in replay.shelf.campaigns} == replay.shelf.campaigns
    assert {name: repr(store.member(name)) for name in replay.shelf.members} == {
        name: repr(member) for name, member in replay.shelf.members.items()
    }


def test_assessment_names_its_campaign(store: SqlStore) -> None:
    assessed(store, [*strangers(40), *farm(6)], 5)
    member = store.member("d5")
    assert member is not None
    assert store.assessments("d5", 1)[0].campaign == member.campaign
    assert store.assessments("s1", 1)[0].campaign == 0


def test_opening_is_written_once(store: SqlStore) -> None:
    assessed(store, [*strangers(40), *farm(6)], 3)
    member = store.member("d5")
    assert member is not None
    row = store.campaign(member.campaign)
    assert row is not None and row.state == CampaignState.OPEN
    kinds = [change.kind for change in store.changes(member.campaign, 50)]
    assert kinds.count(Change.OPENED) == 1
