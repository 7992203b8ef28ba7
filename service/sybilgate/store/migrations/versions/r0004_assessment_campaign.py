"""The campaign an assessment was made in, and accounts by reference: rings name accounts so."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INTEGER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("assessment", sa.Column("campaign", INTEGER, nullable=False, server_default="0"))
    op.create_index("ix_account_ref", "account", ["ref"])


def downgrade() -> None:
    op.drop_index("ix_account_ref", "account")
    op.drop_column("assessment", "campaign")
