"""Identifiers and accounts in sixteen parts by hash, on PostgreSQL: smaller indexes, vacuumed one by one.

The rows are copied within the revision's transaction: whoever asks meanwhile waits, or is served without the store and
from the spool. SQLite has no partitions and stays as it is.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PARTS = 16
#: Table and its key; an index that is not the key's, if there is one.
TABLES = (("identifier", "key", ""), ("account", "account_id", "ref"))
_FILL = "WITH (fillfactor = 70)"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, key, index in TABLES:
            _copy(table, key, index, PARTS)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, key, index in TABLES:
            _copy(table, key, index, 0)


def _copy(table: str, key: str, index: str, parts: int) -> None:
    """Make the table anew under its name, in so many parts (0: whole), with all its columns and rows."""
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    op.execute(f"ALTER TABLE {table}_before RENAME CONSTRAINT pk_{table} TO pk_{table}_before")
    if index:
        op.execute(f"ALTER INDEX ix_{table}_{index} RENAME TO ix_{table}_{index}_before")
    op.execute(f"CREATE TABLE {table} (LIKE {table}_before) {f'PARTITION BY HASH ({key})' if parts else _FILL}")
    for part in range(parts):
        op.execute(
            f"CREATE TABLE {table}_part{part:02d} PARTITION OF {table}"
            f" FOR VALUES WITH (MODULUS {parts}, REMAINDER {part}) {_FILL}"
        )
    # Keys come after the rows: a random key costs more to add to an index than to sort into a new one.
    op.execute(f"INSERT INTO {table} SELECT * FROM {table}_before")
    op.execute(f"DROP TABLE {table}_before")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY ({key})")
    if index:
        op.execute(f"CREATE INDEX ix_{table}_{index} ON {table} ({index})")
