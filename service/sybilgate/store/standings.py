"""Where accounts stand: one line an account, and a log of how that changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from sybilgate.core.rescoring import StandingChange, StandingRecord
from sybilgate.store import bulk, events
from sybilgate.store.tables import assessment, standing, standing_change

_COLUMNS = bulk.columns(StandingRecord)
# The newest assessment counts, in whatever order two that were made at once are written.
_NEWEST = f"{bulk.replacing(*_COLUMNS)} WHERE standing.assessment_id < excluded.assessment_id"
_LATEST = ("account_id", "assessment_id", "risk", "decision")


def read(connection: Connection, ids: Sequence[str]) -> dict[str, StandingRecord]:
    """Those of ``ids`` that have a line."""
    rows = bulk.read(connection, standing, _COLUMNS, "account_id", ids)
    return {row[0]: StandingRecord(*row) for row in rows}


def assessed(connection: Connection, ids: Sequence[str]) -> dict[str, StandingRecord]:
    """The newest assessment of those of ``ids`` that have any, read off the assessments themselves; never due."""
    newest: dict[str, StandingRecord] = {}
    for name, assessment_id, risk, decision in bulk.read(connection, assessment, _LATEST, "account_id", ids):
        kept = newest.get(name)
        if kept is None or kept.assessment_id < assessment_id:
            newest[name] = StandingRecord(name, assessment_id, risk, decision, 0.0)
    return newest


def write(connection: Connection, rows: Sequence[StandingRecord]) -> None:
    """Insert or replace, unless a newer assessment stands."""
    ordered = sorted(rows, key=lambda row: row.account_id)
    bulk.write(connection, standing, _COLUMNS, list(map(bulk.values(StandingRecord), ordered)), _NEWEST)


def append_changes(connection: Connection, rows: Sequence[StandingChange]) -> list[int]:
    """Append ``rows``; their numbers, ascending in the order given."""
    events.enter(connection, rows)
    written = bulk.columns(StandingChange, "seq")
    return bulk.append(connection, standing_change, written, list(map(bulk.values(StandingChange, "seq"), rows)))


def changes_after(connection: Connection, seq: int, limit: int) -> list[StandingChange]:
    """At most ``limit`` changes after ``seq``, oldest first."""
    columns = (standing_change.c[name] for name in bulk.columns(StandingChange))
    statement = select(*columns).where(standing_change.c.seq > seq).order_by(standing_change.c.seq).limit(limit)
    return [StandingChange(*row) for row in connection.execute(statement)]
