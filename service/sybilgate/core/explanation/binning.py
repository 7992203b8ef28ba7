"""Binning: what a tree can see of a value. Every rule of LightGBM's decisions is applied here, once, at compile time.

A numeric feature has one bin for each interval between the model's thresholds, ``(edge[i-1], edge[i]]``, then one for
NaN, then, if any split takes zero for missing, one for zero. A categorical feature has one bin for each set of
categories that no split tells apart; bin 0 holds those that go right everywhere, NaN and negative numbers among them.

A set of bins is an integer with one bit per bin, so that walking a path is arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core.explanation.reading import Forest, Tree

#: LightGBM makes anything this small zero before it decides; the float32 1e-35, as a double.
ZERO = float(np.float32(1e-35))
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
#: Bins are counted in 16 bits, and categories are looked up one by one.
_MOST = 60_000
_MISSING_ZERO, _MISSING_NAN = 1, 2


@dataclass(frozen=True, slots=True)
class Bins:
    """One feature's bins. A numeric feature has ``edges``; a categorical one ``lookup``, from category to bin, and
    ``bitsets``, from the categories that a split sends left to the bins it sends left."""

    column: int
    size: int
    edges: npt.NDArray[np.float32]
    lookup: npt.NDArray[np.uint16]
    bitsets: dict[int, int]
    zero: bool

    @property
    def categorical(self) -> bool:
        """Whether values are category numbers."""
        return len(self.lookup) > 0

    @property
    def missing(self) -> int:
        """The NaN bin of a numeric feature, next after its intervals."""
        return len(self.edges) + 1

    @property
    def everything(self) -> int:
        """All bins."""
        return (1 << self.size) - 1

    def left(self, tree: Tree, node: int) -> int:
        """The bins that a split sends left."""
        threshold, decision = float(tree.threshold[node]), int(tree.decision[node])
        if self.categorical:
            return self.bitsets[tree.bitsets[int(threshold)]]
        bins = (2 << int(np.searchsorted(self.edges, _floor32(threshold)))) - 1
        default, missing = bool(decision & _DEFAULT_LEFT), decision >> 2 & 3
        zero_left = default if missing == _MISSING_ZERO else threshold >= 0.0
        nan_left = default if missing == _MISSING_NAN else zero_left
        return bins | nan_left << self.missing | (zero_left << self.missing + 1 if self.zero else 0)


def bin_features(forest: Forest) -> dict[int, Bins]:
    """Bins of every feature that some split reads, by column."""
    thresholds: dict[int, set[float]] = {}
    bitsets: dict[int, set[int]] = {}
    zero: set[int] = set()
    for tree in forest.trees:
        for feature, threshold, decision in zip(
            tree.feature.tolist(), tree.threshold.tolist(), tree.decision.tolist(), strict=True
        ):
            if decision & _CATEGORICAL:
                bitsets.setdefault(feature, set()).add(tree.bitsets[int(threshold)])
            else:
                thresholds.setdefault(feature, set()).add(threshold)
            if decision >> 2 & 3 == _MISSING_ZERO and not decision & _CATEGORICAL:
                zero.add(feature)
    if thresholds.keys() & bitsets.keys():
        raise ValueError("a feature is both numeric and categorical")
    if max([*map(len, thresholds.values()), *(s.bit_length() for found in bitsets.values() for s in found), 0]) > _MOST:
        raise ValueError("a feature has too many thresholds or categories")
    numeric = {f: _numeric(f, found, f in zero) for f, found in thresholds.items()}
    return dict(sorted({**numeric, **{f: _categorical(f, sorted(found)) for f, found in bitsets.items()}}.items()))


def _numeric(column: int, thresholds: set[float], zero: bool) -> Bins:
    edges = np.array(sorted({_floor32(t) for t in thresholds}), dtype=np.float32)
    return Bins(column, len(edges) + 2 + zero, edges, np.zeros(0, np.uint16), {}, zero)


def _categorical(column: int, bitsets: list[int]) -> Bins:
    top = max(max(s.bit_length() for s in bitsets), 1)
    kinds = {(False,) * len(bitsets): 0}
    lookup = np.zeros(top, np.uint16)
    for category in range(top):
        lookup[category] = kinds.setdefault(tuple(bool(s >> category & 1) for s in bitsets), len(kinds))
    left = {s: sum(1 << bin_ for kind, bin_ in kinds.items() if kind[i]) for i, s in enumerate(bitsets)}
    return Bins(column, len(kinds), np.zeros(0, np.float32), lookup, left, False)


def _floor32(threshold: float) -> np.float32:
    """The largest float32 that is not above: for a float32 x, ``x <= threshold`` says the same of both."""
    with np.errstate(over="ignore", under="ignore"):
        near = np.float32(threshold)
    return np.nextafter(near, np.float32(-np.inf)) if float(near) > threshold else near
