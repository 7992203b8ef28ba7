"""Names of values while keys are rotated, and the end of a key: everything that was named under it is named anew.

``app.naming`` says what a name is and why there are any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, select, text, update

from sybilgate.app.key_check import DESTROYED
from sybilgate.app.naming import SINGLE, renamed, replaced
from sybilgate.core.identifier import KEY_BYTES, KINDS, TOTALS_KEY, Key, Keyring, to_keys, to_words
from sybilgate.core.state import HELD
from sybilgate.store import bulk
from sybilgate.store.tables import account, event, identifier, key_check, protection, value_name

_COLUMNS = ("hash", "name", "key_id")
_KEEP = "ON CONFLICT (hash) DO NOTHING"
#: Rows rewritten by one statement.
_PAGE = 2000
_HELD_KEY = "key/"
# Whoever reads or writes values waits until the end; nobody is in the middle of anything when it begins.
_LOCK = text("LOCK TABLE account, identifier, value_name, event, shared_value, protection IN ACCESS EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class Renaming:
    """Identifiers that have a new name, and those that nobody can meet again."""

    kept: int
    forgotten: int


def read(connection: Connection, hashes: Sequence[Key]) -> dict[Key, Key]:
    """Name by hash, of those that were claimed."""
    return {row[0]: row[1] for row in bulk.read(connection, value_name, _COLUMNS[:2], "hash", hashes)}


def claim(connection: Connection, key_id: int, names: Mapping[Key, Key]) -> dict[Key, Key]:
    """Give hashes these names unless they have some; the names they have. Two units that claim one hash follow each
    other: the second sees what the first wrote."""
    ordered = sorted(names)
    bulk.write(connection, value_name, _COLUMNS, [(one, names[one], key_id) for one in ordered], _KEEP)
    return read(connection, ordered)


def left_behind(connection: Connection, key_id: int) -> tuple[int, int]:
    """Identifiers of single values: how many there are, and how many of them have no name under this key yet."""
    kinds = [bytes([KINDS[column]]) for column in SINGLE.tolist()]
    single = select(identifier.c.key).where(func.substr(identifier.c.key, 1, 1).in_(kinds))
    behind = single.except_(select(value_name.c.name).where(_of(key_id)))
    counts = [connection.execute(select(func.count()).select_from(q.subquery())).scalar_one() for q in (single, behind)]
    return int(counts[0]), int(counts[1])


def forget(connection: Connection, keyring: Keyring) -> Renaming:
    """Name everything that has a name under the newest key by its hash under that key, and forget the rest.

    Nobody works meanwhile. A combination of two events of an account that was erased since is forgotten, too.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    rows = connection.execute(select(value_name.c.name, value_name.c.hash).where(_of(keyring.newest.number)))
    new = renamed({bytes(name): bytes(one) for name, one in rows}, _rows(connection), keyring)
    before = connection.execute(select(func.count()).select_from(identifier)).scalar_one()
    _rename_keys(connection, new | {TOTALS_KEY: TOTALS_KEY})
    _rename_accounts(connection, new)
    _rename_events(connection, new)
    _rename_protections(connection, new)
    connection.execute(delete(value_name))
    older = key_check.c.key_id.between(1, keyring.newest.number - 1)
    connection.execute(update(key_check).where(older).values(digest=DESTROYED))
    kept = connection.execute(select(func.count()).select_from(identifier)).scalar_one()
    return Renaming(int(kept), int(before - kept))


def _of(key_id: int) -> Any:
    return value_name.c.key_id == key_id


def _rows(connection: Connection) -> Iterator[set[Key]]:
    """The keys of each account and of each event."""
    for page in _pages(connection, account, "account_id", ("keys", "held")):
        for _, keys, held in page:
            yield {*_keys(keys), *_held(held)}
    for page in _pages(connection, event, "seq", ("keys",)):
        for _, keys in page:
            yield set(_keys(keys))


def _pages(connection: Connection, table: Table, key: str, names: Sequence[str]) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows by key, many at a time; they may be written to meanwhile."""
    statement = select(table.c[key], *(table.c[name] for name in names)).order_by(table.c[key]).limit(_PAGE)
    page = list(connection.execute(statement))
    while page:
        yield page
        page = list(connection.execute(statement.where(table.c[key] > page[-1][0])))


def _keys(data: bytes) -> list[Key]:
    return [key for key in to_keys(to_words(data)) if key[0]]


def _held(data: bytes) -> list[Key]:
    return [data[i : i + KEY_BYTES] for i in range(0, len(data), HELD.itemsize)]


def _rename_keys(connection: Connection, new: Mapping[Key, Key]) -> None:
    """Identifiers and what campaigns hold of them, by a table of old and new names."""
    kind = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE renamed (old {kind} PRIMARY KEY, new {kind} NOT NULL)")
    pairs = [{"old": old, "new": name} for old, name in new.items()]
    for start in range(0, len(pairs), _PAGE):
        connection.execute(text("INSERT INTO renamed (old, new) VALUES (:old, :new)"), pairs[start : start + _PAGE])
    for table in ("identifier", "shared_value"):
        gone = f"NOT EXISTS (SELECT 1 FROM renamed WHERE renamed.old = {table}.key)"
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE {gone}")
        moved = f"{table}.key = renamed.old AND renamed.new <> renamed.old"
        connection.exec_driver_sql(f"UPDATE {table} SET key = renamed.new FROM renamed WHERE {moved}")
    connection.exec_driver_sql("DROP TABLE renamed")


def _rename_accounts(connection: Connection, new: Mapping[Key, Key]) -> None:
    changed = update(account).where(account.c.account_id == bindparam("which"))
    for page in _pages(connection, account, "account_id", ("keys", "held")):
        rows = [
            {"which": name, "keys": _new_keys(keys, new), "held": _new_held(held, new)} for name, keys, held in page
        ]
        connection.execute(changed, rows)


def _rename_events(connection: Connection, new: Mapping[Key, Key]) -> None:
    changed = update(event).where(event.c.seq == bindparam("which"))
    for page in _pages(connection, event, "seq", ("keys",)):
        connection.execute(changed, [{"which": seq, "keys": _new_keys(keys, new)} for seq, keys in page])


def _rename_protections(connection: Connection, new: Mapping[Key, Key]) -> None:
    subjects = select(protection.c.subject).where(protection.c.subject.startswith(_HELD_KEY)).distinct()
    for (subject,) in connection.execute(subjects).fetchall():
        lines = protection.c.subject == subject
        name = new.get(bytes.fromhex(subject.removeprefix(_HELD_KEY)))
        if name is None:
            connection.execute(delete(protection).where(lines))
        else:
            connection.execute(update(protection).where(lines).values(subject=_HELD_KEY + name.hex()))


def _new_keys(data: bytes, new: Mapping[Key, Key]) -> bytes:
    nothing = bytes(KEY_BYTES)
    return b"".join([key or nothing for key in replaced(to_words(data), new)])


def _new_held(data: bytes, new: Mapping[Key, Key]) -> bytes:
    """Held rows under their new names; those of a forgotten value go."""
    size, parts = HELD.itemsize, list[bytes]()
    for i in range(0, len(data), size):
        name = new.get(data[i : i + KEY_BYTES])
        parts += [name, data[i + KEY_BYTES : i + size]] if name is not None else []
    return b"".join(parts)
