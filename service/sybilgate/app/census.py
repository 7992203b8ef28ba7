"""The census: every flagged member with what it holds now, read from the store in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.app.ports import Reviews
from sybilgate.core.campaign.records import CampaignState, MemberRecord, Role
from sybilgate.core.campaign.roll import Ints, Roll
from sybilgate.core.campaign.sweep import Decided
from sybilgate.core.identifier import COLUMN, KINDS, TOTALS_KEY, Key, Kind, to_keys
from sybilgate.core.keytable import KeyTable
from sybilgate.core.observation import Floats
from sybilgate.core.pipeline import share_of
from sybilgate.core.state import TAU, unpack_keys, unpack_states, unpack_totals

PAGE = 2000
_MONTH = 3
Tell = Callable[[int], None]


@dataclass(frozen=True)
class Census:
    """``members``: in the roll's order, with the references ``ref`` of their accounts; ``campaigns``: the reference of
    every campaign number; ``group``: [n] numbers."""

    roll: Roll
    members: list[MemberRecord]
    ref: list[int]
    campaigns: list[int]
    group: Ints
    decided: Decided


def take_census(store: Reviews, protected: frozenset[Key], tell: Tell = lambda _: None) -> Census:
    """Everybody flagged, in order of joining. ``tell``: members read so far.

    How rare a value is, is that of the moment the store was last written to: who asks again is told the same."""
    return _census(store, protected, *_members(store, tell))


def census_of(store: Reviews, protected: frozenset[Key], members: Sequence[MemberRecord]) -> Census:
    """The same of some members alone."""
    found: list[MemberRecord] = []
    refs: list[int] = []
    words = [unpack_keys([])]
    for start in range(0, len(members), PAGE):
        _read(store, members[start : start + PAGE], found, refs, words)
    return _census(store, protected, found, refs, np.concatenate(words))


def _census(
    store: Reviews,
    protected: frozenset[Key],
    members: list[MemberRecord],
    refs: list[int],
    words: npt.NDArray[np.uint64],
) -> Census:
    order = sorted(range(len(members)), key=lambda i: (members[i].join_time, members[i].account_id))
    members, refs, words = [members[i] for i in order], [refs[i] for i in order], words[order]
    value, keys = _numbered(words)
    hidden = np.array([key in protected for key in keys] + [False])
    month, share = _rarities(store, keys)
    roll = Roll(
        [member.account_id for member in members],
        np.array([member.join_time for member in members], np.float64),
        np.where(hidden[value], -1, value).astype(np.int32),
        share,
        month,
    )
    number: dict[int, int] = {}
    group = np.array([number.setdefault(member.campaign, len(number)) for member in members], np.int64)
    return Census(roll, members, refs, list(number), group, _decided(store, list(number)))


def _members(store: Reviews, tell: Tell) -> tuple[list[MemberRecord], list[int], npt.NDArray[np.uint64]]:
    found: list[MemberRecord] = []
    refs: list[int] = []
    words = [unpack_keys([])]
    after = ""
    while page := store.members_after(int(Role.FLAGGED), after, PAGE):
        after = page[-1].account_id
        _read(store, page, found, refs, words)
        tell(len(found))
    return found, refs, np.concatenate(words)


def _read(
    store: Reviews, page: Sequence[MemberRecord], found: list[MemberRecord], refs: list[int],
    words: list[npt.NDArray[np.uint64]],
) -> None:  # fmt: skip
    """Add the members of a page whose accounts exist, with their references and keys."""
    accounts = store.accounts([member.account_id for member in page])
    known = [member for member in page if member.account_id in accounts]
    found += known
    refs += [accounts[member.account_id].ref for member in known]
    words.append(unpack_keys([accounts[member.account_id].keys for member in known]))


def _numbered(words: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], list[Key]]:
    """[n, kinds] numbers of identifiers from 0 on, -1 for none; and the identifiers."""
    present = words[:, :, 0] != 0
    given = words[present]
    value = np.full(words.shape[:2], -1, np.int64)
    value[present] = KeyTable(0).slots(given)
    _, first = np.unique(value[present], return_index=True)
    return value, to_keys(given[first])


def _rarities(store: Reviews, keys: Sequence[Key]) -> tuple[Floats, Floats]:
    """Decayed number of holders of every identifier, and their share of the accounts that have the kind."""
    totals = unpack_totals(store.identifier_states([TOTALS_KEY]).get(TOTALS_KEY, (0, None))[1], len(KINDS))
    now = float(totals["seen"].max())
    parts = [np.zeros(0)]
    for start in range(0, len(keys), PAGE):
        page = keys[start : start + PAGE]
        states = store.identifier_states(page)
        parts.append(_faded(unpack_states([states[key][1] if key in states else None for key in page]), now))
    month, flow = np.concatenate(parts), _faded(totals, now)
    return month, share_of(month, flow[[COLUMN[Kind(key[0])] for key in keys]])


def _faded(rows: npt.NDArray[np.void], now: float) -> Floats:
    return np.asarray(rows["weight"][:, _MONTH] * np.exp(-np.maximum(now - rows["seen"], 0.0) / TAU[_MONTH]))


def _decided(store: Reviews, campaigns: Sequence[int]) -> Decided:
    by_state = []
    for state in (CampaignState.DISMISSED, CampaignState.CONFIRMED):
        refs: set[int] = set()
        cursor = None
        while page := store.campaigns_page([state], "last_time", PAGE, cursor):
            refs |= {row.ref for row in page}
            cursor = page[-1].last_time, page[-1].ref
        by_state.append(np.array([ref in refs for ref in campaigns], np.bool_))
    return Decided(*by_state)
