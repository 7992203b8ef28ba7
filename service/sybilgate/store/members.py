"""Who is in which campaign. An account is in one at most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, tuple_

from sybilgate.core.campaign.records import MemberRecord
from sybilgate.core.desk import JoinRow
from sybilgate.store import bulk
from sybilgate.store.tables import member

_COLUMNS = bulk.columns(MemberRecord)
_JOIN = bulk.columns(JoinRow)


def read(connection: Connection, account_ids: Sequence[str]) -> dict[str, MemberRecord]:
    """Those of the accounts that are in a campaign."""
    return {row[0]: _record(row) for row in bulk.read(connection, member, _COLUMNS, "account_id", account_ids)}


def write(connection: Connection, rows: Sequence[MemberRecord]) -> None:
    """Insert or replace. SQLite has no NaN: its driver stores one as NULL."""
    ordered = sorted(rows, key=lambda row: row.account_id)
    given = list(map(bulk.values(MemberRecord), ordered))
    bulk.write(connection, member, _COLUMNS, given, bulk.replacing(*_COLUMNS))


def page(
    connection: Connection, campaign: int, limit: int, after: tuple[float, str] | None, newest: bool,
    role: int | None = None,
) -> list[MemberRecord]:  # fmt: skip
    """At most ``limit`` members in order of joining (``newest``: in reverse), after the pair (join time, account); of
    one ``role`` only if given."""
    key = tuple_(member.c.join_time, member.c.account_id)
    order = [member.c.join_time, member.c.account_id]
    statement = select(*(member.c[name] for name in _COLUMNS)).where(member.c.campaign == campaign)
    if role is not None:
        statement = statement.where(member.c.role == role)
    if after is not None:
        statement = statement.where(key < after if newest else key > after)
    statement = statement.order_by(*(column.desc() if newest else column for column in order)).limit(limit)
    return [_record(row) for row in connection.execute(statement)]


def after(connection: Connection, role: int, account_id: str, limit: int) -> list[MemberRecord]:
    """At most ``limit`` members of one role in all campaigns, by account, after ``account_id``."""
    statement = select(*(member.c[name] for name in _COLUMNS))
    statement = statement.where(member.c.role == role, member.c.account_id > account_id)
    return [_record(row) for row in connection.execute(statement.order_by(member.c.account_id).limit(limit))]


def joins(connection: Connection, campaign: int) -> list[JoinRow]:
    """Everybody in a campaign in order of joining, without the evidence."""
    statement = select(*(member.c[name] for name in _JOIN)).where(member.c.campaign == campaign)
    statement = statement.order_by(member.c.join_time, member.c.account_id)
    return [JoinRow(*row) for row in connection.execute(statement)]


def _record(row: Sequence[Any]) -> MemberRecord:
    found = MemberRecord(*row)
    return found if found.margin is not None else replace(found, margin=math.nan)
