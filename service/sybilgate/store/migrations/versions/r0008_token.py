"""Bearer tokens, as hashes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DOUBLE: Any = sa.Double().with_variant(sa.REAL(), "sqlite")
ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "token",
        sa.Column("token_id", ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("create_time", DOUBLE, nullable=False),
        sa.Column("end_time", DOUBLE, nullable=False),
        sa.Column("revoke_time", DOUBLE, nullable=False),
        sa.PrimaryKeyConstraint("token_id", name="pk_token"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("token")
