"""Gates: a candidate that is worse, unfair or too dear does not pass."""

from __future__ import annotations

from typing import Any

from sybilgate.app.manifest import Manifest
from sybilgate.core.feature import FEATURE_NAMES, FIRST
from sybilgate.training.boost import EXPLANATION_BUDGET
from sybilgate.training.gates import Gate, Margins, backtest_gates, cost_gate, feature_gate, manifest_gates, unseen_gate
from tests.bundles import report

MARGINS = Margins()


def manifest(notes: Any = None, features: tuple[str, ...] = FEATURE_NAMES) -> Manifest:
    return Manifest(
        name="default", version="1", features=features, first=FIRST, calibration=((0.0, 0.5),), guards={}, tails={},
        files={}, notes=notes,
    )  # fmt: skip


def failed(gates: list[Gate]) -> list[str]:
    return [gate.name for gate in gates if not gate.passed]


def test_equal_model_passes() -> None:
    gates = manifest_gates(manifest(report()), manifest(report()), MARGINS)
    assert failed(gates) == []
    assert len(gates) == 4


def test_worse_figures_fail_by_name() -> None:
    gates = manifest_gates(manifest(report(auc=0.8, macro=0.3)), manifest(report()), MARGINS)
    assert failed(gates) == ["training AUC", "training macro recall at 1.0%"]


def test_margin_forgives_noise() -> None:
    inside = report(auc=0.9 - 0.9 * MARGINS.auc, macro=0.6 - 0.9 * MARGINS.recall)
    assert failed(manifest_gates(manifest(inside), manifest(report()), MARGINS)) == []
    assert len(failed(manifest_gates(manifest(inside), manifest(report()), Margins(0.0, 0.0)))) == 2


def test_unfair_class_fails() -> None:
    gates = manifest_gates(manifest(report(crowd=0.2)), manifest(report()), MARGINS)
    assert failed(gates) == ["training look-alikes office_card"]


def test_small_class_may_be_unlucky() -> None:
    notes = report()
    crowds = notes["report"]["out_of_fold"]["crowds"]
    crowds["hackathon"] = {"accounts": 49, "flagged_at_1.0%": 2 / 49}
    assert failed(manifest_gates(manifest(notes), manifest(report()), MARGINS)) == []
    crowds["hackathon"] = {"accounts": 49, "flagged_at_1.0%": 6 / 49}
    assert failed(manifest_gates(manifest(notes), manifest(report()), MARGINS)) == ["training look-alikes hackathon"]


def test_other_history_is_said() -> None:
    gates = manifest_gates(manifest(report() | {"history_sha256": "bb"}), manifest(report()), MARGINS)
    assert "measured on different histories" in gates[0].detail
    assert "different" not in manifest_gates(manifest(report()), manifest(report()), MARGINS)[0].detail


def test_candidate_without_report_fails() -> None:
    assert failed(manifest_gates(manifest(), manifest(report()), MARGINS)) == ["training report"]
    assert failed(manifest_gates(manifest(report()), manifest(), MARGINS)) == []


def test_features_and_cost_are_judged() -> None:
    assert feature_gate(manifest(), FEATURE_NAMES, FIRST).passed
    renamed = feature_gate(manifest(features=("moon", *FEATURE_NAMES[1:])), FEATURE_NAMES, FIRST)
    assert not renamed.passed and "moon" in renamed.detail
    assert not feature_gate(manifest(features=FEATURE_NAMES[::-1]), FEATURE_NAMES, FIRST).passed
    assert cost_gate(EXPLANATION_BUDGET).passed and not cost_gate(EXPLANATION_BUDGET + 1).passed


def test_stopping_many_honest_fails() -> None:
    calm, wild = (
        {"judged": {"auc": 0.9, "recall_at_fpr": {"1.0%": 0.6}, "decisions": {"false_positive_rate": rate}}}
        for rate in (0.01, 0.2)
    )
    assert failed(backtest_gates({"candidate": wild, "in_service": calm}, MARGINS)) == ["backtest honest stopped"]
    assert failed(backtest_gates({"candidate": calm, "in_service": wild}, MARGINS)) == []


def test_own_training_history_fails() -> None:
    assert not unseen_gate(manifest(report()), "aa").passed
    assert unseen_gate(manifest(report()), "bb").passed and unseen_gate(manifest(), "aa").passed


def test_backtest_without_campaigns_counts_accounts() -> None:
    good, bad = ({"judged": {"auc": 0.9, "recall_at_fpr": {"1.0%": recall}}} for recall in (0.6, 0.4))
    assert failed(backtest_gates({"candidate": good, "in_service": bad}, MARGINS)) == []
    assert failed(backtest_gates({"candidate": bad, "in_service": good}, MARGINS)) == ["backtest recall at 1.0%"]


def test_backtest_decides_between_histories() -> None:
    worse = report(auc=0.8, macro=0.3, crowd=0.2) | {"history_sha256": "bb"}
    gates = manifest_gates(manifest(worse), manifest(report()), MARGINS, backtested=True)
    assert failed(gates) == ["training look-alikes office_card"]
    assert "the backtest decides" in gates[0].detail
    assert failed(manifest_gates(manifest(report(auc=0.8)), manifest(report()), MARGINS, backtested=True)) != []
