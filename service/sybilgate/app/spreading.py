"""Spreading: who is to be assessed again because of what a batch did.

Later members reveal earlier ones. When a campaign opens or doubles, those who share the joining account's rare values
and passed unseen are looked at again; when an account is labelled, so are its campaign and its neighbours; when a
member pays with a new card, those on that card. They become due in the transaction that made the news. Everything is
bounded: an identifier remembers its newest holders only, and a batch names a limited number. An assessment of an
account that was due spreads no further unless a campaign opens or doubles by it, and doublings soon end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sybilgate.app.ports import Unit
from sybilgate.core.campaign.book import Book
from sybilgate.core.campaign.records import Change, DueRecord, Role
from sybilgate.core.event import EventType
from sybilgate.core.feature import RARE
from sybilgate.core.identifier import COLUMN, KINDS, Key, Kind
from sybilgate.core.linking import W_MONTH
from sybilgate.core.observation import Observations
from sybilgate.core.pipeline import Judged

#: Neighbours a batch names for one cause, members of a labelled account's campaign, and accounts in all.
NEIGHBOURS, MEMBERS, MOST = 64, 200, 1000
#: Causes; that of a label's neighbours is told by the caller.
CAMPAIGN, PAYMENT = "campaign", "payment"
_RARE = np.array([COLUMN[kind] for kind in RARE])
_CARD = COLUMN[Kind.CARD]
#: A value with more accounts a month is a place, not a link.
_FEW = 50.0
#: Holders asked for before those who cannot be named (unknown, members already) are left out.
_ASKED = 4 * NEIGHBOURS

_Rows = list[int]
_T = TypeVar("_T")


def spread(
    unit: Unit, judged: Judged, book: Book, obs: Observations, causes: Sequence[str], protected: frozenset[Key],
    now: float,
) -> list[DueRecord]:  # fmt: skip
    """Accounts that become due. Call it when the batch's accounts and campaigns are written.

    ``causes``: for each row of the batch the cause under which a label that it tells is spread; empty for a row that
    tells no news.
    """
    named = [(CAMPAIGN, name) for name in _of_campaigns(unit, judged, book, protected)]
    for cause, rows in _labelled(judged, obs, causes).items():
        named += [(cause, name) for name in _of_labels(unit, judged, rows, protected)]
    named += [(PAYMENT, name) for name in _of_payments(unit, judged, obs, causes, protected)]
    return [DueRecord(name, cause, now) for cause, name in named[:MOST]]


def _of_campaigns(unit: Unit, judged: Judged, book: Book, protected: frozenset[Key]) -> list[str]:
    """Linked members of campaigns that opened or doubled, and those who share values with whom they did by."""
    grown = {book.root(line.campaign) for line in book.history if line.kind in (Change.OPENED, Change.GREW)}
    if not grown:
        return []
    joined = {m.account_id for m in book.joined if m.role == Role.FLAGGED and book.root(m.campaign) in grown}
    suspects = judged.found.suspects
    rows = [row for row, name in zip(suspects.row.tolist(), suspects.account_id, strict=True) if name in joined]
    near = _neighbours(unit, judged, rows, _RARE, protected)
    members = unit.members(near)
    linked = [m for ref in sorted(grown) for m in unit.newest_members(ref, NEIGHBOURS // 2, Role.LINKED)]
    names = [m.account_id for m in linked[: NEIGHBOURS // 2]] + [name for name in near if name not in members]
    return _once(names)[:NEIGHBOURS]


def _labelled(judged: Judged, obs: Observations, causes: Sequence[str]) -> dict[str, _Rows]:
    """Rows that change the label of their account, by cause."""
    rows: dict[str, _Rows] = {}
    for i in np.flatnonzero((obs.label != 0) & (obs.label != judged.plan.label)).tolist():
        if causes[i]:
            rows.setdefault(causes[i], []).append(i)
    return rows


def _of_labels(unit: Unit, judged: Judged, rows: _Rows, protected: frozenset[Key]) -> list[str]:
    """Neighbours of labelled accounts and the newest members of their campaigns."""
    told = {judged.plan.names[a] for a in judged.plan.events[rows].tolist()}
    campaigns = sorted({member.campaign for member in unit.members(sorted(told)).values()})
    names = _neighbours(unit, judged, rows, _RARE, protected)[:NEIGHBOURS]
    for ref in campaigns[: MOST // MEMBERS]:
        names += [member.account_id for member in unit.newest_members(ref, MEMBERS)]
    return [name for name in _once(names) if name not in told]


def _of_payments(
    unit: Unit, judged: Judged, obs: Observations, causes: Sequence[str], protected: frozenset[Key]
) -> list[str]:
    """Who else is on a card that a campaign's member has just paid with for the first time."""
    plan = judged.plan
    paid = (obs.type == EventType.PAYMENT) & (obs.keys[:, _CARD, 0] != 0)
    rows = [i for i in np.flatnonzero(paid).tolist() if causes[i]]
    rows = [i for i in rows if plan.held[plan.links[i, _CARD]] == plan.time[i]]
    rows = [i for i in rows if judged.state["accounts"][plan.slots[i, _CARD]] > 1]
    if not rows:
        return []
    name_of = {i: plan.names[plan.events[i]] for i in rows}
    members = unit.members(sorted(set(name_of.values())))
    rows = [i for i in rows if name_of[i] in members]
    return _neighbours(unit, judged, rows, np.array([_CARD]), protected)[:NEIGHBOURS]


def _neighbours(
    unit: Unit, judged: Judged, rows: _Rows, columns: npt.NDArray[np.intp], protected: frozenset[Key]
) -> list[str]:
    """The latest other holders of what the accounts of ``rows`` hold, those of the rarest values first."""
    plan, state = judged.plan, judged.state
    slots = np.unique(plan.slots[rows][:, columns]) if rows else np.zeros(0, np.int32)
    slots = slots[slots >= 0]
    slots = slots[(state["accounts"][slots] > 1) & (state["weight"][slots, W_MONTH] < _FEW)]
    slots = slots[np.argsort(state["weight"][slots, W_MONTH], kind="stable")]
    if protected:
        slots = slots[[plan.keys[slot - len(KINDS)] not in protected for slot in slots.tolist()]]
    mine = set(plan.ref[rows].tolist())
    refs = _once(ref for ref in state["ring"][slots].ravel().tolist() if ref and ref not in mine)[:_ASKED]
    names = unit.accounts_by_ref(sorted(refs))
    return [names[ref] for ref in refs if ref in names]


def _once(items: Iterable[_T]) -> list[_T]:
    """Without repetition, in order."""
    return list(dict.fromkeys(items))
