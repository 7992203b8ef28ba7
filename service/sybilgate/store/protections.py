"""Protected accounts and identifiers: appended, so that the table is its own audit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from sybilgate.core.campaign.records import ProtectionRecord
from sybilgate.store import bulk
from sybilgate.store.tables import protection

_SELECT = select(*(protection.c[name] for name in bulk.columns(ProtectionRecord)))


def append(connection: Connection, rows: Sequence[ProtectionRecord]) -> None:
    """Protect, change or (a line that ends when it was created) take back, in the order given."""
    written = bulk.columns(ProtectionRecord, "seq")
    bulk.append(connection, protection, written, list(map(bulk.values(ProtectionRecord, "seq"), rows)))


def newest(connection: Connection) -> list[ProtectionRecord]:
    """The newest line of each subject, by subject. It may have ended by now, or have taken the protection back."""
    last = select(func.max(protection.c.seq)).group_by(protection.c.subject)
    statement = _SELECT.where(protection.c.seq.in_(last)).order_by(protection.c.subject)
    return [ProtectionRecord(*row) for row in connection.execute(statement)]


def lines(connection: Connection, limit: int, before_seq: int | None) -> list[ProtectionRecord]:
    """Everything that was ever said, newest first."""
    statement = _SELECT if before_seq is None else _SELECT.where(protection.c.seq < before_seq)
    return [
        ProtectionRecord(*row) for row in connection.execute(statement.order_by(protection.c.seq.desc()).limit(limit))
    ]
