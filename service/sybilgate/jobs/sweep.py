"""The sweep as a job: look at every campaign with fresh eyes, beside a service that goes on.

Nothing is kept between sweeps. One that was stopped is simply run again: what it had written is whole, and what it had
not is found again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sybilgate.app.census import Census, take_census
from sybilgate.app.moving import Mover, steps_of
from sybilgate.app.ports import Reviews
from sybilgate.core.campaign.book import Limits
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.campaign.roll import Ints, Profiles
from sybilgate.core.campaign.sweep import swept
from sybilgate.core.campaign.sweep_limits import SweepLimits
from sybilgate.core.identifier import Key

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SweepReport:
    """``before`` and ``after``: campaigns; ``changed``: steps, each a transaction; ``moved``: members
    that changed campaign by them. On a dry run, what would be."""

    members: int
    before: int
    after: int
    merged: int
    founded: int
    changed: int
    moved: int


@dataclass(frozen=True)
class Sweeper:
    """``clock``: unix seconds, for the history of campaigns only."""

    store: Reviews
    mates: Mates
    limits: Limits
    protected: frozenset[Key]
    clock: Callable[[], float]
    sweep_limits: SweepLimits = field(default_factory=SweepLimits)

    def run(self, dry: bool = False, tell: Tell = lambda stage, done, total: None) -> SweepReport:
        """Sweep once. ``dry``: say what would change and write nothing."""
        census = take_census(self.store, self.protected, lambda done: tell("read", done, 0))
        after = swept(
            census.roll, census.group, census.decided, self.mates, self.sweep_limits,
            lambda done, total: tell("compare", done, total),
        )  # fmt: skip
        steps = steps_of(census.group, after, len(census.campaigns))
        moved = int((after != census.group).sum())
        mover = Mover(census, self._margins(census, after), self.limits, self.protected, self.clock())
        if not dry:
            moved = 0
            for done, step in enumerate(steps):
                tell("write", done, len(steps))
                with self.store.unit() as unit:
                    moved += mover.write(unit, step)
        founded = {step.target for step in steps if step.target >= len(census.campaigns)}
        merged = sum(step.whole for step in steps)
        count = len(census.campaigns)
        return SweepReport(len(after), count, len(np.unique(after)), merged, len(founded), len(steps), moved)

    def _margins(self, census: Census, after: Ints) -> dict[int, float]:
        """Log-odds of everybody who moves for the campaign he moves to."""
        rows = np.flatnonzero(after != census.group)
        if not len(rows):
            return {}
        profiles = Profiles(census.roll, after)
        margins = profiles.margins(rows, profiles.group[rows], self.mates)
        return dict(zip(rows.tolist(), margins.tolist(), strict=True))
