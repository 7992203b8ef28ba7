"""What the reviewers' desk reads of the store, beyond campaigns and labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection

from sybilgate.core.desk import ClaimRecord, JoinRow, QueueFilter
from sybilgate.core.records import AssessmentRecord, ScoredRow
from sybilgate.store import accounts, members, queue, shadows


class DeskReads(ABC):
    """One statement each, on whatever connection the store reads from."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]: ...

    def queue_page(
        self, wanted: QueueFilter, order: str, limit: int, after: tuple[float, str] | None = None
    ) -> list[AssessmentRecord]:
        with self._reading() as connection:
            return queue.page(connection, wanted, order, limit, after)

    def queue_counts(self, wanted: QueueFilter) -> dict[int, int]:
        with self._reading() as connection:
            return queue.counts(connection, wanted)

    def claims(self, now: float) -> list[ClaimRecord]:
        with self._reading() as connection:
            return queue.claims(connection, now)

    def joins(self, campaign: int) -> list[JoinRow]:
        with self._reading() as connection:
            return members.joins(connection, campaign)

    def newest_signups(self, limit: int) -> list[ScoredRow]:
        with self._reading() as connection:
            return shadows.newest_signups(connection, limit)

    def account_keys(self, account_ids: Sequence[str]) -> dict[str, bytes]:
        with self._reading() as connection:
            return accounts.keys(connection, account_ids)

    def accounts_by_ref(self, refs: Sequence[int]) -> dict[int, str]:
        with self._reading() as connection:
            return accounts.by_ref(connection, refs)
