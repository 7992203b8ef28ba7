"""Small helpers for numbers: whatever is not finite or not plausible is not known."""

from __future__ import annotations

import math
from collections.abc import Mapping

Own = dict[str, float]


def number(value: float | int | None, low: float, high: float) -> float:
    """The value as a float if it lies in [low, high], else NaN."""
    if value is None or not low <= value <= high:
        return math.nan
    return float(value)


def differs(a: str | None, b: str | None) -> float:
    """1 if both are known and unequal, 0 if equal, NaN if either is not known."""
    return math.nan if a is None or b is None else float(a != b)


def outside(value: str | None, among: frozenset[str] | None) -> float:
    """1 if the value is none of ``among``, 0 if it is, NaN if either is not known or ``among`` is empty."""
    return math.nan if value is None or not among else float(value not in among)


def flag(value: bool | None) -> float:
    """0 or 1, NaN for None."""
    return math.nan if value is None else float(value)


def spread(weights: Mapping[str, float] | Mapping[int, float]) -> float:
    """Entropy in bits of weights; NaN if they add up to nothing."""
    total = math.fsum(w for w in weights.values() if w > 0)
    if not 0 < total < math.inf:
        return math.nan
    return max(0.0, -sum(w / total * math.log2(w / total) for w in weights.values() if w / total > 0))
