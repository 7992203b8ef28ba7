"""Jobs that assess existing accounts again: their own rows, whom they name, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, update

from sybilgate.core.rescoring import SOONEST, Choice, JobRecord, JobState, ResultRecord
from sybilgate.store import bulk
from sybilgate.store.tables import account, event, member, rescore_job, rescore_listed, rescore_result, standing

_JOB = bulk.columns(JobRecord)
_RESULT = bulk.columns(ResultRecord)
_SELECT = select(*(rescore_job.c[name] for name in _JOB))
_WAITING = rescore_job.c.state == JobState.QUEUED
_RUNNING = rescore_job.c.state == JobState.RUNNING


def add(connection: Connection, job: JobRecord, listed: Sequence[str]) -> None:
    """A new job and, if it names accounts one by one, those."""
    bulk.write(connection, rescore_job, _JOB, [bulk.values(JobRecord)(job)])
    rows = [(job.job_id, name) for name in sorted(set(listed))]
    bulk.write(connection, rescore_listed, ("job_id", "account_id"), rows)


def one(connection: Connection, job_id: str) -> JobRecord | None:
    row = connection.execute(_SELECT.where(rescore_job.c.job_id == job_id)).one_or_none()
    return JobRecord(*row) if row else None


def page(connection: Connection, limit: int, before: str | None) -> list[JobRecord]:
    """At most ``limit`` jobs, newest first, older than the id ``before`` if given."""
    statement = _SELECT if before is None else _SELECT.where(rescore_job.c.job_id < before)
    rows = connection.execute(statement.order_by(rescore_job.c.job_id.desc()).limit(limit))
    return [JobRecord(*row) for row in rows]


def waiting(connection: Connection, stale: float) -> JobRecord | None:
    """The oldest job that nobody runs: it is queued, or nobody has been heard of since ``stale``."""
    wanted = or_(_WAITING, and_(_RUNNING, rescore_job.c.update_time < stale))
    row = connection.execute(_SELECT.where(wanted).order_by(rescore_job.c.job_id).limit(1)).one_or_none()
    return JobRecord(*row) if row else None


def take(connection: Connection, job_id: str, owner: str, now: float, stale: float) -> bool:
    """Make ``owner`` the one who runs a job, unless somebody else does."""
    free = or_(_WAITING, and_(_RUNNING, rescore_job.c.update_time < stale))
    values = {"state": int(JobState.RUNNING), "owner": owner, "update_time": now}
    return connection.execute(update(rescore_job).where(_is(job_id), free).values(values)).rowcount == 1


def set_owned(connection: Connection, job: JobRecord, owner: str, cursor: str) -> bool:
    """Write a job that ``owner`` runs and that stood at ``cursor``; False if it is no longer his."""
    mine = and_(_is(job.job_id), _RUNNING, rescore_job.c.owner == owner, rescore_job.c.cursor == cursor)
    return connection.execute(update(rescore_job).where(mine).values(_changed(job))).rowcount == 1


def cancel(connection: Connection, job_id: str, now: float) -> bool:
    """End a job that has not ended."""
    live = and_(_is(job_id), or_(_WAITING, _RUNNING))
    values = {"state": int(JobState.CANCELLED), "end_time": now, "cursor": "", "owner": ""}
    return connection.execute(update(rescore_job).where(live).values(values)).rowcount == 1


def names(connection: Connection, job: JobRecord, after: str, limit: int) -> list[str]:
    """The next accounts of a job in order of their ids. A listed one need not exist."""
    chosen, column = _chosen(job)
    return list(connection.execute(chosen.where(column > after).order_by(column).limit(limit)).scalars())


def count(connection: Connection, job: JobRecord) -> int:
    """How many accounts a job names."""
    chosen, _ = _chosen(job)
    return int(connection.execute(select(func.count()).select_from(chosen.subquery())).scalar_one())


def watermark(connection: Connection) -> int:
    """Number of the newest event, 0 before the first."""
    return int(connection.execute(select(func.coalesce(func.max(event.c.seq), 0))).scalar_one())


def write_results(connection: Connection, rows: Sequence[ResultRecord]) -> None:
    bulk.write(connection, rescore_result, _RESULT, list(map(bulk.values(ResultRecord), rows)))


def results(connection: Connection, job_id: str, after: int, limit: int, changed: bool) -> list[ResultRecord]:
    """At most ``limit`` results after the number ``after``; only those whose decision changed if asked so."""
    columns = (rescore_result.c[name] for name in _RESULT)
    statement = select(*columns).where(rescore_result.c.job_id == job_id, rescore_result.c.number > after)
    if changed:
        was = func.coalesce(func.nullif(rescore_result.c.previous_decision, 0), 1)
        statement = statement.where(rescore_result.c.decision != was)
    rows = connection.execute(statement.order_by(rescore_result.c.number).limit(limit))
    return [ResultRecord(*row) for row in rows]


def _is(job_id: str) -> Any:
    return rescore_job.c.job_id == job_id


def _changed(job: JobRecord) -> dict[str, Any]:
    return {name: value for name, value in zip(_JOB, bulk.values(JobRecord)(job), strict=True) if name != "job_id"}


def _chosen(job: JobRecord) -> tuple[Select[Any], Any]:
    """The accounts that a job names, and the column they are ordered by."""
    if job.choice == Choice.LISTED:
        return select(rescore_listed.c.account_id).where(rescore_listed.c.job_id == job.job_id), (
            rescore_listed.c.account_id
        )
    if job.choice == Choice.CAMPAIGN:
        return select(member.c.account_id).where(member.c.campaign == job.campaign), member.c.account_id
    if job.choice == Choice.ALL:
        return select(account.c.account_id), account.c.account_id
    due = func.coalesce(standing.c.due_time, account.c.signup_time + SOONEST) <= job.due_by
    joined = select(account.c.account_id).outerjoin(standing, standing.c.account_id == account.c.account_id)
    return joined.where(due), account.c.account_id
