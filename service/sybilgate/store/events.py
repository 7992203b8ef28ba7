"""The event log: append-only, read in ingest order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection, select, text

from sybilgate.core.records import EventRecord
from sybilgate.store import bulk
from sybilgate.store.tables import event

_WRITTEN = bulk.columns(EventRecord, "seq")
# Two-integer advisory locks are a space of their own: this one cannot meet an account's lock.
_ENTER = text("SELECT pg_advisory_xact_lock_shared(1, 0)")
_BARRIER = text("SELECT pg_advisory_xact_lock(1, 0)")


class Numbered(Protocol):
    """A line of a log."""

    @property
    def seq(self) -> int: ...


def append(connection: Connection, rows: Sequence[EventRecord]) -> list[int]:
    """Append ``rows``; their sequence numbers, ascending in the order given."""
    enter(connection, rows)
    return bulk.append(connection, event, _WRITTEN, list(map(bulk.values(EventRecord, "seq"), rows)))


def enter(connection: Connection, rows: Sequence[object]) -> None:
    """Be seen by ``wait_for_writers`` until the unit ends; call it before ``rows`` take numbers in any log.

    One lock for all logs: with two, units that hold one and want the other could wait for each other's readers.
    """
    if rows and connection.dialect.name == "postgresql":
        connection.execute(_ENTER)


def page(connection: Connection, after_seq: int, limit: int) -> list[EventRecord]:
    """At most ``limit`` events after ``after_seq``, in ingest order."""
    statement = (
        select(*(event.c[name] for name in bulk.columns(EventRecord)))
        .where(event.c.seq > after_seq)
        .order_by(event.c.seq)
        .limit(limit)
    )
    return [EventRecord(*row) for row in connection.execute(statement)]


def has_gap(rows: Sequence[Numbered], after_seq: int) -> bool:
    """Whether a number is missing between ``after_seq`` and the last row: rolled back, or not committed yet."""
    return bool(rows) and rows[-1].seq - after_seq != len(rows)


def wait_for_writers(connection: Connection) -> None:
    """Return once every unit that has taken sequence numbers by now has ended.

    PostgreSQL numbers events when they are inserted but shows them when they are committed, so a reader that
    follows the log could step over a number that appears a moment later. SQLite has one writer: nothing to wait for.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_BARRIER)
