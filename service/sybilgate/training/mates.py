"""Learning who belongs together: flagged accounts of a history against the campaigns they came near.

Campaigns are not there whole when an account comes: a service has pieces of them, many of a single account. So the
history is gone through with its known campaigns broken into pieces at random, and every flagged account is compared
with the pieces that lately claimed a value of it, as ``core.campaign.joining`` will do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.joining import Suspects
from sybilgate.core.campaign.resemblance import (
    COMPARED,
    FEATURES,
    Mates,
    fit_mates,
    log_ratios,
    mate_features,
    rounded,
)
from sybilgate.core.feature import LINKS
from sybilgate.core.identifier import COLUMN, KINDS, Key
from sybilgate.core.observation import Floats

#: How readily a campaign breaks: pseudo-accounts of the next piece (a Chinese restaurant, one pass each).
_BREAKS = (2.0, 20.0)
_MOST, _POINTERS = 16, 2
_HUB = 3000.0
_FEWEST = 200  #: comparisons with known answers, of either kind
_LINKS = [COLUMN[kind] for kind in LINKS]
_IGNORED = np.setdiff1d(np.arange(len(KINDS)), COMPARED)


@dataclass
class _Piece:
    """Part of a campaign, or an account that belongs to none."""

    owner: str
    members: int = 0
    last: float = 0.0
    having: Floats = field(default_factory=lambda: np.zeros(len(KINDS)))
    distinct: Floats = field(default_factory=lambda: np.zeros(len(KINDS)))
    held: Counter[Key] = field(default_factory=Counter)

    def add(self, keys: Sequence[Key | None], time: float) -> None:
        self.members += 1
        self.last = time
        self.having += [key is not None for key in keys]
        self.distinct += [key is not None and key not in self.held for key in keys]
        self.held.update(key for key in keys if key)


def learn_mates(parts: Iterable[Suspects], owner_of: Callable[[str], str], seed: int) -> Mates | None:
    """Weights from flagged suspects in the order of a history; None where it names too few campaigns to learn from.

    ``owner_of``: the known campaign of an account, or a name of its own.
    """
    flagged = [(part, i) for part in parts for i in np.flatnonzero(part.flagged).tolist()]
    found = [_compare(flagged, owner_of, Random(f"{seed}/{breaks}"), breaks) for breaks in _BREAKS]
    features = np.concatenate([rows for rows, _ in found])
    same = np.concatenate([answers for _, answers in found])
    if min(same.sum(), (~same).sum()) < _FEWEST:
        return None
    return rounded(fit_mates(features, same, np.ones(len(same))))


def _compare(
    flagged: Sequence[tuple[Suspects, int]], owner_of: Callable[[str], str], rng: Random, breaks: float
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Features of every comparison, and whether it was with a piece of the account's own campaign."""
    pieces: dict[str, list[_Piece]] = defaultdict(list)
    claims: dict[Key, list[_Piece]] = {}
    rows, answers, known = [np.zeros((0, len(FEATURES)))], [np.zeros(0, np.bool_)], set[str]()
    for part, i in flagged:
        name, keys, time = part.account_id[i], part.keys[i], float(part.time[i])
        if name in known:
            continue
        known.add(name)
        owner = owner_of(name)
        if near := _near(part, i, claims):
            rows.append(_features(part, i, near))
            answers.append(np.array([piece.owner == owner for piece in near]))
        mine = pieces[owner]
        if not mine or rng.random() < breaks / (breaks + sum(piece.members for piece in mine)):
            mine.append(_Piece(owner))
        piece = rng.choice(mine)
        piece.add(keys, time)
        for k in _LINKS:
            if key := keys[k]:
                claims[key] = [piece, *(other for other in claims.get(key, ()) if other is not piece)][:_POINTERS]
    return np.concatenate(rows), np.concatenate(answers)


def _near(part: Suspects, i: int, claims: dict[Key, list[_Piece]]) -> list[_Piece]:
    votes: Counter[int] = Counter()
    by_id: dict[int, _Piece] = {}
    for k in _LINKS:
        key = part.keys[i][k]
        if key and part.month[i, k] < _HUB:
            for piece in claims.get(key, ()):
                votes[id(piece)] += 1
                by_id[id(piece)] = piece
    return [by_id[number] for number, _ in votes.most_common(_MOST)]


def _features(part: Suspects, i: int, near: Sequence[_Piece]) -> Floats:
    held = np.array([[piece.held.get(key, 0) if key else 0 for key in part.keys[i]] for piece in near], np.float64)
    share = part.share[i].copy()
    share[_IGNORED] = np.nan
    having, distinct = (np.array([getattr(piece, name) for piece in near]) for name in ("having", "distinct"))
    ratios = log_ratios(held, having, distinct, share, part.month[i])
    idle = float(part.time[i]) - np.array([piece.last for piece in near])
    return mate_features(ratios, np.array([float(piece.members) for piece in near]), idle)
