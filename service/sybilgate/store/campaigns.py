"""Campaigns, the values their members share, and their history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select, text, tuple_

from sybilgate.core.campaign.records import CampaignRecord, CampaignState, ChangeRecord, SharedValue
from sybilgate.core.identifier import KEY_BYTES
from sybilgate.store import bulk, events
from sybilgate.store.tables import campaign, campaign_change, shared_value

_COLUMNS = bulk.columns(CampaignRecord)
_SHARED = bulk.columns(SharedValue)
_CHANGE = bulk.columns(ChangeRecord)
_SELECT = select(*(campaign.c[name] for name in _COLUMNS))
_SELECT_SHARED = select(*(shared_value.c[name] for name in _SHARED))
_SELECT_CHANGE = select(*(campaign_change.c[name] for name in _CHANGE))
#: Orders of a page of campaigns, each with the largest first.
ORDERS = ("last_time", "significance", "members")

# Neither database's own word for the lesser of two: they have none in common.
_ADD = """ON CONFLICT (campaign, key) DO UPDATE SET members = shared_value.members + excluded.members,
 first_time = CASE WHEN excluded.first_time < shared_value.first_time
 THEN excluded.first_time ELSE shared_value.first_time END,
 last_time = CASE WHEN excluded.last_time > shared_value.last_time
 THEN excluded.last_time ELSE shared_value.last_time END"""
_MOVE = tuple(
    map(
        text,
        (
            "INSERT INTO shared_value (campaign, key, members, first_time, last_time)"
            " SELECT CAST(:into AS BIGINT), key, members, first_time, last_time FROM shared_value"
            f" WHERE campaign = :gone ORDER BY key {_ADD}",
            "DELETE FROM shared_value WHERE campaign = :gone",
            "UPDATE member SET campaign = :into WHERE campaign = :gone",
        ),
    )
)


def read(connection: Connection, refs: Collection[int]) -> dict[int, CampaignRecord]:
    """Those of ``refs`` that exist, and what the merged ones among them were merged into, and that again.

    PostgreSQL: locked until the unit ends. All are found first, then locked in order: two units that met one campaign
    under two names would otherwise wait for each other. What merged in between is followed in another round.
    """
    lock = connection.dialect.name == "postgresql"
    found: dict[int, CampaignRecord] = {}
    asked: set[int] = set()
    wanted = set(refs)
    while wanted - asked:
        while wanted - asked:
            asked |= wanted
            found = _rows(connection, asked)
            wanted = _merged(found)
        if lock:
            found = _rows(connection, asked, lock=True)
            wanted = _merged(found)
    return found


def write(connection: Connection, rows: Sequence[CampaignRecord]) -> None:
    """Insert or replace."""
    ordered = sorted(rows, key=lambda row: row.ref)
    given = list(map(bulk.values(CampaignRecord), ordered))
    bulk.write(connection, campaign, _COLUMNS, given, bulk.replacing(*_COLUMNS))


def shared(connection: Connection, refs: Collection[int], keys: Collection[bytes]) -> list[SharedValue]:
    """What the campaigns ``refs`` hold of the identifiers ``keys``."""
    given = sorted(set(refs)), sorted(set(keys))
    rows = bulk.read_cross(connection, shared_value, _SHARED, ("campaign", "key"), given)
    return [SharedValue(*row) for row in rows]


def add_shared(connection: Connection, rows: Sequence[SharedValue]) -> None:
    """Add differences: counts add up, times widen. Each pair of campaign and identifier may be named once."""
    ordered = sorted(rows, key=lambda row: (row.campaign, row.key))
    bulk.write(connection, shared_value, _SHARED, list(map(bulk.values(SharedValue), ordered)), _ADD)


def merge(connection: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """For each (into, from), one after the other: give what ``from`` shares, and its members, to ``into``.

    The rows of the campaigns themselves are left to the caller, who holds them."""
    for into, gone in pairs:
        for statement in _MOVE:
            connection.execute(statement, {"into": into, "gone": gone})


def append_changes(connection: Connection, rows: Sequence[ChangeRecord]) -> list[int]:
    """Append ``rows`` to the history; their numbers, ascending in the order given."""
    events.enter(connection, rows)
    written = bulk.columns(ChangeRecord, "seq")
    return bulk.append(connection, campaign_change, written, list(map(bulk.values(ChangeRecord, "seq"), rows)))


def one(connection: Connection, ref: int) -> CampaignRecord | None:
    """The campaign, or None."""
    row = connection.execute(_SELECT.where(campaign.c.ref == ref)).one_or_none()
    return CampaignRecord(*row) if row else None


def page(
    connection: Connection, states: Collection[int], order_by: str, limit: int, cursor: tuple[float, int] | None
) -> list[CampaignRecord]:
    """At most ``limit`` campaigns in ``states``, largest ``order_by`` (one of ORDERS) first, after ``cursor``: that
    value and the reference of the last one seen."""
    key = tuple_(campaign.c[order_by], campaign.c.ref)
    statement = _SELECT.where(campaign.c.state.in_(sorted(states)))
    if cursor is not None:
        statement = statement.where(key < cursor)
    statement = statement.order_by(campaign.c[order_by].desc(), campaign.c.ref.desc()).limit(limit)
    return [CampaignRecord(*row) for row in connection.execute(statement)]


def top_shared(connection: Connection, ref: int, limit: int, offset: int) -> list[SharedValue]:
    """What most members of a campaign share, most first."""
    statement = _SELECT_SHARED.where(shared_value.c.campaign == ref)
    statement = statement.order_by(shared_value.c.members.desc(), shared_value.c.key).limit(limit).offset(offset)
    return [SharedValue(*row) for row in connection.execute(statement)]


def shared_under(connection: Connection, ref: int, prefix: bytes) -> list[SharedValue]:
    """What a campaign holds of the identifiers whose keys begin with ``prefix``."""
    first, last = prefix.ljust(KEY_BYTES, b"\0"), prefix.ljust(KEY_BYTES, b"\xff")
    statement = _SELECT_SHARED.where(shared_value.c.campaign == ref, shared_value.c.key.between(first, last))
    return [SharedValue(*row) for row in connection.execute(statement)]


def states(connection: Connection, refs: Collection[int]) -> dict[int, int]:
    """The states of those of ``refs`` that exist."""
    return {row[0]: row[1] for row in bulk.read(connection, campaign, ("ref", "state"), "ref", sorted(set(refs)))}


def changes(connection: Connection, ref: int, limit: int, before_seq: int | None) -> list[ChangeRecord]:
    """At most ``limit`` changes of a campaign, newest first, older than ``before_seq`` if given."""
    statement = _SELECT_CHANGE.where(campaign_change.c.campaign == ref)
    if before_seq is not None:
        statement = statement.where(campaign_change.c.seq < before_seq)
    return _changes(connection, statement.order_by(campaign_change.c.seq.desc()).limit(limit))


def changes_after(connection: Connection, seq: int, limit: int) -> list[ChangeRecord]:
    """At most ``limit`` changes of all campaigns after ``seq``, oldest first."""
    statement = _SELECT_CHANGE.where(campaign_change.c.seq > seq).order_by(campaign_change.c.seq).limit(limit)
    return _changes(connection, statement)


def _rows(connection: Connection, refs: Collection[int], lock: bool = False) -> dict[int, CampaignRecord]:
    rows = bulk.read(connection, campaign, _COLUMNS, "ref", sorted(refs), lock)
    return {row[0]: CampaignRecord(*row) for row in rows}


def _merged(found: dict[int, CampaignRecord]) -> set[int]:
    return {row.merged_into for row in found.values() if row.state == CampaignState.MERGED}


def _changes(connection: Connection, statement: Select[Any]) -> list[ChangeRecord]:
    return [ChangeRecord(*row) for row in connection.execute(statement)]
