"""Facts about campaigns: who founds, joins and merges them, who never does, and that batches change nothing."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sybilgate.app.replay import Replay
from sybilgate.core.campaign.book import Book, Known, Limits
from sybilgate.core.campaign.records import CampaignRecord, CampaignState, Change, Role
from sybilgate.core.campaign.resemblance import (
    FEATURES,
    concentration,
    fit_mates,
    log_ratios,
    mate_features,
    mates_from_json,
)
from sybilgate.core.campaign.shelf import Shelf
from sybilgate.core.event import Event
from sybilgate.core.identifier import COLUMN, KINDS, Kind, keys_of
from sybilgate.core.observation import Observations
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Policy
from tests.factories import KEYRING, MATES, REFERENCE, CountingModels, pipeline, signup

#: Everybody from the second account on a device is flagged.
STRICT = Policy("strict", 0.3, 0.98, 0.99)


def seen(events: list[Event]) -> Observations:
    return observe(events, REFERENCE, KEYRING)


def farm(size: int, device: str = "d", card: str = "c", start: float = 0.0) -> list[Event]:
    """Accounts that share a device and a card, and else nothing but what everybody has."""
    return [own(f"{device}{i}", start + 60.0 * i, device_id=device, card=card) for i in range(size)]


def own(name: str, at: float, **fields: str) -> Event:
    """A signup from an address and a mail domain of its own."""
    place = zlib.crc32(name.encode())
    address = f"{11 + place % 70}.{place // 70 % 250}.{place // 17500 % 250}.{place % 241}"
    return signup(name, at=at, ip=address, email=f"{name}@{name}.example", **fields)


def strangers(size: int = 300) -> list[Event]:
    return [own(f"s{i}", 60.0 * i - 90_000.0, card=f"card{i}") for i in range(size)]


def played(events: list[Event], size: int = 1000, **changes: object) -> Replay:
    replay = Replay(Pipeline(CountingModels(), STRICT, KEYRING, **changes))  # type: ignore[arg-type]
    obs = seen(events)
    for start in range(0, len(obs), size):
        replay.fold(obs.take(range(start, min(start + size, len(obs)))))
    return replay


def shown(shelf: Shelf) -> list[list[str]]:
    """Members of the campaigns that are shown."""
    open_ = sorted(ref for ref, row in shelf.campaigns.items() if row.state == CampaignState.OPEN)
    return [sorted(shelf.accounts_of(ref)) for ref in open_]


def test_farm_becomes_one_campaign() -> None:
    shelf = played([*strangers(), *farm(8)]).shelf
    (members,) = shown(shelf)
    assert set(members) >= {f"d{i}" for i in range(2, 8)} and not any(name.startswith("s") for name in members)
    assert [row.kind for row in shelf.history][:1] == [Change.OPENED]


def test_two_farms_stay_apart() -> None:
    shelf = played([*strangers(), *farm(8), *farm(8, "e", "f", 30.0)]).shelf
    assert len(shown(shelf)) == 2
    assert all(len({name[0] for name in members}) == 1 for members in shown(shelf))


def test_shared_address_glues_nobody() -> None:
    events = [*strangers(), *farm(8), *farm(8, "e", "f", 30.0)]
    nat = [signup(f"n{i}", at=2000.0 + i, ip="84.112.7.9") for i in range(40)]
    assert len(shown(played([*events, *nat]).shelf)) == 2


def test_evidence_names_what_joined() -> None:
    shelf = played([*strangers(), *farm(8)]).shelf
    items = json.loads(shelf.members["d7"].evidence)
    assert {"device_id", "card"} <= {item["kind"] for item in items}
    assert all(item["chance_probability"] < 1e-3 and item["members"] <= item["of"] for item in items)


def test_growth_and_significance_rise() -> None:
    small, large = (played([*strangers(), *farm(size)]).shelf for size in (5, 12))
    (one,) = [row for row in small.campaigns.values() if row.state == CampaignState.OPEN]
    (two,) = [row for row in large.campaigns.values() if row.state == CampaignState.OPEN]
    assert two.members > one.members and two.significance > one.significance
    assert two.hour == pytest.approx(two.members, rel=0.1)


def test_protected_values_join_nobody() -> None:
    events = [*strangers(), *farm(8)]
    row = seen(farm(1)).keys[0]
    mine = frozenset(
        key for kind, key in zip(KINDS, keys_of(row), strict=True) if key and kind in (Kind.DEVICE_ID, Kind.CARD)
    )
    assert shown(played(events, protected=mine).shelf) == []


def test_dismissed_campaign_raises_nobody() -> None:
    replay = played([*strangers(), *farm(8)])
    (ref,) = [ref for ref, row in replay.shelf.campaigns.items() if row.state == CampaignState.OPEN]
    row = replay.shelf.campaigns[ref]
    replay.shelf.campaigns[ref] = type(row)(
        **{name: getattr(row, name) for name in row.__slots__} | {"state": int(CampaignState.DISMISSED)}
    )
    out = replay.fold(seen([signup("late", at=900.0, device_id="d", card="c")]))
    assert out.campaign[0] == ref and not out.raised[0]


def test_merged_campaigns_keep_everybody() -> None:
    book_of = played([*strangers(), *farm(4), *farm(4, "e", "f", 30.0)]).shelf
    before = {name for members in shown(book_of) for name in members}
    bridge = [signup(f"b{i}", at=500.0 + i, device_id="d", card="f") for i in range(3)]
    limits = Limits(join=-20.0, merge=-20.0)
    policy = Policy("strict", 0.3, 0.98, 0.99, {}, limits)
    replay = Replay(Pipeline(CountingModels(), policy, KEYRING))
    replay.fold(seen([*strangers(), *farm(4), *farm(4, "e", "f", 30.0), *bridge]))
    shelf = replay.shelf
    assert before <= {name for members in shown(shelf) for name in members}
    assert sum(row.members for row in shelf.campaigns.values()) == sum(
        member.role == Role.FLAGGED for member in shelf.members.values()
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40),
    st.integers(1, 9),
)
def test_batching_changes_no_campaign(choices: list[tuple[int, int, int]], size: int) -> None:
    events = [
        signup(f"a{account}", at=60.0 * i, device_id=f"d{device}", card=f"c{card}")
        for i, (account, device, card) in enumerate(choices)
    ]
    whole, parts = played(events).shelf, played(events, size).shelf
    assert whole.campaigns == parts.campaigns and whole.members.keys() == parts.members.keys()
    assert whole.values == parts.values and whole.history == parts.history


def test_ratio_favours_shared_values() -> None:
    share = np.full((1, len(KINDS)), np.nan)
    share[0, 0] = 0.001
    held, having = np.zeros((2, len(KINDS))), np.full((2, len(KINDS)), 10.0)
    held[0, 0] = 10.0
    ratios = log_ratios(held, having, np.ones_like(held), share, held)
    assert ratios[0, 0] > 6 > 0 > ratios[1, 0] and (ratios[:, 1:] == 0).all()


def test_variety_forgives_another_value() -> None:
    share, held = np.full((1, len(KINDS)), 1e-4), np.zeros((1, len(KINDS)))
    having = np.full_like(held, 20.0)
    one, each = (log_ratios(held, having, np.full_like(held, n), share, held)[0, 0] for n in (1.0, 20.0))
    assert one < -3.5 and each > -0.5, "twenty members with one device, or each with its own"


def test_crowded_place_says_less() -> None:
    share, held, having = (np.full((1, len(KINDS)), value) for value in (1e-4, 20.0, 20.0))
    quiet, busy = (log_ratios(held, having, np.ones_like(held), share, np.full_like(held, n)) for n in (20.0, 2000.0))
    ip, device = COLUMN[Kind.IP], COLUMN[Kind.DEVICE_ID]
    assert quiet[0, ip] == quiet[0, device] == busy[0, device] > 8 > 1 > busy[0, ip] > 0


@given(st.floats(1.0, 1e5), st.floats(0.0, 1.0))
def test_concentration_gives_variety_back(members: float, share: float) -> None:
    distinct = 1.0 + share * (members - 1.0)
    fresh = concentration(np.array([members - 1.0]), np.array([distinct - 0.5]))[0]
    expected = fresh * np.log1p(members / fresh)
    assert expected == pytest.approx(distinct, rel=0.01) or fresh in (0.2, 1000.0)


def test_weights_are_learnt_back() -> None:
    rng = np.random.default_rng(1)
    x = np.abs(rng.normal(size=(4000, len(FEATURES))))
    same = rng.random(4000) < 1 / (1 + np.exp(-(3.0 * x[:, 0] - 2.0)))
    found = fit_mates(x, same, np.ones(4000))
    assert found.weights[0] == pytest.approx(3.0, abs=0.6) and abs(found.weights[1]) < 0.3
    assert mates_from_json(found.to_json()) == found


def test_likeness_never_speaks_against() -> None:
    dice = np.random.default_rng(3)
    rows = dice.random((400, len(FEATURES)))
    mates = fit_mates(rows, rows[:, FEATURES.index("device.best")] < 0.5, np.ones(400))
    assert mates.weights[FEATURES.index("device.best")] == 0.0 and min(mates.weights[:24]) >= 0.0


def test_foreign_weights_are_refused() -> None:
    with pytest.raises(KeyError, match="weights of"):
        mates_from_json({"bias": 1.0, "nothing": 2.0})


def test_mate_features_are_finite() -> None:
    ratios = np.random.default_rng(2).normal(size=(5, len(KINDS))) * 4
    found = mate_features(ratios, np.arange(1.0, 6.0), np.array([-5.0, 0.0, 1.0, 1e6, 1e9]))
    assert np.isfinite(found).all() and np.isfinite(MATES.margins(found)).all()


def test_replay_without_weights_builds_none() -> None:
    class Plain(CountingModels):
        mates = None  # type: ignore[assignment]

    replay = Replay(pipeline(Plain()))
    replay.fold(seen(farm(8)))
    assert replay.shelf.campaigns == {}


def test_uncounted_variety_speaks_against_nobody() -> None:
    having = np.full(len(KINDS), 7, "<i4").tobytes()
    row = CampaignRecord(1, 1, 0, 7, 0, 0.0, 1.0, 0.0, 0.0, 0.0, having, 0.0, 0.0)
    assert (Book(Known({1: row})).variety[1] == 7).all()
    assert (Book(Known({1: replace(row, variety=b"")})).variety[1] == 0).all()


def test_merging_counts_shared_values_once() -> None:
    device, mails = bytes([Kind.DEVICE_ID]) * 16, [bytes([Kind.MAILBOX, n]) + bytes(14) for n in range(4)]
    book = Book(Known())
    for n, mail in enumerate(mails):
        keys: list[bytes | None] = [None] * len(KINDS)
        keys[COLUMN[Kind.DEVICE_ID]], keys[COLUMN[Kind.MAILBOX]] = device, mail
        book.found(n % 2 + 1, 0.0)
        book.add(n % 2 + 1, f"a{n}", Role.FLAGGED, keys, float(n), 0.9, 1.0, "[]")
    book.merge(1, 2, 9.0, [device, *mails])
    assert book.variety[1][COLUMN[Kind.DEVICE_ID]] == 1 and book.kinds[1][COLUMN[Kind.DEVICE_ID]] == 4
    assert book.variety[1][COLUMN[Kind.MAILBOX]] == 4
