"""No feature tells the calendar: a model asked for the date must not find it in common values."""

from __future__ import annotations

import numpy as np

from sybilgate.core import linking as l
from sybilgate.core.feature import FEATURE_NAMES, POOLED, all_features, first_features
from sybilgate.core.identifier import KINDS
from sybilgate.core.own import OWN


def rows_of_hubs(age_days: float, seed: int = 1) -> np.ndarray:
    """Accounts that hold only common values, ``age_days`` after a store was opened to steady traffic."""
    rng = np.random.default_rng(seed)
    stats = np.zeros((400, len(KINDS), l.STATS))
    rate = rng.uniform(200.0, 2000.0, (400, len(KINDS))) * rng.normal(1.0, 0.03, (400, len(KINDS)))
    for column, kind_column, days in (
        (l.W_HOUR, None, 1 / 24), (l.W_DAY, l.N_DAY, 1.0), (l.W_WEEK, l.N_WEEK, 7.0), (l.W_MONTH, l.N_MONTH, 30.0)
    ):  # fmt: skip
        grown = days * (1.0 - np.exp(-age_days / days))
        stats[:, :, column] = rate * grown
        if kind_column is not None:
            stats[:, :, kind_column] = 20_000.0 * grown
    stats[:, :, l.ACCOUNTS] = rate * age_days
    stats[:, :, l.BAD] = 0.02 * rate * age_days
    stats[:, :, l.D_DEVICE : l.D_MAIL + 1] = 266.0
    carried = stats[:, :, l.W_MONTH] * 0.03
    first = first_features(np.zeros((400, len(OWN))), stats, np.ones((400, 2)), None)
    return all_features(first, stats, carried, np.full(400, 0.03))


def test_common_values_keep_no_clock() -> None:
    young, old = (np.delete(rows_of_hubs(age), POOLED, axis=1) for age in (12.0, 60.0))
    names = np.delete(np.array(FEATURE_NAMES), POOLED)
    gap = np.abs(np.mean(young, axis=0) - np.mean(old, axis=0))
    assert not {str(name) for name in names[gap > 0.75 * (np.std(old, axis=0) + 0.05)]}
