"""Accounts to be assessed again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from sybilgate.core.campaign.records import DueRecord
from sybilgate.store import bulk
from sybilgate.store.tables import due

_WRITTEN = bulk.columns(DueRecord, "seq")
# Whoever assesses an account removes the number that he read. An account that is named again while another replica
# assesses it gets a new number, so that what that replica could not see yet is not forgotten with the old one. It
# keeps its cause and its place. On SQLite units follow each other, and a line can stay as it is.
_AGAIN = {"postgresql": "ON CONFLICT (account_id) DO UPDATE SET seq = DEFAULT"}
_KEEP = "ON CONFLICT (account_id) DO NOTHING"


def add(connection: Connection, rows: Sequence[DueRecord]) -> None:
    """Name accounts; one that is named already keeps its cause and its place. Call it late: it waits for others."""
    first = {row.account_id: row for row in reversed(rows)}
    given = [bulk.values(DueRecord, "seq")(first[name]) for name in sorted(first)]
    bulk.write(connection, due, _WRITTEN, given, _AGAIN.get(connection.dialect.name, _KEEP))


def remove(connection: Connection, seqs: Sequence[int]) -> None:
    """Forget these lines. Call it last."""
    bulk.delete(connection, due, "seq", sorted(seqs))


def page(connection: Connection, now: float, limit: int) -> list[DueRecord]:
    """At most ``limit`` accounts that are due by ``now``, those longest due first."""
    statement = select(*(due.c[name] for name in bulk.columns(DueRecord))).where(due.c.time <= now)
    return [DueRecord(*row) for row in connection.execute(statement.order_by(due.c.time, due.c.seq).limit(limit))]
