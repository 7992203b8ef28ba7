"""Protections in force: looked up now and then, ended in time, and what they mean to a score."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sybilgate.app.protect import InForce, Protected, Protections, account_subject, key_subject
from sybilgate.app.replay import Replay
from sybilgate.core.campaign.records import ProtectionRecord
from sybilgate.core.feature import FEATURE_COLUMN
from sybilgate.core.identifier import COLUMN, Key, Kind, keys_of
from sybilgate.core.pipeline import Outcome, Pipeline
from sybilgate.core.policy import Decision
from tests.factories import KEYRING, CountingModels
from tests.unit.test_campaigns import STRICT, farm, own, played, seen, strangers


class Lines:
    """A store that knows protections only, and counts how often it is asked."""

    def __init__(self, *records: ProtectionRecord) -> None:
        self.records, self.asked = list(records), 0

    def protections(self) -> list[ProtectionRecord]:
        self.asked += 1
        return self.records


def line(subject: tuple[str, str], end: float = math.inf) -> ProtectionRecord:
    return ProtectionRecord(*subject, "ada", "ours", 0.0, end)


def card_of(name: str, card: str) -> Key:
    key = keys_of(seen([own(name, 0.0, card=card)]).keys[0])[COLUMN[Kind.CARD]]
    assert key is not None
    return key


def scored(**changes: object) -> Outcome:
    """What is said of a pair that shares device and card, after many others came."""
    pipeline = Pipeline(CountingModels(), STRICT, KEYRING, **changes)  # type: ignore[arg-type]
    replay = Replay(pipeline)
    replay.fold(seen(strangers(60)))
    return replay.fold(seen(farm(2)))


def test_store_is_asked_now_and_then() -> None:
    now = [100.0]
    store = Lines(line(account_subject("a1")))
    current = InForce(Protections(store, KEYRING, lambda: now[0]))  # type: ignore[arg-type]
    for now[0] in (100.0, 101.0, 104.9):
        assert current() == Protected(accounts=frozenset(["a1"]))
    store.records = []
    assert (current().accounts, store.asked) == (frozenset(["a1"]), 1)
    now[0] = 105.0
    assert (current(), store.asked) == (Protected(), 2)


def test_protection_ends_in_time() -> None:
    now, key = [0.0], card_of("a", "office")
    current = InForce(Protections(Lines(line(key_subject(key), 60.0)), KEYRING, lambda: now[0]))  # type: ignore[arg-type]
    assert current() == Protected(keys=frozenset([key]))
    now[0] = 60.0
    assert current() == Protected()


def test_protected_account_is_allowed() -> None:
    before, after = scored(), scored(exempt=frozenset(["d1"]))
    assert before.decision[1] >= Decision.CHALLENGE
    assert after.decision.tolist() == [Decision.ALLOW, Decision.ALLOW]
    assert after.risk.tolist() == before.risk.tolist()


def test_protected_account_joins_nothing() -> None:
    shelf = played([*strangers(), *farm(8)], exempt=frozenset(["d4", "d6"])).shelf
    assert "d5" in shelf.members and not {"d4", "d6"} & set(shelf.members)


def test_protected_value_makes_no_chain() -> None:
    pair = seen([own("a", 0.0, card="office"), own("b", 60.0, card="office")])
    sizes = []
    for protected in (frozenset[Key](), frozenset([card_of("a", "office")])):
        replay = Replay(replace(Pipeline(CountingModels(), STRICT, KEYRING), protected=protected))
        outcome = replay.fold(pair)
        sizes.append(float(outcome.features[1, FEATURE_COLUMN["chain.size"]]))
        assert np.isnan(outcome.features[1, FEATURE_COLUMN["card.month"]]) == bool(protected)
    assert sizes[0] > sizes[1] == 0.0
