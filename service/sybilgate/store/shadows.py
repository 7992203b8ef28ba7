"""Shadow scores: written beside assessments, read beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, tuple_

from sybilgate.core.event import EventType
from sybilgate.core.records import ScoredRow, ShadowPair, ShadowRecord
from sybilgate.store import bulk
from sybilgate.store.tables import account, assessment, event, shadow_score

_COLUMNS = bulk.columns(ShadowRecord)
#: Events looked through for each signup wanted: most tell of other things.
_LATELY = 5
_SCORED = tuple(assessment.c[name] for name in bulk.columns(ScoredRow))


def write(connection: Connection, rows: Sequence[ShadowRecord]) -> None:
    """Insert ``rows``; a score is never changed."""
    ordered = sorted(rows, key=lambda row: (row.account_id, row.assessment_id))
    bulk.write(connection, shadow_score, _COLUMNS, list(map(bulk.values(ShadowRecord), ordered)))


def scored(connection: Connection, since: float, limit: int, after: tuple[str, str]) -> list[ScoredRow]:
    """At most ``limit`` assessments made from ``since`` on, by account and id, after the pair ``after``.

    By key, not by time: no index is kept for what operators ask now and then, so this passes over the whole table.
    """
    statement = select(*_SCORED).where(_later(after), assessment.c.create_time >= since)
    return [ScoredRow(*row) for row in connection.execute(_by_key(statement, limit))]


def newest_signups(connection: Connection, limit: int) -> list[ScoredRow]:
    """At most ``limit`` assessments of signups, of accounts among the newest events: the log alone has that order."""
    lately = select(event.c.account_id, event.c.type).order_by(event.c.seq.desc()).limit(_LATELY * limit).subquery()
    statement = (
        select(*_SCORED)
        .join(lately, lately.c.account_id == assessment.c.account_id)
        .where(lately.c.type == int(EventType.SIGNUP), assessment.c.cause == EventType.SIGNUP.name.lower())
        .limit(limit)
    )
    return [ScoredRow(*row) for row in connection.execute(statement)]


def pairs(connection: Connection, model: str, since: float, limit: int, after: tuple[str, str]) -> list[ShadowPair]:
    """The same of assessments that ``model`` scored as a shadow, with its score and what is known of the account."""
    statement = (
        select(
            *_SCORED, assessment.c.axes, shadow_score.c.margin, shadow_score.c.risk, account.c.label,
            account.c.signup_time,
        )
        .join(
            shadow_score,
            (shadow_score.c.account_id == assessment.c.account_id)
            & (shadow_score.c.assessment_id == assessment.c.assessment_id),
        )
        .join(account, account.c.account_id == assessment.c.account_id)
        .where(_later(after), shadow_score.c.model == model, assessment.c.create_time >= since)
    )  # fmt: skip
    found = connection.execute(_by_key(statement, limit))
    return [ShadowPair(ScoredRow(*row[: len(_SCORED)]), *row[len(_SCORED) :]) for row in found]


def models(connection: Connection) -> list[str]:
    """Names of the models that have scored as shadows."""
    return sorted(connection.execute(select(shadow_score.c.model).distinct()).scalars())


def _later(after: tuple[str, str]) -> ColumnElement[bool]:
    return tuple_(assessment.c.account_id, assessment.c.assessment_id) > after


def _by_key(statement: Select[Any], limit: int) -> Select[Any]:
    return statement.order_by(assessment.c.account_id, assessment.c.assessment_id).limit(limit)
