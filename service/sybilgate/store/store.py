"""The store over SQLite or PostgreSQL: one unit is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sybilgate.core.records import (
    AccountRecord,
    AssessmentRecord,
    EventRecord,
    IdentifierRow,
    RequestRecord,
    ScoredRow,
    ShadowPair,
    ShadowRecord,
)
from sybilgate.errors import SchemaOutdated, Unavailable
from sybilgate.store import accounts, assessments, events, identifiers, migrate, requests, shadows
from sybilgate.store.engine import WRITES, open_engine, require_durability
from sybilgate.store.identifiers import Merge

#: Rows an operator's question reads at a time.
PAGE = 2000


class SqlUnit:
    """What one transaction may read and write; see the aggregates' modules for what each call promises."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen: dict[bytes, int] = {}

    def lock(self, refs: Sequence[int]) -> None:
        accounts.lock(self._connection, refs)

    def requests(self, ids: Sequence[str]) -> dict[str, RequestRecord]:
        return requests.read(self._connection, ids)

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]:
        return accounts.read(self._connection, ids)

    def identifiers(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
        found = identifiers.read(self._connection, keys)
        self._seen.update(dict.fromkeys(keys, 0) | {key: version for key, (version, _) in found.items()})
        return found

    def append_events(self, rows: Sequence[EventRecord]) -> list[int]:
        return events.append(self._connection, rows)

    def write_accounts(self, rows: Sequence[AccountRecord]) -> None:
        accounts.write(self._connection, rows)

    def write_identifiers(self, rows: Sequence[IdentifierRow], merge: Merge) -> None:
        identifiers.write(self._connection, rows, merge, self._seen)
        for row in rows:
            self._seen.pop(row.key, None)

    def write_assessments(self, rows: Sequence[AssessmentRecord]) -> None:
        assessments.write(self._connection, rows)

    def write_shadow_scores(self, rows: Sequence[ShadowRecord]) -> None:
        shadows.write(self._connection, rows)

    def write_requests(self, rows: Sequence[RequestRecord]) -> None:
        requests.write(self._connection, rows)


class SqlStore:
    """Safe to share between threads. Every method raises Unavailable when the database cannot be reached, is locked
    for too long, or broke a deadlock by giving up this unit; the unit has then left no trace and may be run again.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._writer = self._engine.execution_options(**{WRITES: True})

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
        with self._reading() as connection:
            rows = events.page(connection, after_seq, limit)
        if not events.has_gap(rows, after_seq):
            return rows
        with self._reading() as connection:
            events.wait_for_writers(connection)
        with self._reading() as connection:
            again = events.page(connection, after_seq, limit)
        return [row for row in again if row.seq <= rows[-1].seq]

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

    def check(self) -> None:
        """Raise UnsafeDurability or SchemaOutdated unless the database may be trusted with acknowledgements."""
        with self._reading() as connection:
            require_durability(connection)
            found, wanted = migrate.revision(connection), migrate.head()
        if found != wanted:
            raise SchemaOutdated(
                f"the database is at revision {found or 'none'}, this build needs {wanted}: run `sybilgate db upgrade`"
            )

    def close(self) -> None:
        """Close every pooled connection. Units still open end first."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _translated(), self._engine.begin() as connection:
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
