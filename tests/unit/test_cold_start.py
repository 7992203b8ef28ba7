"""Detectors that need no labels, by themselves: each with its share, thresholds from honest accounts at each look."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sybilgate.app.mapping import Truth
from sybilgate.app.replay import Replay
from sybilgate.core.detector import GUARDS
from sybilgate.core.observe import observe
from sybilgate.training.beside import GUARD_SHARES, surprise_beside
from sybilgate.training.cold_start import cold_start_report
from sybilgate.training.dataset import Log
from sybilgate.training.report_cold import cold_section
from sybilgate.training.scored_world import ScoredWorld, score_world
from tests.factories import KEYRING, REFERENCE, pipeline, ring, signup

CROWD = GUARDS.index("crowd.max")


@cache
def world() -> ScoredWorld:
    """A ring of twelve on one device among twelve strangers; crowds show at the end only."""
    events = [*ring(12), *(signup(f"h{i}", at=9_000.0 + i, ip=f"84.112.{i}.9") for i in range(12))]
    log = Log([observe(events, REFERENCE, KEYRING)])
    log.truths = {
        e.account_id: Truth(True, "ring", "device_farm") if "ring" in e.account_id else Truth(False) for e in events
    }
    found = score_world(log, Replay(pipeline()), KEYRING)
    guards = np.zeros((24, len(GUARDS)))
    guards[:12, CROWD] = 5.0
    return replace(found, guards=np.zeros((24, len(GUARDS))), guards_end=guards)


def test_replay_keeps_detectors() -> None:
    log = Log([observe(ring(3), REFERENCE, KEYRING)], {f"ring{i}": Truth(False) for i in range(3)})
    found = score_world(log, Replay(pipeline()), KEYRING)
    assert found.guards.shape == found.guards_end.shape == (3, len(GUARDS))
    assert not np.isnan(found.guards).any()


def test_shares_divide_all_alarms() -> None:
    assert sum(GUARD_SHARES.values()) == pytest.approx(1.0)
    assert GUARD_SHARES["crowd.max"] == pytest.approx(0.6)


def test_larger_share_alarms_earlier() -> None:
    guards = np.vstack([np.eye(len(GUARDS)), np.zeros((100 - len(GUARDS), len(GUARDS)))])
    score = surprise_beside(guards, np.ones(100, np.bool_))
    assert score[GUARDS.index("crowd.max")] > score[GUARDS.index("chain.score")] > score[50]


def test_later_crowd_is_found_later() -> None:
    report = cold_start_report(world())
    farm = report["archetypes"]["device_farm"]["at"]["1.0%"]
    assert farm["signup"]["recall"]["value"] == 0.0 and farm["end"]["recall"]["value"] == 1.0
    assert farm["end"]["precision"] == pytest.approx(0.167 / (0.167 + 0.833 * 0.01))
    assert report["plain"]["campaigns"] == report["all"]["campaigns"] == 1
    assert report["chains"]["campaigns"] == 0


def test_page_says_what_was_missed() -> None:
    pytest.importorskip("matplotlib")
    page = cold_section("w", cold_start_report(world()))
    assert "not reached" in page and page.count("<svg") == 1
    assert "device_farm" in page and "nan" not in page.split("</svg>")[1]
