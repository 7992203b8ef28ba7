"""Run by Alembic. The caller (``store/migrate.py``) has opened the connection and the transaction."""

from __future__ import annotations

from alembic import context

from sybilgate.store.tables import metadata

# Batch mode: SQLite alters a table by copying it.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
