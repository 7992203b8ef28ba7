"""A model moved to other traffic without labels: own tails, own thresholds, the same trees."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from sybilgate.app.bundle import Bundle, load_bundle
from sybilgate.app.mapping import Truth
from sybilgate.app.rows import event_from_row
from sybilgate.core.event import EventType
from sybilgate.core.observe import observe
from sybilgate.core.policy import load_policy
from sybilgate.errors import InvalidInput
from sybilgate.loading import packaged_model
from sybilgate.reference.bundle import load_reference
from sybilgate.simulate import WorldConfig, rows
from sybilgate.training.calibrate import FULL, calibrate_bundle, full_after_days
from sybilgate.training.commands import judge
from sybilgate.training.dataset import TRAINING_KEYS, Log

DEFAULT = packaged_model()
CROWDED = WorldConfig(seed=6, days=2, honest_per_day=1500, campaigns=2, campaign_size=(10, 40), usage=False)


@cache
def crowded_log() -> Log:
    log, reference = Log(), load_reference()
    world = list(rows(CROWDED))
    log.truths = {str(row["account_id"]): Truth(bool(row["truth.is_sybil"])) for row in world}
    events = [event_from_row(row) for row in world]
    for start in range(0, len(events), 1000):
        log.chunks.append(observe(events[start : start + 1000], reference, TRAINING_KEYS))
    return log


@cache
def calibrated() -> tuple[Bundle, dict[str, object]]:
    unlabelled = Log(crowded_log().chunks, {})
    folder, report = calibrate_bundle(unlabelled, DEFAULT, Path(mkdtemp()), "own", "1")
    return load_bundle(folder), report


def test_trees_are_the_same() -> None:
    bundle, _ = calibrated()
    rows = np.zeros((3, len(bundle.manifest.features)), np.float32)
    np.testing.assert_array_equal(bundle.models.final(rows), load_bundle(DEFAULT).models.final(rows))
    assert bundle.manifest.title == "own@1" and bundle.manifest.mates


def test_alarm_budget_is_met() -> None:
    bundle, report = calibrated()
    assert report["signups"] == sum((chunk.type == EventType.SIGNUP).sum() for chunk in crowded_log().chunks)
    judged = judge(crowded_log(), bundle, 1.0, (EventType.SIGNUP,), TRAINING_KEYS, None)
    assert judged["decisions"]["false_positive_rate"] <= 0.012


def test_thresholds_rise() -> None:
    policy = load_policy(calibrated()[0].policy_text)
    assert policy.challenge <= policy.review <= policy.deny


def test_short_history_is_refused() -> None:
    few = Log(crowded_log().chunks[:1], {})
    with pytest.raises(InvalidInput, match="at least 1000 signups"):
        calibrate_bundle(few, DEFAULT, Path(mkdtemp()), "own", "1")


def test_short_history_is_told() -> None:
    assert calibrated()[1]["counts_filled"] == pytest.approx(1 - np.exp(-1 / 30), abs=0.01)
    assert 1 - np.exp(-full_after_days() / 30) == pytest.approx(FULL)
