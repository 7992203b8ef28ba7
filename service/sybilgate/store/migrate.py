"""Schema revisions, applied from inside the package: no ini file, no working directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import InterfaceError, OperationalError

from sybilgate.errors import Unavailable
from sybilgate.store.engine import WRITES, open_engine

# Any constant will do: it keeps two operators, or two starting replicas, from upgrading at once.
_LOCK = text("SELECT pg_advisory_xact_lock(2, 0)")


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to ``revision``; nothing happens if it is there already."""
    with _migrating(url) as config:
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to ``revision`` (``base`` drops every table and what is in it)."""
    with _migrating(url) as config:
        command.downgrade(config, revision)


def current(url: str) -> str | None:
    """The revision the database is at, or None before the first upgrade."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            return revision(connection)
    except (OperationalError, InterfaceError) as error:
        raise Unavailable("the database cannot be reached") from error
    finally:
        engine.dispose()


def head() -> str:
    """The revision this build needs."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def revision(connection: Connection) -> str | None:
    """The revision of an open connection's database."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    # A per cent sign in the path would be taken for interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _migrating(url: str) -> Iterator[Config]:
    """A configuration bound to one transaction: a revision that fails half-way leaves the schema as it was."""
    engine = open_engine(url).execution_options(**{WRITES: True})
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(_LOCK)
            config = _config()
            config.attributes["connection"] = connection
            yield config
    except (OperationalError, InterfaceError) as error:
        raise Unavailable("the database cannot be reached or is busy") from error
    finally:
        engine.dispose()
