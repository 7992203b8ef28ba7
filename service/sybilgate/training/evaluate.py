"""Judging scores against later truth. Thresholds come from honest accounts; every rate names its base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
#: False-positive rates at which recall is reported.
FPRS = (0.001, 0.01, 0.05)
#: Decisions from this one on stop an account from passing unseen (CHALLENGE).
_STOPS = 2


def auc(scores: Floats, labels: Bools) -> float | None:
    """Chance that a Sybil scores above an honest account, ties counted half; None with one class only."""
    bad, good = int(labels.sum()), int((~labels).sum())
    if not bad or not good:
        return None
    _, place, ties = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    return float((ranks[labels].sum() - bad * (bad + 1) / 2) / (bad * good))


def average_precision(scores: Floats, labels: Bools) -> float | None:
    """Area under precision over recall; tied scores enter together."""
    if not labels.any():
        return None
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(labels[order])[ends].astype(np.float64)
    steps = np.diff(np.append(0.0, hits)) / hits[-1]
    return float((hits / (ends + 1) * steps).sum())


def threshold_at(honest: Floats, rate: float) -> float:
    """The score to *exceed* so that at most ``rate`` of the honest scores do; inf without honest scores."""
    if not len(honest):
        return float("inf")
    return float(np.sort(honest)[::-1][min(int(rate * len(honest)), len(honest) - 1)])


def admitted_before_caught(caught: Bools, groups: Sequence[str], times: Floats) -> dict[str, tuple[int, int]]:
    """Per group: accounts that passed before its first was caught (all, if none was) and its size."""
    members: dict[str, list[int]] = {}
    for i in np.argsort(times, kind="stable"):
        if groups[i]:
            members.setdefault(groups[i], []).append(int(i))
    out = {}
    for group, rows in members.items():
        hits = np.flatnonzero(caught[rows])
        out[group] = (int(hits[0]) if len(hits) else len(rows), len(rows))
    return out


def evaluate(
    scores: Floats,
    labels: Bools,
    times: Floats | None = None,
    groups: Sequence[str] | None = None,
    archetypes: Sequence[str] | None = None,
    decisions: npt.NDArray[np.int8] | None = None,
) -> dict[str, Any]:
    """Everything that is reported of a model; a figure whose input is not given is left out."""
    scores, labels = np.asarray(scores, np.float64), np.asarray(labels, bool)
    honest = scores[~labels]
    cuts = {rate: threshold_at(honest, rate) for rate in FPRS}
    report: dict[str, Any] = {
        "accounts": len(scores),
        "sybils": int(labels.sum()),
        "auc": auc(scores, labels),
        "average_precision": average_precision(scores, labels),
        "recall_at_fpr": {_name(rate): share(scores[labels] > cut) for rate, cut in cuts.items()},
    }
    if decisions is not None:
        report["decisions"] = {
            "recall": share(decisions[labels] >= _STOPS),
            "false_positive_rate": share(decisions[~labels] >= _STOPS),
            "counts": {str(int(d)): int((decisions == d).sum()) for d in np.unique(decisions)},
        }
    if archetypes is not None:
        names = np.asarray(archetypes, dtype=object)
        report["campaigns"] = {
            str(name): _rates(scores[labels & (names == name)], cuts) for name in sorted(set(names[labels]))
        }
        report["crowds"] = {
            str(name): _rates(scores[~labels & (names == name)], cuts) for name in sorted(set(names[~labels]))
        }
        if decisions is not None:
            stopped = decisions >= _STOPS
            for name, row in report["crowds"].items():
                row["stopped"] = share(stopped[~labels & (names == name)])
    if groups is not None and times is not None:
        caught = scores > cuts[0.01] if decisions is None else decisions >= _STOPS
        report["bursts"] = _bursts(scores, labels, times, groups, caught, cuts)
    return report


def _bursts(
    scores: Floats, labels: Bools, times: Floats, groups: Sequence[str], caught: Bools, cuts: dict[float, float]
) -> dict[str, Any]:
    named = [group if bad else "" for group, bad in zip(groups, labels, strict=True)]
    passed = admitted_before_caught(caught, named, times)
    if not passed:
        return {"campaigns": 0}
    owner = np.asarray(named, dtype=object)
    macro = {
        _name(rate): float(np.mean([(scores[owner == group] > cut).mean() for group in passed]))
        for rate, cut in cuts.items()
    }
    counts = np.array([count for count, _ in passed.values()])
    return {
        "campaigns": len(passed),
        "macro_recall_at_fpr": macro,
        "never_caught": sum(count == size for count, size in passed.values()),
        "median_admitted_before_caught": float(np.median(counts)),
        "p90_admitted_before_caught": float(np.quantile(counts, 0.9)),
    }


def _rates(scores: Floats, cuts: dict[float, float]) -> dict[str, Any]:
    return {"accounts": len(scores)} | {f"flagged_at_{_name(rate)}": share(scores > cut) for rate, cut in cuts.items()}


def share(flags: npt.NDArray[Any]) -> float | None:
    """Mean of flags; None of nothing."""
    return float(np.mean(flags)) if len(flags) else None


def _name(rate: float) -> str:
    return f"{rate:.1%}"
