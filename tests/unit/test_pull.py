"""Facts about likeness to a campaign: whom it challenges, whom it never does, and that it knows its bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sybilgate.app.mapping import Truth
from sybilgate.app.replay import Replay
from sybilgate.core.campaign.book import Limits
from sybilgate.core.campaign.records import CampaignState, Role
from sybilgate.core.detector import GUARDS
from sybilgate.core.event import Event
from sybilgate.core.observation import Observations
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, Policy, load_policy
from sybilgate.training.beside import Voices, together
from sybilgate.training.dataset import Log, score_log
from sybilgate.training.pulls import Told, campaign_pulls
from sybilgate.training.train import BUDGETS, PULL, SHARES, policy_toml
from tests.factories import KEYRING, MATES, REFERENCE, CountingModels, signup

WATCHFUL = Policy("watchful", 0.3, 0.98, 0.99, {}, Limits(watch=0.05))
FARM = "84.112.7.9"


def seen(events: list[Event]) -> Observations:
    return observe(events, REFERENCE, KEYRING)


def farm(size: int) -> list[Event]:
    """Accounts that share a device, a card and an address."""
    return [signup(f"d{i}", at=60.0 * i, ip=FARM, device_id="d", card="c") for i in range(size)]


def strangers(size: int = 300) -> list[Event]:
    return [
        signup(f"s{i}", at=60.0 * i - 90_000.0, ip=f"11.{i // 200}.{i % 200}.7", card=f"card{i}",
               email=f"s{i}@s{i}.example")
        for i in range(size)
    ]  # fmt: skip


def alike(name: str, at: float = 900.0) -> Event:
    """Another device, which the model reads; the farm's card and address, which it does not."""
    return signup(name, at=at, ip=FARM, device_id=f"own-{name}", card="c", email=f"{name}@{name}.example")


def played(policy: Policy, events: list[Event], size: int = 1000) -> Replay:
    replay, obs = Replay(Pipeline(CountingModels(), policy, KEYRING)), seen(events)
    for start in range(0, len(obs), size):
        replay.fold(obs.take(range(start, min(start + size, len(obs)))))
    return replay


def test_watched_lookalike_is_challenged() -> None:
    replay = played(WATCHFUL, [*strangers(), *farm(8)])
    out = replay.fold(seen([alike("late")]))
    assert out.raised[0] and out.decision[0] == Decision.CHALLENGE and out.grounds == ["campaign"]
    assert replay.shelf.members["late"].role == Role.LINKED


def test_unwatched_lookalike_is_allowed() -> None:
    replay = played(replace(WATCHFUL, campaign=Limits()), [*strangers(), *farm(8)])
    out = replay.fold(seen([alike("late")]))
    assert not out.raised[0] and out.decision[0] == Decision.ALLOW


def test_lookalike_shapes_nothing() -> None:
    replay = played(WATCHFUL, [*strangers(), *farm(8)])
    before = {ref: (row.members, row.kinds) for ref, row in replay.shelf.campaigns.items()}
    replay.fold(seen([alike("late")]))
    assert {ref: (row.members, row.kinds) for ref, row in replay.shelf.campaigns.items()} == before


def test_second_look_stays_raised() -> None:
    replay = played(WATCHFUL, [*strangers(), *farm(8), alike("late")])
    before = replay.shelf.members["late"]
    out = replay.fold(seen([alike("late", 950.0)]))
    assert out.raised[0] and out.campaign[0] == before.campaign
    assert replay.shelf.members["late"] == before


def test_linked_account_keeps_its_campaign() -> None:
    replay = played(WATCHFUL, [*strangers(), *farm(8), alike("late")])
    replay.pipeline = replace(replay.pipeline, policy=replace(WATCHFUL, campaign=Limits(watch=0.05, pull=99.0)))
    out = replay.fold(seen([alike("late", 950.0)]))
    assert not out.raised[0] and out.campaign[0] == replay.shelf.members["late"].campaign


def test_pull_is_bounded() -> None:
    replay = played(WATCHFUL, [*strangers(), *farm(5)])
    flagged = sum(row.members for row in replay.shelf.campaigns.values())
    out = replay.fold(seen([alike(f"late{i}", 900.0 + i) for i in range(40)]))
    assert out.raised.sum() == 2 * flagged


def test_dismissed_campaign_pulls_nobody() -> None:
    replay = played(WATCHFUL, [*strangers(), *farm(8)])
    for ref, row in replay.shelf.campaigns.items():
        replay.shelf.campaigns[ref] = replace(row, state=int(CampaignState.DISMISSED))
    out = replay.fold(seen([alike("late")]))
    assert not out.raised[0] and out.pull[0] == -np.inf


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40),
    st.integers(1, 9),
)
def test_batching_changes_no_pull(choices: list[tuple[int, int, int]], size: int) -> None:
    events = [
        signup(f"a{account}", at=60.0 * i, ip=FARM, device_id=f"d{device}", card=f"c{card}")
        for i, (account, device, card) in enumerate(choices)
    ]
    whole, parts = played(WATCHFUL, events).shelf, played(WATCHFUL, events, size).shelf
    assert whole.campaigns == parts.campaigns
    assert [(name, row.campaign, row.role) for name, row in sorted(whole.members.items())] == [
        (name, row.campaign, row.role) for name, row in sorted(parts.members.items())
    ]


def test_pull_is_the_same_when_told() -> None:
    models, obs = CountingModels(), seen([*strangers(), *farm(8), alike("late")])
    log = Log([obs.take(range(200)), obs.take(range(200, len(obs)))], {name: Truth(False) for name in obs.account_id})
    scored = score_log(log, Replay(Pipeline(models, WATCHFUL, KEYRING)))
    points = [(margin, float(models.calibrate(np.array([margin]))[0])) for margin in np.linspace(-9, 9, 2000)]
    told = Told(models.tails, MATES, points)
    text = 'version = "w"\nchallenge = 0.3\nreview = 0.98\ndeny = 0.99\n[campaign]\nwatch = 0.05\n'
    pull, flagged = campaign_pulls(
        log, scored.dataset, scored.dataset.x[:, -1].astype(float), models.final(scored.dataset.x), told, text
    )
    assert (flagged == scored.flagged).all() and np.isfinite(pull).any()
    np.testing.assert_allclose(pull, scored.pull)


def test_pull_keeps_its_budget() -> None:
    rng = np.random.default_rng(2)
    risk, honest = rng.random(100_000), np.zeros((100_000, len(GUARDS)))
    pull = np.where(rng.random(100_000) < 0.01, rng.normal(3.0, 1.0, 100_000), -np.inf)
    limits = load_policy(policy_toml("m@1", risk, honest, pull)).campaign
    share = SHARES[PULL] * BUDGETS["challenge"]
    assert (pull >= limits.pull).mean() == pytest.approx(share, rel=0.02)
    assert (risk >= limits.watch).mean() == pytest.approx(0.05, abs=1e-3)
    assert load_policy(policy_toml("m@1", risk, honest, np.full(100_000, -np.inf))).campaign.pull == 1.0


def test_voices_share_the_alarms() -> None:
    n, blank = 2000, np.zeros((2000, len(GUARDS)))
    margin, pull = np.linspace(-1, 1, n), np.full(n, -np.inf)
    pull[:2] = 5.0
    scores = together(Voices(margin, blank, pull), Voices(margin, blank, pull))
    assert scores[0] > np.quantile(scores, 0.98) > scores[n // 2]
    assert np.isnan(together(Voices(np.array([np.nan]), blank[:1], pull[:1]), Voices(margin, blank, pull))).all()
