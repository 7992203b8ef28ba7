"""Parting: campaigns in which two operators, or many, were taken for one."""

from __future__ import annotations

import numpy as np

from sybilgate.core.campaign.book import Limits
from sybilgate.core.campaign.comparing import shared_axes, toward
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.campaign.roll import Bools, Ints, Profiles, Roll, components
from sybilgate.core.campaign.sweep_limits import SweepLimits
from sybilgate.core.observation import Floats

#: Values tried to part a campaign by, and turns to settle its two sides.
_TRIES, _TURNS = 3, 4
#: Fewer members than a campaign is shown from stay where they are, though nothing ties them to it.
_SHOWN = Limits().shown
#: Other pieces of its campaign that a piece is compared with, of either side.
_NEXT = 64


class Parting:
    """Parts the campaigns of a grouping.

    ``weight``: nats of rarity of every value that may be looked up, else 0; ``kept``: by number, the campaigns that
    give nobody; what is parted off is numbered from ``first_new`` on."""

    def __init__(
        self, roll: Roll, weight: Floats, mates: Mates, limits: SweepLimits, kept: Bools, first_new: int
    ) -> None:
        self._roll, self._weight, self._mates, self._limits = roll, weight, mates, limits
        self._kept, self._first_new = kept, first_new
        #: Campaigns that were tried and held, by who is in them: by their ties, and for each choice of a value.
        self._whole = np.zeros(0, np.uint64)
        self._held = [np.zeros(0, np.uint64)] * _TRIES

    def part(self, group: Ints) -> tuple[Ints, int]:
        """The grouping after, and how many campaigns were parted off."""
        group, total = self._loosen(group)
        for choice in range(_TRIES):
            group, parted = self._split(group, choice)
            total += parted
        return group, total

    def _loosen(self, group: Ints) -> tuple[Ints, int]:
        """Part campaigns into what telling values hold together: large ones always, others where pieces are unlike."""
        p = Profiles(self._roll, group)
        q, of, core = self._pieces(p, ~self._kept[p.ids] & ~np.isin(p.mark, self._whole))
        large, piece = p.members[of] > self._limits.loose, (q.members >= _SHOWN) & (core[of] != np.arange(q.count))
        kin = np.where(large, np.arange(q.count), self._alike(q, of, core, piece & ~large))
        goes = piece & (kin != kin[core[of]])
        self._whole = np.delete(p.mark, of[goes])
        return self._named(np.where(goes[q.group], len(self._kept) + kin[q.group], group)), len(np.unique(kin[goes]))

    def _pieces(self, p: Profiles, asked: Bools) -> tuple[Profiles, Ints, Ints]:
        """Members by what ties them in the campaigns ``asked``, else by campaign; the campaign of every piece, and the
        largest piece of every campaign."""
        rows = np.flatnonzero(asked[p.group])
        tie = len(rows) + len(p.code) + p.group
        tie[rows] = p.tied(rows)
        q = Profiles(self._roll, tie)
        of, core = np.zeros(q.count, np.int64), np.zeros(p.count, np.int64)
        of[q.group] = p.group
        order = np.argsort(q.members, kind="stable")
        core[of[order]] = order
        return q, of, core

    def _alike(self, q: Profiles, of: Ints, core: Ints, piece: Bools) -> Ints:
        """[pieces] a number that those share who would be merged for their likeness, one after the other."""
        some = np.union1d(np.flatnonzero(piece), core[of[piece]])
        some = some[np.argsort(of[some], kind="stable")]
        pairs = [(some[:0], some[:0])]
        for d in range(1, min(_NEXT, len(some))):
            same = of[some[d:]] == of[some[:-d]]
            pairs.append((some[:-d][same], some[d:][same]))
        a, b = (np.concatenate(side) for side in zip(*pairs, strict=True))
        close = toward(q, a, b, self._mates) + toward(q, b, a, self._mates) >= self._limits.merge
        return components(a[close], b[close], q.count)

    def _split(self, group: Ints, choice: int) -> tuple[Ints, int]:
        """Part campaigns whose members fall into two that do not belong together."""
        p = Profiles(self._roll, group)
        seeds = np.where(np.isin(p.mark, self._held[choice]), -1, self._seeds(p, choice))
        side = self._sides(p, seeds[p.group])
        q = Profiles(self._roll, 2 * p.group + side)
        a = np.flatnonzero(np.isin(q.ids, q.ids ^ 1) & (q.ids % 2 == 0))
        b = a + 1
        apart = np.maximum(toward(q, a, b, self._mates), toward(q, b, a, self._mates)) < self._limits.part
        apart &= np.minimum(q.members[a], q.members[b]) > 1
        a, b = a[apart], b[apart]
        apart = np.minimum(shared_axes(q, a, b), shared_axes(q, b, a)) < self._limits.tied
        a, b = a[apart], b[apart]
        self._held[choice] = np.delete(p.mark, q.ids[a] // 2)
        goes = np.isin(q.group, np.where(q.members[a] > q.members[b], b, a))
        return self._named(np.where(goes, len(self._kept) + q.group, group)), len(a)

    def _named(self, group: Ints) -> Ints:
        """New campaigns are named after their first members: all at once, so that no name is taken twice."""
        ids, first, which = np.unique(group, return_index=True, return_inverse=True)
        return np.asarray(np.where(ids < self._first_new, ids, self._first_new + first)[which])

    def _sides(self, p: Profiles, seed: Ints) -> Bools:
        """[n] on which side of its campaign everybody is: who holds ``seed`` against the others, then who belongs
        where."""
        rows = np.flatnonzero(seed >= 0)
        side: Bools = (self._roll.value == seed[:, None]).any(axis=1) & (seed >= 0)
        for _ in range(_TURNS):
            q = Profiles(self._roll, 2 * p.group + side)
            left, right = (self._margin_to(q, rows, 2 * p.group[rows] + s) for s in (0, 1))
            if (side[rows] == (right > left)).all():
                break
            side[rows] = right > left
        return side

    def _margin_to(self, p: Profiles, row: Ints, wanted: Ints) -> Floats:
        """Margins towards campaigns by id; minus infinity where nobody else is in it."""
        at = np.minimum(np.searchsorted(p.ids, wanted), p.count - 1)
        margin = p.margins(row, at, self._mates)
        return np.where((p.ids[at] != wanted) | np.isnan(margin), -np.inf, margin)

    def _seeds(self, p: Profiles, choice: int) -> Ints:
        """[campaigns] a rare value that some members hold and others do not, the ``choice``-th best; -1 for none."""
        at, value, held = p.lines()
        rest = p.members[at] - held
        worth = np.where((held > 1) & (rest > 1), np.minimum(held, rest) * self._weight[value], 0.0)
        use = (worth > 0) & ~self._kept[p.ids[at]]
        at, value, worth = at[use], value[use], worth[use]
        order = np.lexsort((value, -worth, at))
        place, end = (np.searchsorted(at[order], np.arange(p.count), side=s) for s in ("left", "right"))
        seeds = np.full(p.count, -1)
        there = place + choice < end
        seeds[there] = value[order[place[there] + choice]]
        return seeds
