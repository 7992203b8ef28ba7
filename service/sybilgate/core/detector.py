"""Detectors: what is watched beside the model, with limits in the policy.

A model learns the kinds of campaign it was shown, and never extrapolates to a crowd larger than any of those; what is
measured here needs no labels. A detector is a column of the feature row, ``crowd.max`` without crowds of two; guards of
a policy may name any column.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sybilgate.core.feature import BURSTS, FEATURE_COLUMN, WATCHED, WATCHED_NAMES, Rows
from sybilgate.core.observation import Floats
from sybilgate.core.tail import Tails, surprise

CROWD = "crowd.max"
#: Detectors that the packaged policies give budgets of their own.
GUARDS = (CROWD, "chain.score", "contradiction.left")
_COUNTS = np.array([name.endswith((".hour", ".day", ".month")) for name in WATCHED_NAMES]) & ~BURSTS
#: Shares of honest accounts at which a bundle says how far each of them goes.
HONEST_SHARES = (0.01, 0.001, 0.0001)
#: One other account is no crowd. Who mistypes an address and registers again shares phone and prefix with himself: such
#: people were stopped eight times as often as all.
_CROWD_FROM = np.log1p(1.5)
#: Rows looked at together: bounds memory, changes nothing.
_BLOCK = 1 << 14


def detector_values(names: Iterable[str], rows: Rows, tails: Tails | None) -> dict[str, Floats]:
    """[n] values to hold against the limits of a policy, by name: the feature as it stands in ``rows``, NaN where it is
    missing. Counts of one other are no part of ``crowd.max``; ``tails``: of the model whose policy it is, if any."""
    return {
        name: _crowd(rows, tails)
        if name == CROWD and tails is not None and tails.names
        else rows[:, FEATURE_COLUMN[name]].astype(float)
        for name in names
    }


def guard_values(rows: Rows, tails: Tails | None) -> Floats:
    """[n, len(GUARDS)]: values of ``GUARDS`` as columns; what is missing counts as nothing."""
    return np.asarray(np.nan_to_num(np.column_stack(list(detector_values(GUARDS, rows, tails).values()))))


def _crowd(rows: Rows, tails: Tails) -> Floats:
    """Decades of surprise of the most surprising count of two others and more, or of another detector."""
    out = np.zeros(len(rows), np.float32)  # as exact as the row itself
    for start in range(0, len(rows), _BLOCK):
        watched = rows[start : start + _BLOCK, WATCHED]
        watched[:, _COUNTS] *= watched[:, _COUNTS] >= _CROWD_FROM
        out[start : start + _BLOCK] = surprise(tails, watched)[:, ~BURSTS].max(axis=1, initial=0.0)
    return out.astype(np.float64)
