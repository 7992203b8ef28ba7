"""The roll: every flagged member of every campaign as columns, and how much each resembles which campaign.

What ``joining`` asks of one account and sixteen campaigns is asked here of all members at once. A campaign's profile is
counted from who is in it now, so any change of membership is judged by the same learnt weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sybilgate.core.campaign.resemblance import COMPARED, Mates, log_ratios, mate_features
from sybilgate.core.campaign.telling import LINK_COLUMNS, telling_axes, telling_links
from sybilgate.core.identifier import KINDS
from sybilgate.core.observation import Floats

Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]
#: Comparisons at a time: bounds memory, changes nothing.
_CHUNK = 1 << 15
_IGNORED = np.setdiff1d(np.arange(len(KINDS)), COMPARED)


@dataclass(frozen=True)
class Roll:
    """Flagged members in order of joining. ``value``: [n, kinds] number of the identifier, -1 where there is none or
    where it is protected; ``share`` and ``month``: for every number, the share of recent accounts that hold it, and
    their decayed number."""

    account_id: list[str]
    time: Floats
    value: npt.NDArray[np.int32]
    share: Floats
    month: Floats

    def __len__(self) -> int:
        return len(self.account_id)

    @property
    def mark(self) -> Marks:
        """[n] a number for each member that looks drawn at random (SplitMix64 of its place)."""
        x = np.arange(1, len(self) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(x ^ (x >> np.uint64(31)))


class Profiles:
    """What the campaigns of a roll hold, given who is in which. Campaigns are numbered from 0 here: ``ids`` says which
    they are, ``group`` the number of every member's."""

    def __init__(self, roll: Roll, group: Ints) -> None:
        self.roll = roll
        self.ids, self.group = np.unique(group, return_inverse=True)
        group, self.count = self.group, len(self.ids)
        self.members = np.bincount(group, minlength=self.count)
        having = roll.value >= 0
        self._width = max(len(roll.share), 1)
        #: One line per campaign and value, campaign by campaign: how many members hold it.
        codes = (group[:, None] * self._width + roll.value)[having]
        self.code, self.held = np.unique(codes, return_counts=True)
        order, starts = np.argsort(group, kind="stable"), np.cumsum(self.members) - self.members
        kind_of = np.zeros(self._width, np.int64)
        for kind in range(len(KINDS)):
            kind_of[roll.value[having[:, kind], kind]] = kind
        lines = self.code // self._width * len(KINDS) + kind_of[self.code % self._width]
        counted = np.bincount(lines, minlength=self.count * len(KINDS)).reshape(-1, len(KINDS))
        self._distinct = counted.astype(np.float64)
        self._having = np.add.reduceat(having[order].astype(np.float64), starts, axis=0)
        self._rank = np.empty(len(roll), np.int64)
        self._rank[np.argsort(roll.time, kind="stable")] = np.arange(len(roll))
        self._line = np.sort(group * len(roll) + self._rank)
        self._clock = np.sort(roll.time)
        #: Who is in a campaign, as one number: the sum of its members' marks.
        self.mark = np.add.reduceat(roll.mark[order], starts)

    def lines(self) -> tuple[Ints, Ints, Ints]:
        """Campaign, value and members that hold it, of every line."""
        return self.code // self._width, self.code % self._width, self.held

    def margins(self, row: Ints, at: Ints, mates: Mates) -> Floats:
        """Log-odds that each member ``row`` belongs to campaign ``at``, the member itself left out of the profile.
        Not a number against a campaign of nobody else."""
        return _chunked(lambda row, at: self._margins(row, at, mates), row, at)

    def telling(self, row: Ints, at: Ints) -> Floats:
        """On how many axes each member ``row`` shares a telling value with campaign ``at``."""
        return _chunked(lambda row, at: telling_axes(self._ratios(row, at)).astype(np.float64), row, at)

    def tied(self, rows: Ints) -> Ints:
        """[n] a number for each of ``rows`` that those of a campaign share who are tied by telling values, however many
        members lie between."""
        first, second = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for begin in range(0, len(rows), _CHUNK):
            some = rows[begin : begin + _CHUNK]
            row, link = np.nonzero(telling_links(self._ratios(some, self.group[some])))
            value = self.roll.value[some[row], LINK_COLUMNS[link]]
            first.append(begin + row)
            second.append(len(rows) + np.searchsorted(self.code, self.group[some][row] * self._width + value))
        return components(np.concatenate(first), np.concatenate(second), len(rows) + len(self.code))[: len(rows)]

    def _margins(self, row: Ints, at: Ints, mates: Mates) -> Floats:
        mine = self.group[row] == at
        members = (self.members[at] - mine).astype(np.float64)
        features = mate_features(self._ratios(row, at), np.maximum(members, 1.0), self._idle(row, at, mine))
        return np.where(members > 0, mates.margins(features), np.nan)

    def _ratios(self, row: Ints, at: Ints) -> Floats:
        value, mine = self.roll.value[row], self.group[row] == at
        present = value >= 0
        code = at[:, None] * self._width + value
        place = np.minimum(np.searchsorted(self.code, code), len(self.code) - 1)
        own = present & mine[:, None]
        held = np.where(present & (self.code[place] == code), self.held[place], 0) - own
        having = self._having[at] - own
        distinct = self._distinct[at] - (own & (held == 0))
        share = np.where(present, self.roll.share[value], np.nan)
        share[:, _IGNORED] = np.nan
        month = np.where(present, self.roll.month[value], np.nan)
        return log_ratios(held.astype(np.float64), having, distinct, share, month)

    def _idle(self, row: Ints, at: Ints, mine: npt.NDArray[np.bool_]) -> Floats:
        """Seconds to the nearest other member of the campaign."""
        n = len(self.roll)
        code = at * n + self._rank[row]
        place = np.searchsorted(self._line, code)
        gaps = []
        for other in (place - 1, place + mine):
            line = self._line[np.clip(other, 0, n - 1)]
            there = (other >= 0) & (other < n) & (line // n == at)
            gaps.append(np.where(there, np.abs(self._clock[line % n] - self.roll.time[row]), np.inf))
        nearest = np.minimum(*gaps)
        return np.where(np.isfinite(nearest), nearest, 0.0)


def components(first: Ints, second: Ints, count: int) -> Ints:
    """[count] the component of each of ``count`` things, joined in pairs ``(first, second)``."""
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _chunked(measure: Callable[[Ints, Ints], Floats], row: Ints, at: Ints) -> Floats:
    parts = [measure(row[i : i + _CHUNK], at[i : i + _CHUNK]) for i in range(0, len(row), _CHUNK)]
    return np.concatenate([np.zeros(0), *parts])
