"""Drift: how far what is scored now lies from what the model was trained on.

The population stability index of one value over bins is ``sum((now - then) * ln(now / then))`` with the shares of rows
in each bin (Siddiqi, *Credit Risk Scorecards*, Wiley, 2006): the Kullback-Leibler divergence taken both ways. Below 0.1
is called stable and from 0.25 on a large shift; both are conventions of credit scoring, no test. What chance alone
would give depends on the rows: without drift, (1/now + 1/then) times a chi-squared variable with one degree less than
there are bins, nearly (Yurdakul, *Statistical properties of population stability index*, 2018). It assumes independent
rows; accounts of one campaign or crowd are not, so chance does more than it says.

A training world holds more Sybils than real signups do, so some distance to it is there on the first day. Compare
today's figures with those of the first weeks in service as much as with the thresholds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from sybilgate.app.distribution import Bins, Reference, psi
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.observation import Floats
from sybilgate.core.records import ScoredRow

#: By convention: a shift worth a look, and a large one.
MODERATE, LARGE = 0.1, 0.25
_CHUNK = 2000
Counts = npt.NDArray[np.int64]


def drift(rows: Iterable[ScoredRow], reference: Reference, model: str) -> dict[str, Any]:
    """The index of the risk and of every feature, the largest first.

    Only rows that ``model`` scored, of the kind it was trained on: a re-score after a month has other features than a
    signup, and carried risk is the scoring model's own. ``left_out`` counts the others by reason.
    """
    left_out: Counter[str] = Counter()
    bins = {"": reference.risk, **reference.features}
    found: dict[str, Counts] = {name: np.zeros(len(one.shares), np.int64) for name, one in bins.items()}
    columns = [(FEATURE_NAMES.index(name), name) for name in reference.features if name in FEATURE_NAMES]
    used = 0
    for risk, x in _chunks(rows, reference, model, left_out):
        used += len(risk)
        found[""] += bins[""].count(risk)
        for column, name in columns:
            found[name] += bins[name].count(x[:, column])
    features = [{"name": name} | _distance(bins[name], found[name], reference.rows) for _, name in columns]
    return {
        "model": model,
        "causes": list(reference.causes),
        "rows": used,
        "training_rows": reference.rows,
        "left_out": dict(left_out),
        "risk": _distance(reference.risk, found[""], reference.rows) | _quantiles(reference.risk, found[""]),
        "features": sorted(features, key=lambda one: -(one["psi"] or 0.0)),
    }


def chance(bins: int, now: int, then: int) -> float:
    """The index that 5 % of samples without drift exceed."""
    return float(chi2.ppf(0.95, bins - 1) * (1 / now + 1 / then))


def _distance(bins: Bins, now: Counts, rows: int) -> dict[str, Any]:
    """Bins that were empty then and are now are no bins: most features are never missing."""
    total = int(now.sum())
    held = (bins.shares > 0) | (now > 0)
    if not total or held.sum() < 2:
        return {"psi": 0.0 if total else None, "by_chance": None, "verdict": "stable" if total else "no rows"}
    value, by_chance = psi(bins.shares[held], now[held], rows), chance(int(held.sum()), total, rows)
    verdict = "large" if value >= LARGE else "moderate" if value >= MODERATE else "stable"
    if verdict != "stable" and value <= by_chance:
        verdict = "too few rows"
    return {"psi": value, "by_chance": by_chance, "verdict": verdict} | {
        "missing_then": float(bins.shares[-1]), "missing_now": float(now[-1] / total),
    }  # fmt: skip


def _quantiles(bins: Bins, now: Counts) -> dict[str, Any]:
    """Upper ends of the bins, and the shares of rows at or below them, then and now."""
    return {
        "up_to": [float(edge) for edge in bins.edges],
        "then": np.cumsum(bins.shares[:-2]).round(4).tolist(),
        "now": (np.cumsum(now[:-2]) / max(int(now.sum()), 1)).round(4).tolist(),
    }


def _chunks(
    rows: Iterable[ScoredRow], reference: Reference, model: str, left_out: Counter[str]
) -> Iterator[tuple[Floats, npt.NDArray[np.float32]]]:
    width = 4 * len(FEATURE_NAMES)
    iterator = iter(rows)
    while batch := list(islice(iterator, _CHUNK)):
        kept = []
        for row in batch:
            if row.cause not in reference.causes:
                left_out["of another kind"] += 1
            elif row.model != model:
                left_out["scored by another model"] += 1
            elif len(row.features) != width:
                left_out["with other features"] += 1
            else:
                kept.append(row)
        if kept:
            x = np.frombuffer(b"".join(row.features for row in kept), "<f4").reshape(len(kept), -1)
            yield np.array([row.risk for row in kept]), x
