"""Tokens and the audit log."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection, select

from sybilgate.core.trust import TokenRecord
from sybilgate.store import bulk
from sybilgate.store.tables import token

_TOKEN = bulk.columns(TokenRecord)


class TrustReads(ABC):
    """One statement each, on whatever connection the store reads from."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]: ...

    def tokens(self) -> list[TokenRecord]:
        """Every token ever made, oldest first."""
        statement = select(*(token.c[name] for name in _TOKEN)).order_by(token.c.create_time, token.c.token_id)
        with self._reading() as connection:
            return [TokenRecord(*row) for row in connection.execute(statement)]


def write_tokens(connection: Connection, rows: Sequence[TokenRecord]) -> None:
    """Insert or replace."""
    ordered = sorted(rows, key=lambda row: row.token_id)
    bulk.write(connection, token, _TOKEN, list(map(bulk.values(TokenRecord), ordered)), bulk.replacing(*_TOKEN))
