"""A scored world: each account once, looked at again later, with what it did in between."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sybilgate.app.mapping import Truth
from sybilgate.app.replay import Replay
from sybilgate.core.event import Event
from sybilgate.core.identifier import Kind
from sybilgate.core.observe import observe
from sybilgate.training.dataset import Log
from sybilgate.training.evade import Evasion, evade, evade_report, evasions, pick_targets, renew
from sybilgate.training.leaks import Usage, leaks, read_usage
from sybilgate.training.scored_world import ScoredWorld, score_world
from sybilgate.training.trace import trace_report
from sybilgate.training.world_report import world_report
from tests.factories import KEYRING, REFERENCE, START, pipeline, ring, signup

DAY = 86_400.0


def log_of(events: list[Event], chunk: int = 4) -> Log:
    """Accounts named ring… are one campaign, all others honest."""
    log = Log()
    for start in range(0, len(events), chunk):
        log.chunks.append(observe(events[start : start + chunk], REFERENCE, KEYRING))
    for event in events:
        bad = event.account_id.startswith("ring")
        log.truths[event.account_id] = Truth(bad, "ring" if bad else "", "farm" if bad else "honest")
    return log


@cache
def mixed() -> Log:
    """Six on one device, then six strangers over nine days."""
    strangers = [signup(f"h{i}", at=DAY * (1 + i * 1.6), ip=f"84.112.{i}.9") for i in range(6)]
    return log_of([*ring(6), *strangers])


@cache
def scored() -> ScoredWorld:
    return score_world(mixed(), Replay(pipeline()), KEYRING)


def test_each_account_is_one_row() -> None:
    world = scored()
    assert world.account_id == [f"ring{i}" for i in range(6)] + [f"h{i}" for i in range(6)]
    assert world.label.tolist() == [True] * 6 + [False] * 6
    assert set(world.country) == {"AT"} and set(world.provider) == {"free"}


def test_repeated_signup_counts_once() -> None:
    world = score_world(log_of([*ring(3), signup("ring0", at=600.0)]), Replay(pipeline()), KEYRING)
    assert len(world) == 3


def test_second_look_knows_later_members() -> None:
    world = scored()
    assert world.margin[0] < world.week[0] and world.margin[0] < world.end[0]
    assert np.isnan(world.week[world.time > world.end_time - 7 * DAY]).all()
    assert not np.isnan(world.end).any()


def test_looking_changes_no_score() -> None:
    plain = Replay(pipeline())
    margins = [plain.fold(chunk).margin for chunk in mixed().chunks]
    np.testing.assert_array_equal(np.concatenate(margins), scored().margin)


def test_strangers_give_chance_of_trace() -> None:
    found = trace_report(mixed())["farm"]
    assert found["trace"] == found["rare_trace"] == pytest.approx(5 / 6)
    assert found["rare_trace_chance"] is not None and found["rare_trace_chance"] < 1.0


def test_use_before_the_stop_leaks() -> None:
    world = scored()
    usage = Usage(
        ["ring0", "ring5", "h0"], np.array([100.0, 100.0, 50.0]), np.full(3, START), np.full(3, START + 8 * DAY)
    )
    caught = np.arange(12) == 5
    signup_only, with_week = leaks(world, usage, caught, np.arange(12) == 0)["ring"]
    assert signup_only == pytest.approx(0.5, abs=0.001)  # what came before the signup was never there
    assert with_week == pytest.approx(0.5 * 7 / 8, abs=0.001)


def test_usage_is_read_from_parquet(tmp_path: Path) -> None:
    path = tmp_path / "w.parquet"
    columns = {"account_id": ["a", "b"], "usage.requests": [None, 7], "usage.period_start_time": [None, 1.0]}
    pq.write_table(pa.table(columns | {"usage.period_end_time": [None, 2.0]}), path)
    found = read_usage(path)
    assert found is not None and found.account_id == ["b"] and found.requests.tolist() == [7.0]
    pq.write_table(pa.table({"account_id": ["a"]}), path)
    assert read_usage(path) is None


def test_report_counts_the_campaign() -> None:
    report = world_report(scored())
    farm = report["archetypes"]["farm"]
    assert report["campaigns"] == 1 and farm["accounts"] == 6
    assert farm["at"]["1.0%"]["recall"]["value"] == pytest.approx(5 / 6)
    assert report["honest"]["honest"]["at"]["1.0%"]["rate"] == 0.0
    assert sum(row["sybils"] for row in report["slices"]["country"]) == 6


def test_fresh_device_gets_through() -> None:
    replay = Replay(pipeline())
    events = list(ring(4))
    replay.fold(observe(events[:3], REFERENCE, KEYRING))
    last = observe(events[3:], REFERENCE, KEYRING)
    assert evade(replay, last, cut=-0.5) == Evasion(("device id",), True)
    assert evade(replay, last, cut=-9.0).enough is False
    assert len(replay.accounts) == 3


def test_renewal_reaches_combinations() -> None:
    one = observe([signup(card="c")], REFERENCE, KEYRING)
    changed = (renew(one, (Kind.BIN,)).keys[0] != one.keys[0]).any(axis=1)
    differs = {Kind(i + 1) for i in changed.nonzero()[0]}
    assert {Kind.BIN, Kind.BIN_UA_BUILD, Kind.BIN_COUNTRY} <= differs
    assert Kind.CARD not in differs


def test_evasion_stops_at_each_signup() -> None:
    cut = float(scored().margin[~scored().label].max())
    targets = pick_targets(scored(), cut, 3)
    assert list(targets) == ["ring1", "ring3", "ring5"]
    found = evasions(mixed(), Replay(pipeline()), targets, cut)
    assert {one.renewed for one in found.values()} == {("device id",)}
    assert evade_report(found, targets)["farm"] == {
        "accounts": 3, "median": 1.0, "stays_flagged": 0.0, "renewed_first": [["device id", 3]],
    }  # fmt: skip


def test_missing_mail_is_its_own_class() -> None:
    event = replace(signup(), contact=None)
    world = score_world(log_of([event]), Replay(pipeline()), KEYRING)
    assert world.provider == ["missing"]
