"""A campaign drawn: how it grew, who holds which of the values its members share, who does not look like the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sybilgate.app.campaigns import Campaigns
from sybilgate.app.ports import Desk
from sybilgate.core.campaign.links import Link
from sybilgate.core.campaign.records import CampaignRecord, MemberRecord, Role
from sybilgate.core.desk import JoinRow
from sybilgate.core.identifier import SPECS, Key, keys_of
from sybilgate.core.identifier import Role as Links
from sybilgate.core.records import AccountRecord
from sybilgate.core.state import HELD, unpack_keys

#: Values told, and those of them by which members are grouped: by more, every group is one member. Then steps of time,
#: members looked at one by one, accounts named of a group, doubtful members shown.
VALUES, GROUPING, STEPS, SAMPLE, NAMED, DOUBTFUL = 16, 9, 48, 400, 6, 8


@dataclass(frozen=True, slots=True)
class Step:
    """Joins from ``start`` (unix seconds) to the next step."""

    start: float
    flagged: int
    linked: int


@dataclass(frozen=True, slots=True)
class Group:
    """Members that hold the same of the picture's values; ``values`` are places among them."""

    values: tuple[int, ...]
    members: int
    linked: int
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """``sampled`` of ``total`` members make up the groups; ``risks`` are flagged members by tenth of their risk."""

    steps: list[Step]
    links: list[Link]
    groups: list[Group]
    sampled: int
    total: int
    doubtful: list[MemberRecord]
    honest: int
    risks: list[int]


def draw(store: Desk, record: CampaignRecord) -> Picture:
    """The picture of a campaign as it is now."""
    joins = store.joins(record.ref)
    links = [link for link in Campaigns(store).links(record, 4 * VALUES) if SPECS[link.kind].role & Links.LINK][:VALUES]
    sample = _evenly(joins, SAMPLE)
    truths = store.truths([row.account_id for row in joins])
    honest = [row for row in joins if truths.get(row.account_id, 0) < 0]
    return Picture(
        steps=_steps(joins),
        links=links,
        groups=_groups(sample, links, store.accounts([row.account_id for row in sample])),
        sampled=len(sample),
        total=len(joins),
        doubtful=_doubtful(store, joins, honest),
        honest=len(honest),
        risks=_risks(joins),
    )


def _evenly(joins: Sequence[JoinRow], most: int) -> Sequence[JoinRow]:
    if len(joins) <= most:
        return joins
    return [joins[int(i)] for i in np.linspace(0, len(joins) - 1, most)]


def _steps(joins: Sequence[JoinRow]) -> list[Step]:
    if not joins:
        return []
    first, last = joins[0].join_time, joins[-1].join_time
    width = max((last - first) / STEPS, 1.0)
    counts = np.zeros((STEPS, 2), np.int64)
    for row in joins:
        counts[min(int((row.join_time - first) / width), STEPS - 1), int(row.role != Role.FLAGGED)] += 1
    return [Step(first + i * width, int(flagged), int(linked)) for i, (flagged, linked) in enumerate(counts)]


def _groups(sample: Sequence[JoinRow], links: Sequence[Link], accounts: dict[str, AccountRecord]) -> list[Group]:
    keys = [link.key for link in links[:GROUPING]]
    held: dict[tuple[int, ...], list[JoinRow]] = defaultdict(list)
    for row in sample:
        has = _holds(accounts.get(row.account_id))
        held[tuple(i for i, key in enumerate(keys) if key in has)].append(row)
    groups = [
        Group(values, len(rows), sum(row.role != Role.FLAGGED for row in rows),
              tuple(row.account_id for row in rows[:NAMED]))
        for values, rows in held.items()
    ]  # fmt: skip
    return sorted(groups, key=lambda group: (-group.members, group.values))


def _holds(record: AccountRecord | None) -> set[Key]:
    """What an account has now, and what it had before."""
    if record is None:
        return set()
    before = np.frombuffer(record.held, HELD)["key"]
    return {bytes(key) for key in before.tolist()} | {key for key in keys_of(unpack_keys([record.keys])[0]) if key}


def _doubtful(store: Desk, joins: Sequence[JoinRow], honest: Sequence[JoinRow]) -> list[MemberRecord]:
    lowest = sorted(joins, key=lambda row: (row.risk, row.account_id))[:DOUBTFUL]
    named = dict.fromkeys(row.account_id for row in (*honest[:DOUBTFUL], *lowest))
    found = [store.member(name) for name in list(named)[:DOUBTFUL]]
    return [row for row in found if row is not None]


def _risks(joins: Sequence[JoinRow]) -> list[int]:
    risks = np.array([row.risk for row in joins if row.role == Role.FLAGGED])
    return np.bincount(np.clip((risks * 10).astype(int), 0, 9), minlength=10).tolist() if len(risks) else [0] * 10
