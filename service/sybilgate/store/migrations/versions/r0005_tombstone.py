"""What is remembered of erased accounts: no name, no value, only what later accounts are judged by."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INTEGER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOUBLE: Any = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tombstone",
        sa.Column("ref", INTEGER, nullable=False),
        sa.Column("erase_time", DOUBLE, nullable=False),
        sa.Column("label", INTEGER, nullable=False),
        sa.Column("campaign", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_tombstone"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("tombstone")
