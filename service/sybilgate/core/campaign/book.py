"""The book of a batch: what is known of the campaigns near it, and what the batch changes in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.growth import grown, merged, shrunk
from sybilgate.core.campaign.records import (
    CampaignRecord,
    CampaignState,
    Change,
    ChangeRecord,
    MemberRecord,
    Role,
    SharedValue,
)
from sybilgate.core.campaign.telling import significance
from sybilgate.core.identifier import COLUMN, KINDS, Key, Kind
from sybilgate.core.observation import Floats

#: Campaigns an account is compared with.
_MOST = 16


@dataclass(frozen=True)
class Limits:
    """When an account joins (log-odds), when it merges two campaigns, and when one that nobody flagged is linked.

    A campaign is shown from ``shown`` flagged members on; larger ones than ``merged_members`` are merged by the sweep
    only; ``axes`` independent axes of telling values are needed before a campaign raises anybody's decision. From the
    risk ``watch`` on an account is watched: likeness of ``pull`` log-odds to a campaign then raises its decision, and
    one axis is enough, for its own risk is the other voice.
    """

    join: float = 0.0
    merge: float = 3.0
    link: float = 3.0
    shown: int = 3
    merged_members: int = 64
    axes: int = 2
    watch: float = math.inf
    pull: float = 0.0


@dataclass(frozen=True)
class Known:
    """What the store says of the campaigns near a batch. ``values``: members per identifier, by campaign."""

    campaigns: Mapping[int, CampaignRecord] = field(default_factory=dict)
    values: Mapping[int, Mapping[Key, int]] = field(default_factory=dict)
    members: Mapping[str, MemberRecord] = field(default_factory=dict)
    protected: frozenset[Key] = frozenset()


class Book:
    """Campaigns while a batch runs. Everything to be written is in ``changed``, ``values``, ``joined``, ``merges`` and
    ``history``; merges are to be written first, then the rest."""

    most = _MOST

    def __init__(self, known: Known) -> None:
        self.campaigns = dict(known.campaigns)
        self.members = dict(known.members)
        self.protected = known.protected
        #: Members that have each kind of identifier, and different values of it among them.
        self.kinds = {ref: _counts(row.kinds) for ref, row in known.campaigns.items()}
        #: Where a build that did not count them wrote the row, all are taken for different: that speaks against nobody.
        self.variety = {
            ref: _counts(row.kinds if row.variety is None else row.variety) for ref, row in known.campaigns.items()
        }
        self._held: dict[int, dict[Key, int]] = {ref: dict(counts) for ref, counts in known.values.items()}
        self._changed: dict[int, None] = {}
        self._added: dict[int, dict[Key, tuple[int, float, float]]] = {}
        self._joined: dict[str, None] = {}
        self.merges: list[tuple[int, int]] = []
        self.history: list[ChangeRecord] = []

    def root(self, ref: int) -> int:
        """The campaign a campaign has become part of; itself if of none."""
        row = self.campaigns.get(ref)
        while row is not None and row.state == CampaignState.MERGED:
            ref, row = row.merged_into, self.campaigns.get(row.merged_into)
        return ref

    def size(self, ref: int) -> int:
        """Flagged members."""
        return self.campaigns[ref].members

    def held(self, ref: int, keys: Sequence[Key | None]) -> list[int]:
        """How many members of a campaign hold each of these identifiers."""
        counts = self._held.get(ref, {})
        return [counts.get(key, 0) if key else 0 for key in keys]

    def found(self, ref: int, time: float) -> int:
        """A campaign of an account's own; the one it founded before, if there is one."""
        at = self.root(ref)
        if at not in self.campaigns:
            self.campaigns[at] = self._blank(at, time)
        return at

    def add(
        self, ref: int, account_id: str, role: Role, keys: Sequence[Key | None], time: float, risk: float,
        margin: float, evidence: str,
    ) -> None:  # fmt: skip
        """Let an account join. Only a flagged one counts in the profile and in growth."""
        row, before = self.campaigns[ref], self.members.get(account_id)
        if before is not None:
            old = self.root(before.campaign)
            self._change(replace(self.campaigns[old], linked=self.campaigns[old].linked - 1))
            row = self.campaigns[ref]
        self.members[account_id] = MemberRecord(account_id, ref, int(role), time, risk, margin, evidence)
        self._joined[account_id] = None
        if role == Role.LINKED:
            self._change(replace(row, linked=row.linked + 1))
            return
        counts, added = self._held.setdefault(ref, {}), self._added.setdefault(ref, {})
        kinds, distinct = self.kinds[ref], self.variety[ref]
        for k, key in enumerate(keys):
            if key and key not in self.protected:
                before_it = counts.get(key, 0)
                counts[key] = before_it + 1
                added[key] = _wider(added.get(key), (1, time, time))
                kinds[k] += 1
                distinct[k] += before_it == 0
        self._change(self._counted(grown(row, time, risk)))

    def leave(self, account_id: str, keys: Sequence[Key | None]) -> MemberRecord:
        """Let a flagged member go from its campaign; what it was there. Values nobody is known to hold stay at none."""
        member = self.members.pop(account_id)
        ref, time = member.campaign, member.join_time
        counts = self._held.setdefault(ref, {})
        added, kinds, distinct = self._added.setdefault(ref, {}), self.kinds[ref], self.variety[ref]
        for k, key in enumerate(keys):
            if key and counts.get(key, 0) > 0:
                counts[key] -= 1
                added[key] = _wider(added.get(key), (-1, time, time))
                kinds[k] = max(kinds[k] - 1, 0)
                distinct[k] = max(distinct[k] - (counts[key] == 0), 0)
        self._change(self._counted(shrunk(self.campaigns[ref], time, member.risk)))
        return member

    def judge(self, ref: int, keys: Sequence[Key | None], share: Floats, limits: Limits) -> None:
        """After a member came: how surprising what it shares is, and whether the campaign is to be shown."""
        row = self.campaigns[ref]
        decades = significance(np.array(self.held(ref, keys), np.float64), self.kinds[ref], share)
        row = replace(row, significance=max(row.significance, decades))
        if row.state == CampaignState.CANDIDATE and row.members >= limits.shown:
            row = replace(row, state=int(CampaignState.OPEN))
            self.history.append(ChangeRecord(ref, row.last_time, Change.OPENED, 0, row.members, "", ""))
        elif row.state in (CampaignState.OPEN, CampaignState.CONFIRMED) and row.members & (row.members - 1) == 0:
            self.history.append(ChangeRecord(ref, row.last_time, Change.GREW, 0, row.members, "", ""))
        self._change(row)

    def show(self, ref: int, time: float, limits: Limits) -> None:
        """Open a candidate that has become large enough without anybody joining."""
        row = self.campaigns[ref]
        if row.state == CampaignState.CANDIDATE and row.members >= limits.shown:
            self._change(replace(row, state=int(CampaignState.OPEN)))
            self.history.append(ChangeRecord(ref, time, Change.OPENED, 0, row.members, "", ""))

    def restart(self, ref: int, time: float) -> None:
        """A campaign of this name with nobody in it: a new one, or one that had been merged away."""
        self._change(self._blank(ref, time))

    def merge(self, into: int, gone: int, time: float, keys: Iterable[Key]) -> None:
        """Let one campaign become part of another. What this batch added to it goes along.

        ``keys``: values that both may hold, and that are counted once among the different ones from then on. What else
        both hold counts twice; which keys a batch happens to know of must not matter.
        """
        a, b = self.campaigns[into], self.campaigns[gone]
        counts = self._held.setdefault(into, {})
        distinct, theirs = self.variety[into] + self.variety.pop(gone), self._held.get(gone, {})
        for key in keys:
            distinct[COLUMN[Kind(key[0])]] -= counts.get(key, 0) > 0 and theirs.get(key, 0) > 0
        self.variety[into] = distinct
        for key, count in self._held.pop(gone, {}).items():
            counts[key] = counts.get(key, 0) + count
        self.kinds[into] = self.kinds[into] + self.kinds.pop(gone)
        added = self._added.setdefault(into, {})
        for key, more in self._added.pop(gone, {}).items():
            added[key] = _wider(added.get(key), more)
        for name in [name for name, member in self.members.items() if member.campaign == gone]:
            self.members[name] = replace(self.members[name], campaign=into)
        self._change(self._counted(merged(a, b)))
        self._change(replace(b, state=int(CampaignState.MERGED), merged_into=into, members=0, linked=0))
        self.merges.append((into, gone))
        self.history.append(ChangeRecord(into, time, Change.MERGED, gone, a.members + b.members, "", ""))
        self.history.append(ChangeRecord(gone, time, Change.MERGED, into, b.members, "", ""))

    @property
    def changed(self) -> list[CampaignRecord]:
        """Campaigns to write, by reference."""
        return [self.campaigns[ref] for ref in sorted(self._changed)]

    @property
    def values(self) -> list[SharedValue]:
        """What to add to the shared values."""
        return [
            SharedValue(ref, key, *self._added[ref][key])
            for ref in sorted(self._added)
            for key in sorted(self._added[ref])
        ]

    @property
    def joined(self) -> list[MemberRecord]:
        """Members to write, by account."""
        return [self.members[name] for name in sorted(self._joined)]

    def _blank(self, ref: int, time: float) -> CampaignRecord:
        self.kinds[ref], self.variety[ref] = _counts(b""), _counts(b"")
        return self._counted(CampaignRecord(ref, 0, 0, 0, 0, time, time, 0.0, 0.0, 0.0, b"", 0.0, 0.0))

    def _counted(self, row: CampaignRecord) -> CampaignRecord:
        return replace(row, kinds=self.kinds[row.ref].tobytes(), variety=self.variety[row.ref].tobytes())

    def _change(self, row: CampaignRecord) -> None:
        self.campaigns[row.ref] = row
        self._changed[row.ref] = None


def _wider(old: tuple[int, float, float] | None, more: tuple[int, float, float]) -> tuple[int, float, float]:
    """Members, first and last time of a value, after more came."""
    return more if old is None else (old[0] + more[0], min(old[1], more[1]), max(old[2], more[2]))


def _counts(stored: bytes) -> npt.NDArray[np.int32]:
    """One number per kind; a row written before a kind existed ends early."""
    return np.frombuffer(stored.ljust(4 * len(KINDS), b"\0"), "<i4").copy()
