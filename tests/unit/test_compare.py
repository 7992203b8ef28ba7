"""A shadow is compared on the assessments that were made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sybilgate.core.feature import FEATURE_COLUMN, FEATURE_NAMES
from sybilgate.core.policy import Decision, Policy
from sybilgate.core.records import ScoredRow, ShadowPair
from sybilgate.core.tail import tails_from_json
from sybilgate.training.compare import compare

POLICY = Policy("shadow", 0.5, 0.8, 0.95, {"card.month": (3.0, 9.0)})
NO_TAILS = tails_from_json({})
NOW = 1.8e9
OLD, NEW = NOW - 90 * 86_400.0, NOW - 86_400.0


def pair(
    account: str, serving: float, shadow: float, label: int = 0, signup: float = OLD, axes: str = "", crowd: float = 0.0
) -> ShadowPair:
    features = np.zeros(len(FEATURE_NAMES), np.float32)
    features[FEATURE_COLUMN["card.month"]] = crowd
    was = Decision.CHALLENGE if serving >= 0.5 else Decision.ALLOW
    row = ScoredRow(account, f"{account}-1", "signup", signup, serving, int(was), "default@1", features.tobytes())
    return ShadowPair(row, axes, 0.0, shadow, label, signup)


def several() -> Iterator[ShadowPair]:
    yield pair("bad1", 0.4, 0.6, label=1)
    yield pair("bad2", 0.7, 0.3, label=1)
    yield pair("bad3", 0.8, 0.99, label=1, axes="network,device")
    yield pair("good", 0.1, 0.55, label=-1)
    yield pair("quiet", 0.2, 0.1)
    yield pair("young", 0.2, 0.1, signup=NEW)


def test_changes_are_told_by_label() -> None:
    report = compare(several(), POLICY, NO_TAILS, NOW)
    changed = report["changed"]
    assert changed["decisions"] == {"ALLOW→CHALLENGE": 2, "CHALLENGE→ALLOW": 1, "CHALLENGE→DENY": 1}
    assert changed["honest_newly_stopped"] == {"accounts": 1, "first": ["good"]}
    assert changed["sybils_newly_missed"]["first"] == ["bad2"]
    assert changed["sybils_newly_caught"]["first"] == ["bad1"]
    assert {name: told["rows"] for name, told in report["by_label"].items()} == {"sybil": 3, "honest": 2, "unknown": 1}


def test_agreement_is_measured() -> None:
    agreement = compare(several(), POLICY, NO_TAILS, NOW)["agreement"]
    assert agreement["same_decision"] == pytest.approx(2 / 6)
    assert agreement["same_stop"] == pytest.approx(3 / 6)
    assert agreement["kappa"] == pytest.approx((0.5 - 0.5) / 0.5)
    assert agreement["mean_difference"] == pytest.approx((0.2 - 0.4 + 0.19 + 0.45 - 0.1 - 0.1) / 6)


def test_same_scores_agree_wholly() -> None:
    report = compare([pair("a", 0.6, 0.6), pair("b", 0.2, 0.2)], POLICY, NO_TAILS, NOW)
    assert report["agreement"]["kappa"] == report["agreement"]["same_decision"] == 1.0
    assert report["agreement"]["rank_correlation"] == pytest.approx(1.0)
    assert report["served_by"] == {"default@1": 2}


def test_shadow_policy_brings_guards() -> None:
    report = compare([pair("crowd", 0.1, 0.1, crowd=4.0)], POLICY, NO_TAILS, NOW)
    assert report["changed"]["decisions"] == {"ALLOW→CHALLENGE": 1}


def test_nothing_to_compare_is_no_error() -> None:
    report = compare([], POLICY, NO_TAILS, NOW)
    assert report["rows"] == 0 and report["agreement"] == {}
    assert report["by_label"]["sybil"]["stopped_by_shadow"] is None
