"""Recall: what was measured of campaigns that have not changed since is not measured again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sybilgate.core.campaign.roll import Ints, Marks
from sybilgate.core.observation import Floats

_MIX = np.uint64(0x9E3779B97F4A7C15)


class Recall:
    """Answers to one question about pairs, by the marks of both. Only the answers of the last time are kept."""

    def __init__(self) -> None:
        self._known, self._answer = np.zeros(0, np.uint64), np.zeros(0)

    def ask(self, a: Marks, b: Marks, measure: Callable[[Ints], Floats]) -> Floats:
        """[n] answers about the pairs ``(a, b)``; ``measure`` is given the places of those that are new."""
        code = (a ^ (a >> np.uint64(29))) * _MIX + b
        code = (code ^ (code >> np.uint64(32))) * _MIX
        place = np.minimum(np.searchsorted(self._known, code), max(len(self._known) - 1, 0))
        new = self._known[place] != code if len(self._known) else np.ones(len(code), np.bool_)
        answer = np.where(new, 0.0, self._answer[place] if len(self._known) else 0.0)
        rows = np.flatnonzero(new)
        answer[rows] = measure(rows)
        self._known, first = np.unique(code, return_index=True)
        self._answer = answer[first]
        return answer
