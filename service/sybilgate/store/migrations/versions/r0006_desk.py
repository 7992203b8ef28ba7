"""The reviewers' desk: who is at work on what, and the queue in the two orders it is read in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DOUBLE: Any = sa.Double().with_variant(sa.REAL(), "sqlite")
ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_FLAGGED = sa.text("decision > 1")
_OF_QUEUE = ["account_id", "decision", "create_time"]
_INDEXES = {
    "ix_assessment_newest_flagged": ["assessment_id", *_OF_QUEUE, "risk"],
    "ix_assessment_riskiest_flagged": ["risk", "assessment_id", *_OF_QUEUE],
}


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("subject", ID, nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("create_time", DOUBLE, nullable=False),
        sa.Column("lease_time", DOUBLE, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_claim"),
        sqlite_strict=True,
    )
    for name, columns in _INDEXES.items():
        op.create_index(name, "assessment", columns, sqlite_where=_FLAGGED, postgresql_where=_FLAGGED)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "assessment")
    op.drop_table("claim")
