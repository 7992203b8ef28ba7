"""Assessments: written once, read one by one or newest first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from sybilgate.core.records import AssessmentRecord
from sybilgate.store import bulk
from sybilgate.store.tables import assessment

_COLUMNS = bulk.columns(AssessmentRecord)
_SELECT = select(*(assessment.c[name] for name in _COLUMNS))


def write(connection: Connection, rows: Sequence[AssessmentRecord]) -> None:
    """Insert ``rows``; an assessment is never changed."""
    ordered = sorted(rows, key=lambda row: (row.account_id, row.assessment_id))
    bulk.write(connection, assessment, _COLUMNS, list(map(bulk.values(AssessmentRecord), ordered)))


def one(connection: Connection, account_id: str, assessment_id: str) -> AssessmentRecord | None:
    """The assessment, or None."""
    of_account, of_id = assessment.c.account_id == account_id, assessment.c.assessment_id == assessment_id
    row = connection.execute(_SELECT.where(of_account, of_id)).one_or_none()
    return AssessmentRecord(*row) if row else None


def newest(connection: Connection, account_id: str, limit: int, before: str | None) -> list[AssessmentRecord]:
    """At most ``limit`` assessments of an account, newest first, older than the id ``before`` if given."""
    statement = _SELECT.where(assessment.c.account_id == account_id)
    if before is not None:
        statement = statement.where(assessment.c.assessment_id < before)
    statement = statement.order_by(assessment.c.assessment_id.desc()).limit(limit)
    return [AssessmentRecord(*row) for row in connection.execute(statement)]
