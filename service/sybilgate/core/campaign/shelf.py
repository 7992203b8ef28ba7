"""Campaigns in memory: what the store keeps of them, for a replay and for tests."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace

from sybilgate.core.campaign.book import Book, Known
from sybilgate.core.campaign.records import CampaignRecord, ChangeRecord, MemberRecord, SharedValue
from sybilgate.core.identifier import Key


@dataclass
class Shelf:
    """Campaigns, their values and members, and their history; ``put`` takes what a book holds, as a store does."""

    campaigns: dict[int, CampaignRecord] = field(default_factory=dict)
    values: dict[int, dict[Key, SharedValue]] = field(default_factory=dict)
    members: dict[str, MemberRecord] = field(default_factory=dict)
    history: list[ChangeRecord] = field(default_factory=list)
    _of: dict[int, set[str]] = field(default_factory=dict)

    def known(self, refs: Iterable[int], keys: Set[Key], account_ids: Iterable[str]) -> Known:
        """What ``join`` reads: these campaigns and those they became part of, what they hold of ``keys``, and the
        accounts' own."""
        found: dict[int, CampaignRecord] = {}
        members = {name: self.members[name] for name in account_ids if name in self.members}
        pending = [*refs, *(member.campaign for member in members.values())]
        while pending:
            row = self.campaigns.get(pending.pop())
            if row is not None and row.ref not in found:
                found[row.ref] = row
                pending += [row.merged_into] if row.merged_into else []
        values = {
            # Through the fewer of both: a batch may ask for tens of thousands of values of thousands of campaigns.
            ref: {key: held[key].members for key in held.keys() & keys}
            for ref in found
            if (held := self.values.get(ref))
        }
        return Known(found, values, members)

    def put(self, book: Book) -> None:
        """Write a book."""
        for into, gone in book.merges:
            for value in self.values.pop(gone, {}).values():
                self._add(replace(value, campaign=into))
            for name in self._of.pop(gone, set()):
                self._member(replace(self.members[name], campaign=into))
        for row in book.changed:
            self.campaigns[row.ref] = row
        for value in book.values:
            self._add(value)
        for member in book.joined:
            self._member(member)
        self.history += book.history

    def accounts_of(self, campaign: int) -> set[str]:
        """Accounts in a campaign, linked ones too."""
        return self._of.get(campaign, set())

    def _member(self, member: MemberRecord) -> None:
        before = self.members.get(member.account_id)
        if before is not None:
            self._of.get(before.campaign, set()).discard(member.account_id)
        self.members[member.account_id] = member
        self._of.setdefault(member.campaign, set()).add(member.account_id)

    def _add(self, more: SharedValue) -> None:
        held = self.values.setdefault(more.campaign, {})
        old = held.get(more.key)
        held[more.key] = more if old is None else SharedValue(
            more.campaign, more.key, old.members + more.members,
            min(old.first_time, more.first_time), max(old.last_time, more.last_time),
        )  # fmt: skip
