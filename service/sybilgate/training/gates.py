"""Gates: what a candidate must show before it may serve. Each has a name, a verdict and a sentence.

Rates are those of ``evaluate``: from the out-of-fold reports in the two manifests, and, better, from a backtest of both
on one history. Two manifests speak of the same accounts only if both were trained on the same history. Where not, the
sentence says so, and a backtest of both, if there is one, decides instead: figures of two histories say little of which
model is better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import binom

from sybilgate.app.manifest import Manifest
from sybilgate.training.boost import EXPLANATION_BUDGET
from sybilgate.training.train import BUDGETS

#: The false-positive rate at which recall and look-alike classes are judged, as reports name it.
_RATE = "1.0%"
#: A class of honest look-alikes may be flagged this many times as often as honest accounts are on the whole.
LOOK_ALIKE_TIMES = 3.0
#: A class fails only if so many flagged members would be rarer than this by chance, were its rate just allowed:
#: of a class of fifty, two may be flagged by bad luck.
_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Margins:
    """How much worse than the active model a candidate may be, in units of the figure.

    Seeds alone move the figures: trained twice on one simulated history of 13,239 signups and 48 campaigns, macro
    recall at 1 % differed by 0.062 and AUC by 0.004; four times on 3,379 signups, by up to 0.095 and 0.027. On a small
    history a failed gate may be chance, and so may a passed one.
    """

    auc: float = 0.01
    recall: float = 0.05


@dataclass(frozen=True, slots=True)
class Gate:
    """One verdict. ``detail`` is a sentence with the figures."""

    name: str
    passed: bool
    detail: str


def feature_gate(manifest: Manifest, features: Sequence[str], first: int) -> Gate:
    """The bundle reads exactly what this code computes; nothing can override it."""
    same = manifest.features == tuple(features) and manifest.first == first
    differ = sorted(set(manifest.features) ^ set(features))
    return Gate(
        "features", same, "as the code computes them" if same else f"differ: {', '.join(differ[:8]) or 'order'}"
    )


def cost_gate(cost: float) -> Gate:
    """Leaves times mean depth squared, counted from the model itself."""
    return Gate("explanation cost", cost <= EXPLANATION_BUDGET, f"{cost:,.0f}, at most {EXPLANATION_BUDGET:,}")


def manifest_gates(candidate: Manifest, active: Manifest, margins: Margins, backtested: bool = False) -> list[Gate]:
    """Gates from what training reported of the two; ``backtested``: both are judged on one history besides."""
    new, old = _notes(candidate), _notes(active)
    same = new.get("history_sha256") is not None and new.get("history_sha256") == old.get("history_sha256")
    note = "" if same else ", measured on different histories"
    judged, before = (notes.get("report", {}).get("out_of_fold") for notes in (new, old))
    gates = list(report_gates("training", judged, before, margins, note))
    if same or not backtested or judged is None:
        return gates
    return [_told(gate) if note in gate.detail else gate for gate in gates]


def _told(gate: Gate) -> Gate:
    """A comparison of figures that cannot be compared does not decide."""
    return gate if gate.passed else Gate(gate.name, True, f"{gate.detail}: told only, the backtest decides")


def backtest_gates(report: Mapping[str, Any], margins: Margins) -> list[Gate]:
    """Gates from a backtest of both on one history."""
    new, old = report["candidate"]["judged"], report["in_service"]["judged"]
    return [*report_gates("backtest", new, old, margins), *_honest_stopped(new, old)]


def _honest_stopped(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[Gate]:
    """Its own thresholds must hold elsewhere too: other gates judge the order of accounts, not where it is cut."""
    rate, before = (report.get("decisions", {}).get("false_positive_rate") for report in (new, old))
    if rate is not None:
        allowed = max(LOOK_ALIKE_TIMES * BUDGETS["challenge"], before or 0.0)
        yield Gate("backtest honest stopped", rate <= allowed, f"{rate:.2%}, {allowed:.2%} allowed")


def unseen_gate(candidate: Manifest, history_sha256: str) -> Gate:
    """A model flatters itself on the history that it was trained on."""
    seen = _notes(candidate).get("history_sha256") == history_sha256
    return Gate(
        "backtest history", not seen, "is what the candidate was trained on" if seen else "new to the candidate"
    )


def report_gates(
    source: str, new: Mapping[str, Any] | None, old: Mapping[str, Any] | None, margins: Margins, note: str = ""
) -> Iterator[Gate]:
    """Gates from two reports of ``evaluate``. Without a report of the candidate nothing is shown, so it fails."""
    if new is None:
        yield Gate(f"{source} report", False, "the candidate has none: train it with this version, or give a history")
        return
    yield _not_worse(f"{source} AUC", new.get("auc"), (old or {}).get("auc"), margins.auc, note)
    name, found = f"{source} macro recall at {_RATE}", [_macro(report or {}) for report in (new, old)]
    if found[0] is None:
        # A history that names no campaigns: its accounts have one vote each.
        name, found = f"{source} recall at {_RATE}", [(r or {}).get("recall_at_fpr", {}).get(_RATE) for r in (new, old)]
    yield _not_worse(name, found[0], found[1], margins.recall, note)
    yield from _look_alikes(source, new)


def _not_worse(name: str, new: float | None, old: float | None, margin: float, note: str) -> Gate:
    if new is None:
        return Gate(name, False, "the candidate's is not known: the history holds too little truth")
    if old is None:
        return Gate(name, True, f"{new:.4f}; the active model's is not known")
    return Gate(name, new >= old - margin, f"{new:.4f} against {old:.4f}, at most {margin:g} less{note}")


def _macro(report: Mapping[str, Any]) -> float | None:
    value = report.get("bursts", {}).get("macro_recall_at_fpr", {}).get(_RATE)
    return None if value is None else float(value)


def _look_alikes(source: str, report: Mapping[str, Any]) -> Iterator[Gate]:
    classes = {name: row for name, row in report.get("crowds", {}).items() if row["accounts"]}
    total = sum(row["accounts"] for row in classes.values())
    if not total:
        return
    overall = sum(row["accounts"] * row[f"flagged_at_{_RATE}"] for row in classes.values()) / total
    allowed = min(1.0, LOOK_ALIKE_TIMES * overall)
    for name, row in sorted(classes.items()):
        rate, size = float(row[f"flagged_at_{_RATE}"]), int(row["accounts"])
        by_chance = float(binom.sf(round(rate * size) - 1, size, allowed))
        passed = rate <= allowed or by_chance >= _CHANCE
        yield Gate(f"{source} look-alikes {name}", passed, f"{rate:.2%} of {size:,} flagged, {allowed:.2%} allowed")


def _notes(manifest: Manifest) -> Mapping[str, Any]:
    return manifest.notes if isinstance(manifest.notes, Mapping) else {}
