"""Tokens, the audit log, what one reviewer said, and by what the key is recognised."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection, select, text

from sybilgate.core.audit import AuditRecord
from sybilgate.core.trust import TokenRecord
from sybilgate.store import bulk
from sybilgate.store.tables import audit, key_check, label, token

_TOKEN = bulk.columns(TokenRecord)
_AUDIT = bulk.columns(AuditRecord)
_LINES = select(*(audit.c[name] for name in _AUDIT))
# One writer of the chain at a time; SQLite's unit holds the database anyway.
_LOCK = text("SELECT pg_advisory_xact_lock(3, 0)")


class TrustReads(ABC):
    """One statement each, on whatever connection the store reads from."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]: ...

    def tokens(self) -> list[TokenRecord]:
        """Every token ever made, oldest first."""
        statement = select(*(token.c[name] for name in _TOKEN)).order_by(token.c.create_time, token.c.token_id)
        with self._reading() as connection:
            return [TokenRecord(*row) for row in connection.execute(statement)]

    def key_checks(self) -> dict[int, bytes]:
        """Digest by id of the keys the database was filled under."""
        with self._reading() as connection:
            rows = connection.execute(select(key_check.c.key_id, key_check.c.digest))
            return {row[0]: bytes(row[1]) for row in rows}

    def labels_by(self, author: str, since: float) -> list[float]:
        """When this reviewer labelled single accounts, from ``since`` on."""
        mine = select(label.c.create_time).where(label.c.author == author, label.c.campaign == 0)
        with self._reading() as connection:
            return [row[0] for row in connection.execute(mine.where(label.c.create_time >= since))]

    def audit_lines(self, after_seq: int, limit: int) -> list[AuditRecord]:
        """In order, after a number."""
        statement = _LINES.where(audit.c.seq > after_seq).order_by(audit.c.seq).limit(limit)
        with self._reading() as connection:
            return [AuditRecord(*row) for row in connection.execute(statement)]


def write_tokens(connection: Connection, rows: Sequence[TokenRecord]) -> None:
    """Insert or replace."""
    ordered = sorted(rows, key=lambda row: row.token_id)
    bulk.write(connection, token, _TOKEN, list(map(bulk.values(TokenRecord), ordered)), bulk.replacing(*_TOKEN))


def last_audit(connection: Connection) -> AuditRecord | None:
    """The newest line. Nobody else appends until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    row = connection.execute(_LINES.order_by(audit.c.seq.desc()).limit(1)).first()
    return AuditRecord(*row) if row is not None else None


def append_audit(connection: Connection, record: AuditRecord) -> None:
    bulk.write(connection, audit, _AUDIT, [bulk.values(AuditRecord)(record)])


def keep_key_check(connection: Connection, key_id: int, digest: bytes) -> None:
    """Insert, unless this id has one."""
    bulk.write(connection, key_check, ("key_id", "digest"), [(key_id, digest)], "ON CONFLICT (key_id) DO NOTHING")
