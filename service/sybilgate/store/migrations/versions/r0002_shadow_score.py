"""What a shadow model said of an assessment."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DOUBLE: Any = sa.Double().with_variant(sa.REAL(), "sqlite")
ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXT = sa.Text()


def upgrade() -> None:
    op.create_table(
        "shadow_score",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("margin", DOUBLE, nullable=False),
        sa.Column("risk", DOUBLE, nullable=False),
        sa.Column("create_time", DOUBLE, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "assessment_id", "model", name="pk_shadow_score"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("shadow_score")
