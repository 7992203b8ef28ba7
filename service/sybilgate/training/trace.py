"""The bound of detection at signup: who leaves any trace at all? Who shares nothing cannot be found by links.

Two strangers share values, too (a browser build, a common name). So the same is asked of strangers: each member of a
campaign is matched with the next honest signup, and these form a pretended campaign of the same size and pace.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sybilgate.core.event import EventType
from sybilgate.core.feature import LINKS, RARE
from sybilgate.core.identifier import COLUMN, Key, keys_of
from sybilgate.training.dataset import Log, labelled_rows

_LINK_COLUMNS = tuple(COLUMN[k] for k in LINKS)
_RARE_COLUMNS = frozenset(COLUMN[k] for k in RARE)


@dataclass
class _Tally:
    members: int = 0
    any: int = 0
    rare: int = 0

    def share(self) -> tuple[float | None, float | None]:
        return (self.any / self.members, self.rare / self.members) if self.members else (None, None)


@dataclass
class _Kind:
    """What members of one archetype share with earlier ones of their campaign, and what strangers would."""

    real: _Tally = field(default_factory=_Tally)
    chance: _Tally = field(default_factory=_Tally)


class _Company:
    """Values seen in each group so far."""

    def __init__(self) -> None:
        self.seen: dict[str, set[Key]] = {}

    def meet(self, group: str, keys: list[Key | None], tally: _Tally) -> None:
        known = self.seen.setdefault(group, set())
        shared = [c for c in _LINK_COLUMNS if keys[c] in known]
        tally.members += 1
        tally.any += bool(shared)
        tally.rare += any(c in _RARE_COLUMNS for c in shared)
        known.update(key for c in _LINK_COLUMNS if (key := keys[c]) is not None)


def trace_report(log: Log) -> dict[str, dict[str, float | None]]:
    """Per archetype: share of members with any link value, and with any rare one, in common with an earlier member.

    ``*_chance`` is the same among strangers. The archetype ``all`` holds every member.
    """
    kinds: dict[str, _Kind] = {"all": _Kind()}
    real, strangers, met = _Company(), _Company(), set[str]()
    waiting: deque[tuple[str, str]] = deque()
    for chunk in log.chunks:
        for row in labelled_rows(log, chunk, (EventType.SIGNUP,)).tolist():
            account, keys = chunk.account_id[row], keys_of(chunk.keys[row])
            truth = log.truths[account]
            if account in met:
                continue
            met.add(account)
            if truth.is_sybil and truth.group:
                real.meet(truth.group, keys, kinds.setdefault(truth.archetype, _Kind()).real)
                waiting.append((truth.group, truth.archetype))
            elif not truth.is_sybil and waiting:
                group, archetype = waiting.popleft()
                strangers.meet(group, keys, kinds[archetype].chance)
    for kind in [kinds[name] for name in kinds if name != "all"]:
        _add(kinds["all"].real, kind.real)
        _add(kinds["all"].chance, kind.chance)
    return {name: _shares(kind) for name, kind in sorted(kinds.items())}


def _add(total: _Tally, part: _Tally) -> None:
    total.members += part.members
    total.any += part.any
    total.rare += part.rare


def _shares(kind: _Kind) -> dict[str, float | None]:
    (some, rare), (some_chance, rare_chance) = kind.real.share(), kind.chance.share()
    return {"trace": some, "trace_chance": some_chance, "rare_trace": rare, "rare_trace_chance": rare_chance}
