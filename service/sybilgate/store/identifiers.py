"""Identifier state: read by key, written by compare-and-set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from sybilgate.core.records import IdentifierRow
from sybilgate.store import bulk
from sybilgate.store.tables import identifier

Merge = Callable[[bytes, bytes, bytes | None, bytes], bytes]
"""``(key, stored, base, new) -> state``: the change from ``base`` to ``new``, applied to ``stored``."""

_COLUMNS = ("key", "version", "state", "accounts", "last_time")


def read(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
    """key -> (version, state) of the identifiers that exist."""
    rows = bulk.read(connection, identifier, ("key", "version", "state"), "key", keys)
    return {key: (version, state) for key, version, state in rows}


def write(
    connection: Connection, rows: Sequence[IdentifierRow], merge: Merge, seen: Mapping[bytes, int] | None = None
) -> None:
    """Write every row whose version is still the one it was computed from; merge the others into what is stored.

    ``seen``: versions that this unit has read, 0 for what it found absent.

    A row loses when another replica wrote it since it was read. It is locked from the moment that shows, so what is
    read next is what the merged state replaces: no change of either replica is lost.
    """
    ordered = sorted(rows)
    given = [(row.key, row.base_version + 1, row.state, row.accounts, row.last_time) for row in ordered]
    held_back = bulk.compare_and_set(connection, identifier, _COLUMNS, given, seen or {})
    if not held_back:
        return
    lost = [row for row in ordered if row.key in held_back]
    stored = {row[0]: row for row in bulk.read(connection, identifier, _COLUMNS, "key", [row.key for row in lost])}
    merged = []
    for row in lost:
        _, version, state, accounts, last_time = stored[row.key]
        # The plain copies are for operators; the next undisputed write makes the count exact again.
        copies = max(accounts, row.accounts), max(last_time, row.last_time)
        merged.append((row.key, version + 1, merge(row.key, state, row.base, row.state), *copies))
    bulk.write(connection, identifier, _COLUMNS, merged, bulk.replacing(*_COLUMNS))
