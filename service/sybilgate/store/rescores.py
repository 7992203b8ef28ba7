"""What jobs that assess existing accounts read of the store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from sybilgate.core.identifier import TOTALS_KEY
from sybilgate.core.records import AccountRecord
from sybilgate.core.rescoring import JobRecord, ResultRecord, StandingRecord
from sybilgate.store import accounts, bulk, rescoring, standings
from sybilgate.store.tables import identifier


@dataclass(frozen=True)
class View:
    """The store at one moment: every read of a view sees the same."""

    connection: Connection

    def names(self, job: JobRecord, after: str, limit: int) -> list[str]:
        """The next accounts of a job in order of their ids. A listed one need not exist."""
        return rescoring.names(self.connection, job, after, limit)

    def count(self, job: JobRecord) -> int:
        """How many accounts a job names."""
        return rescoring.count(self.connection, job)

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]:
        return accounts.read(self.connection, ids)

    def states(self, keys: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Keys and states of those that exist, in no particular order."""
        rows = bulk.read_plain(self.connection, identifier, ("key", "state"), "key", keys)
        return [row[0] for row in rows], [row[1] for row in rows]

    def identifiers(self) -> int:
        """How many there are, the totals among them."""
        return int(self.connection.execute(select(func.count()).select_from(identifier)).scalar_one())

    def all_states(self) -> Iterator[tuple[Sequence[bytes], Sequence[bytes]]]:
        """Keys and states of all identifiers but the totals, many at a time."""
        for rows in bulk.scan(self.connection, identifier, ("key", "state")):
            known = [row for row in rows if row[0] != TOTALS_KEY]
            keys, states = zip(*known, strict=True) if known else ((), ())
            yield keys, states

    def standings(self, ids: Sequence[str]) -> dict[str, StandingRecord]:
        """The newest assessment of those that have any."""
        found = standings.read(self.connection, ids)
        return found | standings.assessed(self.connection, [name for name in ids if name not in found])

    def watermark(self) -> int:
        """Number of the newest event."""
        return rescoring.watermark(self.connection)


class RescoreReads(ABC):
    """One statement each but for the view, on whatever connection the store reads from."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]: ...

    @abstractmethod
    def _viewing(self) -> AbstractContextManager[Connection]: ...

    @contextmanager
    def view(self) -> Iterator[View]:
        """What the store holds at one moment, for as long as the block lasts."""
        with self._viewing() as connection:
            yield View(connection)

    def job(self, job_id: str) -> JobRecord | None:
        with self._reading() as connection:
            return rescoring.one(connection, job_id)

    def jobs(self, limit: int, before: str | None = None) -> list[JobRecord]:
        """Newest first, older than the id ``before`` if given."""
        with self._reading() as connection:
            return rescoring.page(connection, limit, before)

    def waiting_job(self, stale: float) -> JobRecord | None:
        """The oldest job that is queued, or that nobody has been heard of since ``stale``."""
        with self._reading() as connection:
            return rescoring.waiting(connection, stale)

    def results(self, job_id: str, after: int, limit: int, changed: bool = False) -> list[ResultRecord]:
        """Results of a job after a number; only those whose decision changed if asked so."""
        with self._reading() as connection:
            return rescoring.results(connection, job_id, after, limit, changed)
