"""Copies of a SQLite database that is in use. PostgreSQL has tools of its own: pg_dump, pg_basebackup."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from sybilgate.errors import ConfigurationError, Unavailable

#: Pages copied before writers get a turn.
_PAGES = 2_000


def copy_sqlite(url: str, target: Path) -> None:
    """Write the database behind ``url`` to a new file, as of one moment, synced, readable by its owner only.

    Raises ConfigurationError for another kind of database, or if the file is there already."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database:
        raise ConfigurationError("only SQLite is copied here: use pg_dump or pg_basebackup, which copy PostgreSQL")
    source = Path(place.database)
    if not source.exists():
        raise ConfigurationError(f"{source} does not exist")
    try:
        handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigurationError(f"{target}: {error.strerror}") from None
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new, pages=_PAGES)
        os.fsync(handle)
    except sqlite3.Error as error:
        target.unlink()
        raise Unavailable(f"the copy failed: {error}") from error
    finally:
        os.close(handle)
