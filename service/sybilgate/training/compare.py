"""Compare: the serving model and a shadow on the same assessments, as they were made.

The shadow read the serving model's carried risk (see ``app.shadow``), and each assessment was decided under the policy
of its day; the shadow's decisions are worked out under the policy it would serve under. Truth comes from labels told
since; silence makes honest only accounts that are old enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from sybilgate.app.mapping import DAY
from sybilgate.core.detector import detector_values
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.observation import Floats
from sybilgate.core.policy import Policy, decide
from sybilgate.core.records import ShadowPair
from sybilgate.core.tail import Tails
from sybilgate.training.backtest import Asked, Decisions, changes, stops
from sybilgate.training.dataset import MATURITY_DAYS
from sybilgate.training.evaluate import Bools, auc, share

_CHUNK = 2000


def compare(pairs: Iterable[ShadowPair], policy: Policy, tails: Tails, now: float) -> dict[str, Any]:
    """The report; ``policy`` and ``tails``, for its guards, are the shadow's. In ``changed`` decisions go from the
    serving model's to the shadow's."""
    kept: list[tuple[str, float, float, float, int, int, float]] = []
    decided = [np.zeros(0, np.int8)]
    served: Counter[str] = Counter()
    iterator = iter(pairs)
    while batch := list(islice(iterator, _CHUNK)):
        batch = [pair for pair in batch if len(pair.served.features) == 4 * len(FEATURE_NAMES)]
        served.update(pair.served.model for pair in batch)
        kept += [
            (
                p.served.account_id,
                p.served.create_time,
                p.served.risk,
                p.risk,
                p.served.decision,
                p.label,
                p.signup_time,
            )
            for p in batch
        ]
        if batch:
            decided.append(shadow_decisions(batch, policy, tails))
    names, times, risks, shadow, old, labels, signed = zip(*kept, strict=True) if kept else ((),) * 7
    label = np.array(labels, np.int64)
    known = (label != 0) | (np.array(signed, np.float64) <= now - MATURITY_DAYS * DAY)
    blank = [""] * len(kept)
    asked = Asked(list(names), np.array(times, np.float64), label > 0, known, blank, blank)
    a, b, was, new = np.array(risks), np.array(shadow), np.array(old, np.int8), np.concatenate(decided)
    return {
        "policy": policy.version,
        "rows": len(kept),
        "served_by": dict(served),
        "agreement": agreement(a, b, was, new),
        "changed": changes(asked, new, was),
        "by_label": {
            "sybil": _told(asked.label, a, b, was, new),
            "honest": _told(known & ~asked.label, a, b, was, new),
            "unknown": _told(~known, a, b, was, new),
        },
        "auc": {"serving": auc(a[known], asked.label[known]), "shadow": auc(b[known], asked.label[known])},
    }


def shadow_decisions(pairs: list[ShadowPair], policy: Policy, tails: Tails) -> Decisions:
    """What the shadow would have decided. Axes with evidence come from the assessment: no model has a say in them."""
    x = np.frombuffer(b"".join(pair.served.features for pair in pairs), "<f4").reshape(len(pairs), -1)
    axes = np.array([len(pair.axes.split(",")) if pair.axes else 0 for pair in pairs], np.int64)
    guards = detector_values(policy.guards, x, tails)
    return decide(policy, np.array([pair.risk for pair in pairs]), axes, guards)


def agreement(serving: Floats, shadow: Floats, was: Decisions, new: Decisions) -> dict[str, Any]:
    """Shares of rows with the same decision, and with the same answer to "does it pass unseen?", the latter also as
    Cohen's kappa (1960): 1 is complete, 0 is what chance gives. Rank correlation of risks is Spearman's."""
    if not len(serving):
        return {}
    one, other = stops(was), stops(new)
    return {
        "same_decision": share(was == new),
        "same_stop": share(one == other),
        "kappa": _kappa(one, other),
        "rank_correlation": _spearman(serving, shadow),
        "mean_difference": float(np.mean(shadow - serving)),
        "mean_absolute_difference": float(np.mean(np.abs(shadow - serving))),
    }


def _kappa(one: Bools, other: Bools) -> float | None:
    p, q = float(one.mean()), float(other.mean())
    by_chance = p * q + (1 - p) * (1 - q)
    return None if by_chance == 1.0 else (float((one == other).mean()) - by_chance) / (1 - by_chance)


def _spearman(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float | None:
    if not (np.ptp(one) > 0 and np.ptp(other) > 0):
        return None
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])


def _told(rows: Bools, serving: Floats, shadow: Floats, was: Decisions, new: Decisions) -> dict[str, Any]:
    return {
        "rows": int(rows.sum()),
        "stopped_by_serving": share(stops(was[rows])),
        "stopped_by_shadow": share(stops(new[rows])),
        "mean_risk_serving": float(serving[rows].mean()) if rows.any() else None,
        "mean_risk_shadow": float(shadow[rows].mean()) if rows.any() else None,
    }
