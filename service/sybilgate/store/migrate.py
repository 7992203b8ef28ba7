"""Schema revisions, applied from inside the package: no ini file, no working directory.

Alembic is imported to change a schema, not to look at one: a server that starts only compares two words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import InterfaceError, OperationalError

from sybilgate.errors import Unavailable
from sybilgate.store.engine import WRITES, open_engine

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent / "migrations"
_NAMES = re.compile(r'^(revision|down_revision)\b[^=]*= "(\w+)"', re.MULTILINE)
_TABLE = "alembic_version"
# Any constant will do: it keeps two operators, or two starting replicas, from upgrading at once.
_LOCK = text("SELECT pg_advisory_xact_lock(2, 0)")


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to ``revision``; nothing happens if it is there already."""
    from alembic import command

    with _migrating(url) as config:
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to ``revision`` (``base`` drops every table and what is in it)."""
    from alembic import command

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


@cache
def head() -> str:
    """The revision this build needs: the one that no other builds upon."""
    named: list[dict[str, str]] = [
        dict(_NAMES.findall(path.read_text(encoding="utf-8"))) for path in (_FOLDER / "versions").glob("r*.py")
    ]
    (found,) = {one["revision"] for one in named} - {one.get("down_revision") for one in named}
    return found


def revision(connection: Connection) -> str | None:
    """The revision of an open connection's database."""
    if not inspect(connection).has_table(_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar()
    return found


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    # A per cent sign in the path would be taken for interpolation.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
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
