"""Detectors beside the model, each with its share of the alarms, as one score that any threshold can be put on."""

from __future__ import annotations

import numpy as np

from sybilgate.core.feature import FEATURE_COLUMN, GUARDS
from sybilgate.core.observation import Floats
from sybilgate.training.dataset import Dataset
from sybilgate.training.train import SHARES


def with_detectors(data: Dataset, score: Floats) -> Floats:
    """The greatest surprise among the model and the detectors: -log of the tail among honest accounts over its share.

    As the policy does, but with one threshold for all, so that it can be compared at any rate of false positives.
    """
    honest = ~data.label
    surprise = [-np.log(_tail(score[honest], score) / SHARES["risk"])]
    for name in GUARDS:
        value = np.nan_to_num(data.x[:, FEATURE_COLUMN[name]].astype(np.float64))
        surprise.append(-np.log(_tail(value[honest], value) / SHARES[name]))
    # Empirical tails end at one over the number of honest accounts: among equals the margin decides.
    return np.asarray(np.max(surprise, axis=0) + 1e-6 * score)


def _tail(honest: Floats, value: Floats) -> Floats:
    """Share of honest accounts with at least this value, one more counted so that none has chance zero."""
    ranked = np.sort(honest)
    return np.asarray((len(ranked) - np.searchsorted(ranked, value, "left") + 1) / (len(ranked) + 1))
