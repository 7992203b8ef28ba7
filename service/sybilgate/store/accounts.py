"""Accounts: newest own signals, current identifiers, everything held."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from sybilgate.core.records import AccountRecord
from sybilgate.store import bulk
from sybilgate.store.tables import account

_COLUMNS = bulk.columns(AccountRecord)
_REPLACE = f"{bulk.replacing(*bulk.columns(AccountRecord, 'version'))}, version = account.version + 1"
_LOCK = text("SELECT count(pg_advisory_xact_lock(ref)) FROM unnest(CAST(:refs AS BIGINT[])) AS given (ref)")


def lock(connection: Connection, refs: Sequence[int]) -> None:
    """Hold the accounts until the unit ends. Sorted, so that two units cannot wait for each other.

    SQLite: nothing to do, the unit holds the whole database.
    """
    if refs and connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"refs": sorted({_signed(ref) for ref in refs})})


def read(connection: Connection, ids: Sequence[str]) -> dict[str, AccountRecord]:
    """The accounts among ``ids`` that exist."""
    rows = bulk.read(connection, account, _COLUMNS, "account_id", ids)
    return {row[0]: AccountRecord(*row) for row in rows}


def keys(connection: Connection, ids: Sequence[str]) -> dict[str, bytes]:
    """The packed keys of those of ``ids`` that exist."""
    return {row[0]: row[1] for row in bulk.read(connection, account, ("account_id", "keys"), "account_id", ids)}


def by_ref(connection: Connection, refs: Sequence[int]) -> dict[int, str]:
    """The ids of those accounts that ``refs`` stand for."""
    return {row[0]: row[1] for row in bulk.read(connection, account, ("ref", "account_id"), "ref", refs)}


def truths(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The labels of those of ``ids`` that exist."""
    return {row[0]: row[1] for row in bulk.read(connection, account, ("account_id", "label"), "account_id", ids)}


def write(connection: Connection, rows: Sequence[AccountRecord]) -> None:
    """Insert (version 1) or replace (version + 1). The version in ``rows`` is not looked at."""
    ordered = sorted(rows, key=lambda row: row.account_id)
    given = map(bulk.values(AccountRecord, "version"), ordered)
    bulk.write(connection, account, _COLUMNS, [(*row, 1) for row in given], _REPLACE)


def _signed(ref: int) -> int:
    """A 64-bit number as PostgreSQL's signed one."""
    return (ref + 2**63) % 2**64 - 2**63
