"""Under which name a value is stored while the key is rotated."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INTEGER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "value_name",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_value_name"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("value_name")
