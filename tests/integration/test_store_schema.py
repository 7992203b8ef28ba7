"""Revisions of the schema, and the checks before a store is trusted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, make_url, text

from sybilgate.errors import ConfigurationError, SchemaOutdated, UnsafeDurability
from sybilgate.store import migrate
from sybilgate.store.store import SqlStore, open_store
from sybilgate.store.tables import metadata

Opener = Callable[[str], SqlStore]
#: Parts of a table, which are tables to the database.
_PART = re.compile(r"_part\d\d")


def _tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return {name for name in inspect(engine).get_table_names() if not _PART.search(name)} - {"alembic_version"}
    finally:
        engine.dispose()


def test_revisions_go_both_ways(bare_url: str) -> None:
    assert migrate.current(bare_url) is None
    migrate.upgrade(bare_url)
    assert (migrate.current(bare_url), _tables(bare_url)) == (migrate.head(), set(metadata.tables))
    migrate.downgrade(bare_url, "base")
    assert (migrate.current(bare_url), _tables(bare_url)) == (None, set())
    migrate.upgrade(bare_url)
    migrate.upgrade(bare_url)
    assert _tables(bare_url) == set(metadata.tables)


def test_schema_matches_tables(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not _PART.search(name or "")}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_revision_makes_same_sqlite_tables(sqlite_url: str) -> None:
    written, made = create_engine(sqlite_url), create_engine("sqlite://")
    metadata.create_all(made)
    statement = text("SELECT name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' ORDER BY name")
    with written.connect() as left, made.connect() as right:
        # A column that came later stands on the line of the one before it.
        one, two = ([(n, " ".join((s or "").split())) for n, s in c.execute(statement)] for c in (left, right))
        assert one == two
    written.dispose()
    made.dispose()


def test_postgresql_keeps_sixteen_parts(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    parts = text(
        "SELECT inhparent::regclass::text, count(*) FROM pg_inherits JOIN pg_class ON oid = inhrelid"
        " WHERE relkind = 'r' AND 'fillfactor=70' = ANY(reloptions) GROUP BY 1"
    )
    with engine.connect() as connection:
        assert dict(map(tuple, connection.execute(parts))) == {"identifier": 16, "account": 16}
    engine.dispose()


def test_migrated_store_passes_check(store: SqlStore) -> None:
    store.check()


def test_bare_database_is_refused(bare_url: str, open_on: Opener) -> None:
    with pytest.raises(SchemaOutdated, match="sybilgate db upgrade"):
        open_on(bare_url).check()


def test_memory_database_is_refused(open_on: Opener) -> None:
    with pytest.raises(UnsafeDurability, match="journal_mode"):
        open_on("sqlite://").check()


def test_sqlite_commits_are_durable(sqlite_store: SqlStore) -> None:
    with sqlite_store._engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2


def test_asynchronous_commit_is_refused(postgres_url: str, open_on: Opener) -> None:
    name = make_url(postgres_url).database
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        try:
            with pytest.raises(UnsafeDurability, match="synchronous_commit"):
                open_on(postgres_url).check()
        finally:
            connection.execute(text(f"ALTER DATABASE {name} RESET synchronous_commit"))
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://host/name", "no url at all"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_store(url)


def test_path_may_hold_percent(tmp_path: Path, open_on: Opener) -> None:
    url = f"sqlite:///{tmp_path / '100%s.db'}"
    migrate.upgrade(url)
    open_on(url).check()
