"""Random families a supply chain shows: ranked demand, lots that grow as they are used, shares, heavy tails."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Generic, TypeVar

from sybilgate.simulate.tables import Weighted

T = TypeVar("T")


@lru_cache(maxsize=256)
def _ranks(count: int, power: float) -> Weighted[int]:
    return Weighted((rank, (rank + 1.0) ** -power) for rank in range(count))


def zipf(rng: Random, count: int, power: float = 1.1) -> int:
    """A rank below ``count``; rank r in proportion to (r + 1) ** -power."""
    return _ranks(count, power).draw(rng)


def heavy(rng: Random, least: float, most: float, tail: float) -> float:
    """A Pareto value cut to [least, most]; the smaller ``tail``, the more mass far out."""
    if most <= least:
        return least
    kept = 1.0 - (least / most) ** tail
    return float(min(most, least * (1.0 - kept * rng.random()) ** (-1.0 / tail)))


def shares(rng: Random, count: int, alpha: float) -> list[float]:
    """A Dirichlet draw: small ``alpha`` gives one large share and crumbs."""
    parts = [rng.gammavariate(alpha, 1.0) + 1e-9 for _ in range(count)]
    return [part / sum(parts) for part in parts]


class Lots(Generic[T]):
    """A Pitman-Yor urn: what was used often is used again, and now and then a new lot is opened.

    ``fresh`` and ``discount`` say how readily a new one is opened; none is used more than ``cap`` times.
    """

    def __init__(
        self, rng: Random, make: Callable[[], T], fresh: float = 1.0, discount: float = 0.0, cap: int = 1_000_000
    ) -> None:
        self._rng, self._make, self._fresh, self._discount, self._cap = rng, make, fresh, discount, cap
        self._items: list[T] = []
        self._counts: list[int] = []

    def draw(self) -> T:
        weights = [count - self._discount if count < self._cap else 0.0 for count in self._counts]
        new = self._fresh + self._discount * len(weights)
        if self._rng.random() * (sum(weights) + new) < new:
            self._items.append(self._make())
            self._counts.append(1)
            return self._items[-1]
        index = self._rng.choices(range(len(weights)), weights)[0]
        self._counts[index] += 1
        return self._items[index]
