"""The sweep: what joining could not see, because it takes accounts as they come and looks back only a little.

Pieces of one campaign are merged, campaigns of two operators are parted, and members that resemble another campaign
more than their own move there. All of it rests on the learnt resemblance of members to profiles, and nothing grows by
a shared value as such: two campaigns are merged only when the middle member of *each* belongs to the other, and a value
that everybody holds is held by strangers too and says nothing.

What reviewers decided stands: a dismissed campaign keeps its members and takes none, a confirmed one only takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.nearness import holders, near_campaigns, near_members, rarity
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.campaign.roll import Ints, Profiles, Roll
from sybilgate.core.observation import Floats

#: Members that speak for a campaign, the latest.
_SAMPLE = 50
#: Rounds over all steps, and of one step; values tried to part a campaign by, and turns to settle its two sides.
_ROUNDS, _TRIES, _TURNS = 24, 3, 4
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SweepLimits:
    """Log-odds, chosen on four simulated worlds, two of either attacker.

    ``merge``: of the middle member of each campaign towards the other, at least. That is far below even, because the
    pieces of a campaign are pieces for being unlike, and that the middle members of *both* agree is much to ask of
    strangers. ``part``: of the same for the two sides of one campaign, at most, and they must not share telling values
    on ``tied`` axes: a rack of three kinds of machine is one operator's rack. ``leave``: a member with less in its own
    campaign may move, to one where it has ``gain`` more; ``alone``: what an account that is its campaign's only member
    needs to give that up.
    """

    merge: float = -3.0
    part: float = -4.0
    tied: int = 2
    leave: float = 0.0
    gain: float = 1.0
    alone: float = -1.0


@dataclass(frozen=True)
class Decided:
    """What reviewers said, by campaign number: ``closed`` gives and takes nobody, ``kept`` gives nobody."""

    closed: Bools
    kept: Bools


def swept(
    roll: Roll, group: Ints, decided: Decided, mates: Mates, limits: SweepLimits,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Ints:  # fmt: skip
    """[n] the campaign of every member after the sweep, by number; numbers from ``len(decided.closed)`` on are new.

    All steps are repeated until none changes anything, so that a second sweep finds nothing to do.
    """
    work = _Sweep(roll, group, decided, mates, limits)
    seen: dict[bytes, int] = {}
    states: list[Ints] = []
    for turn in range(_ROUNDS if len(roll) else 0):
        tell(turn, _ROUNDS)
        shape = _shape(work.group)
        if shape in seen:
            # Steps that undo each other: whichever grouping of the circle one begins with, the same one is chosen.
            circle = states[seen[shape] :]
            work.group = min(circle, key=_shape)
            break
        seen[shape] = len(states)
        states.append(work.group)
        if not work.merge() + work.part() + work.move():
            break
    tell(_ROUNDS, _ROUNDS)
    return work.group


def _shape(group: Ints) -> bytes:
    """Who is with whom, whatever the campaigns are called."""
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    return first[inverse].astype("<i8").tobytes()


class _Sweep:
    """Who is in which campaign while the sweep runs, in ``group``."""

    def __init__(self, roll: Roll, group: Ints, decided: Decided, mates: Mates, limits: SweepLimits) -> None:
        self.roll, self.group, self.mates, self.limits = roll, group.copy(), mates, limits
        spare = np.zeros(len(roll), np.bool_)
        self._closed = np.concatenate([decided.closed, spare])
        self._kept = np.concatenate([decided.kept | decided.closed, spare])
        self._first_new = len(decided.closed)
        self._weight = rarity(roll)

    def merge(self) -> int:
        """Merge, best first, until no two campaigns belong together; how many went."""
        return _until_still(self._merge)

    def _merge(self) -> int:
        p = Profiles(self.roll, self.group)
        a, b = near_campaigns(p, self._weight, *self._holders(p))
        close = np.minimum(self._toward(p, a, b), self._toward(p, b, a))
        into_of, took = np.arange(p.count), np.zeros(p.count, np.bool_)
        for i in np.argsort(-close, kind="stable").tolist():
            if not close[i] >= self.limits.merge:
                break
            into, gone = self._ordered(p, int(a[i]), int(b[i]))
            # What changed in this round is compared anew in the next.
            if not self._kept[p.ids[gone]] and into_of[into] == into and into_of[gone] == gone and not took[gone]:
                into_of[gone], took[into] = into, True
        self.group = p.ids[into_of[p.group]]
        return int((into_of != np.arange(p.count)).sum())

    def _ordered(self, p: Profiles, a: int, b: int) -> tuple[int, int]:
        """Who stays: the one reviewers confirmed, the larger one, the older one."""
        first = max((a, b), key=lambda c: (bool(self._kept[p.ids[c]]), int(p.members[c]), -int(p.ids[c])))
        return first, a + b - first

    def part(self) -> int:
        """Part campaigns whose members fall into two that do not belong together; how many."""
        return sum(self._part(choice) for choice in range(_TRIES))

    def _part(self, choice: int) -> int:
        p = Profiles(self.roll, self.group)
        seed = self._seeds(p, choice)[p.group]
        rows = np.flatnonzero(seed >= 0)
        side = (self.roll.value == seed[:, None]).any(axis=1) & (seed >= 0)
        for _ in range(_TURNS):
            q = Profiles(self.roll, 2 * p.group + side)
            left, right = (self._margin_to(q, rows, 2 * p.group[rows] + s) for s in (0, 1))
            if (side[rows] == (right > left)).all():
                break
            side[rows] = right > left
        q = Profiles(self.roll, 2 * p.group + side)
        a = np.flatnonzero(np.isin(q.ids, q.ids ^ 1) & (q.ids % 2 == 0))
        b = a + 1
        apart = np.maximum(self._toward(q, a, b), self._toward(q, b, a)) < self.limits.part
        apart &= np.minimum(q.members[a], q.members[b]) > 1
        a, b = a[apart], b[apart]
        apart = np.minimum(self._middle(q, a, b, q.telling), self._middle(q, b, a, q.telling)) < self.limits.tied
        for c in np.where(q.members[a] > q.members[b], b, a)[apart].tolist():
            mine = np.flatnonzero(q.group == c)
            self.group = self.group.copy()
            self.group[mine] = self._first_new + mine[0]
        return int(apart.sum())

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

    def move(self) -> int:
        """Let members go where they belong more; how many did."""
        return _until_still(self._move)

    def _move(self) -> int:
        """One round; undone if it makes its movers no better off together, so that rounds come to an end."""
        p, rows = Profiles(self.roll, self.group), np.arange(len(self.roll))
        own = p.margins(rows, p.group, self.mates)
        alone = np.isnan(own)
        own = np.where(alone, self.limits.alone - self.limits.gain, own)
        rows = rows[~self._kept[self.group] & (alone | (own < self.limits.leave))]
        row, at = near_members(p, self._weight, *self._holders(p), rows)
        margin = p.margins(row, at, self.mates)
        order = np.lexsort((at, margin, row))
        best, to = np.full(len(own), -np.inf), np.zeros(len(own), np.int64)
        best[row[order]], to[row[order]] = margin[order], at[order]
        goes = np.flatnonzero(best >= own + self.limits.gain)
        after = self.group.copy()
        after[goes] = p.ids[to[goes]]
        there = self._own(after, goes)
        if not there.sum() > own[goes].sum() + 1e-6:
            return 0
        self.group = after
        return len(goes)

    def _own(self, group: Ints, rows: Ints) -> Floats:
        """Log-odds of members for the campaigns they are in."""
        p = Profiles(self.roll, group)
        own = p.margins(rows, p.group[rows], self.mates)
        return np.where(np.isnan(own), self.limits.alone - self.limits.gain, own)

    def _holders(self, p: Profiles) -> tuple[Ints, Ints]:
        return holders(p, self._weight, self._closed[p.ids])

    def _margin_to(self, p: Profiles, row: Ints, wanted: Ints) -> Floats:
        """Margins towards campaigns by id; minus infinity where nobody else is in it."""
        at = np.minimum(np.searchsorted(p.ids, wanted), p.count - 1)
        margin = p.margins(row, at, self.mates)
        return np.where((p.ids[at] != wanted) | np.isnan(margin), -np.inf, margin)

    def _toward(self, p: Profiles, a: Ints, b: Ints) -> Floats:
        """The middle log-odds with which the latest members of campaigns ``a`` belong to ``b``."""
        return self._middle(p, a, b, lambda row, at: p.margins(row, at, self.mates))

    def _middle(self, p: Profiles, a: Ints, b: Ints, measure: Callable[[Ints, Ints], Floats]) -> Floats:
        """The middle of what the latest members of campaigns ``a`` measure towards ``b``."""
        if not len(a):
            return np.zeros(0)
        order, starts = np.lexsort((-self.roll.time, p.group)), np.cumsum(p.members) - p.members
        size = np.minimum(p.members[a], _SAMPLE)
        ends, pair = np.cumsum(size), np.repeat(np.arange(len(a)), size)
        nth = np.arange(len(pair)) - np.repeat(ends - size, size)
        found = measure(order[starts[a][pair] + nth], b[pair])
        ranked = found[np.lexsort((found, pair))]
        return np.asarray(ranked[ends - size + (size - 1) // 2])


def _until_still(step: Callable[[], int]) -> int:
    total = 0
    for _ in range(_ROUNDS):
        changed = step()
        total += changed
        if not changed:
            break
    return total
