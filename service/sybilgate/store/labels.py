"""Labels: appended, never changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from sybilgate.core.campaign.records import LabelRecord
from sybilgate.store import bulk
from sybilgate.store.tables import label

_COLUMNS = bulk.columns(LabelRecord)
_SELECT = select(*(label.c[name] for name in _COLUMNS))


def write(connection: Connection, rows: Sequence[LabelRecord]) -> None:
    """Insert ``rows``; a label is never changed, only taken back by another."""
    ordered = sorted(rows, key=lambda row: row.label_id)
    bulk.write(connection, label, _COLUMNS, list(map(bulk.values(LabelRecord), ordered)))


def read(connection: Connection, ids: Sequence[str]) -> dict[str, LabelRecord]:
    """Those of ``ids`` that exist."""
    return {row[0]: LabelRecord(*row) for row in bulk.read(connection, label, _COLUMNS, "label_id", ids)}


def of(connection: Connection, account_id: str, campaign: int, limit: int, before: str | None) -> list[LabelRecord]:
    """At most ``limit`` labels of an account or, with an empty account, of a campaign as such; newest first, older than
    the id ``before`` if given."""
    statement = _SELECT.where(label.c.account_id == account_id)
    if not account_id:
        statement = statement.where(label.c.campaign == campaign)
    if before is not None:
        statement = statement.where(label.c.label_id < before)
    return [LabelRecord(*row) for row in connection.execute(statement.order_by(label.c.label_id.desc()).limit(limit))]
