"""Scoring: feature rows in; first-pass risk, margin, calibrated risk and contributions out.

A *margin* is log-odds, positive = Sybil. A *risk* is a calibrated probability in [0, 1], 1 = certain Sybil. A
*contribution* is an exact TreeSHAP value in log-odds, and ``base + sum(contributions) == margin`` for every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import lightgbm
import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.resemblance import Mates, mates_from_json
from sybilgate.core.tail import Tails, tails_from_json

if TYPE_CHECKING:
    from sybilgate.core.explanation import Explainer

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

# No iteration range is ever passed: on a Booster shared by threads it changes what the *other* thread scores.
# One thread: OpenMP start-up costs more than a small batch, and the service already has its own workers.
_ONLINE: dict[str, Any] = {"validate_features": False, "num_threads": 1}


class Models(Protocol):
    """What scores a batch. Implementations are immutable and safe to share between threads."""

    @property
    def name(self) -> str:
        """Name and version, as in ``default@1``."""

    @property
    def guards(self) -> Mapping[str, tuple[float, ...]]:
        """Honest quantiles (0.99, 0.999, 0.9999) of each guard feature."""

    @property
    def tails(self) -> Tails:
        """How rare each watched count is among the accounts of the model's history."""

    @property
    def mates(self) -> Mates | None:
        """What it is worth to be alike; None for a model that builds no campaigns."""

    def first(self, x: Rows) -> Floats:
        """First-pass risk in [0, 1] of rows that hold the first-stage features only."""

    def final(self, x: Rows) -> Floats:
        """Margin of complete rows."""

    def calibrate(self, margin: Floats) -> Floats:
        """Risk in [0, 1]; never falls as the margin rises."""

    def contributions(self, x: Rows) -> Floats:
        """One column per feature and the base last; each row sums to its margin."""

    def first_contributions(self, x: Rows) -> Floats:
        """The same of the first pass, over the first-stage columns; each row sums to the log-odds of its first risk."""


def check_calibration(points: Sequence[tuple[float, float]]) -> None:
    """Raise ``ValueError`` unless margins rise strictly and risks, all in [0, 1], never fall."""
    table = np.array(points, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != 2 or not np.isfinite(table).all():
        raise ValueError("calibration needs at least one (margin, risk) pair of finite numbers")
    if (np.diff(table[:, 0]) <= 0).any() or (np.diff(table[:, 1]) < 0).any():
        raise ValueError("calibration margins must rise strictly and risks must not fall")
    if table[0, 1] < 0 or table[-1, 1] > 1:
        raise ValueError("calibration risks must be in [0, 1]")


class LightGBMModels:
    """Both boosters, the calibration and the guard quantiles of one model version.

    The texts must come from a verified bundle: LightGBM may abort the process on a damaged one. Raises
    ``ValueError`` when the parts do not fit each other.
    """

    def __init__(
        self, name: str, first_text: str, final_text: str, calibration: Sequence[tuple[float, float]],
        guards: Mapping[str, Sequence[float]], feature_names: Sequence[str],
        tails: Mapping[str, Sequence[Sequence[float]]] = MappingProxyType({}),
        mates: Mapping[str, float] = MappingProxyType({}), *, tables: bool = True,
    ) -> None:  # fmt: skip
        check_calibration(calibration)
        self.name = name
        self.feature_names = tuple(feature_names)
        self.guards: Mapping[str, tuple[float, ...]] = MappingProxyType({k: tuple(v) for k, v in guards.items()})
        self._first = lightgbm.Booster(model_str=first_text)
        self._final = lightgbm.Booster(model_str=final_text)
        place = {name: i for i, name in enumerate(self.feature_names)}
        self.tails = tails_from_json(dict(sorted(tails.items(), key=lambda item: place.get(item[0], -1))))
        self.mates = mates_from_json(mates) if mates else None
        self._margins, self._risks = np.array(calibration, dtype=np.float64).T.copy()
        self.first_width = self._first.num_feature()
        self._check()
        #: Why LightGBM itself explains, a hundred times slower; empty when tables do.
        self.no_tables = "not asked for"
        self._explainer: Explainer | None = None
        if tables:
            # Here, because importing it brings a compiler, and who only checks a model can do without.
            from sybilgate.core.explanation import Explainer

            self._explainer, self.no_tables = Explainer.checked(final_text, self._reference)

    def _check(self) -> None:
        for booster in (self._first, self._final):
            if booster.num_model_per_iteration() != 1:
                raise ValueError("a model must have one output")
            width = booster.num_feature()
            if tuple(booster.feature_name()) != self.feature_names[:width]:
                raise ValueError("a model's features differ from the bundle's")
        if self._final.num_feature() != len(self.feature_names):
            raise ValueError("the final model must read every feature")
        unknown = (set(self.guards) | set(self.tails.names)) - set(self.feature_names)
        if unknown:
            raise ValueError(f"guards or tails on unknown features: {sorted(unknown)}")

    def first(self, x: Rows) -> Floats:
        """First-pass risk in [0, 1], of the first-stage columns."""
        return np.asarray(1.0 / (1.0 + np.exp(-_predict(self._first, x))))

    def final(self, x: Rows) -> Floats:
        """Margin in log-odds."""
        return _predict(self._final, x)

    def calibrate(self, margin: Floats) -> Floats:
        """Linear between break-points, flat outside."""
        return np.asarray(np.interp(margin, self._margins, self._risks), dtype=np.float64)

    def contributions(self, x: Rows) -> Floats:
        """Exact TreeSHAP, base in the last column."""
        if self._explainer is not None:
            return self._explainer.contributions(x)
        return self._reference(x)

    def first_contributions(self, x: Rows) -> Floats:
        """Exact TreeSHAP by LightGBM: it is asked for when a person reads one assessment."""
        return _contributions(self._first, x)

    def _reference(self, x: Rows) -> Floats:
        return _contributions(self._final, x)


def _contributions(booster: lightgbm.Booster, x: Rows) -> Floats:
    if len(x) == 0:
        return np.zeros((0, booster.num_feature() + 1))
    rows = np.ascontiguousarray(x, dtype=np.float32)
    return np.asarray(booster.predict(rows, pred_contrib=True, **_ONLINE), dtype=np.float64)


def _predict(booster: lightgbm.Booster, x: Rows) -> Floats:
    if len(x) == 0:
        return np.zeros(0)
    rows = np.ascontiguousarray(x, dtype=np.float32)
    return np.asarray(booster.predict(rows, raw_score=True, **_ONLINE), dtype=np.float64)
