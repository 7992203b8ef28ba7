"""The audit log: a chain of lines."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INTEGER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOUBLE: Any = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("time", DOUBLE, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("audit")
