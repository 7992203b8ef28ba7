"""Columns: the few small integers per row from which every condition is read with ``column > cut``.

For each feature there are two columns: its bin, with NaN above all intervals, and the same with NaN below them. So a
split of a numeric feature is one comparison whichever way it sends NaN, and a feature's parts in a table are counted by
comparisons (the part's place is how many cuts lie below), which vectorise over rows. What does not come apart in
intervals (categories, zero as missing) gets a column of its own, looked up from the bin.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sybilgate.core.explanation.binning import Bins

#: One comparison: column, cut.
Cut = tuple[int, int]


@dataclass(slots=True)
class Columns:
    """Hands out columns while a model is compiled. ``looked_up``: place of the feature, what each bin becomes."""

    bins: dict[int, Bins]
    looked_up: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    _known: dict[tuple[int, tuple[int, ...]], int] = field(default_factory=dict)
    _places: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {feature: place for place, feature in enumerate(self.bins)}

    def place(self, feature: int) -> int:
        """Where a feature stands among those in use; its columns are twice that and the next."""
        return self._places[feature]

    def order(self, feature: int, parts: list[int]) -> tuple[list[int], list[Cut]]:
        """Parts in the order in which the number of cuts below a bin counts them, and those cuts."""
        return self._intervals(feature, parts) or self._lookup(feature, parts)

    def _intervals(self, feature: int, parts: list[int]) -> tuple[list[int], list[Cut]] | None:
        bins = self.bins[feature]
        if bins.categorical or bins.zero:
            return None
        # Every part must be one run of intervals, or the NaN bin alone.
        inside = (1 << bins.missing) - 1
        runs = sorted((part for part in parts if part & inside), key=lambda part: part & inside)
        ends = [(part & inside).bit_length() - 1 for part in runs]
        starts = [0, *(end + 1 for end in ends[:-1])]
        if any(part & inside != (2 << end) - (1 << start) for part, start, end in zip(runs, starts, ends, strict=True)):
            return None
        order = runs + [part for part in parts if not part & inside]
        missing = next(i for i, part in enumerate(order) if part >> bins.missing & 1)
        nan_high = 2 * self.place(feature)
        cuts = [(nan_high if i < missing else nan_high + 1, end) for i, end in enumerate(ends[: len(order) - 1])]
        return order, cuts

    def _lookup(self, feature: int, parts: list[int]) -> tuple[list[int], list[Cut]]:
        values = np.zeros(self.bins[feature].size, np.int64)
        for place, part in enumerate(parts):
            values[[i for i in range(len(values)) if part >> i & 1]] = place
        key = (self.place(feature), tuple(values.tolist()))
        if key not in self._known:
            self._known[key] = 2 * len(self.bins) + len(self.looked_up)
            self.looked_up.append(key)
        return parts, [(self._known[key], cut) for cut in range(len(parts) - 1)]
