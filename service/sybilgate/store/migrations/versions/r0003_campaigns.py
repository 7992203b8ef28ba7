"""Campaigns, their members and history, labels, accounts to be assessed again, protections."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOUBLE: Any = sa.Double().with_variant(sa.REAL(), "sqlite")
ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXT = sa.Text()
BLOB = sa.LargeBinary()

_ROOM = {"postgresql_with": {"fillfactor": 70}}


def upgrade() -> None:
    _create(
        "campaign",
        ("ref",),
        {"ref": INTEGER, "state": INTEGER, "merged_into": INTEGER, "members": INTEGER, "linked": INTEGER}
        | {"first_time": DOUBLE, "last_time": DOUBLE, "hour": DOUBLE, "day": DOUBLE, "month": DOUBLE}
        | {"kinds": BLOB, "risk": DOUBLE, "significance": DOUBLE},
        ("state", "last_time"),
        **_ROOM,
    )
    _create(
        "shared_value",
        ("campaign", "key"),
        {"campaign": INTEGER, "key": BLOB, "members": INTEGER, "first_time": DOUBLE, "last_time": DOUBLE},
        **_ROOM,
    )
    _create(
        "member",
        ("account_id",),
        {"account_id": ID, "campaign": INTEGER, "role": INTEGER, "join_time": DOUBLE, "risk": DOUBLE}
        | {"margin": DOUBLE, "evidence": TEXT},
        ("campaign", "join_time", "account_id"),
    )
    _create(
        "campaign_change",
        ("seq",),
        {"seq": INTEGER, "campaign": INTEGER, "time": DOUBLE, "kind": INTEGER, "other": INTEGER, "members": INTEGER}
        | {"actor": TEXT, "detail": TEXT},
        ("campaign", "seq"),
        sqlite_autoincrement=True,
    )
    _create(
        "label",
        ("label_id",),
        {"label_id": ID, "account_id": ID, "campaign": INTEGER, "verdict": INTEGER, "source": TEXT, "author": TEXT}
        | {"second": TEXT, "evidence_time": DOUBLE, "create_time": DOUBLE, "reason": TEXT, "revokes": ID},
        ("account_id", "label_id"),
        ("campaign", "account_id", "label_id"),
    )
    _create(
        "due",
        ("seq",),
        {"seq": INTEGER, "account_id": ID, "cause": TEXT, "time": DOUBLE},
        ("time", "seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_due_account_id", "due", ["account_id"], unique=True)
    _create(
        "protection",
        ("seq",),
        {"seq": INTEGER, "subject": ID, "kind": TEXT, "author": TEXT, "reason": TEXT}
        | {"create_time": DOUBLE, "end_time": DOUBLE},
        ("subject", "seq"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("protection", "due", "label", "campaign_change", "member", "shared_value", "campaign"):
        op.drop_table(table)


def _create(
    table: str, key: tuple[str, ...], columns: dict[str, Any], *indexes: tuple[str, ...], **options: Any
) -> None:
    made = [
        sa.Column(name, kind, *([sa.Identity(always=True)] if name == "seq" else []), nullable=name == "margin")
        for name, kind in columns.items()
    ]
    op.create_table(table, *made, sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"), sqlite_strict=True, **options)
    for index in indexes:
        op.create_index(f"ix_{table}_{'_'.join(index)}", table, list(index))
