"""What reviewers and the work that is due read of the store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection

from sybilgate.core.campaign.records import (
    CampaignRecord,
    ChangeRecord,
    DueRecord,
    LabelRecord,
    MemberRecord,
    ProtectionRecord,
    SharedValue,
)
from sybilgate.core.records import AccountRecord
from sybilgate.store import accounts, campaigns, due, identifiers, labels, members, protections

#: More labels than anybody gives one account; a page unless told otherwise.
LABELS = 1000


class ReviewReads(ABC):
    """One statement each, on whatever connection the store reads from."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]: ...

    def campaign(self, ref: int) -> CampaignRecord | None:
        with self._reading() as connection:
            return campaigns.one(connection, ref)

    def campaigns_page(
        self, states: Collection[int], order_by: str, limit: int, cursor: tuple[float, int] | None = None
    ) -> list[CampaignRecord]:
        with self._reading() as connection:
            return campaigns.page(connection, states, order_by, limit, cursor)

    def members_page(
        self, campaign: int, limit: int, after: tuple[float, str] | None = None, *, newest: bool = False
    ) -> list[MemberRecord]:
        with self._reading() as connection:
            return members.page(connection, campaign, limit, after, newest)

    def members_after(self, role: int, account_id: str, limit: int) -> list[MemberRecord]:
        with self._reading() as connection:
            return members.after(connection, role, account_id, limit)

    def member(self, account_id: str) -> MemberRecord | None:
        with self._reading() as connection:
            return members.read(connection, [account_id]).get(account_id)

    def changes(self, campaign: int, limit: int, before_seq: int | None = None) -> list[ChangeRecord]:
        with self._reading() as connection:
            return campaigns.changes(connection, campaign, limit, before_seq)

    def placements(self, account_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Campaign and its state of those accounts that are in one."""
        with self._reading() as connection:
            found = members.read(connection, account_ids)
            states = campaigns.states(connection, {row.campaign for row in found.values()})
        return {name: (row.campaign, states[row.campaign]) for name, row in found.items() if row.campaign in states}

    def top_values(self, campaign: int, limit: int, offset: int = 0) -> list[SharedValue]:
        with self._reading() as connection:
            return campaigns.top_shared(connection, campaign, limit, offset)

    def values_under(self, campaign: int, prefix: bytes) -> list[SharedValue]:
        """What a campaign holds of the identifiers whose keys begin with ``prefix``."""
        with self._reading() as connection:
            return campaigns.shared_under(connection, campaign, prefix)

    def values_of(self, campaign: int, keys: Sequence[bytes]) -> list[SharedValue]:
        with self._reading() as connection:
            return campaigns.shared(connection, [campaign], keys)

    def account(self, account_id: str) -> AccountRecord | None:
        with self._reading() as connection:
            return accounts.read(connection, [account_id]).get(account_id)

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]:
        with self._reading() as connection:
            return accounts.read(connection, ids)

    def identifier_states(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
        with self._reading() as connection:
            return identifiers.read(connection, keys)

    def truths(self, account_ids: Sequence[str]) -> dict[str, int]:
        """What the log tells of those accounts that exist: above 0 bad, below 0 good, 0 nothing."""
        with self._reading() as connection:
            return accounts.truths(connection, account_ids)

    def labels(self, ids: Sequence[str]) -> dict[str, LabelRecord]:
        with self._reading() as connection:
            return labels.read(connection, ids)

    def labels_of(
        self, *, account_id: str = "", campaign: int = 0, limit: int = LABELS, before: str | None = None
    ) -> list[LabelRecord]:
        """Labels of an account or, without one, of a campaign as such; newest first."""
        with self._reading() as connection:
            return labels.of(connection, account_id, campaign, limit, before)

    def due(self, now: float, limit: int) -> list[DueRecord]:
        with self._reading() as connection:
            return due.page(connection, now, limit)

    def protections(self) -> list[ProtectionRecord]:
        """The newest line of each subject, by subject: it holds until its ``end_time``."""
        with self._reading() as connection:
            return protections.newest(connection)

    def protection_lines(self, limit: int, before_seq: int | None = None) -> list[ProtectionRecord]:
        """Every protection given, changed or taken back, newest first."""
        with self._reading() as connection:
            return protections.lines(connection, limit, before_seq)
