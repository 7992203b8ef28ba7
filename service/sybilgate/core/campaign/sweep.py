"""The sweep: what joining could not see, because it takes accounts as they come and looks back only a little.

Pieces of one campaign are merged, campaigns of two operators are parted, and members that resemble another campaign
more than their own move there. All of it rests on the learnt resemblance of members to profiles, and nothing grows by
a shared value as such: two campaigns are merged when the middle members of *both*, taken together, belong to the other.
A value that everybody holds is held by strangers too and says nothing, and nothing large is held together by likeness
in common things alone.

What reviewers decided stands: a dismissed campaign keeps its members and takes none, a confirmed one only takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from sybilgate.core.campaign.comparing import Recall, shared_axes, toward
from sybilgate.core.campaign.nearness import holders, near_campaigns, near_members, rarity
from sybilgate.core.campaign.parting import Parting
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.campaign.roll import Bools, Ints, Profiles, Roll, components
from sybilgate.core.campaign.sweep_limits import SweepLimits
from sybilgate.core.observation import Floats

#: Rounds over all steps, and of one step.
_ROUNDS = 24


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
        self._parting = Parting(roll, self._weight, mates, limits, self._kept, self._first_new)
        self._nearness, self._ties, self._at_home, self._elsewhere = Recall(), Recall(), Recall(), Recall()

    def merge(self) -> int:
        """Merge, best first, until no two campaigns belong together; how many went."""
        return _until_still(self._merge)

    def _merge(self) -> int:
        p = Profiles(self.roll, self.group)
        a, b, close = self._pairs(p)
        into_of, took = np.arange(p.count), np.zeros(p.count, np.bool_)
        for i in np.argsort(-close, kind="stable").tolist():
            into, gone = self._ordered(p, int(a[i]), int(b[i]))
            # What changed in this round is compared anew in the next.
            if not self._kept[p.ids[gone]] and into_of[into] == into and into_of[gone] == gone and not took[gone]:
                into_of[gone], took[into] = into, True
        self.group = p.ids[into_of[p.group]]
        return int((into_of != np.arange(p.count)).sum())

    def _pairs(self, p: Profiles) -> tuple[Ints, Ints, Floats]:
        """Pairs of campaigns that may be merged, and what the middle members of both say together.

        Pairs that nothing telling ties form chains, and of a chain of more than ``loose`` members none are merged."""
        a, b = near_campaigns(p, self._weight, *self._holders(p))
        close = np.sum(self._both(self._nearness, p, a, b, partial(toward, mates=self.mates)), axis=0)
        may = close >= self.limits.merge
        a, b, close = a[may], b[may], close[may]
        untied = np.maximum(*self._both(self._ties, p, a, b, shared_axes)) < 1
        alike = components(a[untied], b[untied], p.count)
        fits = ~untied | (np.bincount(alike, p.members)[alike[a]] <= self.limits.loose)
        return a[fits], b[fits], close[fits]

    def _both(
        self, recall: Recall, p: Profiles, a: Ints, b: Ints, measure: Callable[[Profiles, Ints, Ints], Floats]
    ) -> tuple[Floats, Floats]:
        """What campaigns ``a`` say of ``b``, and ``b`` of ``a``."""
        one, other = np.concatenate([a, b]), np.concatenate([b, a])
        said = recall.ask(p.mark[one], p.mark[other], lambda i: measure(p, one[i], other[i]))
        return said[: len(a)], said[len(a) :]

    def _ordered(self, p: Profiles, a: int, b: int) -> tuple[int, int]:
        """Who stays: the one reviewers confirmed, the larger one, the older one."""
        first = max((a, b), key=lambda c: (bool(self._kept[p.ids[c]]), int(p.members[c]), -int(p.ids[c])))
        return first, a + b - first

    def part(self) -> int:
        """Part campaigns of more than one operator; how many were parted off."""
        self.group, parted = self._parting.part(self.group)
        return parted

    def move(self) -> int:
        """Let members go where they belong more; how many did."""
        return _until_still(self._move)

    def _move(self) -> int:
        """One round; undone if it makes its movers no better off together, so that rounds come to an end."""
        p, mark = Profiles(self.roll, self.group), self.roll.mark
        own = self._at_home.ask(mark, p.mark[p.group], lambda i: p.margins(i, p.group[i], self.mates))
        alone = np.isnan(own)
        own = np.where(alone, self.limits.alone - self.limits.gain, own)
        rows = np.flatnonzero(~self._kept[self.group] & (alone | (own < self.limits.leave)))
        row, at = near_members(p, self._weight, *self._holders(p), rows)
        margin = self._elsewhere.ask(mark[row], p.mark[at], lambda i: p.margins(row[i], at[i], self.mates))
        order = np.lexsort((at, margin, row))
        best, to = np.full(len(own), -np.inf), np.zeros(len(own), np.int64)
        best[row[order]], to[row[order]] = margin[order], at[order]
        goes = np.flatnonzero(best >= own + self.limits.gain)
        untied = p.telling(goes, to[goes]) < 1
        size = p.members + np.bincount(to[goes][untied], minlength=p.count)
        goes = goes[~untied | (size[to[goes]] <= self.limits.loose)]
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


def _until_still(step: Callable[[], int]) -> int:
    total = 0
    for _ in range(_ROUNDS):
        changed = step()
        total += changed
        if not changed:
            break
    return total
