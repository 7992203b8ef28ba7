"""Where accounts stand and how that changed, and the jobs that assess existing accounts again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INTEGER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOUBLE: Any = sa.Double().with_variant(sa.REAL(), "sqlite")
ID: Any = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXT = sa.Text()

# Whoever has no line was allowed. The others are due at once.
_FLAGGED = """
INSERT INTO standing (account_id, assessment_id, risk, decision, due_time)
SELECT a.account_id, a.assessment_id, a.risk, a.decision, a.create_time
FROM assessment a
JOIN (SELECT account_id, max(assessment_id) AS assessment_id FROM assessment GROUP BY account_id) newest
ON newest.account_id = a.account_id AND newest.assessment_id = a.assessment_id
WHERE a.decision > 1
"""


def upgrade() -> None:
    standing = {"account_id": ID, "assessment_id": ID, "risk": DOUBLE, "decision": INTEGER}
    _create("standing", ("account_id",), standing | {"due_time": DOUBLE}, postgresql_with={"fillfactor": 70})
    _create(
        "standing_change",
        ("seq",),
        {"seq": INTEGER, "account_id": ID, "assessment_id": ID, "time": DOUBLE, "cause": TEXT, "risk": DOUBLE}
        | {"decision": INTEGER, "previous_risk": DOUBLE, "previous_decision": INTEGER},
        sqlite_autoincrement=True,
    )
    _create(
        "rescore_job",
        ("job_id",),
        {"job_id": ID, "choice": TEXT, "due_by": DOUBLE, "campaign": INTEGER, "model": TEXT, "dry_run": INTEGER}
        | {"state": INTEGER, "create_time": DOUBLE, "start_time": DOUBLE, "end_time": DOUBLE, "update_time": DOUBLE}
        | {"owner": TEXT, "cursor": ID, "watermark": INTEGER, "total": INTEGER, "done": INTEGER, "missing": INTEGER}
        | {"raised": INTEGER, "lowered": INTEGER, "seconds": DOUBLE, "error": TEXT},
    )
    _create("rescore_listed", ("job_id", "account_id"), {"job_id": ID, "account_id": ID})
    _create(
        "rescore_result",
        ("job_id", "number"),
        {"job_id": ID, "number": INTEGER, "account_id": ID, "assessment_id": ID, "risk": DOUBLE, "decision": INTEGER}
        | {"previous": ID, "previous_risk": DOUBLE, "previous_decision": INTEGER},
    )
    op.execute(_FLAGGED)


def downgrade() -> None:
    for name in ("rescore_result", "rescore_listed", "rescore_job", "standing_change", "standing"):
        op.drop_table(name)


def _create(name: str, key: tuple[str, ...], columns: dict[str, Any], **options: Any) -> None:
    """A table whose ``seq``, if it has one, numbers its rows."""
    listed = [
        sa.Column(column, kind, *([sa.Identity(always=True)] if column == "seq" else []), nullable=False)
        for column, kind in columns.items()
    ]
    op.create_table(
        name, *listed, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"), sqlite_strict=True, **options
    )  # fmt: skip
