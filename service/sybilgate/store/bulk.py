"""Set-based statements: the one module that knows how the two databases differ.

PostgreSQL takes whole columns as arrays (``unnest``): one statement and one round trip whatever the number of
rows. SQLite has no round trips, so there a prepared statement run per row is the fast way to write.

Rows are tuples in the order of ``names``. Writers sort by key first: two units that lock the same rows in
different orders would deadlock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import fields
from functools import cache
from itertools import product
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import Connection, Table, TextClause, text
from sqlalchemy.dialects import postgresql

from sybilgate.store import arrays

# SQLite parses a statement once per distinct text. Key lists are padded to these lengths so that the texts recur.
_CHUNKS = (1, 8, 64, 512)

_SCANNED = 50_000
#: Pairs from which it is worth counting first what there is to find.
_MANY_PAIRS = 2_000

Values = tuple[Any, ...]


@cache
def columns(record: type, *left_out: str) -> tuple[str, ...]:
    """Column names of a record type, in field order; tables name their columns as records name their fields."""
    return tuple(field.name for field in fields(record) if field.name not in left_out)


@cache
def values(record: type, *left_out: str) -> Callable[[Any], Values]:
    """A function that turns a record into its row."""
    getter: Callable[[Any], Values] = attrgetter(*columns(record, *left_out))
    return getter


def read(
    connection: Connection, table: Table, names: tuple[str, ...], key: str, keys: Sequence[Any], lock: bool = False
) -> list[Sequence[Any]]:
    """Rows whose ``key`` is among ``keys``, in no particular order; absent keys are left out, repeated ones may be read
    again.

    ``lock``: hold them, taken in order of their key, until the unit ends (SQLite: the unit holds the whole database).
    """
    if not keys:
        return []
    if _is_postgresql(connection):
        given = {"keys": arrays.encode(table.c[key].type, keys)}
        return list(connection.execute(_pg_read(table, names, key, lock), given).fetchall())
    rows: list[Sequence[Any]] = []
    for chunk in _chunks(keys):
        rows.extend(connection.exec_driver_sql(_lite_read(table, names, (key,), (len(chunk),)), chunk).fetchall())
    return rows


def read_plain(
    connection: Connection, table: Table, names: tuple[str, ...], key: str, keys: Sequence[Any]
) -> list[Values]:
    """The same as tuples of the driver, for very many rows. SQLite: by sorted key, because neighbours in its index are
    read at once."""
    if _is_postgresql(connection):
        return [tuple(row) for row in read(connection, table, names, key, keys)]
    driver, rows = cast(Any, connection.connection.driver_connection), list[Values]()
    for chunk in _chunks(sorted(keys)):
        rows.extend(driver.execute(_lite_read(table, names, (key,), (len(chunk),)), chunk).fetchall())
    return rows


def scan(connection: Connection, table: Table, names: tuple[str, ...]) -> Iterator[list[Values]]:
    """All rows, many at a time, as tuples of the driver. PostgreSQL: by a cursor of the server's."""
    statement = f"SELECT {', '.join(names)} FROM {table.name}"
    driver = cast(Any, connection.connection.driver_connection)
    with closing(driver.cursor("scan", binary=True) if _is_postgresql(connection) else driver.cursor()) as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(_SCANNED):
            yield rows


def read_cross(
    connection: Connection, table: Table, names: tuple[str, ...], keys: tuple[str, str], given: tuple[Any, Any]
) -> list[Sequence[Any]]:
    """Rows whose two ``keys`` are any pair out of the two lists ``given``, in no particular order."""
    if not all(given):
        return []
    if _is_postgresql(connection):
        listed = {name: arrays.encode(table.c[name].type, values) for name, values in zip(keys, given, strict=True)}
        return list(connection.execute(_pg_read_cross(table, names, keys), listed).fetchall())
    if _few_left(connection, table, keys[0], given):
        wanted, place = set(given[1]), names.index(keys[1])
        return [row for row in read(connection, table, names, keys[0], given[0]) if row[place] in wanted]
    rows: list[Sequence[Any]] = []
    for left, right in product(_chunks(given[0]), _chunks(given[1])):
        statement = _lite_read(table, names, keys, (len(left), len(right)))
        rows.extend(connection.exec_driver_sql(statement, left + right).fetchall())
    return rows


def _few_left(connection: Connection, table: Table, key: str, given: tuple[Any, Any]) -> bool:
    """Whether reading all rows whose ``key`` is in the first list beats looking for every pair, as SQLite does."""
    pairs, rows = len(given[0]) * len(given[1]), 0
    if pairs < _MANY_PAIRS:
        return False
    most = pairs // 4  # a row that is read costs some times a pair that is not there
    for chunk in _chunks(given[0]):
        statement = _lite_count(table, key, len(chunk))
        rows += int(connection.exec_driver_sql(statement, (*chunk, most)).scalar_one())
        if rows >= most:
            return False
    return True


def delete(connection: Connection, table: Table, key: str, keys: Sequence[Any]) -> None:
    """Delete the rows whose ``key`` is among ``keys``."""
    if not keys:
        return
    if _is_postgresql(connection):
        connection.execute(_pg_delete(table, key), {"keys": arrays.encode(table.c[key].type, keys)})
        return
    for chunk in _chunks(keys):
        connection.exec_driver_sql(_lite_delete(table, key, len(chunk)), chunk)


def write(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Values], conflict: str = ""
) -> None:
    """Insert ``rows``, with ``conflict`` as the ON CONFLICT clause."""
    if not rows:
        return
    if _is_postgresql(connection):
        connection.execute(_pg_write(table, names, conflict, ""), _arrays(table, names, rows))
    else:
        connection.exec_driver_sql(_lite_write(table, names, conflict), list(rows))


def append(connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Values]) -> list[int]:
    """Insert ``rows`` into a table with a generated ``seq`` and return their numbers, ascending in the order given."""
    if not rows:
        return []
    if _is_postgresql(connection):
        inserted = connection.execute(_pg_write(table, names, "", "seq"), _arrays(table, names, rows))
        return sorted(int(row[0]) for row in inserted)
    connection.exec_driver_sql(_lite_write(table, names, ""), list(rows))
    # The unit holds the database: nobody else took a number between the first row and the last.
    last = int(connection.exec_driver_sql("SELECT last_insert_rowid()").scalar_one())
    return list(range(last - len(rows) + 1, last + 1))


def compare_and_set(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Values], seen: Mapping[Any, int]
) -> set[Any]:
    """Insert or replace the rows whose stored version is one less than the given one; returns the keys of the others.

    ``names`` starts with the key and ``version``. ``seen``: versions that this unit has read (0: absent). The rows that
    were held back are locked until the unit ends.
    """
    if not rows:
        return set()
    key = names[0]
    replace = replacing(*names)
    if _is_postgresql(connection):
        # ON CONFLICT locks every row it meets, also those that its WHERE leaves alone.
        guarded = f"{replace} WHERE {table.name}.version = excluded.version - 1"
        written = connection.execute(_pg_write(table, names, guarded, key), _arrays(table, names, rows)).fetchall()
        return set() if len(written) == len(rows) else {row[0] for row in rows}.difference(row[0] for row in written)
    # The unit holds the database since it began: what it has read, and what it reads now, is what it writes over.
    unseen = [row[0] for row in rows if row[0] not in seen]
    stored = {found: version for found, version in read(connection, table, names[:2], key, unseen)}
    stored |= seen
    lost = {row[0] for row in rows if stored.get(row[0], 0) not in (0, row[1] - 1)}
    write(connection, table, names, [row for row in rows if row[0] not in lost] if lost else rows, replace)
    return lost


def replacing(key: str, *names: str) -> str:
    """The ON CONFLICT clause that replaces every column but the key."""
    return f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in names)}"


def _chunks(keys: Sequence[Any]) -> Iterator[Values]:
    """``keys`` in pieces of the lengths that recur; the last is filled up with its last key."""
    for start in range(0, len(keys), _CHUNKS[-1]):
        chunk = tuple(keys[start : start + _CHUNKS[-1]])
        size = next(size for size in _CHUNKS if size >= len(chunk))
        yield chunk + chunk[-1:] * (size - len(chunk))


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _arrays(table: Table, names: tuple[str, ...], rows: Sequence[Values]) -> dict[str, arrays.Array]:
    listed = zip(names, zip(*rows, strict=True), strict=True)
    return {name: arrays.encode(table.c[name].type, column) for name, column in listed}


def _pg_array(table: Table, name: str, parameter: str) -> str:
    kind = table.c[name].type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return f"CAST(:{parameter} AS {kind.partition(' COLLATE')[0]}[])"


@cache
def _pg_read(table: Table, names: tuple[str, ...], key: str, lock: bool) -> TextClause:
    given = _pg_array(table, key, "keys")
    if lock:
        wanted = f"{key} = ANY({given}) ORDER BY {key} FOR UPDATE"
        return text(f"SELECT {', '.join(names)} FROM {table.name} WHERE {wanted}")
    # Key by key: an array would be looked up whole in every part of a table. OFFSET keeps the planner, which does not
    # know how many keys will come, from reading the table instead.
    one = f"SELECT {', '.join(names)} FROM {table.name} WHERE {table.name}.{key} = given.sought OFFSET 0"
    return text(f"SELECT found.* FROM unnest({given}) AS given (sought), LATERAL ({one}) AS found")


@cache
def _pg_read_cross(table: Table, names: tuple[str, ...], keys: tuple[str, str]) -> TextClause:
    wanted = " AND ".join(f"{key} = ANY({_pg_array(table, key, key)})" for key in keys)
    return text(f"SELECT {', '.join(names)} FROM {table.name} WHERE {wanted}")


@cache
def _pg_delete(table: Table, key: str) -> TextClause:
    return text(f"DELETE FROM {table.name} WHERE {key} = ANY({_pg_array(table, key, 'keys')})")


@cache
def _pg_write(table: Table, names: tuple[str, ...], conflict: str, returning: str) -> TextClause:
    listed = ", ".join(names)
    given = ", ".join(_pg_array(table, name, name) for name in names)
    tail = f" RETURNING {returning}" if returning else ""
    # ORDER BY: rows are numbered and locked in the order the caller gave.
    return text(
        f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM unnest({given}) WITH ORDINALITY"
        f" AS given ({listed}, ordinal) ORDER BY ordinal {conflict}{tail}"
    )


@cache
def _lite_read(table: Table, names: tuple[str, ...], keys: tuple[str, ...], sizes: tuple[int, ...]) -> str:
    wanted = " AND ".join(f"{key} IN ({', '.join('?' * size)})" for key, size in zip(keys, sizes, strict=True))
    return f"SELECT {', '.join(names)} FROM {table.name} WHERE {wanted}"


def _lite_count(table: Table, key: str, size: int) -> str:
    wanted = f"{key} IN ({', '.join('?' * size)})"
    return f"SELECT count(*) FROM (SELECT 1 FROM {table.name} WHERE {wanted} LIMIT ?)"


@cache
def _lite_delete(table: Table, key: str, size: int) -> str:
    return f"DELETE FROM {table.name} WHERE {key} IN ({', '.join('?' * size)})"


@cache
def _lite_write(table: Table, names: tuple[str, ...], conflict: str) -> str:
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) {conflict}"
