"""The store over SQLite or PostgreSQL: one unit is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sybilgate.core.campaign.records import ChangeRecord
from sybilgate.core.records import AssessmentRecord, EventRecord, ScoredRow, ShadowPair
from sybilgate.core.rescoring import StandingChange
from sybilgate.errors import SchemaOutdated, Unavailable
from sybilgate.store import assessments, campaigns, events, migrate, retention, shadows, standings
from sybilgate.store.desk import DeskReads
from sybilgate.store.engine import WRITES, frozen, open_engine, require_durability
from sybilgate.store.rescores import RescoreReads
from sybilgate.store.reviews import ReviewReads
from sybilgate.store.trust import TrustReads
from sybilgate.store.unit import SqlUnit

#: Rows an operator's question reads at a time.
PAGE = 2000

_Line = TypeVar("_Line", bound=events.Numbered)


class SqlStore(DeskReads, ReviewReads, RescoreReads, TrustReads):
    """Safe to share between threads. Every method raises Unavailable when the database cannot be reached, is locked
    for too long, or broke a deadlock by giving up this unit; the unit has then left no trace and may be run again.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._writer = self._engine.execution_options(**{WRITES: True})
        self._good = False
        self._still = frozen(self._engine)

    @contextmanager
    def unit(self) -> Iterator[SqlUnit]:
        """A write transaction: committed at the end of the block, rolled back if it raises."""
        with _translated(), self._writer.begin() as connection:
            yield SqlUnit(connection)

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None:
        with self._reading() as connection:
            return assessments.one(connection, account_id, assessment_id)

    def assessments(self, account_id: str, limit: int, before: str | None = None) -> list[AssessmentRecord]:
        with self._reading() as connection:
            return assessments.newest(connection, account_id, limit, before)

    def events(self, after_seq: int, limit: int) -> list[EventRecord]:
        """The log in ingest order. Reading on from the last ``seq`` of a page never steps over an event."""
        return self._log(events.page, after_seq, limit)

    def changes_after(self, seq: int, limit: int) -> list[ChangeRecord]:
        """Changes of all campaigns in the order they were made; reading on steps over none, as with ``events``."""
        return self._log(campaigns.changes_after, seq, limit)

    def standing_changes(self, seq: int, limit: int) -> list[StandingChange]:
        """How accounts came to stand otherwise, oldest first; reading on steps over none, as with ``events``."""
        return self._log(standings.changes_after, seq, limit)

    def scored(self, since: float = 0.0) -> Iterator[ScoredRow]:
        """Every assessment made from ``since`` (unix seconds) on, in no useful order."""
        after = "", ""
        while True:
            with self._reading() as connection:
                rows = shadows.scored(connection, since, PAGE, after)
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1].account_id, rows[-1].assessment_id

    def shadow_pairs(self, model: str, since: float = 0.0) -> Iterator[ShadowPair]:
        """Every assessment made from ``since`` on that ``model`` scored as a shadow, with that score."""
        after = "", ""
        while True:
            with self._reading() as connection:
                pairs = shadows.pairs(connection, model, since, PAGE, after)
            yield from pairs
            if len(pairs) < PAGE:
                return
            after = pairs[-1].served.account_id, pairs[-1].served.assessment_id

    def shadow_models(self) -> list[str]:
        """Names of the models that have scored as shadows."""
        with self._reading() as connection:
            return shadows.models(connection)

    def prune(self, what: str, before: float, chunk: int = retention.CHUNK) -> Iterator[retention.Pruned]:
        """Let go of what is older than ``before``, a transaction at a time; ``what``: one of ``retention.RULES``."""

        @contextmanager
        def transaction() -> Iterator[Connection]:
            with _translated(), self._writer.begin() as connection:
                yield connection

        return retention.prune(transaction, what, before, chunk)

    def check(self) -> None:
        """Raise UnsafeDurability or SchemaOutdated unless the database may be trusted with acknowledgements.

        A store that was good once goes on when the schema moves on below it: revisions only add, so that replicas of
        the build before work until they are replaced.
        """
        with self._reading() as connection:
            require_durability(connection)
            found, wanted = migrate.revision(connection), migrate.head()
        self._good = found == wanted or (self._good and (found or "") > wanted)
        if not self._good:
            raise SchemaOutdated(
                f"the database is at revision {found or 'none'}, this build needs {wanted}: run `sybilgate db upgrade`"
            )

    def close(self) -> None:
        """Close every pooled connection. Units still open end first."""
        self._engine.dispose()

    def _log(self, page: Callable[[Connection, int, int], list[_Line]], after_seq: int, limit: int) -> list[_Line]:
        """A page of a log. Where a number is missing, read again once everybody who might hold it has ended."""
        with self._reading() as connection:
            rows = page(connection, after_seq, limit)
        if not events.has_gap(rows, after_seq):
            return rows
        with self._reading() as connection:
            events.wait_for_writers(connection)
        with self._reading() as connection:
            again = page(connection, after_seq, limit)
        return [row for row in again if row.seq <= rows[-1].seq]

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _viewing(self) -> Iterator[Connection]:
        with _translated(), self._still.begin() as connection:
            yield connection


def open_store(url: str) -> SqlStore:
    """The store behind ``url``; call ``check`` before trusting it."""
    return SqlStore(url)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise Unavailable(f"the store did not answer: {type(error).__name__}") from error
