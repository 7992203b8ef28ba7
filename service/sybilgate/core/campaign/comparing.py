"""Comparing campaigns with one another: by the middle of what their latest members measure towards the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.campaign.roll import Ints, Marks, Profiles
from sybilgate.core.observation import Floats

#: Members that speak for a campaign, the latest.
_SAMPLE = 50
_MIX = np.uint64(0x9E3779B97F4A7C15)


def toward(p: Profiles, a: Ints, b: Ints, mates: Mates) -> Floats:
    """The middle log-odds with which members of campaigns ``a`` belong to ``b``."""
    return _middle(p, a, b, lambda row, at: p.margins(row, at, mates))


def shared_axes(p: Profiles, a: Ints, b: Ints) -> Floats:
    """On how many axes the middle member of campaigns ``a`` shares telling values with ``b``."""
    return _middle(p, a, b, p.telling)


def _middle(p: Profiles, a: Ints, b: Ints, measure: Callable[[Ints, Ints], Floats]) -> Floats:
    if not len(a):
        return np.zeros(0)
    order, starts = np.lexsort((-p.roll.time, p.group)), np.cumsum(p.members) - p.members
    size = np.minimum(p.members[a], _SAMPLE)
    ends, pair = np.cumsum(size), np.repeat(np.arange(len(a)), size)
    nth = np.arange(len(pair)) - np.repeat(ends - size, size)
    found = measure(order[starts[a][pair] + nth], b[pair])
    ranked = found[np.lexsort((found, pair))]
    return np.asarray(ranked[ends - size + (size - 1) // 2])


class Recall:
    """One question about pairs, and its answers of the last time: what did not change since is not measured again.

    Most campaigns are as they were when the sweep comes by again, and measuring is nearly all of its work. An answer
    must depend on who is in the two campaigns and on nothing else. Pairs are known by odd hashes of 64 bits, so 0 is
    nobody's, and among a million pairs one of ten million sweeps would find a wrong answer.
    """

    def __init__(self) -> None:
        self._known, self._answer = np.zeros(1, np.uint64), np.zeros(1)

    def ask(self, a: Marks, b: Marks, measure: Callable[[Ints], Floats]) -> Floats:
        """[n] answers about the pairs ``(a, b)``. ``measure`` is given the places of those that are new."""
        code = (a ^ (a >> np.uint64(29))) * _MIX + b
        code = (code ^ (code >> np.uint64(32))) * _MIX | np.uint64(1)
        place = np.minimum(np.searchsorted(self._known, code), len(self._known) - 1)
        new = np.flatnonzero(self._known[place] != code)
        answer = self._answer[place]
        answer[new] = measure(new)
        self._known, first = np.unique(np.append(code, np.uint64(0)), return_index=True)
        self._answer = np.append(answer, 0.0)[first]
        return answer
