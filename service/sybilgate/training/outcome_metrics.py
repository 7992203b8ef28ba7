"""What a campaign got away with, and what honest people paid: figures in which every campaign has one vote.

An account is *flagged* when its score exceeds a threshold that a given share of honest signups exceeds. The *alarm*
is the third flagged member of a campaign. Intervals are percentile bootstraps over campaigns (for honest classes:
over groups of people), with the thresholds held fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.training.evaluate import Bools, Floats, share, threshold_at

#: False-positive rates at which everything is reported.
FPRS = (0.001, 0.005, 0.01)
#: Shares of Sybils among signups to which precision is re-weighted: a quiet day, and a flood.
PREVALENCES = (0.01, 0.167)
#: Flagged members that make an alarm.
ALARM = 3
_DRAWS = 400
_RISK_EDGES = (0.0, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97, 1.0)
#: Fewer campaigns than this have no interval.
_FEW = 3

Names = npt.NDArray[np.object_]


def percent(rate: float) -> str:
    """A rate as it is written in reports: 0.005 -> 0.5%."""
    return f"{rate:.1%}"


def thresholds(honest: Floats) -> dict[float, float]:
    """Score to exceed for each rate of ``FPRS``."""
    return {rate: threshold_at(honest, rate) for rate in FPRS}


@dataclass(frozen=True, slots=True)
class CampaignOutcome:
    """One campaign under one threshold. ``alarm_hours`` is None when fewer than ``ALARM`` members were flagged.

    ``admitted`` counts unflagged members up to the alarm, all of them if it never came; ``after`` is the recall among
    members that signed up after it.
    """

    size: int
    recall: float
    admitted: int
    alarm_hours: float | None
    after: float | None


def campaign_outcome(flagged: Bools, time: Floats) -> CampaignOutcome:
    """Judge the members of one campaign by their signups; ``time`` in seconds, any order."""
    order = np.argsort(time, kind="stable")
    flagged, time = flagged[order], time[order]
    hits = np.flatnonzero(flagged)
    recall = float(flagged.mean())
    if len(hits) < ALARM:
        return CampaignOutcome(len(flagged), recall, len(flagged) - len(hits), None, None)
    third = int(hits[ALARM - 1])
    hours = float(time[third] - time[0]) / 3600
    return CampaignOutcome(len(flagged), recall, third + 1 - ALARM, hours, share(flagged[third + 1 :]))


def members(group: Sequence[str], label: Bools) -> dict[str, npt.NDArray[np.intp]]:
    """Rows of each campaign, in the given order."""
    rows: dict[str, list[int]] = {}
    for i in np.flatnonzero(label):
        rows.setdefault(group[int(i)], []).append(int(i))
    return {name: np.array(at, np.intp) for name, at in rows.items() if name}


def summarise(outcomes: Sequence[CampaignOutcome]) -> dict[str, Any]:
    """Macro figures of some campaigns, each with one vote."""
    recall = [outcome.recall for outcome in outcomes]
    hours = [outcome.alarm_hours for outcome in outcomes if outcome.alarm_hours is not None]
    after = [outcome.after for outcome in outcomes if outcome.after is not None]
    return {
        "recall": with_interval(recall),
        "admitted_median": with_interval([outcome.admitted for outcome in outcomes], np.median),
        "admitted_mean": with_interval([outcome.admitted for outcome in outcomes]),
        "alarmed": with_interval([float(outcome.alarm_hours is not None) for outcome in outcomes]),
        "alarm_hours_median": with_interval(hours, np.median),
        "recall_after_alarm": with_interval(after),
    }


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of what is known; None of nothing."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def with_interval(values: Sequence[float], middle: Callable[..., Any] = np.mean) -> dict[str, Any]:
    """Mean (or median) with a 95 % bootstrap interval; no interval for fewer than three values."""
    value = float(middle(values)) if len(values) else None
    out: dict[str, Any] = {"value": value, "low": None, "high": None, "n": len(values)}
    if len(values) >= _FEW:
        data = np.asarray(values, np.float64)
        drawn = middle(data[np.random.default_rng(1).integers(0, len(data), (_DRAWS, len(data)))], axis=1)
        out["low"], out["high"] = (float(q) for q in np.quantile(drawn, (0.025, 0.975)))
    return out


def honest_rates(flags: Bools, unit: Sequence[str]) -> list[dict[str, float | None]]:
    """Share of honest accounts flagged, per column of ``flags``, with intervals over units (a crowd is one unit).

    Where nobody was flagged a bootstrap knows no doubt; the upper end is then three over the number of units.
    """
    names, place = np.unique(np.asarray(unit, dtype=str), return_inverse=True)
    count = np.bincount(place).astype(np.float64)
    hits = np.column_stack([np.bincount(place, flags[:, j]) for j in range(flags.shape[1])])
    rng = np.random.default_rng(1)
    drawn = np.empty((_DRAWS, flags.shape[1]))
    for i in range(_DRAWS):
        pick = rng.integers(0, len(names), len(names))
        drawn[i] = hits[pick].sum(axis=0) / count[pick].sum()
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    none = hits.sum(axis=0) == 0
    high[none] = min(1.0, 3.0 / len(names))
    rate = hits.sum(axis=0) / count.sum()
    return [
        {"rate": float(rate[j]), "low": float(low[j]), "high": float(high[j])} for j in range(flags.shape[1])
    ]  # fmt: skip


def precision_at(recall: float | None, rate: float, prevalence: float) -> float | None:
    """Share of Sybils among flagged accounts where ``prevalence`` of all signups are Sybils."""
    if recall is None:
        return None
    found = prevalence * recall
    return found / (found + (1 - prevalence) * rate)


def calibration(risk: Floats, label: Bools) -> dict[str, Any]:
    """Reliability by bins of risk, Brier score and expected calibration error (mean gap, weighted by accounts)."""
    place = np.clip(np.searchsorted(_RISK_EDGES, risk, "right") - 1, 0, len(_RISK_EDGES) - 2)
    table = [
        {
            "accounts": int((place == i).sum()),
            "mean_risk": float(risk[place == i].mean()),
            "sybil_share": float(label[place == i].mean()),
        }
        for i in np.unique(place)
    ]
    gaps = [row["accounts"] * abs(row["mean_risk"] - row["sybil_share"]) for row in table]
    return {
        "brier": float(np.mean((risk - label) ** 2)),
        "ece": float(np.sum(gaps) / max(len(risk), 1)),
        "sybil_share": float(label.mean()),
        "mean_risk": float(risk.mean()),
        "table": table,
    }


def recall_curve(score: Floats, label: Bools, group: Sequence[str]) -> list[list[float | None]]:
    """Pairs (false-positive rate, recall macro over campaigns) for a plot."""
    rows = list(members(group, label).values())
    honest = score[~label]
    rates = np.geomspace(max(1e-4, 1 / max(len(honest), 1)), 0.3, 40)
    return [
        [float(rate), mean((score[at] > cut).mean() for at in rows)]
        for rate, cut in ((rate, threshold_at(honest, rate)) for rate in rates)
    ]
