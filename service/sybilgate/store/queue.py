"""The reviewers' queue, and claims on what is in it.

An account is in the queue while its newest assessment asks for attention and nobody has labelled it. Nothing is kept of
that: it is read off the assessments, in the order of one of two indexes that hold only those which ask.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, func, or_, select

from sybilgate.core.campaign.records import CampaignState
from sybilgate.core.desk import ClaimRecord, Place, QueueFilter
from sybilgate.core.records import AssessmentRecord
from sybilgate.store import bulk
from sybilgate.store.tables import FLAGGED, account, assessment, campaign, claim, member

_SHOWN = (int(CampaignState.OPEN), int(CampaignState.CONFIRMED))
_CLAIM = bulk.columns(ClaimRecord)
_ROW = tuple(assessment.c[name] for name in bulk.columns(AssessmentRecord))
#: Orders of a page: by assessment (ids sort by time) or by risk, and whether the largest comes first.
ORDERS = {"newest": ("assessment_id", True), "oldest": ("assessment_id", False), "risk": ("risk", True)}


def page(
    connection: Connection, wanted: QueueFilter, order: str, limit: int, after: tuple[float, str] | None
) -> list[AssessmentRecord]:
    """At most ``limit`` items in one of ORDERS, after the risk and the assessment of the last one seen."""
    column, falling = ORDERS[order]
    keys = [assessment.c.risk, assessment.c.assessment_id] if column == "risk" else [assessment.c.assessment_id]
    statement = _items(select(*_ROW), wanted)
    if after is not None:
        statement = statement.where(_beyond(after, column, falling))
    statement = statement.order_by(*(key.desc() if falling else key for key in keys)).limit(limit)
    return [AssessmentRecord(*row) for row in connection.execute(statement)]


def counts(connection: Connection, wanted: QueueFilter) -> dict[int, int]:
    """Items by decision."""
    statement = _items(select(assessment.c.decision, func.count()), wanted).group_by(assessment.c.decision)
    return {int(row[0]): int(row[1]) for row in connection.execute(statement)}


def claims(connection: Connection, now: float) -> list[ClaimRecord]:
    """Those in force, the latest first."""
    statement = select(*(claim.c[name] for name in _CLAIM)).where(claim.c.lease_time > now)
    ordered = statement.order_by(claim.c.create_time.desc(), claim.c.subject)
    return [ClaimRecord(*row) for row in connection.execute(ordered)]


def take(connection: Connection, record: ClaimRecord) -> ClaimRecord:
    """Claim, unless another's lease lasts; whatever is in force then. One who claims again keeps his beginning."""
    keep = "create_time = CASE WHEN claim.reviewer = excluded.reviewer AND claim.lease_time > excluded.create_time"
    keep += " THEN claim.create_time ELSE excluded.create_time END"
    free = "WHERE claim.reviewer = excluded.reviewer OR claim.lease_time <= excluded.create_time"
    update = f"reviewer = excluded.reviewer, lease_time = excluded.lease_time, {keep} {free}"
    row = bulk.values(ClaimRecord)(record)
    bulk.write(connection, claim, _CLAIM, [row], f"ON CONFLICT (subject) DO UPDATE SET {update}")
    found = bulk.read(connection, claim, _CLAIM, "subject", [record.subject])
    return ClaimRecord(*found[0])


def release(connection: Connection, subject: str, reviewer: str) -> None:
    connection.execute(delete(claim).where(claim.c.subject == subject, claim.c.reviewer == reviewer))


def forget(connection: Connection, subjects: Sequence[str]) -> None:
    """Whoever holds them."""
    connection.execute(delete(claim).where(claim.c.subject.in_(subjects)))


def _items(statement: Select[Any], wanted: QueueFilter) -> Select[Any]:
    newer, known = assessment.alias("newer"), account.alias("known")
    again = select(newer.c.account_id).where(
        newer.c.account_id == assessment.c.account_id, newer.c.assessment_id > assessment.c.assessment_id
    )
    labelled = select(known.c.account_id).where(known.c.account_id == assessment.c.account_id, known.c.label != 0)
    # The literal condition is what lets both databases read the small indexes.
    statement = statement.where(FLAGGED, assessment.c.decision.in_(wanted.decisions), ~exists(again), ~exists(labelled))
    # Only what narrows: a condition that all meet would lead to the index by risk, whatever the order.
    if wanted.min_risk > 0:
        statement = statement.where(assessment.c.risk >= wanted.min_risk)
    if wanted.max_risk < 1:
        statement = statement.where(assessment.c.risk <= wanted.max_risk)
    if wanted.start > 0:
        statement = statement.where(assessment.c.create_time >= wanted.start)
    if math.isfinite(wanted.end):
        statement = statement.where(assessment.c.create_time < wanted.end)
    if wanted.place == Place.ANYWHERE:
        return statement
    inside = exists(
        select(member.c.account_id)
        .join(campaign, campaign.c.ref == member.c.campaign)
        .where(member.c.account_id == assessment.c.account_id, campaign.c.state.in_(_SHOWN))
    )
    return statement.where(inside if wanted.place == Place.IN_CAMPAIGN else ~inside)


def _beyond(after: tuple[float, str], column: str, falling: bool) -> Any:
    risk, assessment_id = after
    of_id = assessment.c.assessment_id < assessment_id if falling else assessment.c.assessment_id > assessment_id
    if column != "risk":
        return of_id
    return or_(assessment.c.risk < risk, and_(assessment.c.risk == risk, of_id))
