"""Joining: flagged accounts found, join and merge campaigns, one after the other and in bounded work.

A flagged account is compared with the campaigns that lately claimed one of its values, joins the one it resembles most,
or founds its own. Only flagged accounts claim values and shape a profile, and a campaign is joined by resemblance, not
by a shared value as such: that is why no one address, card range or mail domain, however many share it, can glue
strangers together. An account that is only *watched*, because its risk is high but not high enough, is challenged for
its likeness to a campaign: the model reads values one by one, and only the rare ones, while values that are common by
themselves are not common together. Any other account may be *linked* to a campaign that is open, by rare values.
Neither shapes anything.

Accounts are taken in ingest order and every one sees what those before it did, so any split of the events into batches
gives the same campaigns, and a replay gives those of the service.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.book import Book, Known, Limits
from sybilgate.core.campaign.records import CampaignState, Role
from sybilgate.core.campaign.resemblance import COMPARED, Mates, log_ratios, mate_features
from sybilgate.core.campaign.telling import LINK_COLUMNS, evidence_of, telling_axes
from sybilgate.core.feature import LINKS, RARE
from sybilgate.core.identifier import KINDS, Key
from sybilgate.core.observation import Floats
from sybilgate.core.state import States

_IS_COMPARED = np.isin(np.arange(len(KINDS)), COMPARED)
_RARE = np.array([kind in RARE for kind in LINKS])
#: A value with more accounts a month says nothing about who may belong together: it is not looked up.
_HUB, _FEW = 3000.0, 50.0
_TWO = 2
#: Accounts that a campaign may pull, for each flagged member.
_MOST_PULLED = 2


@dataclass(frozen=True)
class Suspects:
    """Accounts of a batch that may belong to a campaign, in ingest order. Arrays are [n] or [n, kinds].

    ``share``: share of recent accounts with the value, NaN where there is none; ``month``: decayed number of others;
    ``watched``: risky enough for likeness to flag them.
    """

    row: npt.NDArray[np.intp]
    account_id: list[str]
    ref: list[int]
    time: Floats
    risk: Floats
    flagged: npt.NDArray[np.bool_]
    watched: npt.NDArray[np.bool_]
    slots: npt.NDArray[np.int32]
    keys: list[list[Key | None]]
    share: Floats
    month: Floats

    def __len__(self) -> int:
        return len(self.account_id)


NO_SUSPECTS = Suspects(
    np.zeros(0, np.intp), [], [], np.zeros(0), np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.bool_),
    np.zeros((0, len(KINDS)), np.int32), [], np.zeros((0, len(KINDS))), np.zeros((0, len(KINDS))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a suspect ended: campaign, its state, and whether what they share speaks on enough axes to act on.

    ``pull``: log-odds of belonging to the campaign it resembles most, of those that may pull (``_pulls``), before
    it joined; minus infinity if there is none. ``pulled``: that raises its decision.
    """

    campaign: int = 0
    state: int = 0
    telling: bool = False
    pull: float = -math.inf
    pulled: bool = False


def find_suspects(
    plan_slots: npt.NDArray[np.int32], state: States, flagged: npt.NDArray[np.bool_], watched: npt.NDArray[np.bool_],
    scored: npt.NDArray[np.bool_], month: Floats,
) -> npt.NDArray[np.intp]:  # fmt: skip
    """Rows that are flagged; that are watched and share a value with a campaign or a flagged account of the batch; or
    that share rare ones with those: two of them, because one proves nothing of an account that nobody flagged."""
    claimed = state["claims"][:, 0] != 0
    theirs = plan_slots[np.ix_(np.flatnonzero(flagged), LINK_COLUMNS)]
    claimed[theirs[theirs >= 0]] = True
    slots = plan_slots[:, LINK_COLUMNS]
    near = (slots >= 0) & claimed[slots]
    with np.errstate(invalid="ignore"):
        rare = near[:, _RARE] & (month[:, LINK_COLUMNS[_RARE]] < _FEW)
    return np.flatnonzero(flagged | (watched & near.any(axis=1)) | (scored & (rare.sum(axis=1) >= _TWO)))


def claimants(suspects: Suspects, state: States) -> set[int]:
    """Campaigns to read before ``join``: those that claim a suspect's values, and those suspects may have founded."""
    slots = suspects.slots[:, LINK_COLUMNS]
    found = np.unique(state["claims"][slots[slots >= 0]])
    return {int(ref) for ref in found if ref} | {r for r, f in zip(suspects.ref, suspects.flagged, strict=True) if f}


def join(suspects: Suspects, state: States, known: Known, mates: Mates, limits: Limits) -> tuple[Book, list[Place]]:
    """Place every suspect. ``state`` gets their claims; the book holds what is to be written.

    ``known``: what the store knows of ``claimants`` and of the suspects themselves.
    """
    book, places = Book(known), []
    for i in range(len(suspects)):
        places.append(_place(suspects, i, state, book, mates, limits))
    return book, places


def _place(s: Suspects, i: int, state: States, book: Book, mates: Mates, limits: Limits) -> Place:
    flagged, watched, member = bool(s.flagged[i]), bool(s.watched[i]), book.members.get(s.account_id[i])
    home = Place()
    if member is not None:
        at = book.root(member.campaign)
        home = Place(at, book.campaigns[at].state if at in book.campaigns else 0)
        if member.role == Role.FLAGGED or not (flagged or watched):
            return home
    near = _near(s, i, state, book, flagged or watched)
    margins, ratios = _compared(s, i, near, book, mates)
    if not (flagged or watched):
        living = np.array([book.campaigns[ref].state in _LIVING for ref in near], np.bool_)
        return _tie(s, i, near, np.where(living, margins, -math.inf), ratios, book, limits)
    pulls = _pulls(near, margins, ratios, book)
    pull = float(pulls.max(initial=-math.inf))
    if not flagged:
        tied = _tie(s, i, near, pulls, ratios, book, limits)
        return replace(home if home.campaign else tied, telling=tied.telling, pull=pull, pulled=tied.pulled)
    best = int(np.argmax(margins)) if near else -1
    if best < 0 or margins[best] < limits.join:
        at, margin, evidence, telling = book.found(s.ref[i], float(s.time[i])), float("nan"), "[]", False
    else:
        at, margin, telling = near[best], float(margins[best]), _is_telling(ratios[best], limits)
        evidence = evidence_of(ratios[best], book.held(at, s.keys[i]), book.size(at), s.share[i], s.month[i])
        at = _merge(s, i, near, margins, best, book, limits)
    book.add(at, s.account_id[i], Role.FLAGGED, s.keys[i], float(s.time[i]), float(s.risk[i]), margin, evidence)
    book.judge(at, s.keys[i], s.share[i], limits)
    _claim(state, s.slots[i], at)
    return Place(at, book.campaigns[at].state, telling, pull)


def _near(s: Suspects, i: int, state: States, book: Book, every: bool) -> list[int]:
    """Campaigns that claim most of the account's values; without ``every``, of its rare ones."""
    slots, month = s.slots[i, LINK_COLUMNS], s.month[i, LINK_COLUMNS]
    with np.errstate(invalid="ignore"):
        asked = (slots >= 0) & (month < _HUB) if every else (slots >= 0) & _RARE & (month < _FEW)
    if book.protected:
        asked &= [key not in book.protected for key in map(s.keys[i].__getitem__, LINK_COLUMNS.tolist())]
    votes: Counter[int] = Counter()
    for pair in state["claims"][slots[asked]].tolist():
        for ref in {book.root(ref) for ref in pair if ref}:
            votes[ref] += 1
    ranked = sorted((-count, ref) for ref, count in votes.items() if ref in book.campaigns)
    return [ref for _, ref in ranked[: book.most]]


def _compared(s: Suspects, i: int, near: list[int], book: Book, mates: Mates) -> tuple[Floats, Floats]:
    """Log-odds of belonging to each campaign near, and the log ratios they rest on."""
    if not near:
        return np.zeros(0), np.zeros((0, len(KINDS)))
    held = np.array([book.held(ref, s.keys[i]) for ref in near], np.float64)
    having = np.array([book.kinds[ref] for ref in near], np.float64)
    share = np.where(_IS_COMPARED, s.share[i], np.nan)
    distinct = np.array([book.variety[ref] for ref in near], np.float64)
    ratios = log_ratios(held, having, distinct, share, s.month[i])
    members = np.array([book.campaigns[ref].members for ref in near], np.float64)
    idle = float(s.time[i]) - np.array([book.campaigns[ref].last_time for ref in near])
    return mates.margins(mate_features(ratios, members, idle)), ratios


def _pulls(near: list[int], margins: Floats, ratios: Floats, book: Book) -> Floats:
    """The log-odds where a telling value is shared and the campaign may pull, else minus infinity.

    A campaign with twice as many linked as flagged members pulls nobody: of a campaign many are found without its help,
    of an office or an internet cafe only the odd one is, and the others resemble it all the same.
    """
    rows = [book.campaigns[ref] for ref in near]
    able = np.array([row.state in _PULLING and row.linked < _MOST_PULLED * row.members for row in rows], np.bool_)
    return np.where(able & (telling_axes(ratios) > 0), margins, -math.inf)


def _tie(s: Suspects, i: int, near: list[int], margins: Floats, ratios: Floats, book: Book, limits: Limits) -> Place:
    """An account that was not flagged: linked to the campaign it resembles most, without shaping it.

    One that is watched has its decision raised; it stands in the campaign if what they share tells on enough axes.
    """
    watched = bool(s.watched[i])
    if margins.max(initial=-math.inf) < (limits.pull if watched else limits.link):
        return Place()
    c = int(np.argmax(margins))
    at, time, risk, telling = near[c], float(s.time[i]), float(s.risk[i]), _is_telling(ratios[c], limits)
    if s.account_id[i] not in book.members and (telling or not watched):
        evidence = evidence_of(ratios[c], book.held(at, s.keys[i]), book.size(at), s.share[i], s.month[i])
        book.add(at, s.account_id[i], Role.LINKED, s.keys[i], time, risk, float(margins[c]), evidence)
    return Place(at, book.campaigns[at].state, telling, pulled=watched)


def _is_telling(ratios: Floats, limits: Limits) -> bool:
    return bool(telling_axes(ratios[None])[0] >= limits.axes)


_LIVING = (CampaignState.OPEN, CampaignState.CONFIRMED)
_PULLING = (CampaignState.CANDIDATE, *_LIVING)


def _merge(
    s: Suspects, i: int, near: list[int], margins: Floats, best: int, book: Book, limits: Limits
) -> int:  # fmt: skip
    """Merge what the account ties together, small into large; two large ones are left to the sweep."""
    at = near[best]
    for c in np.argsort(-margins).tolist():
        other = near[c]
        if c == best or margins[c] < limits.merge or other == at:
            continue
        into, gone = sorted((at, other), key=lambda ref: (-book.campaigns[ref].members, ref))
        states = {book.campaigns[into].state, book.campaigns[gone].state}
        if book.size(gone) <= limits.merged_members and CampaignState.DISMISSED not in states:
            book.merge(into, gone, float(s.time[i]), filter(None, s.keys[i]))
            at = into
    return at


def _claim(state: States, slots: npt.NDArray[np.int32], campaign: int) -> None:
    """The campaign becomes the latest that holds these values; the one before it is remembered."""
    mine = slots[LINK_COLUMNS]
    mine = mine[mine >= 0]
    claims = state["claims"][mine]
    other = np.where(claims[:, 0] == campaign, claims[:, 1], claims[:, 0])
    state["claims"][mine] = np.column_stack([np.full(len(mine), campaign, np.int64), other])


def raised(places: Collection[Place]) -> list[bool]:
    """Whose decision a campaign raises: those it pulled, and those tied to a living one by values on enough axes."""
    return [place.pulled or (place.telling and place.state in _LIVING) for place in places]
