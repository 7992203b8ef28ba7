"""Nearness: which campaigns are worth comparing, in bounded work.

A value leads to the largest few campaigns that hold it, and only while it is rare; of what it leads to, a campaign or a
member looks at those with which it shares the most, counted by rarity. Nothing is decided here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.roll import Ints, Profiles, Roll
from sybilgate.core.campaign.telling import LINK_COLUMNS
from sybilgate.core.observation import Floats

#: Campaigns looked at per value, the largest; campaigns that a campaign or a member is compared with.
_PER_VALUE, _MOST = 8, 16
#: A value with more accounts a month says nothing about who may belong together: it is not looked up.
_HUB = 3000.0


def rarity(roll: Roll) -> Floats:
    """Nats of rarity of every value that may be looked up; 0 for the others."""
    out = np.zeros(len(roll.share))
    linking = roll.value[:, LINK_COLUMNS]
    named = np.unique(linking[linking >= 0])
    out[named] = np.where(roll.month[named] < _HUB, -np.log(roll.share[named]), 0.0)
    return out


def holders(profiles: Profiles, weight: Floats, closed: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """(value, campaign) sorted by value, the largest campaigns of each. ``closed``: campaigns not to be looked at."""
    at, value, _ = profiles.lines()
    use = (weight[value] > 0) & ~closed[at]
    at, value = at[use], value[use]
    order = np.lexsort((at, -profiles.members[at], value))
    at, value = at[order], value[order]
    use = _ranks(value) < _PER_VALUE
    return value[use], at[use]


def near_campaigns(profiles: Profiles, weight: Floats, value: Ints, at: Ints) -> tuple[Ints, Ints]:
    """Pairs of campaigns, each once. ``value`` and ``at``: of ``holders``."""
    codes, weights = [np.zeros(0, np.int64)], [np.zeros(0)]
    for d in range(1, min(_PER_VALUE, len(value))):
        same = np.flatnonzero(value[d:] == value[:-d])
        low, high = np.minimum(at[same], at[same + d]), np.maximum(at[same], at[same + d])
        codes.append(low * profiles.count + high)
        weights.append(weight[value[same]])
    code, total = _summed(np.concatenate(codes), np.concatenate(weights))
    a, b = code // profiles.count, code % profiles.count
    near = _top(a, total) | _top(b, total)
    return a[near], b[near]


def near_members(profiles: Profiles, weight: Floats, value: Ints, at: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """(member, other campaign) in pairs, for the members ``rows``."""
    number = np.arange(len(weight))
    first, end = np.searchsorted(value, number), np.searchsorted(value, number, side="right")
    codes, weights = [np.zeros(0, np.int64)], [np.zeros(0)]
    for k in LINK_COLUMNS.tolist():
        mine = rows[profiles.roll.value[rows, k] >= 0]
        held = profiles.roll.value[mine, k]
        for d in range(_PER_VALUE):
            has = first[held] + d < end[held]
            codes.append(mine[has] * profiles.count + at[first[held[has]] + d])
            weights.append(weight[held[has]])
    code, total = _summed(np.concatenate(codes), np.concatenate(weights))
    row, found = code // profiles.count, code % profiles.count
    other = profiles.group[row] != found
    row, found, total = row[other], found[other], total[other]
    near = _top(row, total)
    return row[near], found[near]


def _summed(code: Ints, weight: Floats) -> tuple[Ints, Floats]:
    found, inverse = np.unique(code, return_inverse=True)
    return found, np.bincount(inverse, weight, len(found)).astype(np.float64)


def _top(group: Ints, weight: Floats) -> npt.NDArray[np.bool_]:
    """Which are among the weightiest of their group."""
    order = np.lexsort((-weight, group))
    out = np.zeros(len(group), np.bool_)
    out[order[_ranks(group[order]) < _MOST]] = True
    return out


def _ranks(ordered: Ints) -> Ints:
    """Place of each in its run of equals."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return np.arange(len(ordered)) - np.repeat(first, np.diff(np.append(first, len(ordered))))
