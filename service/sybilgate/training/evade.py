"""What it costs to evade: how many things a caught operator must buy anew, account by account.

A counterfactual, not a guess: just before a flagged member signed up, the same signup is scored again with some of its
values replaced by values nobody ever held. Greedy: in each step the one resource whose renewal lowers the score most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sybilgate.app.replay import Replay
from sybilgate.core.feature import LINKS
from sybilgate.core.identifier import COLUMN, KEY_BYTES, KINDS, SPECS, Key, Kind, to_words
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.scoring import Models
from sybilgate.training.dataset import Log, Progress
from sybilgate.training.scored_world import ScoredWorld

#: What an operator buys or makes as one thing, and the kinds of identifier that come with it.
RESOURCES: dict[str, tuple[Kind, ...]] = {
    "address": (Kind.IP, Kind.SUBNET64),
    "network /24": (Kind.NET, Kind.IP, Kind.SUBNET64),
    "device id": (Kind.DEVICE_ID,),
    "device profile": (Kind.DEVICE_PROFILE, Kind.CANVAS, Kind.WEBGL),
    "browser build": (Kind.UA_BUILD, Kind.JA4),
    "mailbox": (Kind.MAILBOX,),
    "mail pattern": (Kind.MAIL_TEMPLATE,),
    "mail domain": (Kind.MAIL_DOMAIN,),
    "phone number": (Kind.PHONE,),
    "phone range": (Kind.PHONE_RANGE, Kind.PHONE),
    "card": (Kind.CARD,),
    "card range": (Kind.BIN, Kind.CARD),
    "billing identity": (Kind.HOLDER, Kind.POSTCODE, Kind.HOLDER_POSTCODE),
    "name": (Kind.NAME,),
    "username pattern": (Kind.USERNAME_TEMPLATE,),
    "organisation": (Kind.ORGANIZATION,),
    "referrer or tag": (Kind.REFERRER, Kind.CAMPAIGN_TAG),
    "invite code": (Kind.INVITE_CODE,),
}
_NAMED = {kind for kinds in RESOURCES.values() for kind in kinds}
RESOURCES |= {k.name.lower().replace("_", " "): (k,) for k in LINKS if k not in _NAMED and SPECS[k].parts is None}


@dataclass(frozen=True, slots=True)
class Evasion:
    """Resources to renew, in order; ``enough`` is False if the account stays flagged even so."""

    renewed: tuple[str, ...]
    enough: bool


def pick_targets(world: ScoredWorld, cut: float, most: int) -> dict[str, str]:
    """Up to ``most`` flagged members of each archetype, evenly spaced in time: account id to archetype."""
    flagged: dict[str, list[int]] = {}
    for i in np.flatnonzero(world.label & (world.margin > cut)).tolist():
        flagged.setdefault(world.archetype[i], []).append(i)
    return {
        world.account_id[rows[at]]: kind
        for kind, rows in sorted(flagged.items())
        for at in sorted({int(p) for p in np.linspace(0, len(rows) - 1, min(most, len(rows)))})
    }


def evasions(
    log: Log, replay: Replay, targets: dict[str, str], cut: float, tell: Progress | None = None
) -> dict[str, Evasion]:
    """Replay the log and stop before each target's signup to ask what would have got it through."""
    out: dict[str, Evasion] = {}
    done = 0
    for chunk in log.chunks:
        begin = 0
        for row, account in enumerate(chunk.account_id):
            if account in targets and account not in out and chunk.type[row] == 1:
                _fold(replay, chunk, begin, row)
                out[account] = evade(replay, chunk.take([row]), cut)
                begin = row
        _fold(replay, chunk, begin, len(chunk))
        done += len(chunk)
        if tell:
            tell("evade", done, len(log))
    return out


def _fold(replay: Replay, chunk: Observations, begin: int, end: int) -> None:
    if end > begin:
        replay.fold(chunk.take(range(begin, end)), np.zeros(end - begin, np.bool_))


def evade(replay: Replay, signup: Observations, cut: float) -> Evasion:
    """Renew resources of one signup until it would pass, or none is left that helps."""
    models = replay.pipeline.models
    assert models is not None, "evasion is of a model"
    margin = float(_margins(replay, models, [signup])[0])
    left = {name: kinds for name, kinds in RESOURCES.items() if any(signup.keys[0, COLUMN[k], 0] for k in kinds)}
    renewed: list[str] = []
    while margin > cut and left:
        names = list(left)
        found = _margins(replay, models, [renew(signup, left[name]) for name in names])
        best = int(np.argmin(found))
        if found[best] >= margin:
            return Evasion(tuple(renewed), False)
        margin = float(found[best])
        signup = renew(signup, left.pop(names[best]))
        renewed.append(names[best])
    return Evasion(tuple(renewed), margin <= cut)


def _margins(replay: Replay, models: Models, variants: Sequence[Observations]) -> Floats:
    """What each variant alone would score, were it the next event."""
    rows = [replay.peek(one, np.zeros(1, np.bool_)).features for one in variants]
    return models.final(np.ascontiguousarray(np.concatenate(rows)))


def fresh_key(kind: Kind) -> Key:
    """A value of a kind that nobody holds: it is never kept, so it may always be the same."""
    return bytes([kind]) + b"\xff" * (KEY_BYTES - 1)


def renew(signup: Observations, kinds: Sequence[Kind]) -> Observations:
    """The same signup with fresh values of ``kinds`` and of every combination they are part of."""
    keys = signup.keys.copy()
    changed = set(kinds)
    changed |= {k for k in KINDS if (parts := SPECS[k].parts) and changed & set(parts)}
    for kind in changed:
        if keys[0, COLUMN[kind], 0]:
            keys[0, COLUMN[kind]] = to_words(fresh_key(kind))
    return replace(signup, keys=keys)


def evade_report(found: dict[str, Evasion], targets: dict[str, str]) -> dict[str, object]:
    """Median number of resources to renew per archetype; None where half of the accounts stay flagged anyhow."""
    kinds: dict[str, list[Evasion]] = {}
    for account, evasion in found.items():
        kinds.setdefault(targets[account], []).append(evasion)
    return {kind: _summary(some) for kind, some in sorted(kinds.items())} | {"all": _summary(list(found.values()))}


def _summary(some: Sequence[Evasion]) -> dict[str, Any]:
    costs = sorted(float(len(one.renewed)) if one.enough else np.inf for one in some)
    middle = float(costs[(len(costs) - 1) // 2]) if costs else np.inf
    first = Counter(one.renewed[0] for one in some if one.enough and one.renewed)
    return {
        "accounts": len(some),
        "median": middle if np.isfinite(middle) else None,
        "stays_flagged": float(np.mean([not one.enough for one in some])) if some else None,
        "renewed_first": [[name, count] for name, count in first.most_common(3)],
    }
