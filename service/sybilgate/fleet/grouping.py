"""Who belongs together among accounts that were stopped: components by label propagation, in SQL for any engine.

Two stopped accounts are joined by a value that few hold. Everybody begins with a label of his own, takes the smallest
among those he shares a value with, and then that account's label, until a round changes nothing: the last step makes
long chains short, so rounds grow with the logarithm of the longest chain. Only stopped accounts take part and common
values join nobody, because values that up to fifty hold join most of everybody into one component.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sybilgate.core.identifier import Role, kinds_with

#: Relations that an engine needs before: what it assessed, and the snapshot's accounts and links.
ASSESSED = "assessed"
_KINDS = ", ".join(f"'{kind:02X}'" for kind in kinds_with(Role.LINK | Role.SHOWN))
# Made of names and numbers of our own: nothing that anybody typed comes into a statement.
_STOPPED = (
    f"SELECT a.account_id, a.ref FROM account a JOIN {ASSESSED} f ON f.account_id = a.account_id"  # noqa: S608
    " WHERE f.decision <> 'ALLOW'"
)
_RARE = (
    f"SELECT key FROM link WHERE substr(hex(key), 1, 2) IN ({_KINDS})"  # noqa: S608
    " GROUP BY key HAVING count(*) BETWEEN 2 AND {holders}"
)
_HELD = "SELECT l.ref, l.key FROM link l JOIN rare r ON r.key = l.key JOIN stopped s ON s.ref = l.ref"
_FIRST = "SELECT DISTINCT ref, ref AS label FROM held"
_SMALLEST = """
SELECT h.ref, min(v.label) AS label
FROM held h
JOIN (SELECT i.key, min(m.label) AS label FROM held i JOIN {old} m ON m.ref = i.ref GROUP BY i.key) v ON v.key = h.key
GROUP BY h.ref
"""
_JUMPED = "SELECT n.ref, least(n.label, p.label) AS label FROM near n JOIN near p ON p.ref = n.label"
_CHANGED = "SELECT count(*) FROM {new} n JOIN {old} m ON m.ref = n.ref WHERE n.label <> m.label"
_GROUPS = """
SELECT s.account_id, f.account_id AS group_id, c.size
FROM stopped s
JOIN {new} m ON m.ref = s.ref
JOIN (SELECT label, count(*) AS size FROM {new} GROUP BY label) c ON c.label = m.label
JOIN stopped f ON f.ref = m.label
WHERE c.size > 1
"""
_SUMMARY = "SELECT count(*) FROM together"
_LOST = "groups did not settle"
#: Far beyond the logarithm of any number of accounts.
_MOST_ROUNDS = 200


class Engine(Protocol):
    """An engine that knows the relations of a snapshot, and ``assessed``."""

    def keep(self, name: str, sql: str) -> None:
        """Make what ``sql`` gives the relation ``name``, computed once; one of that name is replaced."""

    def number(self, sql: str) -> int:
        """The one number that ``sql`` gives."""

    def write(self, name: str, out: Path) -> None:
        """Write a relation as Parquet into the folder ``out``."""


def group(engine: Engine, out: Path, holders: int, tell: Callable[[int], object] = lambda rounds: None) -> int:
    """Write ``account_id``, ``group_id`` and ``size`` of every stopped account that belongs to others; how many.

    ``holders``: a value joins if so many accounts or fewer hold it. A group is named after one of its accounts."""
    engine.keep("stopped", _STOPPED)
    engine.keep("rare", _RARE.format(holders=int(holders)))
    engine.keep("held", _HELD)
    old, new = "mark", "marked"
    engine.keep(new, _FIRST)
    for done in range(1, _MOST_ROUNDS):
        old, new = new, old
        engine.keep("near", _SMALLEST.format(old=old))
        engine.keep(new, _JUMPED)
        changed = engine.number(_CHANGED.format(old=old, new=new))
        tell(done)
        if not changed:
            break
    else:
        raise RuntimeError(_LOST)
    engine.keep("together", _GROUPS.format(new=new))
    engine.write("together", out)
    return engine.number(_SUMMARY)
