"""Surprise: how far out in the tail of ordinary accounts a count lies, on one scale for every kind of value.

Four others on one device are rare, four on one carrier's address are nothing. A model learns that for the kinds of
value its campaigns happened to share, and is blind to the next operator who shares another. So every watched count is
first turned into -log10 of the share of ordinary accounts with so large a count, and those are pooled: the largest over
all kinds, the mean of the three largest, the largest per axis. A pooled surprise means the same whichever value is
shared, so what is learnt from one kind of campaign holds for kinds never seen. Beyond the largest value known the scale
goes on with the slope of the last decade, where a table of quantiles, or a tree, would stand still.

The tables are part of a model bundle: they are quantiles of the history it was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.core.observation import Floats

#: Tail shares of the break-points, from the median outwards.
SHARES = np.concatenate([[0.5, 0.2], np.geomspace(0.1, 1e-5, 25)])
_FEWEST = 10  #: a break-point rests on at least so many accounts
_STEEPEST = 3.0  #: most decades per unit beyond the last break-point
_STEPS = 4  #: break-points from which the slope beyond the last is taken


@dataclass(frozen=True)
class Tails:
    """Break-points per feature, rising: ``values`` [features, points] and their surprise ``scores``, padded by the last
    one; ``slopes`` [features], decades per unit beyond it."""

    names: tuple[str, ...]
    values: Floats
    scores: Floats
    slopes: Floats

    def to_json(self) -> dict[str, list[tuple[float, float]]]:
        """Feature -> (value, score) break-points."""
        return {
            name: [(float(v), float(s)) for v, s in zip(self.values[i], self.scores[i], strict=True)]
            for i, name in enumerate(self.names)
        }


def tails_from_json(table: Mapping[str, Sequence[Sequence[float]]]) -> Tails:
    """Inverse of ``to_json``. Raises ``ValueError`` unless break-points are finite and rise."""
    width = max((len(points) for points in table.values()), default=0)
    values, scores = np.zeros((len(table), width)), np.zeros((len(table), width))
    for i, points in enumerate(table.values()):
        found = np.array(points, np.float64)
        if found.ndim != 2 or found.shape[1] != 2 or not np.isfinite(found).all() or (np.diff(found, axis=0) < 0).any():
            raise ValueError("tails need (value, score) break-points that rise")
        values[i], scores[i] = found[-1]
        values[i, : len(found)], scores[i, : len(found)] = found.T
    return _with_slopes(tuple(table), values, scores)


def fit_tails(names: Sequence[str], columns: npt.NDArray[Any]) -> Tails:
    """Tails of ``columns`` [accounts, features] of ordinary accounts; NaN counts as nothing shared."""
    shares = SHARES[SHARES * len(columns) >= _FEWEST] if len(columns) else SHARES[:0]
    shares = shares if len(shares) else SHARES[:1]
    raw = np.zeros((len(shares), len(names)))
    for i in range(len(names) if len(columns) else 0):  # one at a time: all of a history at once took gigabytes
        raw[:, i] = np.quantile(np.nan_to_num(np.asarray(columns[:, i], np.float64)), 1 - shares)
    values, scores = np.empty((len(names), len(shares))), np.empty((len(names), len(shares)))
    for i in range(len(names)):
        # One value may be several quantiles: it is as surprising as the commonest of them.
        points, first = np.unique(raw[:, i], return_index=True)
        values[i], scores[i] = points[-1], -np.log10(shares[first[-1]])
        values[i, : len(points)], scores[i, : len(points)] = points, -np.log10(shares[first])
    return _with_slopes(tuple(names), values, scores)


def _with_slopes(names: tuple[str, ...], values: Floats, scores: Floats) -> Tails:
    slopes = np.full(len(names), _STEEPEST)
    for i in range(len(names)):
        points = np.unique(values[i])
        back = points[max(0, len(points) - _STEPS)] if len(points) else 0.0
        run = float(points[-1] - back) if len(points) else 0.0
        if run > 0:
            rise = float(scores[i].max() - scores[i][values[i] == back].max())
            slopes[i] = min(rise / run, _STEEPEST)
    return Tails(names, values, scores, slopes)


def surprise(tails: Tails, columns: npt.NDArray[Any]) -> Floats:
    """[accounts, features] decades of surprise, 0 where nothing is shared."""
    # Here, because importing it brings a compiler, and who only checks a model can do without.
    from sybilgate.core.decades import look_up

    out = np.zeros(columns.shape)
    look_up(np.nan_to_num(np.asarray(columns, np.float64)), tails.values, tails.scores, tails.slopes, out)
    return out


def pool(crowds: Floats, bursts: Floats, axis_of: npt.NDArray[np.intp], axes: int) -> Floats:
    """[n, 7 + axes]: largest, mean of the three largest, second-largest axis, sum of the two largest axes, axes beyond
    two decades, each axis's largest; then the largest burst and the mean of the three largest."""
    per_axis = np.column_stack([crowds[:, axis_of == axis].max(axis=1, initial=0.0) for axis in range(axes)])
    ranked_axes, ranked, ranked_bursts = (-np.sort(-part, axis=1) for part in (per_axis, crowds, bursts))
    return np.column_stack([
        ranked[:, 0], ranked[:, :3].mean(axis=1), ranked_axes[:, 1], ranked_axes[:, :2].sum(axis=1),
        (per_axis > 2.0).sum(axis=1), per_axis, ranked_bursts[:, 0], ranked_bursts[:, :3].mean(axis=1),
    ])  # fmt: skip
