"""Rates are counted against honest accounts, ties never flatter."""

from __future__ import annotations

import numpy as np

from sybilgate.training.evaluate import admitted_before_caught, auc, average_precision, evaluate, threshold_at

SCORES = np.array([0.1, 0.4, 0.35, 0.8])
LABELS = np.array([False, False, True, True])


def test_auc_counts_ordered_pairs() -> None:
    assert auc(SCORES, LABELS) == 0.75
    assert auc(np.zeros(4), LABELS) == 0.5
    assert auc(SCORES, np.ones(4, bool)) is None


def test_average_precision_by_hand() -> None:
    value = average_precision(SCORES, LABELS)
    assert value is not None and abs(value - (0.5 * 1.0 + 0.5 * 2 / 3)) < 1e-12
    assert average_precision(np.zeros(4), LABELS) == 0.5


def test_threshold_keeps_the_rate() -> None:
    honest = np.arange(1000) / 1000
    assert (honest > threshold_at(honest, 0.01)).mean() == 0.01
    assert (np.zeros(10) > threshold_at(np.zeros(10), 0.01)).sum() == 0


def test_admitted_counts_until_first_catch() -> None:
    caught = np.array([False, True, False, False, True])
    groups = ["a", "a", "b", "b", ""]
    assert admitted_before_caught(caught, groups, np.arange(5.0)) == {"a": (1, 2), "b": (2, 2)}


def test_report_names_crowds_and_campaigns() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(400) % 10 == 0
    scores = rng.random(400) + labels
    kinds = ["farm" if bad else "campus" for bad in labels]
    report = evaluate(scores, labels, np.arange(400.0), kinds, kinds, np.where(scores > 1, 2, 1).astype(np.int8))
    assert report["campaigns"]["farm"]["flagged_at_1.0%"] > 0.9
    assert report["crowds"]["campus"]["flagged_at_1.0%"] <= 0.01
    assert report["crowds"]["campus"]["stopped"] == np.mean(scores[labels == 0] > 1)
    assert report["bursts"] == {
        "campaigns": 1, "never_caught": 0, "median_admitted_before_caught": 0.0, "p90_admitted_before_caught": 0.0,
        "macro_recall_at_fpr": report["recall_at_fpr"],
    }  # fmt: skip
