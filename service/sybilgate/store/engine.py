"""Connections: how each database is opened, and what must hold before it is trusted with an acknowledgement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from sybilgate.errors import ConfigurationError, UnsafeDurability
from sybilgate.store import arrays

# How long a statement waits for another writer before the unit is given up.
LOCK_TIMEOUT_MS = 5_000
# Execution option of the connection that writes: SQLite takes the write lock when the transaction begins, because
# one that begins as a reader cannot wait for the lock later, it can only fail.
WRITES = "sybilgate_writes"

# A host that is gone answers nothing at all: without these a connection to it would hang for a quarter of an hour.
_PATIENCE = {
    "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}  # fmt: skip

_FULL, _EXTRA = 2, 3
_CACHE_KIB = 64 * 1024
_CHECKPOINT_PAGES = 8_000


def open_engine(url: str) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql+psycopg://…``. No connection is made yet."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise ConfigurationError("the database url cannot be parsed") from error
    if backend == "sqlite":
        # hide_parameters: an error message must not carry account ids into a log.
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine
    if backend == "postgresql":
        engine = create_engine(
            url,
            hide_parameters=True,
            # Compare-and-set reads, after it lost, what the winner committed: that needs this level.
            isolation_level="READ COMMITTED",
            use_native_hstore=False,
            pool_timeout=LOCK_TIMEOUT_MS / 1000,
            connect_args={"prepare_threshold": 1, "options": f"-c lock_timeout={LOCK_TIMEOUT_MS}"} | _PATIENCE,
        )
        event.listen(engine, "connect", lambda connection, _: arrays.register(connection))
        return engine
    raise ConfigurationError(f"no store for {backend!r}: use sqlite or postgresql+psycopg")


def frozen(engine: Engine) -> Engine:
    """The same database, where every statement of a transaction sees what the first one saw."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine  # SQLite knows nothing else


def is_sqlite(url: str) -> bool:
    """Whether ``url`` is a database of one writer."""
    return url.startswith("sqlite")


def require_durability(connection: Connection) -> None:
    """Raise UnsafeDurability unless a commit on this connection survives a power cut."""
    if connection.dialect.name == "sqlite":
        _require_sqlite(connection)
    else:
        _require_postgresql(connection)


def _require_sqlite(connection: Connection) -> None:
    journal = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()).lower()
    synchronous = int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
    if journal != "wal":
        raise UnsafeDurability(f"SQLite's journal_mode is {journal!r}, not 'wal': use a file on a local disk")
    if synchronous not in (_FULL, _EXTRA):
        raise UnsafeDurability(f"SQLite's synchronous is {synchronous}, not FULL: commits could be lost")


def _require_postgresql(connection: Connection) -> None:
    for setting in ("synchronous_commit", "fsync", "full_page_writes"):
        if connection.execute(text("SELECT current_setting(:name)"), {"name": setting}).scalar_one() == "off":
            raise UnsafeDurability(f"PostgreSQL's {setting} is off: acknowledged events could be lost; turn it on")


def _on_connect(connection: Any, _: Any) -> None:
    # The driver's own implicit BEGIN would come too late and be deferred; transactions are begun in _on_begin.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    # Identifier keys are random: a unit writes pages all over their index. Hence a cache that holds the hot part of
    # it, and a checkpoint every 32 MiB of log instead of every 4.
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
