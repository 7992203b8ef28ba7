"""Splitting: the flagged members of a campaign that hold one of its values get a campaign of their own, by a reviewer's
word.

What moves and how it is written is the sweep's; only the choice is a person's. It says nothing of anybody: nobody is
labelled. A sweep may bring two open campaigns together again, so one part should be decided on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sybilgate.app.campaigns import Campaigns
from sybilgate.app.census import Census, census_of
from sybilgate.app.moving import CHUNK, Mover, Step
from sybilgate.app.ports import Reviews
from sybilgate.core.campaign.book import Limits
from sybilgate.core.campaign.records import CampaignState, Change, ChangeRecord, MemberRecord, Role
from sybilgate.core.identifier import Key, to_words
from sybilgate.core.state import unpack_keys
from sybilgate.errors import CampaignClosed, InvalidInput

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Parts:
    """How many flagged members hold the value, and how many do not; ``ref``: the new campaign, 0 if none was made."""

    moving: int
    staying: int
    ref: int = 0


@dataclass(frozen=True)
class Splitter:
    """``limits``: when a campaign is large enough to be shown."""

    store: Reviews
    limits: Limits
    protected: frozenset[Key]
    clock: Callable[[], float]

    def preview(self, ref: int, key: Key) -> Parts:
        """What a split would do. Raises NotFound, CampaignClosed or InvalidInput."""
        moving, staying = self._parts(ref, key)
        return Parts(len(moving), staying)

    def split(self, ref: int, key: Key, reviewer: str, reason: str) -> Parts:
        """Do it. Said twice, the second finds nobody left to move and raises InvalidInput."""
        moving, staying = self._parts(ref, key)
        census = census_of(self.store, self.protected, moving)
        mover = Mover(census, {}, self.limits, self.protected, self.clock(), silent=True)
        moved = sum(self._move(mover, rows) for rows in _chunks(census))
        target = mover.names.get(1, 0)
        if target:
            with self.store.unit() as unit:
                rows = unit.campaigns([ref, target])
                unit.append_changes([
                    ChangeRecord(one, mover.time, int(Change.SPLIT), other, rows[one].members, reviewer, reason)
                    for one, other in ((ref, target), (target, ref))
                ])  # fmt: skip
        return Parts(moved, staying, target)

    def _move(self, mover: Mover, rows: tuple[int, ...]) -> int:
        with self.store.unit() as unit:
            return mover.write(unit, Step(0, 1, rows, False))

    def _parts(self, ref: int, key: Key) -> tuple[list[MemberRecord], int]:
        record = Campaigns(self.store).get(ref)
        if record.state != CampaignState.OPEN or Campaigns(self.store).standing(ref).agreed is not None:
            raise CampaignClosed("the campaign is decided on")
        members = self._flagged(ref)
        held = set(self._holders(members, key))
        if len(held) in (0, len(members)):
            raise InvalidInput([("link", "is held by all flagged members" if held else "is held by no flagged member")])
        return [member for member in members if member.account_id in held], len(members) - len(held)

    def _flagged(self, ref: int) -> list[MemberRecord]:
        found: list[MemberRecord] = []
        after: tuple[float, str] | None = None
        while page := self.store.members_page(ref, _PAGE, after):
            after = page[-1].join_time, page[-1].account_id
            found += [member for member in page if member.role == Role.FLAGGED]
        return found

    def _holders(self, members: list[MemberRecord], key: Key) -> list[str]:
        word = to_words(key)[0]
        found: list[str] = []
        for start in range(0, len(members), _PAGE):
            accounts = self.store.accounts([member.account_id for member in members[start : start + _PAGE]])
            names = list(accounts)
            holds = (unpack_keys([accounts[name].keys for name in names]) == word).all(axis=2).any(axis=1)
            found += [name for name, one in zip(names, holds.tolist(), strict=True) if one]
        return found


def _chunks(census: Census) -> list[tuple[int, ...]]:
    rows = range(len(census.members))
    return [tuple(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)]
