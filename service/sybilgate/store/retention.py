"""Letting go of what is old, a few thousand rows in a transaction, beside a service that goes on.

Nothing here is read by a later assessment: states of identifiers, accounts, campaigns, labels and the newest assessment
of every account stay. Events go only when asked for by name, because they are what a replay and a training rest on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, text

#: Rows deleted in a transaction.
CHUNK = 5000

_ENDED = "job_id IN (SELECT job_id FROM rescore_job WHERE end_time > 0 AND end_time < :before)"
#: What can be let go of: table and which of its rows, in the order in which they go.
RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "requests": (("request", "create_time < :before"),),
    "jobs": (
        ("rescore_result", _ENDED),
        ("rescore_listed", _ENDED),
        ("rescore_job", "end_time > 0 AND end_time < :before"),
    ),
    "changes": (("standing_change", "time < :before"),),
    "assessments": (
        (
            "assessment",
            "create_time < :before AND EXISTS (SELECT 1 FROM assessment later"
            " WHERE later.account_id = assessment.account_id AND later.assessment_id > assessment.assessment_id)",
        ),
        ("shadow_score", "create_time < :before"),
    ),
    "events": (("event", "received_time < :before"),),
}


@dataclass(frozen=True, slots=True)
class Pruned:
    """Rows of a table that went so far."""

    table: str
    rows: int


def prune(
    transaction: Callable[[], AbstractContextManager[Connection]], what: str, before: float, chunk: int = CHUNK
) -> Iterator[Pruned]:
    """Let go of what is older than ``before`` (unix seconds), telling after every transaction. ``what``: of RULES."""
    for table, rule in RULES[what]:
        rows, last = 0, ""
        while True:
            with transaction() as connection:
                gone = _delete(connection, table, rule, before, chunk, last)
            rows += len(gone)
            yield Pruned(table, rows)
            if len(gone) < chunk:
                break
            last = gone[-1]


def _delete(connection: Connection, table: str, rule: str, before: float, chunk: int, last: str) -> list[str]:
    """Places of the rows that went, in order: those after ``last``, so that no pass begins anew."""
    if connection.dialect.name == "postgresql":
        place, after, first = "ctid", "CAST(:last AS tid)", "(0,0)"
    else:
        place, after, first = "rowid", "CAST(:last AS INTEGER)", "0"
    chosen = (
        f"SELECT {table}.{place} FROM {table} WHERE {table}.{place} > {after} AND {rule}"
        f" ORDER BY {table}.{place} LIMIT :chunk"
    )
    statement = text(f"DELETE FROM {table} WHERE {place} IN ({chosen}) RETURNING {place}")
    gone = connection.execute(statement, {"before": before, "chunk": chunk, "last": last or first}).scalars()
    return sorted(map(str, gone), key=_order)


def _order(place: str) -> tuple[int, ...]:
    """A row's place as numbers: ``17``, or ``(4,17)``."""
    return tuple(int(part) for part in place.strip("()").split(","))
