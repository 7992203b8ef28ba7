"""Moving: what a sweep found, as steps that can each be written by themselves, and the writing of one step.

A step is one short transaction that looks again at what it is about to change: whoever joined, merged or was decided on
since the census was taken stays as he is. Between two steps the store is whole, so a sweep may be stopped anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from sybilgate.app.assess import write_book
from sybilgate.app.census import Census
from sybilgate.app.ports import Unit
from sybilgate.core.campaign.book import Book, Known, Limits
from sybilgate.core.campaign.records import CampaignRecord, CampaignState, Change, ChangeRecord, Role
from sybilgate.core.campaign.resemblance import log_ratios
from sybilgate.core.campaign.roll import Ints
from sybilgate.core.campaign.telling import evidence_of
from sybilgate.core.feature import LINKS
from sybilgate.core.identifier import COLUMN, Key, keys_of
from sybilgate.core.observation import Floats
from sybilgate.core.records import IdentifierRow
from sybilgate.core.state import merge_rows, unpack_keys, unpack_states

#: Members that move in one transaction.
CHUNK = 200
_LINKS = [COLUMN[kind] for kind in LINKS]


@dataclass(frozen=True, slots=True)
class Step:
    """``rows`` of the census go from one campaign (by number) to another; ``whole``: that one is merged and ends."""

    source: int
    target: int
    rows: tuple[int, ...]
    whole: bool


def steps_of(before: Ints, after: Ints, known: int) -> list[Step]:
    """What leads from one grouping to the other, moves before merges. Campaigns from number ``known`` on are new.

    A campaign that ends goes, with whoever else is in it, where most of its members go; if that is a new campaign, the
    new one takes over its name."""
    flow: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(before != after).tolist():
        flow.setdefault((int(before[row]), int(after[row])), []).append(row)
    ended = {source for source, _ in flow} - set(after.tolist())
    main: dict[int, int] = {}
    for (source, target), rows in flow.items():
        if source in ended and len(rows) > len(flow.get((source, main.get(source, -1)), ())):
            main[source] = target
    named: dict[int, int] = {}
    for source, target in sorted(main.items(), key=lambda pair: -len(flow[pair])):
        if target >= known:
            named.setdefault(target, source)
    moves, merges = list[Step](), list[Step]()
    for (source, target), rows in flow.items():
        into = named.get(target, target)
        if into == source:
            continue
        whole = main.get(source) == target
        rest = rows[CHUNK:] if whole else rows
        moves += [Step(source, into, tuple(rest[i : i + CHUNK]), False) for i in range(0, len(rest), CHUNK)]
        merges += [Step(source, into, tuple(rows[:CHUNK]), True)] if whole else []
    return moves + merges


@dataclass
class Mover:
    """Writes steps. ``names``: references of campaigns by number; new ones are named as they are founded."""

    census: Census
    margin: Mapping[int, float]
    limits: Limits
    protected: frozenset[Key]
    time: float
    #: Whether moves leave no line in the history of campaigns; a split by a reviewer writes its own.
    silent: bool = False

    def __post_init__(self) -> None:
        self.names = dict(enumerate(self.census.campaigns))

    def write(self, unit: Unit, step: Step) -> int:
        """How many members moved; none where the store has changed too much since."""
        return self._merge(unit, step) if step.whole else self._move(unit, step)

    def _merge(self, unit: Unit, step: Step) -> int:
        into, gone = self.names.get(step.target), self.names[step.source]
        if into is None:
            return 0
        rows = unit.campaigns([into, gone])
        if not (_takes(rows.get(into)) and _gives(rows.get(gone))):
            return 0
        names = [self.census.roll.account_id[row] for row in step.rows]
        keys = {key for row in unit.accounts(names).values() for key in keys_of(unpack_keys([row.keys])[0]) if key}
        book = Book(Known(rows, _held(unit, [into, gone], keys)))
        book.merge(into, gone, self.time, keys)
        book.show(into, self.time, self.limits)
        write_book(unit, book)
        return rows[gone].members

    def _move(self, unit: Unit, step: Step) -> int:
        names = [self.census.roll.account_id[row] for row in step.rows]
        unit.lock(sorted(self.census.ref[row] for row in step.rows))
        accounts, members = unit.accounts(names), unit.members(names)
        source = self.names[step.source]
        target = self.names.get(step.target)
        offered = [target] if target is not None else [self.census.ref[row] for row in step.rows]
        rows = unit.campaigns(sorted({source, *offered}))
        fresh = target is None
        target = _free(offered, rows) if target is None else target
        if target is None or not _gives(rows.get(source)) or not (fresh or _takes(rows.get(target))):
            return 0
        stay = [n for n in names if n in members and members[n].campaign == source and members[n].role == Role.FLAGGED]
        if not stay:
            return 0
        keys = {name: keys_of(unpack_keys([accounts[name].keys])[0]) for name in stay}
        held = _held(unit, [source, target], {key for row in keys.values() for key in row if key})
        book = Book(Known(rows, held, members, self.protected))
        if fresh:
            book.restart(target, min(members[name].join_time for name in stay))
        for row, name in zip(step.rows, names, strict=True):
            if name in keys:
                self._one(book, row, keys[name], target)
        self._tell(book, source, target, fresh)
        unit.write_identifiers(_claims(unit, keys, target), merge_rows)
        write_book(unit, book)
        self.names[step.target] = target
        return len(stay)

    def _one(self, book: Book, row: int, keys: list[Key | None], target: int) -> None:
        name, roll = self.census.roll.account_id[row], self.census.roll
        value = roll.value[row]
        share: Floats = np.where(value >= 0, roll.share[value], np.nan)
        held, size = book.held(target, keys), book.size(target)
        having, distinct = book.kinds[target].astype(np.float64), book.variety[target].astype(np.float64)
        month = roll.month[value]
        ratios = log_ratios(np.array(held, np.float64), having, distinct, share, month)
        evidence = evidence_of(ratios, held, size, share, month) if size else "[]"
        margin = self.margin.get(row, float("nan")) if size else float("nan")
        old = book.leave(name, keys)
        book.add(target, name, Role.FLAGGED, keys, old.join_time, old.risk, margin, evidence)
        book.judge(target, keys, share, self.limits)

    def _tell(self, book: Book, source: int, target: int, fresh: bool) -> None:
        for ref, kind, other in () if self.silent else ((source, Change.SPLIT, target), (target, Change.GREW, source)):
            if ref == source or not fresh:
                book.history.append(ChangeRecord(ref, self.time, kind, other, book.size(ref), "", ""))


def _held(unit: Unit, refs: list[int], keys: Collection[Key]) -> dict[int, dict[Key, int]]:
    """How many members of these campaigns hold which of ``keys``."""
    held: dict[int, dict[Key, int]] = {}
    for value in unit.shared_values(refs, sorted(keys)):
        held.setdefault(value.campaign, {})[value.key] = value.members
    return held


def _takes(row: CampaignRecord | None) -> bool:
    return row is not None and row.state not in (CampaignState.DISMISSED, CampaignState.MERGED)


def _gives(row: CampaignRecord | None) -> bool:
    return _takes(row) and row is not None and row.state != CampaignState.CONFIRMED


def _free(offered: list[int], rows: Mapping[int, CampaignRecord]) -> int | None:
    """A name for a new campaign: one that nobody used, else one that was merged away."""
    unused = [ref for ref in offered if ref not in rows]
    merged = [ref for ref in offered if ref in rows and rows[ref].state == CampaignState.MERGED]
    return next(iter(unused + merged), None)


def _claims(unit: Unit, keys: Mapping[str, list[Key | None]], target: int) -> list[IdentifierRow]:
    """The movers' values are claimed by the campaign they are in now, so that whoever comes next finds it."""
    wanted = sorted({key for row in keys.values() for k in _LINKS if (key := row[k])})
    stored = unit.identifiers(wanted)
    out = []
    for key in [key for key in wanted if key in stored]:
        version, base = stored[key]
        state = unpack_states([base])
        latest = int(state["claims"][0, 0])
        if target != latest:
            state["claims"][0] = target, latest
            row = state[0]
            out.append(IdentifierRow(key, version, base, state.tobytes(), int(row["accounts"]), float(row["seen"])))
    return out
