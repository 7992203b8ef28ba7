"""What came lately: how risky the newest signups were found, and how far they lie from what their model was trained on.

The index is that of ``sybilgate model drift``, over the newest signups of all replicas instead of days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sybilgate.app.distribution import Reference, index
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.records import ScoredRow

#: Signups looked at; with fewer than ``FEWEST`` of the serving model no index is told. From ``LARGE`` on, by
#: convention, a feature has shifted.
MOST, FEWEST, LARGE = 2000, 500, 0.25
STEPS = 1000


@dataclass(frozen=True, slots=True)
class Traffic:
    """``risks``: signups by risk, in steps of a thousandth, the last holds certainty. ``risk_index`` None: not known.
    ``shifted``: features and their indexes, the largest first. Times are unix seconds, 0 without a row."""

    rows: int
    start: float
    end: float
    decisions: dict[int, int]
    risks: tuple[int, ...]
    risk_index: float | None
    shifted: tuple[tuple[str, float], ...]


def traffic(rows: Sequence[ScoredRow], model: str, reference: Reference | None) -> Traffic:
    """Of the rows that ``model`` scored. Without a reference no distance is told."""
    mine = [row for row in rows if row.model == model]
    times = [row.create_time for row in mine]
    risk = np.array([row.risk for row in mine], np.float64)
    steps = np.floor(np.round(risk * STEPS, 6)).astype(np.int64)
    risk_index, shifted = _distances(mine, risk, reference)
    return Traffic(
        len(mine), min(times, default=0.0), max(times, default=0.0), dict(Counter(row.decision for row in mine)),
        tuple(np.bincount(steps, minlength=STEPS + 1).tolist()), risk_index, shifted,
    )  # fmt: skip


def _distances(
    rows: Sequence[ScoredRow], risk: np.ndarray[tuple[int], np.dtype[np.float64]], reference: Reference | None
) -> tuple[float | None, tuple[tuple[str, float], ...]]:
    width = 4 * len(FEATURE_NAMES)
    if reference is None or len(rows) < FEWEST or any(len(row.features) != width for row in rows):
        return None, ()
    x = np.frombuffer(b"".join(row.features for row in rows), "<f4").reshape(len(rows), -1)
    found = [
        (name, index(reference.features[name], x[:, i], reference.rows))
        for i, name in enumerate(FEATURE_NAMES)
        if name in reference.features
    ]
    shifted = sorted(((name, far) for name, far in found if far >= LARGE), key=lambda pair: -pair[1])
    return index(reference.risk, risk, reference.rows), tuple(shifted)
