"""Events, accounts, identifiers, assessments and requests.

Written out instead of taken from ``tables.py``: a revision must do tomorrow what it did on the day it was released.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOUBLE: Any = sa.Double().with_variant(sa.REAL(), "sqlite")
ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXT = sa.Text()
BLOB = sa.LargeBinary()


def upgrade() -> None:
    _create(
        "identifier",
        ("key",),
        {"key": BLOB, "version": INTEGER, "state": BLOB, "accounts": INTEGER, "last_time": DOUBLE},
        postgresql_with={"fillfactor": 70},
    )
    _create(
        "account",
        ("account_id",),
        {"account_id": ID, "ref": INTEGER, "signup_time": DOUBLE, "last_time": DOUBLE, "label": INTEGER}
        | {"own": BLOB, "keys": BLOB, "held": BLOB, "version": INTEGER},
        postgresql_with={"fillfactor": 70},
    )
    _create(
        "event",
        ("seq",),
        {"seq": INTEGER, "account_id": ID, "type": INTEGER, "time": DOUBLE, "received_time": DOUBLE}
        | {"label": INTEGER, "own": BLOB, "keys": BLOB, "degraded": TEXT},
        sqlite_autoincrement=True,
    )
    _create(
        "assessment",
        ("account_id", "assessment_id"),
        {"account_id": ID, "assessment_id": ID, "cause": TEXT, "event_time": DOUBLE, "create_time": DOUBLE}
        | {"risk": DOUBLE, "margin": DOUBLE, "first_risk": DOUBLE, "decision": INTEGER, "axes": TEXT}
        | {"model": TEXT, "policy": TEXT, "features": BLOB, "contributions": BLOB, "evidence": TEXT}
        | {"tails": TEXT, "degraded": TEXT},
    )
    _create(
        "request",
        ("request_id",),
        {"request_id": ID, "digest": BLOB, "method": TEXT, "result": TEXT, "create_time": DOUBLE},
    )


def downgrade() -> None:
    for table in ("request", "assessment", "event", "account", "identifier"):
        op.drop_table(table)


def _create(table: str, key: tuple[str, ...], columns: dict[str, Any], **options: Any) -> None:
    made = [
        sa.Column(name, kind, *([sa.Identity(always=True)] if name == "seq" else []), nullable=name == "contributions")
        for name, kind in columns.items()
    ]
    op.create_table(table, *made, sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"), sqlite_strict=True, **options)
