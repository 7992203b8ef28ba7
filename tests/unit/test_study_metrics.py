"""Every campaign has one vote; what an interval or a precision says can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sybilgate.training.outcome_metrics import (
    CampaignOutcome,
    calibration,
    campaign_outcome,
    honest_rates,
    members,
    precision_at,
    recall_curve,
    summarise,
    thresholds,
    with_interval,
)

HOUR = 3600.0


def flags(text: str) -> np.ndarray:
    return np.array([letter == "x" for letter in text])


def test_alarm_is_third_flagged() -> None:
    found = campaign_outcome(flags("..x.xx.xx."), np.arange(10) * HOUR)
    assert found == CampaignOutcome(size=10, recall=0.5, admitted=3, alarm_hours=5.0, after=0.5)


def test_order_of_rows_is_irrelevant() -> None:
    turned = campaign_outcome(flags("..x.xx.xx.")[::-1], np.arange(10)[::-1] * HOUR)
    assert turned == campaign_outcome(flags("..x.xx.xx."), np.arange(10) * HOUR)


def test_no_alarm_admits_everybody_else() -> None:
    found = campaign_outcome(flags("x..x."), np.arange(5.0))
    assert found == CampaignOutcome(size=5, recall=0.4, admitted=3, alarm_hours=None, after=None)


def test_alarm_with_last_member() -> None:
    found = campaign_outcome(flags("xxx"), np.arange(3) * HOUR)
    assert (found.admitted, found.alarm_hours, found.after) == (0, 2.0, None)


def test_small_campaign_votes_as_large() -> None:
    large, small = campaign_outcome(flags("x" * 90), np.arange(90.0)), campaign_outcome(flags("...."), np.arange(4.0))
    found = summarise([large, small])
    assert found["recall"]["value"] == 0.5 and found["alarmed"]["value"] == 0.5
    assert found["admitted_mean"]["value"] == 2.0 and found["recall_after_alarm"]["value"] == 1.0


def test_interval_needs_three_campaigns() -> None:
    assert with_interval([0.2, 0.4])["low"] is None
    found = with_interval([0.0, 0.5, 1.0, 0.5, 0.0, 1.0])
    assert found["low"] < found["value"] == 0.5 < found["high"]
    assert with_interval([]) == {"value": None, "low": None, "high": None, "n": 0}


def test_crowd_widens_the_interval() -> None:
    hit = np.zeros((400, 1), bool)
    hit[:20] = True
    alone = honest_rates(hit, [f"p{i}" for i in range(400)])[0]
    crowd = honest_rates(hit, [f"crowd{i // 20}" for i in range(400)])[0]
    assert alone["rate"] == crowd["rate"] == 0.05
    assert crowd["high"] - crowd["low"] > 2 * (alone["high"] - alone["low"])


def test_nobody_flagged_is_no_certainty() -> None:
    found = honest_rates(np.zeros((300, 2), bool), [f"p{i}" for i in range(300)])
    assert [(one["rate"], one["high"]) for one in found] == [(0.0, 0.01)] * 2


def test_precision_follows_prevalence() -> None:
    assert precision_at(0.5, 0.01, 0.01) == pytest.approx(0.005 / (0.005 + 0.0099))
    assert precision_at(1.0, 0.001, 0.5) == pytest.approx(1 / 1.001)
    assert precision_at(None, 0.01, 0.01) is None


def test_told_risk_is_compared() -> None:
    risk = np.repeat([0.05, 0.6], 100)
    label = np.concatenate([np.arange(100) < 5, np.arange(100) < 40])
    found = calibration(risk, label)
    assert found["ece"] == pytest.approx(0.1)
    assert [row["sybil_share"] for row in found["table"]] == [0.05, 0.4]


def test_members_need_a_group() -> None:
    rows = members(["a", "", "a", "b"], np.array([True, True, True, False]))
    assert {name: at.tolist() for name, at in rows.items()} == {"a": [0, 2]}


def test_curve_never_falls() -> None:
    rng = np.random.default_rng(4)
    label = np.arange(3000) % 10 == 0
    curve = recall_curve(
        rng.normal(size=3000) + 2 * label, label, [f"g{i % 70}" if bad else "" for i, bad in enumerate(label)]
    )
    assert np.all(np.diff([recall for _, recall in curve if recall is not None]) >= 0)
    assert list(thresholds(np.arange(1000.0))) == [0.001, 0.005, 0.01]


def test_median_ignores_one_monster() -> None:
    found = with_interval([1.0, 2.0, 3.0, 4.0, 5000.0], np.median)
    assert found["value"] == 3.0 and found["low"] >= 1.0
    assert with_interval([1.0, 2.0, 3.0, 4.0, 5000.0])["value"] == 1002.0
