"""What is watched beside the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sybilgate.app.bundle import load_bundle
from sybilgate.core.detector import CROWD, GUARDS, detector_values, guard_values
from sybilgate.core.feature import FEATURE_COLUMN, FEATURE_NAMES, fill_pooled
from sybilgate.core.tail import Tails
from sybilgate.loading import packaged_model


def tails() -> Tails:
    return load_bundle(Path(packaged_model())).models.tails


def rows(**counts: float) -> np.ndarray:
    """One row of somebody who shares nothing, but for the numbers of others on some values."""
    row = np.zeros((1, len(FEATURE_NAMES)), np.float32)
    for name, others in counts.items():
        row[0, FEATURE_COLUMN[name.replace("__", ".")]] = np.log1p(others)
    fill_pooled(row, tails())
    return row


def test_one_other_is_no_crowd() -> None:
    again = rows(phone__day=1.0, phone__month=1.0, subnet64__month=1.2)
    assert again[0, FEATURE_COLUMN[CROWD]] > 3
    assert detector_values([CROWD], again, tails())[CROWD] == 0


def test_three_accounts_are_a_crowd() -> None:
    crowd = rows(phone__day=1.6, phone__month=1.6)
    assert detector_values([CROWD], crowd, tails())[CROWD] == crowd[0, FEATURE_COLUMN[CROWD]] > 3


def test_missing_counts_as_nothing() -> None:
    row = np.full((2, len(FEATURE_NAMES)), np.nan, np.float32)
    assert (guard_values(row, tails()) == 0).all()
    assert guard_values(row, None).shape == (2, len(GUARDS))
    assert np.isnan(detector_values(["chain.score"], row, tails())["chain.score"]).all()
