"""Where each feature of an assessment stands among the accounts its model was trained on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sybilgate.app.bundle import Bundle
from sybilgate.app.distribution import Bins, Reference, parse_reference
from sybilgate.core.feature import FEATURES, WATCHED, FeatureSpec
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.tail import surprise
from sybilgate.errors import ModelRejected


@dataclass(frozen=True, slots=True)
class Reading:
    """One feature. Shares are of training rows, None where they are not known; ``ordinary`` the share of ordinary
    accounts with so large a value; NaN is a missing value."""

    spec: FeatureSpec
    value: float
    below: float | None = None
    up_to: float | None = None
    missing: float | None = None
    ordinary: float | None = None


@dataclass(frozen=True)
class Readings:
    """``bundle`` finds the bundle an assessment names, if it is still loaded."""

    bundle: Callable[[str], Bundle | None]

    def of(self, record: AssessmentRecord) -> list[Reading]:
        """Every feature, in the order of the row."""
        row = np.frombuffer(record.features, "<f4")
        bundle = self.bundle(record.model)
        reference, ordinary = reference_of(bundle), _ordinary(bundle, row)
        return [
            _reading(spec, value, reference.features.get(spec.name) if reference else None, ordinary[i])
            for i, (spec, value) in enumerate(zip(FEATURES, row.tolist(), strict=True))
        ]


def reference_of(bundle: Bundle | None) -> Reference | None:
    """How features and risk lay among training rows; None, too, for a bundle that does not keep it."""
    if bundle is None:
        return None
    try:
        return parse_reference(bundle.manifest.notes)
    except ModelRejected:
        return None


def _ordinary(bundle: Bundle | None, row: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Sequence[float | None]:
    shares: list[float | None] = [None] * len(FEATURES)
    if bundle is not None:
        decades = surprise(bundle.models.tails, row[None, WATCHED])[0]
        for column, found in zip(WATCHED.tolist(), decades.tolist(), strict=True):
            # Below the median a tail tells nothing.
            shares[column] = 10.0**-found if found > 0 and not math.isnan(float(row[column])) else None
    return shares


def _reading(spec: FeatureSpec, value: float, bins: Bins | None, ordinary: float | None) -> Reading:
    if bins is None:
        return Reading(spec, value, ordinary=ordinary)
    missing = float(bins.shares[-1])
    known = bins.shares[:-1].sum()
    if math.isnan(value) or known <= 0:
        return Reading(spec, value, missing=missing, ordinary=ordinary)
    place = int(np.searchsorted(bins.edges, np.float32(value), "left"))
    below = float(bins.shares[:place].sum() / known)
    return Reading(spec, value, below, float(bins.shares[: place + 1].sum() / known), missing, ordinary)
