"""Erasing an account: whatever names it goes, or is put under a stand-in that only the key leads to.

What identifiers remember (how many held them, how many of those were bad, which campaign claims them) names nobody and
stays. An erasure passes over whole tables, because nothing else asks them by account; it is made for one at a time.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import Connection, Table, column, delete, func, select, update

from sybilgate.core.records import TombstoneRecord
from sybilgate.store import bulk, queue
from sybilgate.store.tables import (
    account,
    assessment,
    campaign_change,
    due,
    event,
    label,
    member,
    protection,
    request,
    rescore_listed,
    rescore_result,
    shadow_score,
    standing,
    standing_change,
    tombstone,
)

_COLUMNS = bulk.columns(TombstoneRecord)
_GONE = (
    assessment, shadow_score, standing, standing_change, rescore_listed, rescore_result, due, account,
)  # fmt: skip
#: What people write, where they may have named the account.
_TEXTS = ((label, "label_id", "reason"), (campaign_change, "seq", "detail"), (protection, "seq", "reason"))
_SUBJECT = "account/"


def erase(connection: Connection, account_id: str, stand_in: str, record: TombstoneRecord) -> None:
    """Leave nothing that names ``account_id``. The caller holds the account."""
    if connection.dialect.name == "sqlite":
        # Freed space would keep the old text until something else is written there.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    for table in _GONE:
        connection.execute(delete(table).where(table.c.account_id == account_id))
    queue.forget(connection, [f"accounts/{account_id}"])
    _rename(connection, event, account_id, account_id=stand_in)
    _rename(connection, label, account_id, account_id=stand_in, reason="")
    if connection.execute(select(member.c.account_id).where(member.c.account_id == stand_in)).first() is None:
        _rename(connection, member, account_id, account_id=stand_in, evidence="[]")
    connection.execute(delete(member).where(member.c.account_id == account_id))
    subject = protection.c.subject == _SUBJECT + account_id
    connection.execute(update(protection).where(subject).values(subject=_SUBJECT + stand_in, reason=""))
    _forget_answers(connection, account_id, stand_in)
    for table, key, text in _TEXTS:
        _reword(connection, table, key, text, account_id, stand_in)
    bulk.write(connection, tombstone, _COLUMNS, [bulk.values(TombstoneRecord)(record)], bulk.replacing(*_COLUMNS))


def read(connection: Connection, ref: int) -> TombstoneRecord | None:
    """What is remembered of an erased account."""
    rows = bulk.read(connection, tombstone, _COLUMNS, "ref", [ref])
    return TombstoneRecord(*rows[0]) if rows else None


def _rename(connection: Connection, table: Table, account_id: str, /, **values: str) -> None:
    connection.execute(update(table).where(table.c.account_id == account_id).values(values))


def _forget_answers(connection: Connection, account_id: str, stand_in: str) -> None:
    """A request that told of the account stays answered, but what it was answered is no longer there."""
    rows = _holding(connection, request, "request_id", "result", json.dumps(account_id))
    for request_id, text in rows:
        result = json.loads(text)
        pairs = result["assessments"]
        result["assessments"] = [[stand_in, ""] if name == account_id else [name, item] for name, item in pairs]
        given = request.c.request_id == request_id
        connection.execute(update(request).where(given).values(result=json.dumps(result)))


def _reword(connection: Connection, table: Table, key: str, text: str, account_id: str, stand_in: str) -> None:
    name = re.compile(rf"(?<!\w){re.escape(account_id)}(?!\w)")
    for row_id, written in _holding(connection, table, key, text, account_id):
        given = table.c[key] == row_id
        connection.execute(update(table).where(given).values({text: name.sub(stand_in, written)}))


def _holding(connection: Connection, table: Table, key: str, text: str, wanted: str) -> list[tuple[Any, str]]:
    """Key and text of the rows whose text contains ``wanted``."""
    place = func.instr if connection.dialect.name == "sqlite" else func.strpos
    rows = connection.execute(select(table.c[key], table.c[text]).where(place(column(text), wanted) > 0))
    return [(row[0], row[1]) for row in rows]
