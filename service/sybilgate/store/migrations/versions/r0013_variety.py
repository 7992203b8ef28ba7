"""How many different values of each kind a campaign's members have, counted for those there are."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
import sqlalchemy as sa
from alembic import op

from sybilgate.core.identifier import COLUMN, KINDS, Kind

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_COUNT = sa.text(
    "SELECT campaign, substr(key, 1, 1), count(*) FROM shared_value WHERE members > 0 GROUP BY 1, 2 ORDER BY 1"
)
_SET = sa.text("UPDATE campaign SET variety = :variety WHERE ref = :ref")
_AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("campaign", sa.Column("variety", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    rows: list[dict[str, Any]] = []
    for ref, counted in groupby(connection.execute(_COUNT).all(), key=lambda row: int(row[0])):
        variety = np.zeros(len(KINDS), "<i4")
        for _, kind, values in counted:
            variety[COLUMN[Kind(bytes(kind)[0])]] = values
        rows.append({"ref": ref, "variety": variety.tobytes()})
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(_SET, rows[start : start + _AT_ONCE])


def downgrade() -> None:
    op.drop_column("campaign", "variety")
